import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { PushedConfig } from '../schemas/pushed-config.ts'
import { readConfigText } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { rules } from './command.ts'
import { type DeployedStage, deployedStage, SHIPPED } from './deployed-stage.ts'

/*
 * The rules of a deployed stage, and the commands that change them.
 */

export let stage: DeployedStage
/** Where the user is, with rules of their own. */
export let cwd: string

/** Each test has its own stage and folder. */
export function inAStageEach(): void {
  beforeEach(async () => {
    stage = await deployedStage()
    cwd = mkdtempSync(join(tmpdir(), 'live-'))
    mkdirSync(join(cwd, 'config/tests'), { recursive: true })
    writeFileSync(join(cwd, 'config/tests/none.yml'), '[]')
    symlinkSync(resolve('samples'), join(cwd, 'samples'))
    edit('failed deployment')
    for (const [name, value] of Object.entries(stage.env)) vi.stubEnv(name, value)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await stage.server.close()
  })
}

/** The shipped rules, with one rule renamed. */
export const renamed = (name: string) => SHIPPED.replace('name: deployment failed', `name: ${name}`)

export const configOf = (name: string) => readConfigText(renamed(name), 'alerts.yml')

export const versionFor = (name: string) => versionOf(documentOf(configOf(name)))

/** Replaces the user's rules. */
export function edit(name: string): void {
  writeFileSync(join(cwd, 'config/alerts.yml'), renamed(name))
}

export async function command(...args: string[]) {
  const run = await rules(args, { cwd, env: stage.env })
  for (const [name, value] of Object.entries(stage.env)) vi.stubEnv(name, value)
  return run
}

export const push = (args: string[] = [], eachMinute?: (minute: number) => void) =>
  stage.push(['--stage', 'prod', '--yes', '--against', 'samples', ...args], { cwd, ...(eachMinute && { eachMinute }) })

/** Pushes rules, by their name. */
export async function live(name: string): Promise<void> {
  edit(name)
  expect((await push()).code).toBe(0)
}

export async function liveVersion(): Promise<string> {
  return JSON.parse((await command('versions', '--stage', 'prod', '--json')).stdout).live
}

export const stored = () =>
  stage.server.versions('rules').map(({ content }) => JSON.parse(String(content)) as PushedConfig)

export const inStorage = () => [stored().length, stage.server.deployments.length]
