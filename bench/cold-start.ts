import { spawnSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundling } from '../deploy/esbuild.ts'
import { median, type Ratio, ratioOf } from './ratio.ts'

/** `report` is on no alert's way: it may start more slowly. So is `inbox`, but a person waits for it. */
const FUNCTIONS = ['route', 'deliver-pagerduty', 'deliver-slack', 'deliver-email', 'inbox', 'report']

export interface ColdStart {
  name: string
  bytes: number
  /** A whole process that loads the bundle, ms. */
  startMs: number
  /** The same, relative to a process that loads nothing. */
  overBare: Ratio
}

/**
 * Starts each bundle in its own process, as Lambda does at a cold start: Node, the bundle, the config. The processes
 * alternate with one that loads nothing, so that a slow moment of the machine affects all equally.
 */
export async function coldStarts(folder: string, configFile: string, rounds: number): Promise<ColdStart[]> {
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(FUNCTIONS.map((name) => [name, `functions/${name}.ts`])),
    outdir: folder,
  })
  const bare = join(folder, 'bare.js')
  mkdirSync(folder, { recursive: true })
  writeFileSync(bare, '')
  const files = [bare, ...FUNCTIONS.map((name) => join(folder, `${name}.js`))]
  const times = new Map<string, number[]>(files.map((file) => [file, []]))
  for (let round = 0; round < rounds; round++) {
    for (const file of files) times.get(file)?.push(start(file, configFile))
  }
  return FUNCTIONS.map((name) => {
    const file = join(folder, `${name}.js`)
    const starts = times.get(file) ?? []
    const overBare = ratioOf(starts, times.get(bare) ?? [])
    return { name, bytes: statSync(file).size, startMs: median(starts), overBare }
  })
}

function start(file: string, configFile: string): number {
  const from = performance.now()
  const { status, signal, stderr } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      AWS_REGION: 'us-east-1',
      CONFIG_FILE: configFile,
      PLATFORM_FILE: configFile,
    },
  })
  // Ctrl-C ends both, and this process could not hear it while it waited.
  if (signal) process.exit(128 + constants.signals[signal])
  if (status !== 0) throw new Error(`${file} does not start:\n${stderr}`)
  return performance.now() - from
}
