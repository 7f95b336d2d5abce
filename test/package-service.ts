import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const SOURCES = ['package.json', 'serverless.yml', 'config', 'deploy', 'functions', 'schemas', 'shared']

/** A copy of the service in a folder of its own, so that packaging it touches nothing here. */
export function copyOfService(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-'))
  for (const source of SOURCES) cpSync(source, join(folder, source), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** `npm run package` in a folder, as on a machine without an AWS account. */
export function packageService(folder: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['deploy/package.ts', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH, HOME: folder },
  })
  return { status, output: stdout + stderr }
}
