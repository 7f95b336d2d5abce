import type { Alert } from '../../schemas/alert.ts'
import { READERS } from '../../shared/channels/types.ts'
import { readConfig } from '../../shared/config/read.ts'
import type { Silences } from '../../shared/decide/in-force.ts'
import { withSilences } from '../../shared/decide/silence.ts'
import { type Explanation, explanationOf } from '../../shared/explain/explanation.ts'
import { UsageError } from '../command.ts'
import type { EXPLAIN } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { alertsOrWhyNot, NO_ALERT, readEvents } from '../replay/events.ts'
import { whyNotSent } from '../replay/sendable.ts'
import { chooseRouter, routerHere } from '../which-router.ts'
import { widthOf, wrap } from '../wrap.ts'
import { describeExplanation } from './explain/print.ts'
import { type Covering, coveringOf } from './explain/silences.ts'
import { alertWith, type Fields, madeUp, readFields } from './set.ts'

export async function run({ options, args }: Given<typeof EXPLAIN>): Promise<number> {
  const fields = readFields(options.set, 'set how long it has been firing with --firing-since')
  if (args.length > 0 && fields.size > 0) throw new UsageError('Give an event or --set, not both.')
  if (args.length === 0 && fields.size === 0) {
    throw new UsageError('Which event? Give a file, - for stdin, or fields: --set metric=Errors.')
  }
  const at = timeOf('--at', options.at)
  const since = timeOf('--firing-since', options['firing-since'])
  const config = readConfig(options.config)
  const { alerts, ignored, refused } = fields.size > 0 ? alertSet(fields, at ?? new Date()) : await readAlerts(args, at)
  const silences = await knownSilences(options.stage)
  const now = new Date()
  const explanations = alerts.map(({ alert, from }): Shown => {
    if (since) checkSince(since, alert, at, from)
    const decidedAt = at ?? new Date(alert.changedAt)
    if (!silences) return explanationOf(alert, config, decidedAt, since)
    const explained = explanationOf(alert, withSilences(config, silences), decidedAt, since)
    return { ...explained, silences: coveringOf(alert, silences, decidedAt, now) }
  })
  const width = widthOf(process.stdout)
  process.stdout.write(
    options.json
      ? `${JSON.stringify(explanations.map(asJson))}\n`
      : explanations
          .map((explanation) => `${describeExplanation(explanation, { width, all: options.all }).trimEnd()}\n`)
          .join(`\n${'─'.repeat(width)}\n\n`),
  )
  // Nothing may follow a JSON list.
  for (const line of ignored) process[options.json ? 'stderr' : 'stdout'].write(`${line}\n`)
  const note = fields.size > 0 && !options.json ? madeUp(fields) : undefined
  if (note !== undefined) process.stdout.write(`\n${wrap(note, width).join('\n')}\n`)
  for (const line of refused) process.stderr.write(`${line}\n`)
  return refused.length > 0 ? 1 : 0
}

/** Those of a stage, or of the router that runs here; `undefined` without either. */
async function knownSilences(stage: string | undefined): Promise<Silences | undefined> {
  const router = stage === undefined ? await routerHere() : await chooseRouter(stage)
  // Loading a client takes longer than an explanation.
  return router && (await import('./explain/known-silences.ts')).silencesOf(router)
}

/** Where a router's silences are known, those that cover the alert. */
type Shown = Explanation & { silences?: Covering[] }

/** Alerts to explain, each with its source; and messages for events that produced none, or were rejected. */
interface Found {
  alerts: { alert: Alert; from: string }[]
  ignored: string[]
  refused: string[]
}

function alertSet(fields: Fields, at: Date): Found {
  return { alerts: [{ alert: alertWith(fields, at), from: '--set' }], ignored: [], refused: [] }
}

async function readAlerts(paths: string[], at: Date | undefined): Promise<Found> {
  const found: Found = { alerts: [], ignored: [], refused: [] }
  // An event without a time happened then; one with a time, at that time.
  const times = at && { now: at, received: later(at, new Date()) }
  for (const event of await readEvents(paths)) {
    const { file } = event
    const alerts = whyNotSent(event) ?? alertsOrWhyNot(event, times)
    if (typeof alerts === 'string') found.refused.push(`${file}: rejected: ${alerts}`)
    else if (alerts.length === 0) found.ignored.push(`${file}: no alert: ${NO_ALERT}`)
    else for (const alert of alerts) found.alerts.push({ alert, from: file })
  }
  return found
}

function asJson({ notifications, ...explanation }: Shown) {
  return {
    ...explanation,
    messages: notifications.map((one) => ({ channel: one.channel, type: one.type, ...READERS[one.type].read(one) })),
  }
}

/** @throws {UsageError} if it would have started firing after it changed, or after the decision. */
function checkSince(since: Date, { changedAt }: Alert, at: Date | undefined, file: string): void {
  const [given, moment] = [since.toISOString(), [changedAt, at?.toISOString() ?? changedAt].sort()[0] ?? '']
  if (given < moment) return
  const what = moment === changedAt ? `${file} changed` : '--at is'
  throw new UsageError(`--firing-since ${given}: ${what} at ${moment}. Give an earlier time.`)
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b
}

/** In UTC unless it names a zone, like all printed times. */
function timeOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const at = new Date(
    /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : /^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN,
  )
  if (!Number.isNaN(at.getTime())) return at
  throw new UsageError(`${option} ${text}: write it as 2026-11-03T10:00Z`)
}
