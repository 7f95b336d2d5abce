import { FINDINGS, type Finding } from '../../shared/check/finding.ts'
import { findingsOf } from '../../shared/check/findings.ts'
import { UsageError } from '../command.ts'
import { sinceTime } from '../since.ts'
import { RULES_FILE, readOptions } from './arguments.ts'
import { count, inWords, type Told } from './check/print.ts'
import { readSource, type Source } from './check/source.ts'
import { readHistory } from './plan/history.ts'
import { widthOf, wrap } from './wrap.ts'

export const wrongUsage = 2

export const help = `Finds what is wrong with the rules, and what they hardly mean.

  npm run rules -- check [--config FILE] [--strict] [--all] [--against FILE… | --stage prod [--since 30d]] [--json]

  --config FILE     the rules; ${RULES_FILE}
  --strict          fail on warnings too
  --all             notes too: overlaps in which the more severe rule comes first
  --against FILE    hold patterns against recorded events, a file or a folder: which have matched nothing?
  --stage STAGE     against what the router of that stage received, from its archive in S3
  --since WHEN      with --stage: events since then; 30d
  --json            {"file", "errors", "warnings", "notes", "findings": [{"code", "level", "line", "col", "path", "rule",
                    "message", "mend", "also", "example"}], "rules": [{"rule", "verdict", "example"}], "notDecided"}

What it finds, beside what can't be read:

  errors     contradictory-rule   shadowed-rule (earlier rules match all that it does)   never-holds (active within mute)
  warnings   dead-branch   redundant-branch   overlapping-rules (different severities)   never-as-severe
             non-production-pages   critical-wakes-nobody   unused-channel   fallback-cycle   fallback-same-vendor
             patience-too-short   unused-window   window-over   not-in-history

A warning that is meant is silenced by a comment on its line, or above the rule:   # check: overlapping-rules is meant

A rule is called dead only where that is certain; "verdict" is reachable (with an alert that reaches it), dead, or not
decided: two regular expressions are not compared, say.

Exit code: 0 no errors, 1 errors (with --strict: or warnings), 2 wrong usage.
`

export async function run(args: string[]): Promise<number> {
  const { file, strict, all, asked, json } = readArguments(args)
  const source = readSource(file)
  const history = asked && (await readHistory(asked))
  const found =
    source.config && findingsOf(source.config, { now: new Date(), alerts: history?.alerts, isMeant: source.isMeant })
  const told = [...source.problems.map(problem), ...(found?.findings ?? []).map(finding)].sort(
    (a, b) => source.at(a.path).line - source.at(b.path).line,
  )
  const of = (level: Told['level']) => told.filter((one) => one.level === level).length
  const counts = { errors: of('error'), warnings: of('warning'), notes: of('note') }
  const notDecided = [
    ...(found?.rules ?? [])
      .filter(({ verdict }) => verdict === 'not decided')
      .map(({ rule }) => `rule "${rule}": no alert that reaches it was found, and none that there is none`),
    ...(found?.notDecided ?? []),
    ...(history ? [] : ['recorded history: none was named (--against, --stage)']),
  ]
  process.stdout.write(
    json
      ? `${JSON.stringify({ file, ...counts, findings: told.map((one) => asJson(one, source)), rules: found?.rules ?? [], notDecided })}\n`
      : report(told, source, { all, from: history && `${count(history.alerts.length, 'alert')} of ${history.from}` }),
  )
  return counts.errors > 0 || (strict && counts.warnings > 0) ? 1 : 0
}

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: RULES_FILE },
    strict: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    against: { type: 'string', multiple: true, default: [] },
    stage: { type: 'string' },
    since: { type: 'string' },
  } as const)
  const { config, strict, all, against, stage, since, json } = values
  if (positionals.length > 0 && against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name the rules as --config FILE.`)
  }
  const files = [...against, ...positionals]
  if (stage !== undefined && files.length > 0) throw new UsageError('--against or --stage: one history at a time.')
  if (since !== undefined && stage === undefined) throw new UsageError('--since goes with --stage.')
  const isAsked = stage !== undefined || files.length > 0
  const asked = isAsked && { against: files, stage, since: stage === undefined ? undefined : sinceTime(since ?? '30d') }
  return { file: config, strict, all, asked: asked || undefined, json }
}

function problem({ code = 'invalid', path, message }: Source['problems'][number]): Told {
  return { code, level: 'error', path, message }
}

function finding(found: Finding): Told {
  return { ...found, level: found.level ?? FINDINGS[found.code] }
}

function asJson({ path, also = [], ...told }: Told, source: Source) {
  return {
    ...told,
    ...source.at(path),
    path,
    rule: source.ruleAt(path),
    also: also.map((other) => ({ ...source.at(other), path: other, rule: source.ruleAt(other) })),
  }
}

function report(told: Told[], source: Source, { all, from }: { all: boolean; from: string | undefined }): string {
  const width = widthOf(process.stdout)
  const shown = told.filter(({ level }) => all || level !== 'note')
  const of = (level: Told['level']) => told.filter((one) => one.level === level).length
  const sums = [
    count(of('error'), 'error'),
    count(of('warning'), 'warning'),
    ...(of('note') > 0 ? [count(of('note'), 'note') + (all ? '' : ' (--all)')] : []),
  ]
  const { config } = source
  const what = config
    ? ` in ${count(config.rules.length, 'rule')} and ${count(Object.keys(config.channels).length, 'channel')}`
    : ''
  const last = [
    ...wrap(`${source.file}: ${sums.join(', ')}${what}.`, width),
    ...(config ? [] : ['The rules are looked at once this is mended.']),
    ...(config && from === undefined ? ['Not held against recorded events: --against FILE does.'] : []),
    ...(config && from !== undefined ? [`Held against ${from}.`] : []),
  ]
  return `${[...shown.map((one) => inWords(one, source, width)), last.join('\n')].join('\n\n')}\n`
}
