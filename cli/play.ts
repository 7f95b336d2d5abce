import { readFileSync } from 'node:fs'
import type { Alert } from '../schemas/alert.ts'
import { type Day, dayOf } from '../shared/cases/day.ts'
import { checkPeople } from '../shared/cases/people.ts'
import { readable } from '../shared/config/files.ts'
import { FileError } from '../shared/config/problem.ts'
import { readConfig, readYaml } from '../shared/config/read.ts'
import type { PLAY } from './commands/replay.ts'
import type { Given } from './frame/spec.ts'
import { ownPath } from './own-files.ts'
import { describeDay } from './play/print.ts'
import { notesOnTimes } from './play/times.ts'
import { alertsOrWhyNot, NO_ALERT, readEvents } from './replay/events.ts'
import { widthOf } from './wrap.ts'

export async function run({ options, args }: Given<typeof PLAY>): Promise<number> {
  const isDemo = args.length === 0
  // The made-up day has rules and people of its own.
  const config = readConfig(options.config ?? (isDemo ? ownPath('demo/day/alerts.yml') : 'config'))
  const alerts = await alertsOf(isDemo ? [ownPath('demo/day/alarms.jsonl')] : args, new Date())
  const file = options.people ?? (isDemo ? ownPath('demo/day/people.yml') : undefined)
  const people =
    file === undefined
      ? []
      : readYaml(
          readable(file, () => readFileSync(file, 'utf8')),
          file,
          (data) => checkPeople(data, alerts, config.channels),
        )
  const day = dayOf(alerts, people, config)
  process.stdout.write(`${options.json ? asJson(day) : describeDay(day, widthOf(process.stdout))}\n`)
  return 0
}

function asJson({ startsAt, endsAt, unsent, lines, ...day }: Day): string {
  const iso = (at: number) => new Date(at).toISOString()
  return JSON.stringify({
    ...{ from: iso(startsAt), to: iso(endsAt) },
    ...day,
    unsent: [...unsent].map(([why, times]) => ({ why, times })),
    lines: lines.map((line) => ({ ...line, at: iso(line.at) })),
  })
}

/**
 * Their alerts; what is played at the time of the run is said on stderr.
 * @throws {FileError} with each event that the router would refuse, or if there is no alert.
 */
async function alertsOf(paths: string[], now: Date): Promise<Alert[]> {
  const times = { now, received: now }
  const read = (await readEvents(paths)).map((event) => ({ event, alerts: alertsOrWhyNot(event, times) }))
  const refused = read.flatMap(({ event, alerts }) => (typeof alerts === 'string' ? [`${event.file}: ${alerts}`] : []))
  if (refused.length > 0) throw new FileError(refused.join('\n'))
  const taken = read.map(({ event, alerts }) => ({ event, alerts: typeof alerts === 'string' ? [] : alerts }))
  const all = taken.flatMap(({ alerts }) => alerts)
  if (all.length === 0) throw new FileError(`no alert in ${paths.join(', ')}: ${NO_ALERT}`)
  for (const note of notesOnTimes(taken, now)) process.stderr.write(`${note}\n`)
  return all
}
