import { expect, vi } from 'vitest'
import { findingsIn } from '../cli/doctor/findings.ts'
import { readDeployed } from '../cli/doctor/read/aws.ts'
import type { Template } from '../cli/doctor/read/names.ts'
import { stageOf } from '../cli/doctor/read/template.ts'
import type { Stage } from '../cli/doctor/stage.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { type Resources, type StageInAws, startStage } from './doctor-stage.ts'
import { packagedService } from './package-service.ts'

/*
 * Faults planted in a stage, and what the doctor must find for each: in the packaged template, or in AWS.
 */

/** A machine may be busy. */
const PATIENCE = { tryMs: 20_000, callMs: 50_000 }
export const PLACE = { partition: 'aws', region: 'eu-central-1', account: '111122223333' }

export interface Shipped {
  template: Template & { Resources: Resources }
  /** Where the package is that `template` is of. */
  folder: string
  /** The version of the rules in config/. */
  rulesHere: string
}

let shipped: Promise<Shipped> | undefined

/** The service as it is here. */
export function shippedService(): Promise<Shipped> {
  shipped ??= packagedService().then(({ folder, template }) => ({
    folder,
    template: JSON.parse(template),
    rulesHere: versionOf(documentOf(readConfig(CONFIG_FOLDER))),
  }))
  return shipped
}

/** Kinds, each once, in alphabetical order. */
export function kinds(findings: { id: string }[]): string[] {
  return [...new Set(findings.map(({ id }) => id))].sort()
}

/** As `withRulesHere`, which reads them each time. */
const withRules = (stage: Stage, { rulesHere }: Shipped): Stage => ({
  ...stage,
  rules: stage.rules && { ...stage.rules, here: rulesHere },
})

export function findingsOffline(changed: Template, shipped: Shipped) {
  return findingsIn(withRules(stageOf(changed, { name: 'prod', place: PLACE, now: Date.now() }), shipped))
}

export type FaultInTemplate = [what: string, plant: (resources: Resources) => void, id: string, about: string]

/** The test of a fault, alone in the template. */
export async function isFoundInTemplate(...[, plant, id, about]: FaultInTemplate): Promise<void> {
  const shipped = await shippedService()
  const changed = structuredClone(shipped.template)
  plant(changed.Resources)
  const findings = findingsOffline(changed, shipped)
  expect(kinds(findings)).toEqual([id])
  expect(findings[0]?.about).toBe(about)
  expect(findings[0]?.fix.at(-1)).toBe('npx alert-router package --stage prod --region eu-central-1')
}

/** Starts a stage, and has the SDKs reach it; until `leaveStage`. */
export async function enterStage({ template }: Pick<Shipped, 'template'>): Promise<StageInAws> {
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  const aws = await startStage(template)
  vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
  vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
  return aws
}

export async function leaveStage(aws: StageInAws): Promise<void> {
  vi.unstubAllEnvs()
  await aws.close()
}

/** What the doctor reads of the stage, and what it finds in it. */
export async function look(shipped: Shipped, { withSecretValues = false } = {}) {
  const stage = withRules(await readDeployed({ stage: 'prod', withSecretValues, patience: PATIENCE }), shipped)
  return { stage, findings: findingsIn(stage) }
}

export type FaultInAws = [
  what: string,
  plant: (aws: StageInAws) => void,
  id: string,
  about: string | RegExp,
  fix: string | RegExp,
]

/** The test of a fault, alone in a stage in AWS. */
export async function isFoundInAws(...[, plant, id, about, fix]: FaultInAws): Promise<void> {
  const shipped = await shippedService()
  const aws = await enterStage(shipped)
  try {
    plant(aws)
    const { findings } = await look(shipped)
    expect(kinds(findings)).toEqual([id])
    const [found] = findings
    expect(found?.about).toMatch(typeof about === 'string' ? new RegExp(`^${about}$`) : about)
    expect(found?.fix[0]).toMatch(typeof fix === 'string' ? new RegExp(`^${fix}$`) : fix)
  } finally {
    await leaveStage(aws)
  }
}
