import { oneLine } from '../../shared/channels/outside-text.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import { readConfig } from '../../shared/config/read.ts'
import { minuteOf } from '../../shared/decide/minute.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { changesSomething, planOf } from '../../shared/plan/plan.ts'
import { UsageError } from '../command.ts'
import type { PLAN } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { sinceTime } from '../since.ts'
import { widthOf } from '../wrap.ts'
import { describeLive, type Place, stageName } from './live/place.ts'
import { acknowledgementsOf } from './plan/acknowledgements.ts'
import { type Base, readBase } from './plan/base.ts'
import { alertsOfEstate } from './plan/estate.ts'
import { planAsJson, reportOf } from './plan/print.ts'
import { type Asked, type RecordedAlerts, readRecordedAlerts } from './plan/recorded-alerts.ts'
import { refuseOther, savePlan } from './plan/saved.ts'

export async function run(given: Given<typeof PLAN>): Promise<number> {
  const { config, base: askedBase, stage, asked, out, json } = readArguments(given)
  if (out !== undefined) refuseOther(out)
  const after = readConfig(config)
  const live = askedBase === 'live' && stage !== undefined ? await readLive(stage) : undefined
  const base = live ?? readBase(askedBase, config)
  const { estate } = given.options
  const recorded = estate === undefined ? await readRecordedAlerts(asked) : await alertsOfEstate(estate, given.options)
  if (recorded.alerts.length === 0) return noAlerts(recorded, asked)

  const known = await acknowledgementsOf(recorded, asked.stage, [base.config, after])
  const planned = planOf(recorded.alerts, base.config, after, recorded.period, known.acknowledgements)
  // Nobody knows how often an alarm will fire.
  const plan = estate === undefined ? planned : { ...planned, volume: [] }
  const words = (width: number) => reportOf(plan, { before: base.name, after: config, recorded, known }, width)
  if (out !== undefined && live) {
    savePlan(out, {
      ...live.place,
      config,
      version: versionOf(documentOf(after)),
      live: live.version,
      madeAt: new Date().toISOString(),
      shown: words(SAVED_WIDTH),
      plan: planAsJson(plan, base.name, recorded, known),
    })
  }
  process.stdout.write(
    json ? `${JSON.stringify(planAsJson(plan, base.name, recorded, known))}\n` : `${words(widthOf(process.stdout))}\n`,
  )
  if (out !== undefined) {
    process.stderr.write(`Saved in ${out}: ${commandLine(`rules push --plan ${out}`)}\n`)
  }
  return given.options['detailed-exitcode'] && changesSomething(plan) ? 3 : 0
}

/** A saved plan is shown later, on another terminal. */
const SAVED_WIDTH = 100

function readArguments({ options, args }: Given<typeof PLAN>) {
  const { against, stage, since, config, out, json, estate, base = out === undefined ? undefined : 'live' } = options
  // `--against a b`: what a shell makes of `--against events/*`.
  const files = [...against, ...(against.length > 0 ? args : [])]
  if (args.length > 0 && against.length === 0) {
    throw new UsageError(`"${args.join(' ')}": give events as --against FILE, and rules as --config FILE.`)
  }
  if (stage !== undefined) stageName(stage)
  if (out !== undefined && base !== 'live') {
    throw new UsageError(`--out needs --base live, not --base ${base}: a push replaces the deployed rules.`)
  }
  if (base === 'live' && stage === undefined) {
    throw new UsageError(`${out === undefined ? '--base live' : '--out'}: give the stage, as in --stage prod.`)
  }
  if (stage !== undefined && files.length > 0 && base !== 'live') {
    throw new UsageError('Give --against or --stage, not both.')
  }
  const isOfArchive = stage !== undefined && files.length === 0 && estate === undefined
  const from = since ?? (isOfArchive ? '30d' : undefined)
  const asked: Asked = {
    against: files,
    stage: isOfArchive ? stage : undefined,
    since: from === undefined ? undefined : sinceTime(from),
  }
  return { config, base, stage, asked, out, json }
}

/** The rules deployed in a stage. */
async function readLive(name: string): Promise<Base & { place: Place; version: string }> {
  // Loading it takes longer than everything else.
  const { appConfigClient, liveConfigOf, readStage } = await import('./live/stage.ts')
  const client = appConfigClient()
  try {
    const stage = await readStage(client, name)
    const { place, current } = stage
    return { name: describeLive(place, current.version), place, version: current.version, config: liveConfigOf(stage) }
  } finally {
    client.destroy()
  }
}

function noAlerts({ from, refused }: RecordedAlerts, { since }: Asked): number {
  const when = since ? ` since ${minuteOf(since.toISOString())}` : ''
  const why =
    refused.length > 0 ? `; these files are not events:\n  ${refused.slice(0, 5).map(oneLine).join('\n  ')}` : '.'
  const wayOut = since ? 'Use a longer period, as in --since 90d' : 'Give events, as in --against FILE'
  process.stderr.write(
    `There are no alerts${when} in ${from}${why}\nWithout alerts there is nothing to compare. ${wayOut}, or record some: ${commandLine('replay --record FILE')}\n`,
  )
  return 1
}
