import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { type AnalysedRule, analyse } from './analysed.ts'
import { channelFindings } from './channels.ts'
import { deadRules, type Verdict } from './dead-rules.ts'
import { FINDINGS, type Finding, type IsSuppressed, type Path } from './finding.ts'
import { historyFindings } from './history.ts'
import { nonProductionFindings } from './non-production.ts'
import { overlappingRules } from './overlaps.ts'
import { pathsLikeRegexes } from './path-like.ts'
import { type HasTime, unlimited } from './time.ts'
import { unlikelyPatterns } from './unlikely.ts'
import { windowFindings } from './windows.ts'

/** What is to be said of a config that can be read. */
export interface Findings {
  /** In the order of the config's parts. */
  findings: Finding[]
  /** One for each rule. */
  rules: Verdict[]
  /** Rules with more combinations of conditions than can be looked at. */
  tooComplex: string[]
  /** What was not looked at because time was up, a sentence each. */
  timeWasUp: string[]
}

/**
 * What of it can never be meant, and must not go live: rules that can never match, times that never come, critical alerts
 * that nobody is told. Pure, but for the time that it may take.
 */
export function errorsIn(
  config: Config,
  { now, hasTime }: { now: Date; hasTime: HasTime },
): { errors: Finding[]; timeWasUp: string[] } {
  const { findings, verdicts } = deadRules(analyse(config), hasTime)
  return {
    errors: [...windowFindings(config, now), ...findings].filter(({ code }) => FINDINGS[code] === 'error'),
    timeWasUp: timeWasUp(
      REACHED,
      verdicts.filter(isLeft).map(({ rule }) => rule),
    ),
  }
}

const REACHED = 'whether an alert reaches each rule'

function isLeft({ verdict }: Verdict): boolean {
  return verdict === 'not looked at'
}

function timeWasUp(what: string, left: (string | AnalysedRule)[]): string[] {
  const [first] = left
  if (first === undefined) return []
  const name = typeof first === 'string' ? first : first.rule.name
  const rules = left.length === 1 ? '1 rule' : `${left.length.toLocaleString('en')} rules`
  return [`${what}: time was up at rule "${name}", with ${rules} left`]
}

/**
 * Looks for what a config says and hardly means: rules that can never match, channels that nobody is told by, and so
 * on. `alerts` are recorded ones, where there are some. What it claims is certain; it does not find all. Pure, but for
 * the time that it may take.
 */
export function findingsOf(
  config: Config,
  {
    now,
    alerts,
    isSuppressed = () => false,
    placeOf = () => ({ file: '' }),
    startTime = () => unlimited,
  }: {
    now: Date
    alerts?: Alert[] | undefined
    isSuppressed?: IsSuppressed
    /** In which of several files. */
    placeOf?: (path: Path) => { file: string }
    /** Begins the time that each of several looks may take. */
    startTime?: () => HasTime
  },
): Findings {
  const analysed = analyse(config)
  const { findings: dead, verdicts } = deadRules(analysed, startTime())
  const deadNames = new Set(verdicts.filter(({ verdict }) => verdict === 'dead').map(({ rule }) => rule))
  const overlaps = overlappingRules(analysed, {
    dead: deadNames,
    isSuppressed,
    fileOf: ({ index }) => placeOf(['rules', index]).file,
    hasTime: startTime(),
  })
  const nonProduction = nonProductionFindings(analysed, startTime())
  const history = historyFindings(analysed, alerts ?? [], startTime())
  const findings = [
    ...channelFindings(config),
    ...windowFindings(config, now),
    ...pathsLikeRegexes(config),
    ...unlikelyPatterns(config),
    ...nonProduction.found,
    ...dead,
    ...overlaps.found,
    ...history.found,
  ]
  const complex = analysed.rules.filter(({ conjunctions }) => !conjunctions).map(({ rule }) => rule.name)
  return {
    // What can never be true is never meant.
    findings: findings.filter(({ code, path }) => FINDINGS[code] === 'error' || !isSuppressed(path, code)),
    rules: verdicts,
    tooComplex: complex,
    timeWasUp: [
      ...timeWasUp(
        REACHED,
        verdicts.filter(isLeft).map(({ rule }) => rule),
      ),
      ...timeWasUp('which rules overlap', overlaps.left),
      ...timeWasUp('which rules are for what is not production', nonProduction.left),
      ...timeWasUp('which rules match recorded events', history.left),
    ],
  }
}
