import { oneLine } from '../../shared/channels/outside-text.ts'
import type { VERSIONS } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { describePlace, stageName } from './live/place.ts'
import { appConfigClient, readStage, type Stage } from './live/stage.ts'

export async function run({ options }: Given<typeof VERSIONS>): Promise<number> {
  const name = stageName(options.stage)
  const client = appConfigClient()
  try {
    const stage = await readStage(client, name)
    const { place, current, deployed } = stage
    const versions = listOf(stage)
    const whole = { ...place, live: current.version, deployed: deployed.version, versions }
    process.stdout.write(`${options.json ? JSON.stringify(whole) : describe(stage, versions)}\n`)
    return 0
  } finally {
    client.destroy()
  }
}

/** What was stored to be rolled out, and what came of it. */
export interface Listed {
  /** AppConfig's, which counts up. */
  number: number
  /** Of its rules; absent when it was not stored by `push`. */
  version?: string
  /** `not rolled out`: its validators refused it, or the push ended before. */
  state: 'live' | 'was live' | 'is being rolled out' | 'rolled back' | 'not rolled out'
  /** When its roll-out began, ISO 8601. */
  at?: string
  /** What it was pushed from, and by whom. */
  description: string
}

/** The newest first. Pure. */
export function listOf({ versions, rollouts, ongoing, current }: Stage): Listed[] {
  return versions.map(({ number, version, description }) => {
    const rollout = rollouts.find(({ ConfigurationVersion }) => ConfigurationVersion === String(number))
    const at = rollout?.StartedAt?.toISOString()
    const state = (): Listed['state'] => {
      if (rollout === undefined) return 'not rolled out'
      if (rollout === ongoing) return 'is being rolled out'
      if (rollout.State !== 'COMPLETE') return 'rolled back'
      return number === current.number ? 'live' : 'was live'
    }
    return { number, ...(version && { version }), state: state(), ...(at && { at }), description }
  })
}

function describe({ place, current, deployed }: Stage, versions: Listed[]): string {
  const isDeployed = current.number === undefined
  const head = [
    `In ${describePlace(place)}:`,
    `  live      ${current.version}${isDeployed ? ', which the stack was deployed with' : ''}`,
    ...(isDeployed ? [] : [`  deployed  ${deployed.version}`]),
  ]
  if (versions.length === 0) return [...head, '', 'No rules were pushed.'].join('\n')
  const lines = versions.map(({ version = 'unknown', state, at, description }) => {
    const when = at ? at.slice(0, 16).replace('T', ' ') : ''
    return `${version.padEnd(12)}  ${when.padEnd(16)}  ${state.padEnd(19)}  ${oneLine(description)}`.trimEnd()
  })
  return [...head, '', 'Pushed (UTC):', ...lines.map((line) => `  ${line}`)].join('\n')
}
