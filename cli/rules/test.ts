import { existsSync } from 'node:fs'
import type { Config } from '../../schemas/config.ts'
import { type CaseResult, runCase, unreached } from '../../shared/cases/run.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { UsageError } from '../command.ts'
import { widthOf, wrap } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { CASES_FOLDER, casesFolderOf, type LocatedCase, readCases } from './test/cases.ts'
import { diffOf } from './test/diff.ts'
import { type Recorded, recordCases } from './test/record.ts'

export const help = `Tries the rules on examples: cases in ${CASES_FOLDER}/*.yml say what comes in and
what should become of it.

  npm run rules -- test [files or folders of cases] [--config PATH] [--json]
                        [--coverage | --require-coverage]
  npm run rules -- test --record EVENT [--dry-run] [--config PATH]

  --config PATH       the rules, a file or a folder; ${CONFIG_FOLDER}/. Cases of a folder
                      are those in its tests/
  --coverage          tell which rules no case reaches
  --require-coverage  and fail when there are some
  --record EVENT      write a case from a real event, a file or - for stdin: it
                      expects what the rules do now
  --dry-run           with --record: show the case, and write nothing
  --json              {"passed", "failed", "from", "cases": [{"name", "where",
                      "rule", "reached", "differences", "because"}],
                      "unreached"}

A case:

  - name: data loss wakes somebody
    event: samples/data-loss-1-alarm.json   # or the event itself, or fields:
    # alert: { metric: DataLossEvents, tags: { team: orders } }
    # at: "2026-11-03T02:30:00Z"
    expect:                                 # any of these
      severity: critical
      rule: data loss
      channels: [pagerduty, slack-critical, email, email-security]
      later: []                             # who waits for their time
      text: { slack-critical: "orders-ingest", pagerduty: "/lost|missing/i" }

"npm test" runs them too.

Exit code: 0 all as expected, 1 not so, or there are no cases, or the rules or a
case can't be read, 2 wrong usage.
`

type Located = CaseResult & Pick<LocatedCase, 'where'>

export async function run(args: string[]): Promise<number> {
  const { paths, config: file, coverage, required, record, isDry, json } = readArguments(args)
  const config = readConfig(file)
  const folder = casesFolderOf(file)
  if (record !== undefined) return tellRecorded(await recordCases(record, config, { folder, isDry }), { json, isDry })

  // What was named must be there.
  const found = casesIn(paths ?? (existsSync(folder) ? [folder] : []))
  const results = [...found.values()].flat().map((one): Located => ({ where: one.where, ...runCase(one, config) }))
  const failed = results.filter(({ differences }) => differences.length > 0)
  const missing = unreached(config, results)
  const isIncomplete = required && missing.length > 0
  const from = [...found.keys()].filter((path) => found.get(path)?.length !== 0)
  const empty = (paths ?? [folder]).filter((path) => !from.includes(path))
  if (json) {
    const sums = { passed: results.length - failed.length, failed: failed.length, from }
    process.stdout.write(`${JSON.stringify({ ...sums, cases: results, unreached: missing })}\n`)
  } else if (results.length > 0) {
    process.stdout.write(inWords(results, failed, from, coverage || required ? coverageInWords(config, missing) : ''))
  }
  if (empty.length > 0) process.stderr.write(nothingIn(empty))
  return failed.length > 0 || isIncomplete || empty.length > 0 ? 1 : 0
}

/** By the file or folder that they lie in. */
function casesIn(paths: string[]): Map<string, LocatedCase[]> {
  return new Map(paths.map((path) => [path, readCases([path])]))
}

function nothingIn(paths: string[]): string {
  const them = paths.join(' and ')
  return `There are no cases in ${them}, so nothing of ${paths.length === 1 ? 'it' : 'them'} was tried. Write one into a .yml file there (--help shows one), record one (--record EVENT), or name the files that have some.\n`
}

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: CONFIG_FOLDER },
    coverage: { type: 'boolean', default: false },
    'require-coverage': { type: 'boolean', default: false },
    record: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  } as const)
  const { config, coverage, record, json, 'require-coverage': required, 'dry-run': isDry } = values
  if (record !== undefined && positionals.length > 0) throw new UsageError('--record takes one event.')
  if (isDry && record === undefined) throw new UsageError('--dry-run goes with --record: nothing else writes anything.')
  return { paths: positionals.length > 0 ? positionals : undefined, config, coverage, required, record, isDry, json }
}

function tellRecorded(recorded: Recorded[], { json, isDry }: { json: boolean; isDry: boolean }): number {
  if (json) {
    process.stdout.write(`${JSON.stringify(recorded.map((one) => one.case))}\n`)
    return 0
  }
  const width = widthOf(process.stdout)
  for (const { case: one, yaml, file } of recorded) {
    const { severity, rule, channels = [] } = one.expect
    const files = `${file}, and its event into ${one.event}`
    const lines = isDry
      ? [`This would be added to ${files}:`, '', yaml.trimEnd()]
      : [
          ...wrap(`"${one.name}" expects ${severity}, by "${rule}", to ${channels.join(', ')}.`, width),
          ...wrap(`Written into ${files}. Edit it where the rules should do otherwise.`, width),
        ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return 0
}

/** A summary names at most so many files or folders. */
const NAMED = 3

function inWords(results: Located[], failed: Located[], from: string[], coverage: string): string {
  const told = failed.map(({ name, where, differences, because }) =>
    [
      `✗ ${name}  (${where})`,
      ...differences.flatMap((difference) => diffOf(difference)),
      ...because.map((step) => `    because: ${step}`),
    ].join('\n'),
  )
  const passed = results.length - failed.length
  const where = from.length > NAMED ? `${from.length} files` : from.join(', ')
  const summary = `${passed} of ${results.length} cases in ${where} ${passed === 1 ? 'is' : 'are'} as expected.`
  return `${[...told, summary, ...(coverage === '' ? [] : [coverage])].join('\n\n')}\n`
}

function coverageInWords({ rules }: Config, missing: string[]): string {
  const all = rules.length + 1
  if (missing.length === 0) return `Every rule is reached, and the default.`
  return `${missing.length} of ${all} rules (with the default) are reached by no case:\n${missing.map((name) => `  ${name}`).join('\n')}`
}
