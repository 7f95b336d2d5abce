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
import { alertsOrWhyNot, readEvents } from './replay/events.ts'
import { widthOf } from './wrap.ts'

export async function run({ options, args }: Given<typeof PLAY>): Promise<number> {
  const isDemo = args.length === 0
  // The made-up day has rules and people of its own.
  const config = readConfig(options.config ?? (isDemo ? ownPath('demo/day/alerts.yml') : 'config'))
  const alerts = await alertsOf(isDemo ? [ownPath('demo/day/alarms.jsonl')] : args)
  const file = options.people ?? (isDemo ? ownPath('demo/day/people.yml') : undefined)
  const names = alerts.map(({ name }) => name)
  const people =
    file === undefined
      ? []
      : readYaml(
          readable(file, () => readFileSync(file, 'utf8')),
          file,
          (data) => checkPeople(data, names),
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

/** @throws {FileError} with each event that the router would refuse. */
async function alertsOf(paths: string[]): Promise<Alert[]> {
  const read = (await readEvents(paths)).map((event) => ({ file: event.file, alerts: alertsOrWhyNot(event) }))
  const refused = read.flatMap(({ file, alerts }) => (typeof alerts === 'string' ? [`${file}: ${alerts}`] : []))
  if (refused.length > 0) throw new FileError(refused.join('\n'))
  return read.flatMap(({ alerts }) => (typeof alerts === 'string' ? [] : alerts))
}
