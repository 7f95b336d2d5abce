import type { Condition, Config, Rule, When } from '../../schemas/config.ts'
import { fieldsOf } from '../../schemas/config.ts'
import { slotsIn } from '../decide/fill.ts'
import { fillable } from '../decide/values.ts'

/** What an alarm has only when it fires. */
const ONLY_THEN = /^(reason|children|threshold\.observed|firingFor)$/

/** The rules that ask for it: for these, nobody can know before. By name, in order. */
export function rulesThatWait({ rules }: Config): string[] {
  return rules.filter((rule) => asksFor(rule.when) || takes(rule)).map(({ name }) => name)
}

/** Does it take a value from it? */
function takes(rule: Rule): boolean {
  return fillable(rule).some((text) => slotsIn(text).some(({ field }) => ONLY_THEN.test(field)))
}

function asksFor(when: When): boolean {
  return Array.isArray(when) ? when.some(asksOne) : asksOne(when)
}

function asksOne(condition: Condition): boolean {
  const { all = [], any = [], not } = condition
  return (
    fieldsOf(condition).some(([field]) => ONLY_THEN.test(field)) ||
    [...all, ...any].some(asksOne) ||
    (not !== undefined && asksFor(not))
  )
}
