import { setFlagsFromString } from 'node:v8'
import { FINDINGS, named } from '../../shared/check/finding.ts'
import { type Findings, findingsOf } from '../../shared/check/findings.ts'
import { timeFor } from '../../shared/check/time.ts'
import { skippedFolders } from '../../shared/config/files.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import { UsageError } from '../command.ts'
import type { CHECK } from '../commands/rules.ts'
import { count } from '../count.ts'
import type { Given } from '../frame/spec.ts'
import { samplesFolder } from '../own-files.ts'
import { sinceTime } from '../since.ts'
import { widthOf, wrap } from '../wrap.ts'
import { type Diagnostic, describe, diagnosticOf, grouped } from './check/print.ts'
import { readSource, type Source } from './check/source.ts'
import { type RecordedAlerts, readRecordedAlerts } from './plan/recorded-alerts.ts'

/**
 * V8 rather lets the heap grow than collect: ten thousand rules took 450 MB. With these they take 270 MB, and a little longer.
 * They are read at each collection, and set no limit.
 */
const COLLECT_EARLY = ['--semi-space-growth-factor=1', '--heap-growing-percent=50']

export async function run(given: Given<typeof CHECK>): Promise<number> {
  const { path, strict, all, asked, time, json } = readArguments(given)
  for (const flag of COLLECT_EARLY) setFlagsFromString(flag)
  const source = readSource(path)
  const recorded = asked && (await readRecordedAlerts(asked))
  const startTime = () => timeFor(time)
  const found =
    source.config && findingsOf(source.config, { ...source, now: new Date(), alerts: recorded?.alerts, startTime })
  const diagnostics = once([
    ...source.problems.map(problem),
    ...(found?.findings ?? []).map((one) => diagnosticOf(one, source)),
    ...skippedFolders(path).map(skipped),
  ]).sort((a, b) => (a.place.file === b.place.file ? a.place.line - b.place.line : 0))
  const of = (level: Diagnostic['level']) => diagnostics.filter((one) => one.level === level).length
  const counts = { errors: of('error'), warnings: of('warning'), notes: of('note') }
  const notDecided = [
    ...undecided(found).map((rule) => `rule "${rule}": ${NO_PROOF}`),
    ...(found?.tooComplex ?? []).map((rule) => `rule "${rule}" ${tooComplexAre(1)}`),
    ...(found?.timeWasUp ?? []),
    ...(found?.enough ?? []),
    ...(recorded ? [] : ['recorded events: none given (--against, --stage)']),
  ]
  const from = recorded && againstWhat(recorded)
  process.stdout.write(
    json
      ? `${JSON.stringify({ config: path, ...counts, findings: diagnostics.map(asJson), rules: found?.rules ?? [], notDecided })}\n`
      : report(diagnostics, source, { path, all, from, found }),
  )
  const isLeftOut = isIncomplete(found) || recorded?.alerts.length === 0
  if (strict && isLeftOut)
    process.stderr.write('--strict: failed, because a check did not finish and may have found warnings.\n')
  return counts.errors > 0 || (strict && (counts.warnings > 0 || isLeftOut)) ? 1 : 0
}

function readArguments({ options, args }: Given<typeof CHECK>) {
  const { config, strict, all, against, stage, since, time, json } = options
  if (!/^\d+[smhd]$/.test(time)) throw new UsageError(`--time ${time}: write a number and s, m or h, as in 2m.`)
  if (args.length > 0 && against.length === 0) {
    throw new UsageError(`"${args.join(' ')}": give the rules as --config PATH.`)
  }
  const files = [...against, ...args]
  if (stage !== undefined && files.length > 0) throw new UsageError('Give --against or --stage, not both.')
  if (since !== undefined && stage === undefined) throw new UsageError('--since needs --stage.')
  const isAsked = stage !== undefined || files.length > 0
  const asked = isAsked && { against: files, stage, since: stage === undefined ? undefined : sinceTime(since ?? '30d') }
  return { path: config, strict, all, asked: asked || undefined, time: durationMs(time), json }
}

const NO_PROOF = 'no alert was found that reaches it, and no proof that none can'
const tooComplexAre = (rules: number) => `${rules === 1 ? 'has' : 'have'} too many combinations of conditions`

function againstWhat({ alerts, from, refused }: RecordedAlerts): string {
  const [first] = refused
  const left = first === undefined ? '' : ` (${count(refused.length, 'event')} rejected, such as ${first})`
  return `${count(alerts.length, 'alert')} of ${from}${left}`
}

function isIncomplete(found: Findings | undefined): boolean {
  return found !== undefined && found.tooComplex.length + found.timeWasUp.length + found.enough.length > 0
}

/** Rules that were neither reached nor proved dead. */
function undecided(found: Findings | undefined): string[] {
  return (found?.rules ?? [])
    .filter(({ rule, verdict }) => verdict === 'not decided' && !found?.tooComplex.includes(rule))
    .map(({ rule }) => rule)
}

function problem({ code = 'invalid', place, message }: Source['problems'][number]): Diagnostic {
  return { code, level: 'error', place, message }
}

/** A mistake in a team's scope would be reported for each of its rules. */
function once(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, place, message }) => {
    const key = JSON.stringify([code, place, message])
    return !seen.has(key) && seen.add(key)
  })
}

function skipped({ folder, why }: { folder: string; why: string }): Diagnostic {
  return {
    code: 'skipped-folder',
    level: FINDINGS['skipped-folder'],
    place: { file: folder, line: 1, col: 1, path: [] },
    message: `${folder} is not read: it ${why}, and only files beside alerts.yml are read`,
    fix: 'Move its files beside alerts.yml; if they are not rules, move the folder out of the config',
  }
}

function asJson({ place, ...diagnostics }: Diagnostic) {
  return { ...diagnostics, ...place }
}

function report(
  diagnostics: Diagnostic[],
  source: Source,
  { path, all, from, found }: { path: string; all: boolean; from: string | undefined; found: Findings | undefined },
): string {
  const width = widthOf(process.stdout)
  const shown = grouped(diagnostics.filter(({ level }) => all || level !== 'note'))
  const of = (level: Diagnostic['level']) => diagnostics.filter((one) => one.level === level).length
  const sums = [
    count(of('error'), 'error'),
    count(of('warning'), 'warning'),
    ...(all && of('note') > 0 ? [count(of('note'), 'note')] : []),
  ]
  const { config } = source
  const what = config
    ? ` in ${count(config.rules.length, 'rule')} and ${count(Object.keys(config.channels).length, 'channel')}`
    : ''
  const last = [
    ...wrap(`${path}: ${sums.join(', ')}${what}.`, width),
    ...(config ? [] : ['Fix these errors first: rule analysis was skipped.']),
    ...notSureOf(found).flatMap((text) => wrap(text, width)),
    ...(config && from === undefined
      ? [`Tip: --against ${samplesFolder()}/ (or --stage prod) finds patterns that match nothing.`]
      : []),
    ...(config && from !== undefined ? [`Checked against ${from}.`] : []),
  ]
  const findings = shown.map((one) => describe(one, source.linesOf(one.first.place.file), width))
  return `${[...findings, last.join('\n')].join('\n\n')}\n`
}

/** What could not be decided, or was not checked. */
function notSureOf(found: Findings | undefined): string[] {
  if (!found) return []
  const { tooComplex, timeWasUp, enough } = found
  const names = undecided(found)
  return [
    ...(names.length > 0
      ? [`Not decided: ${names.length === 1 ? 'rule' : 'rules'} ${named(names)}: ${NO_PROOF}.`]
      : []),
    ...(tooComplex.length > 0 ? [`Not checked: ${named(tooComplex)} ${tooComplexAre(tooComplex.length)}.`] : []),
    ...[...timeWasUp, ...enough].map((text) => `Not checked: ${text}.`),
    ...(timeWasUp.length > 0 ? ['Tip: --time 2m raises the time limit.'] : []),
  ]
}
