import { type Config, type Rule, SEVERITIES, severityField } from '../../schemas/config.ts'
import { EXTRAS } from '../decide/extras.ts'
import type { Problem } from './problem.ts'
import { settersOf } from './value-scope.ts'
import { fieldProblems, whenProblems } from './when-problems.ts'

type Path = Problem['path']

/** Problems in rules, and in the definition of non-production. */
export function ruleProblems(config: Config): Problem[] {
  const { rules, sets, nonProduction } = config
  const positions = Map.groupBy(rules.keys(), (index) => rules[index]?.name)
  const setters = settersOf(config)
  const problems = rules.flatMap((rule, index) => {
    const path = ['rules', index]
    const inRule = { config, setters, before: index }
    const inGroup = { config, setters, before: Number.POSITIVE_INFINITY }
    return [
      ...nameProblems(rule.name, index, positions.get(rule.name)?.[0] ?? index),
      ...whenProblems(rule.when, [...path, 'when'], sets, inRule),
      ...severityProblems(rule, path),
      ...notifyProblems(rule, path),
      ...(rule.groupBy ?? []).flatMap((field, at) =>
        fieldProblems(field, [...path, 'groupBy', at], { scope: inGroup }),
      ),
    ]
  })
  if (nonProduction) problems.push(...whenProblems(nonProduction.when, ['nonProduction', 'when'], sets))
  return problems
}

function nameProblems(name: string, index: number, first: number): Problem[] {
  const path = ['rules', index, 'name']
  if (name === 'default') {
    return [{ path, message: '"default" is reserved for alerts that no rule matches. Use another name' }]
  }
  if (first === index) return []
  const message = `"${name}" is also the name of an earlier rule. Use unique names: explanations of alerts refer to them`
  return [{ path, message }]
}

function notifyProblems({ notify, channels }: Rule, path: Path): Problem[] {
  if (!notify || !channels) return []
  const message = 'the rule notifies nobody ("notify"), so it can\'t name channels. Remove one of the two'
  return [{ path: [...path, 'channels'], message }]
}

function severityProblems(rule: Rule, path: Path): Problem[] {
  const { severity, otherwise, channels, notify } = rule
  const field = severity === undefined ? undefined : severityField(severity)
  const problem = (key: string, message: string): Problem[] => [{ path: [...path, key], message }]
  if (field !== undefined) {
    // What it names is checked with the rule's other texts.
    if (otherwise !== undefined) return []
    return problem(
      'otherwise',
      `"otherwise" is missing: the severity for alerts whose "${severity}" is not one. Allowed: ${SEVERITIES.join(', ')}.`,
    )
  }
  if (otherwise !== undefined) {
    return problem('otherwise', 'applies only to a severity read from the alert, as in "{tags.severity}". Remove it')
  }
  if (severity !== undefined) return []
  if (!rule.continue) {
    return problem(
      'severity',
      `"severity" is missing. Allowed: ${SEVERITIES.join(', ')}. Only a rule with continue: true may omit it`,
    )
  }
  if (channels || notify || rule.set || EXTRAS.some((extra) => rule[extra] !== undefined)) return []
  return problem(
    'continue',
    `the rule continues and sets nothing: give it a severity, channels, notify, set, or ${EXTRAS.join(', ')}`,
  )
}
