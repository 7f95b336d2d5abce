import type { Config } from '../../schemas/config.ts'
import { type CaseResult, runCase, unreached } from '../../shared/cases/run.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { UsageError } from '../command.ts'
import { widthOf, wrap } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { CASES_FOLDER, type LocatedCase, readCases } from './test/cases.ts'
import { diffOf } from './test/diff.ts'
import { RECORDED, type Recorded, recordCases } from './test/record.ts'

export const help = `Tries the rules on examples: cases in ${CASES_FOLDER}/*.yml say what comes in and
what should become of it.

  npm run rules -- test [files or folders of cases] [--config PATH] [--json]
                        [--coverage | --require-coverage]
  npm run rules -- test --record EVENT [--dry-run] [--config PATH]

  --config PATH       the rules, a file or a folder; ${CONFIG_FOLDER}/
  --coverage          tell which rules no case reaches
  --require-coverage  and fail when there are some
  --record EVENT      write a case from a real event, a file or - for stdin: it
                      expects what the rules do now
  --dry-run           with --record: show the case, and write nothing
  --json              {"passed", "failed", "cases": [{"name", "where", "rule",
                      "reached", "differences", "because"}], "unreached"}

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

Exit code: 0 all as expected, 1 not so, or the rules or a case can't be read,
2 wrong usage.
`

type Located = CaseResult & Pick<LocatedCase, 'where'>

export async function run(args: string[]): Promise<number> {
  const { paths, config: file, coverage, required, record, isDry, json } = readArguments(args)
  const config = readConfig(file)
  if (record !== undefined) return tellRecorded(await recordCases(record, config, { isDry }), { json, isDry })

  const results = readCases(paths).map((one): Located => ({ where: one.where, ...runCase(one, config) }))
  const failed = results.filter(({ differences }) => differences.length > 0)
  const missing = unreached(config, results)
  const isIncomplete = required && missing.length > 0
  process.stdout.write(
    json
      ? `${JSON.stringify({ passed: results.length - failed.length, failed: failed.length, cases: results, unreached: missing })}\n`
      : inWords(results, failed, coverage || required ? coverageInWords(config, missing) : ''),
  )
  return failed.length > 0 || isIncomplete ? 1 : 0
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
  for (const { case: one, yaml } of recorded) {
    const { severity, rule, channels = [] } = one.expect
    const files = `${RECORDED}, and its event into ${one.event}`
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

function inWords(results: Located[], failed: Located[], coverage: string): string {
  const told = failed.map(({ name, where, differences, because }) =>
    [
      `✗ ${name}  (${where})`,
      ...differences.flatMap((difference) => diffOf(difference)),
      ...because.map((step) => `    because: ${step}`),
    ].join('\n'),
  )
  const passed = results.length - failed.length
  const summary = `${passed} of ${results.length} cases ${passed === 1 ? 'is' : 'are'} as expected.`
  return `${[...told, summary, ...(coverage === '' ? [] : [coverage])].join('\n\n')}\n`
}

function coverageInWords({ rules }: Config, missing: string[]): string {
  const all = rules.length + 1
  if (missing.length === 0) return `Every rule is reached, and the default.`
  return `${missing.length} of ${all} rules (with the default) are reached by no case:\n${missing.map((name) => `  ${name}`).join('\n')}`
}
