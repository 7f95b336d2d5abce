import type { Config } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { type Conjunction, conjunctionsOf, isContradictory, withLiterals } from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import type { AnalysedConfig } from './analysed.ts'
import { type Finding, named } from './finding.ts'
import { decisionOn } from './reach.ts'
import type { HasTime } from './time.ts'

/** The most alerts tried per way in which a rule and `nonProduction` both match. */
const MAX_EXAMPLES = 5

/** Channels of non-production alerts whose fallback pages. Non-production never pages, so those alerts have no fallback. */
export function pagingFallbacks(analysed: AnalysedConfig, hasTime: HasTime): Finding[] {
  const left = fallbacksThatPage(analysed.config)
  const findings: Finding[] = []
  if (left.size === 0) return findings
  for (const example of nonProduction(analysed)) {
    for (const name of decisionOn(example, analysed.timeless).channels) {
      const fallback = left.get(name)
      if (fallback !== undefined) findings.push(finding(name, fallback, example, analysed.config))
      left.delete(name)
    }
    if (left.size === 0 || !hasTime()) break
  }
  return findings
}

/** Channels that don't page themselves, each with its fallback that does. */
function fallbacksThatPage({ channels }: Config): Map<string, string> {
  const found = Object.entries(channels).flatMap(([name, channel]): [string, string][] => {
    const { fallback } = channel
    return fallback !== undefined && pages(channels[fallback]) && !pages(channel) ? [[name, fallback]] : []
  })
  return new Map(found)
}

/** Example alerts that are non-production: some of that alone, and some that a rule matches too. */
function* nonProduction({ config, rules, compiled }: AnalysedConfig): Generator<Example> {
  const what = config.nonProduction && conjunctionsOf(config.nonProduction.when, config.sets)
  const everything: Pick<Conjunction, 'literals'>[] = [{ literals: [] }]
  for (const conjunctions of [everything, ...rules.map((rule) => rule.conjunctions ?? [])]) {
    for (const { literals } of conjunctions) {
      for (const both of (what ?? []).map((one) => withLiterals(one, literals))) {
        if (isContradictory(both)) continue
        yield* examplesOf(both)
          .take(MAX_EXAMPLES)
          .filter(({ subject }) => compiled.isNonProduction(subject))
      }
    }
  }
}

function finding(name: string, fallback: string, { fields }: Example, { channels }: Config): Finding {
  const others = Object.keys(channels).filter(
    (one) => !pages(channels[one]) && channels[one]?.type !== channels[name]?.type,
  )
  return {
    code: 'non-production-fallback',
    path: ['channels', name, 'fallback'],
    message: `non-production never pages: if "${name}" fails, its fallback "${fallback}" is skipped and nobody is notified`,
    fix: `Name a channel of another type that does not page: ${named(others) || '(none defined)'}`,
    also: [['nonProduction', 'when']],
    example: fields,
  }
}
