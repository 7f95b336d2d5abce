import type { Condition, Config, When } from '../../schemas/config.ts'
import { fieldsOf } from '../../schemas/config.ts'

/** What an alarm has only when it fires. */
const ONLY_THEN = /^(reason|children|threshold\.observed|firingFor)$/

/** The rules that ask for it: for these, nobody can know before. By name, in order. */
export function rulesThatWait({ rules }: Config): string[] {
  return rules.filter(({ when }) => asksFor(when)).map(({ name }) => name)
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
