import { oneLine } from '../../shared/channels/outside-text.ts'
import { minuteOf } from '../../shared/decide/minute.ts'
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

/** A stored version of the rules, and the outcome of its roll-out. */
export interface Listed {
  /** AppConfig's, which counts up. */
  number: number
  /** The version of its rules; absent if `push` did not store it. */
  version?: string
  /** `not rolled out`: the validators rejected it, or the push ended before. */
  state: 'live' | 'was live' | 'is being rolled out' | 'rolled back' | 'not rolled out'
  /** When its roll-out began, ISO 8601. */
  at?: string
  /** Its source, and who pushed it. */
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
    `  live      ${current.version}${isDeployed ? ', deployed with the stack' : ''}`,
    ...(isDeployed ? [] : [`  deployed  ${deployed.version}`]),
  ]
  if (versions.length === 0) return [...head, '', 'No rules were pushed.'].join('\n')
  const lines = versions.map(({ version = 'unknown', state, at, description }) => {
    const when = at ? minuteOf(at) : ''
    return `${version.padEnd(12)}  ${when.padEnd(16)}  ${state.padEnd(19)}  ${oneLine(description)}`.trimEnd()
  })
  return [...head, '', 'Pushed (UTC):', ...lines.map((line) => `  ${line}`)].join('\n')
}
