import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Document, isSeq, parse } from 'yaml'
import type { Case } from '../../../schemas/case.ts'
import type { Config } from '../../../schemas/config.ts'
import { alertOf, expectationOf } from '../../../shared/cases/run.ts'
import { oneLine } from '../../../shared/channels/outside-text.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { UsageError } from '../../command.ts'
import { json, readEvents } from '../../replay/events.ts'
import { formatted } from '../fmt/formatted.ts'

/** The file of recorded cases, in a folder of cases. */
const RECORDED = 'recorded.yml'

const HEAD = `# Written by "${commandLine('rules test --record EVENT')}". Each expects the decision at that time: edit
# it if the rules should decide differently.
`

/** A recorded case, and its YAML. */
export interface Recorded {
  case: Case
  yaml: string
  /** The file that it is written to. */
  file: string
}

/**
 * Writes a case for each event of a file into a folder of cases, and the event beside it; writes nothing if `isDry`.
 * @throws {UsageError} unless each event is exactly one alert.
 */
export async function recordCases(
  path: string,
  config: Config,
  { folder, isDry = false }: { folder: string; isDry?: boolean },
): Promise<Recorded[]> {
  const cases = join(folder, RECORDED)
  const events = join(folder, 'events')
  const recorded: Recorded[] = []
  for (const { file, text, refused } of await readEvents([path])) {
    if (refused !== undefined) throw new UsageError(`${file}: ${refused}`)
    const event = (json(text) as Case['event']) ?? text
    const alert = alertOf({ event })
    if (typeof alert === 'string') throw new UsageError(`${file}: ${alert}`)
    const known = existsSync(cases) ? readFileSync(cases, 'utf8') : HEAD
    const taken = ((parse(known) ?? []) as Case[]).map(({ name }) => name)
    const name = unused(`${oneLine(alert.title)}, ${alert.status}`, taken)
    const eventFile = unusedFile(events, slug(name), typeof event === 'string' ? 'txt' : 'json')
    const written: Case = { name, event: eventFile, expect: expectationOf(alert, config) }
    const yaml = inYaml(written, cases)
    recorded.push({ case: written, yaml, file: cases })
    if (isDry) continue
    mkdirSync(events, { recursive: true })
    writeFileSync(eventFile, text.endsWith('\n') ? text : `${text}\n`)
    writeFileSync(cases, `${known.trimEnd()}\n\n${yaml}`)
  }
  return recorded
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
