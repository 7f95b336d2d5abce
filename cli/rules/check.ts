import { FINDINGS, named } from '../../shared/check/finding.ts'
import { type Findings, findingsOf } from '../../shared/check/findings.ts'
import { timeFor } from '../../shared/check/time.ts'
import { CONFIG_FOLDER, skippedFolders } from '../../shared/config/files.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import { UsageError } from '../command.ts'
import { count } from '../count.ts'
import { sinceTime } from '../since.ts'
import { widthOf, wrap } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { grouped, inWords, type Told, toldOf } from './check/print.ts'
import { readSource, type Source } from './check/source.ts'
import { type History, readHistory } from './plan/history.ts'

export const help = `Finds what is wrong with the rules, and what they hardly mean.

  npm run rules -- check [--config PATH] [--strict] [--all] [--json]
                         [--against FILE… | --stage prod [--since 30d]]
                         [--time 20s]

  --config PATH     the rules, a file or a folder; ${CONFIG_FOLDER}/
  --strict          fail on warnings too, and where something was not looked at
  --all             notes too: overlaps in which the more severe rule comes
                    first
  --against FILE    hold patterns against recorded events, a file or a folder:
                    which have matched nothing?
  --stage STAGE     against what the router of that stage received, from its
                    archive in S3
  --since WHEN      with --stage: events since then; 30d
  --time TIME       look for so long at each: dead rules, overlaps,
                    non-production, recorded events; 20s. What was left is said
  --json            {"config", "errors", "warnings", "notes", "findings":
                    [{"code", "level", "file", "line", "col", "path", "rule",
                    "message", "mend", "also", "example"}], "rules": [{"rule",
                    "verdict", "example"}], "notDecided"}

What it finds, beside what can't be read:

  errors     contradictory-rule, shadowed-rule (earlier rules match all that it
             does), window-never-opens, never-holds (active within mute),
             critical-never-told (its windows are over)
  warnings   dead-branch, redundant-branch, overlapping-rules (different
             severities), never-as-severe, non-production-pages,
             non-production-fallback (it never pages), critical-wakes-nobody,
             critical-waits, unused-channel, fallback-cycle,
             fallback-same-vendor, patience-too-short, unused-window,
             window-over, path-like-regex ("/orders/" is no path),
             regex-like-text ("^orders" is no regex), unlikely-value (no
             alert holds it: a region that is none, blanks at the ends),
             account-on-both-sides (of nonProduction), skipped-folder (in
             ${CONFIG_FOLDER}/), not-in-history

A warning that is meant is silenced by a comment on its line, or above the rule:
# check: overlapping-rules is meant

A rule is called dead only where that is certain; "verdict" is reachable (with
an alert that reaches it), dead, not decided (two regular expressions are not
compared, say), or not looked at (time was up).

Exit code: 0 no errors, 1 errors (with --strict: or warnings, or something was
not looked at), 2 wrong usage.
`

export async function run(args: string[]): Promise<number> {
  const { path, strict, all, asked, time, json } = readArguments(args)
  const source = readSource(path)
  const history = asked && (await readHistory(asked))
  const startTime = () => timeFor(time)
  const found =
    source.config && findingsOf(source.config, { ...source, now: new Date(), alerts: history?.alerts, startTime })
  const told = once([
    ...source.problems.map(problem),
    ...(found?.findings ?? []).map((one) => toldOf(one, source)),
    ...skippedFolders(path).map(skipped),
  ]).sort((a, b) => (a.place.file === b.place.file ? a.place.line - b.place.line : 0))
  const of = (level: Told['level']) => told.filter((one) => one.level === level).length
  const counts = { errors: of('error'), warnings: of('warning'), notes: of('note') }
  const notDecided = [
    ...undecided(found).map((rule) => `rule "${rule}": ${NO_PROOF}`),
    ...(found?.tooComplex ?? []).map((rule) => `rule "${rule}" ${tooComplexAre(1)}`),
    ...(found?.timeWasUp ?? []),
    ...(history ? [] : ['recorded history: none was named (--against, --stage)']),
  ]
  const from = history && againstWhat(history)
  process.stdout.write(
    json
      ? `${JSON.stringify({ config: path, ...counts, findings: told.map(asJson), rules: found?.rules ?? [], notDecided })}\n`
      : report(told, source, { path, all, from, found }),
  )
  const isLeftOut = notLookedAt(found) || history?.alerts.length === 0
  if (strict && isLeftOut) process.stderr.write('--strict: what was not looked at may hold warnings, and fails.\n')
  return counts.errors > 0 || (strict && (counts.warnings > 0 || isLeftOut)) ? 1 : 0
}

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: CONFIG_FOLDER },
    strict: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    against: { type: 'string', multiple: true, default: [] },
    stage: { type: 'string' },
    since: { type: 'string' },
    time: { type: 'string', default: '20s' },
  } as const)
  const { config, strict, all, against, stage, since, time, json } = values
  if (!/^\d+[smhd]$/.test(time)) throw new UsageError(`--time ${time}: a number and s, m or h, as in 2m.`)
  if (positionals.length > 0 && against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name the rules as --config PATH.`)
  }
  const files = [...against, ...positionals]
  if (stage !== undefined && files.length > 0) throw new UsageError('--against or --stage: one history at a time.')
  if (since !== undefined && stage === undefined) throw new UsageError('--since goes with --stage.')
  const isAsked = stage !== undefined || files.length > 0
  const asked = isAsked && { against: files, stage, since: stage === undefined ? undefined : sinceTime(since ?? '30d') }
  return { path: config, strict, all, asked: asked || undefined, time: durationMs(time), json }
}

const NO_PROOF = 'no alert was found that gets there, and no proof that none does'
const tooComplexAre = (rules: number) => `${rules === 1 ? 'has' : 'have'} too many combinations of conditions`

function againstWhat({ alerts, from, refused }: History): string {
  const [first] = refused
  const left = first === undefined ? '' : ` (${count(refused.length, 'event')} refused, such as ${first})`
  return `${count(alerts.length, 'alert')} of ${from}${left}`
}

function notLookedAt(found: Findings | undefined): boolean {
  return found !== undefined && found.tooComplex.length + found.timeWasUp.length > 0
}

/** Rules of which nothing was found, without a proof. */
function undecided(found: Findings | undefined): string[] {
  return (found?.rules ?? [])
    .filter(({ rule, verdict }) => verdict === 'not decided' && !found?.tooComplex.includes(rule))
    .map(({ rule }) => rule)
}

function problem({ code = 'invalid', place, message }: Source['problems'][number]): Told {
  return { code, level: 'error', place, message }
}

/** A mistake in a team's scope is found again in each of its rules. */
function once(told: Told[]): Told[] {
  const seen = new Set<string>()
  return told.filter(({ code, place, message }) => {
    const key = JSON.stringify([code, place, message])
    return !seen.has(key) && seen.add(key)
  })
}

function skipped({ folder, why }: { folder: string; why: string }): Told {
  return {
    code: 'skipped-folder',
    level: FINDINGS['skipped-folder'],
    place: { file: folder, line: 1, col: 1, path: [] },
    message: `${folder} is not read: it ${why}, and only files beside alerts.yml are`,
    mend: 'Move its files beside alerts.yml; if they are no rules, move the folder out of the config',
  }
}

function asJson({ place, ...told }: Told) {
  return { ...told, ...place }
}

function report(
  told: Told[],
  source: Source,
  { path, all, from, found }: { path: string; all: boolean; from: string | undefined; found: Findings | undefined },
): string {
  const width = widthOf(process.stdout)
  const shown = grouped(told.filter(({ level }) => all || level !== 'note'))
  const of = (level: Told['level']) => told.filter((one) => one.level === level).length
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
    ...(config ? [] : ['Fix these errors first: what the rules mean together was not looked at.']),
    ...notSureOf(found).flatMap((text) => wrap(text, width)),
    ...(config && from === undefined
      ? ['Tip: --against samples/ (or --stage prod) finds patterns that match nothing.']
      : []),
    ...(config && from !== undefined ? [`Held against ${from}.`] : []),
  ]
  const findings = shown.map((one) => inWords(one, source.linesOf(one.first.place.file), width))
  return `${[...findings, last.join('\n')].join('\n\n')}\n`
}

/** What nothing was found of, without being sure that there is nothing. */
function notSureOf(found: Findings | undefined): string[] {
  if (!found) return []
  const { tooComplex, timeWasUp } = found
  const names = undecided(found)
  return [
    ...(names.length > 0
      ? [`Not decided: ${names.length === 1 ? 'rule' : 'rules'} ${named(names)}: ${NO_PROOF}.`]
      : []),
    ...(tooComplex.length > 0 ? [`Not looked at: ${named(tooComplex)} ${tooComplexAre(tooComplex.length)}.`] : []),
    ...timeWasUp.map((text) => `Not looked at: ${text}.`),
    ...(timeWasUp.length > 0 ? ['Tip: --time 2m looks for longer.'] : []),
  ]
}
