import type { Alert } from '../../schemas/alert.ts'
import { READERS } from '../../shared/channels/types.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { type Story, storyOf } from '../../shared/explain/story.ts'
import { UsageError } from '../command.ts'
import { alertsOrWhyNot, NO_ALERT, readEvents } from '../replay/events.ts'
import { whyNotSent } from '../replay/sendable.ts'
import { widthOf, wrap } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { storyInWords } from './explain/print.ts'
import { alertWith, type Fields, madeUp, readFields } from './set.ts'

export const help = `Why an event is decided as it is: each rule that was tried and the line that
failed, what set each part of the outcome, the windows in force, and what each
channel is told.

  npm run rules -- explain EVENT [options]
  npm run rules -- explain --set FIELD=VALUE… [options]

  EVENT                a file, or - for stdin, in any envelope
  --set FIELD=VALUE    in place of an event: an alarm that fires, with this, as
                       in --set metric=Errors --set tags.team=orders
  --config PATH        the rules, a file or a folder; ${CONFIG_FOLDER}/
  --at TIME            decided at that time, as in 2026-11-03T02:30Z: windows go
                       by it. Without it: when it changed
  --firing-since TIME  it has been firing since then, by these rules: who was
                       told is told that it is over
  --all                every line of every rule that was tried, all windows,
                       whole messages
  --json               a list of {"alert", "at", "steps": [{"rule", "result",
                       "alternatives"}], "notLookedAt", "decision", "parts",
                       "windows", "messages"}

Exit code: 0 told, 1 the rules or the event can't be read, 2 wrong usage.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: CONFIG_FOLDER },
    at: { type: 'string' },
    'firing-since': { type: 'string' },
    all: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  } as const)
  const fields = readFields(values.set, 'how long it has been firing is said by --firing-since')
  if (positionals.length > 0 && fields.size > 0) throw new UsageError('An event, or --set: one or the other.')
  if (positionals.length === 0 && fields.size === 0) {
    throw new UsageError('Which event? Name a file, or - for stdin; or say what it holds: --set metric=Errors.')
  }
  const at = timeOf('--at', values.at)
  const since = timeOf('--firing-since', values['firing-since'])
  const config = readConfig(values.config)
  const { alerts, ignored, refused } =
    fields.size > 0 ? alertSet(fields, at ?? new Date()) : await readAlerts(positionals, at)
  const stories = alerts.map(({ alert, from }) => {
    if (since) checkSince(since, alert, at, from)
    return storyOf(alert, config, at ?? new Date(alert.changedAt), since)
  })
  const width = widthOf(process.stdout)
  process.stdout.write(
    values.json
      ? `${JSON.stringify(stories.map(asJson))}\n`
      : stories
          .map((story) => `${storyInWords(story, { width, all: values.all }).trimEnd()}\n`)
          .join(`\n${'─'.repeat(width)}\n\n`),
  )
  // A list is not followed by words.
  for (const line of ignored) process[values.json ? 'stderr' : 'stdout'].write(`${line}\n`)
  const note = fields.size > 0 && !values.json ? madeUp(fields) : undefined
  if (note !== undefined) process.stdout.write(`\n${wrap(note, width).join('\n')}\n`)
  for (const line of refused) process.stderr.write(`${line}\n`)
  return refused.length > 0 ? 1 : 0
}

/** Alerts to explain, each with where it is from; and what gave none, or was refused, in words. */
interface Found {
  alerts: { alert: Alert; from: string }[]
  ignored: string[]
  refused: string[]
}

function alertSet(fields: Fields, at: Date): Found {
  return { alerts: [{ alert: alertWith(fields, at), from: 'what --set gives' }], ignored: [], refused: [] }
}

async function readAlerts(paths: string[], at: Date | undefined): Promise<Found> {
  const found: Found = { alerts: [], ignored: [], refused: [] }
  // What names no time of its own happened then; what names one, when it says.
  const times = at && { now: at, received: later(at, new Date()) }
  for (const event of await readEvents(paths)) {
    const { file } = event
    const alerts = whyNotSent(event) ?? alertsOrWhyNot(event, times)
    if (typeof alerts === 'string') found.refused.push(`${file}: refused: ${alerts}`)
    else if (alerts.length === 0) found.ignored.push(`${file}: no alert: ${NO_ALERT}`)
    else found.alerts.push(...alerts.map((alert) => ({ alert, from: file })))
  }
  return found
}

function asJson({ notifications, ...story }: Story) {
  return {
    ...story,
    messages: notifications.map((one) => ({ channel: one.channel, type: one.type, ...READERS[one.type].read(one) })),
  }
}

/** @throws {UsageError} for what would have begun to fire after it changed, or was decided. */
function checkSince(since: Date, { changedAt }: Alert, at: Date | undefined, file: string): void {
  const [given, moment] = [since.toISOString(), [changedAt, at?.toISOString() ?? changedAt].sort()[0] ?? '']
  if (given < moment) return
  const what = moment === changedAt ? `${file} changed` : '--at is'
  throw new UsageError(`--firing-since ${given}: ${what} at ${moment}. Name a time before that.`)
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b
}

/** In UTC where it names no zone, as all that is printed. */
function timeOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const at = new Date(
    /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : /^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN,
  )
  if (!Number.isNaN(at.getTime())) return at
  throw new UsageError(`${option} ${text}: write it as 2026-11-03T10:00Z`)
}
