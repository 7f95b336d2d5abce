import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Document, isSeq, parse } from 'yaml'
import type { Alert } from '../../../schemas/alert.ts'
import type { Case, Expected } from '../../../schemas/case.ts'
import type { Config } from '../../../schemas/config.ts'
import { expectationOf } from '../../../shared/cases/run.ts'
import { oneLine } from '../../../shared/channels/outside-text.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { readable } from '../../../shared/config/files.ts'
import { FileError } from '../../../shared/config/problem.ts'
import { alertsOrWhyNot, NO_ALERT, type ReplayEvent, readEvents } from '../../replay/events.ts'
import { whyNotSent } from '../../replay/sendable.ts'
import { formatted } from '../fmt/formatted.ts'
import { eventIn } from './cases.ts'

/** The file of recorded cases, in a folder of cases. */
const RECORDED = 'recorded.yml'

const HEAD = `# Written by "${commandLine('rules test --record EVENT')}". Each expects the decision at that time: edit
# it if the rules should decide differently.
`

/** A recorded case, and its YAML. */
export interface Recorded {
  case: Case & { expect: Expected }
  yaml: string
  /** The file that it is written to. */
  file: string
}

/**
 * Writes a case for each event of a file into a folder of cases, and the event beside it; writes nothing if `isDry`.
 * @throws {FileError} unless each event is exactly one alert, before anything is written.
 */
export async function recordCases(
  path: string,
  config: Config,
  { folder, isDry = false }: { folder: string; isDry?: boolean },
): Promise<Recorded[]> {
  const cases = join(folder, RECORDED)
  const events = join(folder, 'events')
  const recorded: Recorded[] = []
  const given = (await readEvents([path])).map((event) => ({ text: event.text, alert: alertIn(event) }))
  for (const { text, alert } of given) {
    const known = existsSync(cases) ? readable(cases, () => readFileSync(cases, 'utf8')) : HEAD
    const taken = ((parse(known) ?? []) as Case[]).map(({ name }) => name)
    const name = unused(`${oneLine(alert.title)}, ${alert.status}`, taken)
    const eventFile = unusedFile(events, slug(name), typeof eventIn(text) === 'string' ? 'txt' : 'json')
    const written = { name, event: eventFile, expect: expectationOf(alert, config) }
    const yaml = inYaml(written, cases)
    recorded.push({ case: written, yaml, file: cases })
    if (isDry) continue
    mkdirSync(events, { recursive: true })
    writeFileSync(eventFile, text.endsWith('\n') ? text : `${text}\n`)
    writeFileSync(cases, `${known.trimEnd()}\n\n${yaml}`)
  }
  return recorded
}

function alertIn(event: ReplayEvent): Alert {
  const alerts = whyNotSent(event) ?? alertsOrWhyNot(event)
  if (typeof alerts === 'string') throw new FileError(`${event.file}: rejected: ${alerts}`)
  const [first, ...others] = alerts
  if (!first) throw new FileError(`${event.file}: no alert: ${NO_ALERT}`)
  if (others.length === 0) return first
  throw new FileError(`${event.file}: ${alerts.length} alerts: give each a case of its own`)
}

function inYaml(one: Case, file: string): string {
  const document = new Document([one])
  for (const key of ['channels', 'later']) {
    const names = document.getIn([0, 'expect', key], true)
    if (isSeq(names)) names.flow = true
  }
  return formatted(document.toString({ lineWidth: 0 }), file)
}

/** With a number appended if the name is taken. */
function unused(name: string, taken: string[]): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name} (${n})`
    if (!taken.includes(candidate)) return candidate
  }
}

function unusedFile(folder: string, stem: string, extension: string): string {
  for (let n = 1; ; n++) {
    const file = join(folder, `${stem}${n === 1 ? '' : `-${n}`}.${extension}`)
    if (!existsSync(file)) return file
  }
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '')
}
