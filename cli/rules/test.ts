import { existsSync } from 'node:fs'
import type { Config } from '../../schemas/config.ts'
import type { CaseResult } from '../../shared/cases/case-result.ts'
import { runCase, unreached } from '../../shared/cases/run.ts'
import { says } from '../../shared/cases/said.ts'
import { readConfig } from '../../shared/config/read.ts'
import { regexProblem } from '../../shared/config/regex-problem.ts'
import { UsageError } from '../command.ts'
import type { TEST } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { widthOf, wrap } from '../wrap.ts'
import { casesFolderOf, type LocatedCase, readCases } from './test/cases.ts'
import { failureOf } from './test/diff.ts'
import { type Recorded, recordCases } from './test/record.ts'

type Located = CaseResult & Pick<LocatedCase, 'where'>

export async function run(given: Given<typeof TEST>): Promise<number> {
  const { paths, config: file, coverage, required, record, isDry, json, run: named } = readArguments(given)
  const config = readConfig(file)
  const folder = casesFolderOf(file)
  if (record !== undefined) return printRecorded(await recordCases(record, config, { folder, isDry }), { json, isDry })

  // The given paths must exist.
  const found = casesIn(paths ?? (existsSync(folder) ? [folder] : []))
  const chosen = [...found.values()].flat().filter(({ name }) => named === undefined || says(name, named))
  const results = chosen.map((one): Located => ({ where: one.where, ...runCase(one, config) }))
  const failed = results.filter(({ differences }) => differences.length > 0)
  const missing = unreached(config, results)
  const isIncomplete = required && missing.length > 0
  const from = [...found.keys()].filter((path) => found.get(path)?.length !== 0)
  const empty = (paths ?? [folder]).filter((path) => !from.includes(path))
  if (json) {
    const sums = { passed: results.length - failed.length, failed: failed.length, from }
    const coverage = named === undefined && { unreached: missing }
    process.stdout.write(`${JSON.stringify({ ...sums, cases: results, ...coverage })}\n`)
  } else if (results.length > 0) {
    process.stdout.write(describe(results, failed, from, coverage || required ? describeCoverage(config, missing) : ''))
  }
  if (empty.length > 0) process.stderr.write(nothingIn(empty))
  else if (results.length === 0) process.stderr.write(noneNamed(named, [...found.values()].flat()))
  return failed.length > 0 || isIncomplete || empty.length > 0 || results.length === 0 ? 1 : 0
}

/** Cases by their file or folder. */
function casesIn(paths: string[]): Map<string, LocatedCase[]> {
  return new Map(paths.map((path) => [path, readCases([path])]))
}

function nothingIn(paths: string[]): string {
  const them = paths.join(' and ')
  return `No cases in ${them}: nothing was tested. Write one into a .yml file there (--help shows one), record one (--record EVENT), or give files that have some.\n`
}

/** The maximum number of cases that are listed when none matches. */
const LISTED = 10

function noneNamed(named: string | undefined, cases: LocatedCase[]): string {
  const names = cases.slice(0, LISTED).map(({ name }) => `  ${name}`)
  const rest = cases.length > LISTED ? [`  … and ${cases.length - LISTED} more`] : []
  return `No case matches --run ${named}: nothing was tested. There are:\n${[...names, ...rest].join('\n')}\n`
}

function readArguments({ options, args }: Given<typeof TEST>) {
  const { config, coverage, record, json, run, 'require-coverage': required, 'dry-run': isDry } = options
  if (record !== undefined && args.length > 0) throw new UsageError('--record takes one event.')
  if (isDry && record === undefined) throw new UsageError('--dry-run needs --record: nothing else writes files.')
  const wrong = run === undefined ? undefined : regexProblem(run)
  if (wrong) throw new UsageError(`--run: ${wrong}`)
  return { paths: args.length > 0 ? args : undefined, config, coverage, required, record, isDry, json, run }
}

function printRecorded(recorded: Recorded[], { json, isDry }: { json: boolean; isDry: boolean }): number {
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
          ...wrap(`Written to ${files}. Edit it if the rules should decide differently.`, width),
        ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return 0
}

/** The maximum number of files or folders that a summary names. */
const NAMED = 3

function describe(results: Located[], failed: Located[], from: string[], coverage: string): string {
  const width = widthOf(process.stdout)
  const blocks = failed.map((one) =>
    [...failureOf(one, width), ...one.because.map((step) => `    because: ${step}`)].join('\n'),
  )
  const passed = results.length - failed.length
  const where = from.length > NAMED ? `${from.length} files` : from.join(', ')
  const summary = `${passed} of ${results.length} cases in ${where} passed.`
  return `${[...blocks, summary, ...(coverage === '' ? [] : [coverage])].join('\n\n')}\n`
}

function describeCoverage({ rules }: Config, missing: string[]): string {
  const all = rules.length + 1
  if (missing.length === 0) return `Every rule is reached, and so is the default.`
  return `${missing.length} of ${all} rules (with the default) are not reached by any case:\n${missing.map((name) => `  ${name}`).join('\n')}`
}
