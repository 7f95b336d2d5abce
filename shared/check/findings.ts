import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { analyse } from './analysed.ts'
import { channelFindings } from './channels.ts'
import { deadRules, type Verdict } from './dead-rules.ts'
import { FINDINGS, type Finding, type IsMeant, type Path } from './finding.ts'
import { historyFindings } from './history.ts'
import { nonProductionFindings } from './non-production.ts'
import { overlappingRules } from './overlaps.ts'
import { windowFindings } from './windows.ts'

/** What is to be said of a config that can be read. */
export interface Findings {
  /** In the order of the config's parts. */
  findings: Finding[]
  /** One for each rule. */
  rules: Verdict[]
  /** What could not be decided, or was not looked at, a sentence each. */
  notDecided: string[]
}

/** What of it can never be meant, and must not go live: rules that can never match, times that never come. Pure. */
export function errorsIn(config: Config, now: Date): Finding[] {
  return [...windowFindings(config, now), ...deadRules(analyse(config)).findings].filter(
    ({ code }) => FINDINGS[code] === 'error',
  )
}

/**
 * Looks for what a config says and hardly means: rules that can never match, channels that nobody is told by, and so
 * on. `alerts` are recorded ones, where there are some. What it claims is certain; it does not find all. Pure.
 */
export function findingsOf(
  config: Config,
  {
    now,
    alerts,
    isMeant = () => false,
    placeOf = () => ({ file: '' }),
  }: {
    now: Date
    alerts?: Alert[] | undefined
    isMeant?: IsMeant
    /** In which of several files. */
    placeOf?: (path: Path) => { file: string }
  },
): Findings {
  const analysed = analyse(config)
  const { findings: dead, verdicts } = deadRules(analysed)
  const deadNames = new Set(verdicts.filter(({ verdict }) => verdict === 'dead').map(({ rule }) => rule))
  const overlaps = overlappingRules(analysed, {
    dead: deadNames,
    isMeant,
    fileOf: ({ index }) => placeOf(['rules', index]).file,
  })
  const findings = [
    ...channelFindings(config),
    ...windowFindings(config, now),
    ...nonProductionFindings(analysed),
    ...dead,
    ...overlaps.findings,
    ...(alerts ? historyFindings(analysed, alerts) : []),
  ]
  const complex = analysed.rules.filter(({ conjunctions }) => !conjunctions).map(({ rule }) => rule.name)
  return {
    // What can never be true is never meant.
    findings: findings.filter(({ code, path }) => FINDINGS[code] === 'error' || !isMeant(path, code)),
    rules: verdicts,
    notDecided: [
      ...complex.map((name) => `rule "${name}" has too many combinations of conditions to be looked at`),
      ...(overlaps.isComplete ? [] : ['too many rules to compare each with each: not all overlaps are told']),
    ],
  }
}
