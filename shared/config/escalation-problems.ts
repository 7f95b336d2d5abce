import type { Config } from '../../schemas/config.ts'
import { durationMs } from '../decide/duration.ts'
import type { Problem } from './problem.ts'

/** Each step of an escalation comes after the one before. */
export function escalationProblems(config: Config): Problem[] {
  return plansIn(config).flatMap(({ path, plan: { escalate } }) => {
    if (!Array.isArray(escalate)) return []
    return escalate.flatMap(({ after }, index): Problem[] => {
      const before = escalate[index - 1]?.after
      if (before === undefined || durationMs(after) > durationMs(before)) return []
      const message = `found ${after}, and the step before is after ${before}: each step comes later than the one before. All count from when the alert was first sent`
      return [{ path: [...path, 'escalate', index, 'after'], message }]
    })
  })
}

/** Wherever it may be said what happens while an alert fires. */
export function plansIn(config: Config): { path: Problem['path']; plan: Pick<Config, 'escalate' | 'count'> }[] {
  return [
    { path: [], plan: config },
    ...Object.entries(config.severities).map(([name, plan]) => ({ path: ['severities', name], plan })),
    ...config.rules.map((plan, index) => ({ path: ['rules', index], plan })),
  ]
}
