import type { Alert } from '../../schemas/alert.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { messageInWords } from '../../shared/explain/message.ts'
import { type Story, storyOf } from '../../shared/explain/story.ts'
import { parse } from '../../shared/parse/parse.ts'
import { RefusedEvent } from '../../shared/parse/refused.ts'
import { UsageError } from '../command.ts'
import { json, readEvents } from '../replay/events.ts'
import { widthOf } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { storyInWords } from './explain/print.ts'

export const wrongUsage = 2

export const help = `Why an event is decided as it is: each rule that was tried and the line that failed, what set each part of the
outcome, the windows in force, and what each channel is told.

  npm run rules -- explain EVENT [--config PATH] [--at TIME] [--firing-since TIME] [--all] [--json]

  EVENT              a file, or - for stdin, in any envelope
  --config PATH      the rules, a file or a folder; ${CONFIG_FOLDER}/
  --at TIME          decided at that time, as in 2026-11-03T02:30Z: windows go by it. Without it: when it changed
  --firing-since TIME  it has been firing since then, by these rules: who was told is told that it is over
  --all              every line of every rule that was tried, all windows, whole messages
  --json             a list of {"alert", "at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt", "decision",
                     "parts", "windows", "messages"}

Exit code: 0 told, 1 the rules or the event can't be read, 2 wrong usage.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: CONFIG_FOLDER },
    at: { type: 'string' },
    'firing-since': { type: 'string' },
    all: { type: 'boolean', default: false },
  } as const)
  if (positionals.length === 0) throw new UsageError('Which event? Name a file, or - for stdin.')
  const at = timeOf('--at', values.at)
  const since = timeOf('--firing-since', values['firing-since'])
  const config = readConfig(values.config)
  const stories: Story[] = []
  const refused: string[] = []
  for (const { file, text } of await readEvents(positionals)) {
    try {
      // What names no time of its own happened then; what names one, when it says.
      for (const alert of parse(json(text) ?? text, at ? { now: at, received: later(at, new Date()) } : {})) {
        if (since) checkSince(since, alert, at, file)
        stories.push(storyOf(alert, config, at ?? new Date(alert.changedAt), since))
      }
    } catch (error) {
      if (!(error instanceof RefusedEvent)) throw error
      refused.push(`${file}: refused: ${error.message}`)
    }
  }
  const width = widthOf(process.stdout)
  process.stdout.write(
    values.json
      ? `${JSON.stringify(stories.map(asJson))}\n`
      : stories
          .map((story) => `${storyInWords(story, { width, all: values.all }).trimEnd()}\n`)
          .join(`\n${'─'.repeat(width)}\n\n`),
  )
  for (const line of refused) process.stderr.write(`${line}\n`)
  return refused.length > 0 ? 1 : 0
}

function asJson({ notifications, ...story }: Story) {
  return {
    ...story,
    messages: notifications.map((one) => ({ channel: one.channel, type: one.type, ...messageInWords(one) })),
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
