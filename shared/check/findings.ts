import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { type AnalysedRule, analyse } from './analysed.ts'
import { channelFindings } from './channels.ts'
import { deadRules, type Verdict } from './dead-rules.ts'
import { FINDINGS, type Finding, type IsSuppressed, named, type Path } from './finding.ts'
import { inhibitionFindings } from './inhibitions.ts'
import { neverRecorded } from './never-recorded.ts'
import { pagesForNobody } from './nobody.ts'
import { nonProductionFindings } from './non-production.ts'
import { MAX_RULES, overlappingRules } from './overlaps.ts'
import { pathsLikeRegexes } from './path-like.ts'
import { type HasTime, unlimited } from './time.ts'
import { unlikelyPatterns } from './unlikely.ts'
import { missingChannels, unusedValues, valuesNeverSet } from './values.ts'
import { whileFiringFindings } from './while-firing.ts'
import { windowFindings } from './windows.ts'

/** The result of checking a valid config. */
export interface Findings {
  /** In the order of the config's parts. */
  findings: Finding[]
  /** One for each rule. */
  rules: Verdict[]
  /** Rules with too many combinations of conditions to analyse. */
  tooComplex: string[]
  /** What was not checked because time was up, one sentence each. */
  timeWasUp: string[]
  /** What was not checked because so much was found before, one sentence each. */
  enough: string[]
}

/**
 * Findings that are always mistakes and must not be deployed: rules that can never match, windows that never open, critical
 * alerts that are never sent. Pure, except for the time limit.
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
const OVERLAP = 'which rules overlap'

function isLeft({ verdict }: Verdict): boolean {
  return verdict === 'not analysed'
}

function timeWasUp(what: string, left: (string | AnalysedRule)[]): string[] {
  const [first] = left
  if (first === undefined) return []
  const name = typeof first === 'string' ? first : first.rule.name
  return [`${what}: time was up at rule "${name}", with ${rulesLeft(left)} left`]
}

const rulesLeft = ({ length }: unknown[]) => (length === 1 ? '1 rule' : `${length.toLocaleString('en')} rules`)

function enough(what: string, left: AnalysedRule[]): string[] {
  const [first] = left
  return first ? [`${what} after ${MAX_RULES} that do: from rule "${first.rule.name}" on, ${rulesLeft(left)}`] : []
}

function inhibitionsLeft(left: string[]): string[] {
  return left.length > 0 ? [`which inhibitions mute each other: time was up at ${named(left)}`] : []
}

/**
 * Finds likely mistakes in a valid config: rules that can never match, unused channels, and so on. `alerts` are recorded ones,
 * if there are any. Every finding is certain, but not every mistake is found. Pure, except for the time limit.
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
    /** The file that contains a path, when there are several. */
    placeOf?: (path: Path) => { file: string }
    /** Starts the time limit of each check. */
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
  const missing = missingChannels(analysed, startTime())
  const neverSet = valuesNeverSet(analysed, startTime())
  const forNobody = pagesForNobody(analysed, startTime())
  const inhibitions = inhibitionFindings(analysed, startTime())
  const unrecorded = neverRecorded(analysed, alerts ?? [], startTime())
  const findings = [
    ...channelFindings(config),
    ...missing.found,
    ...neverSet.found,
    ...unusedValues(config),
    ...windowFindings(config, now),
    ...whileFiringFindings(config),
    ...inhibitions.found,
    ...pathsLikeRegexes(config),
    ...unlikelyPatterns(config),
    ...nonProduction.found,
    ...dead,
    ...overlaps.found,
    ...forNobody.found,
    ...unrecorded.found,
  ]
  return {
    // Errors cannot be suppressed: a rule that can never match is never intended.
    findings: findings.filter(({ code, path }) => FINDINGS[code] === 'error' || !isSuppressed(path, code)),
    rules: verdicts,
    tooComplex: analysed.rules.filter(({ conjunctions }) => !conjunctions).map(({ rule }) => rule.name),
    timeWasUp: [
      ...timeWasUp(
        REACHED,
        verdicts.filter(isLeft).map(({ rule }) => rule),
      ),
      ...(overlaps.isEnough ? [] : timeWasUp(OVERLAP, overlaps.left)),
      ...timeWasUp('which channels the values of alerts name', missing.left),
      ...timeWasUp('which values rules set', neverSet.left),
      ...timeWasUp('which rules notify nobody of what would page', forNobody.left),
      ...timeWasUp('which rules are for non-production', nonProduction.left),
      ...inhibitionsLeft(inhibitions.left),
      ...timeWasUp('which rules match recorded events', unrecorded.left),
    ],
    enough: overlaps.isEnough ? enough(OVERLAP, overlaps.left) : [],
  }
}
