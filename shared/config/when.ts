import { type Condition, type Config, fieldsOf, type Pattern, type When, whenSchema } from '../../schemas/config.ts'
import { expanded, isNot, patternTexts, setName } from '../decide/pattern.ts'
import { ConfigError } from './problem.ts'
import { readYaml } from './read.ts'
import { shapeProblems } from './shape-problems.ts'
import { whenProblems } from './when-problems.ts'

/**
 * Reads a condition from a command line, in the form of a `when`: `tags.team: orders`. Sets are replaced by what they hold.
 * @param name of the text, for messages.
 * @throws {ConfigError} with the place in the text, what was found, and what is allowed.
 */
export function readWhen(text: string, name: string, sets: Config['sets']): When {
  const check = (data: unknown): When => {
    if (typeof data !== 'object' || data === null) throw new ConfigError([{ path: [], message: NO_CONDITION }])
    const read = whenSchema.safeParse(data, { jitless: true })
    if (!read.success) throw new ConfigError(shapeProblems(read.error.issues, { schema: whenSchema, data }))
    const problems = whenProblems(read.data, [], sets)
    if (problems.length > 0) throw new ConfigError(problems)
    return withoutSets(read.data, sets)
  }
  return readYaml(text, name, check, () => true)
}

const NO_CONDITION =
  'a condition is a field and what it must be, as in "tags.team: orders"; several are written as "{ name: orders-*, account: 123456789012 }"'

/** Does a text name a set of the rules? */
export function namesSet(text: string): boolean {
  return /\$[A-Za-z]/.test(text)
}

function withoutSets(when: When, sets: Config['sets']): When {
  return Array.isArray(when) ? when.map((one) => ofCondition(one, sets)) : ofCondition(when, sets)
}

function ofCondition(condition: Condition, sets: Config['sets']): Condition {
  const { all, any, not } = condition
  return {
    ...Object.fromEntries(fieldsOf(condition).map(([field, pattern]) => [field, ofPattern(pattern, sets)])),
    ...(all && { all: all.map((one) => ofCondition(one, sets)) }),
    ...(any && { any: any.map((one) => ofCondition(one, sets)) }),
    ...(not && { not: withoutSets(not, sets) }),
  }
}

function ofPattern(pattern: Pattern, sets: Config['sets']): Pattern {
  const texts = patternTexts(pattern)
  if (texts.every((text) => setName(text) === undefined)) return pattern
  return isNot(pattern) ? { not: expanded(texts, sets) } : expanded(texts, sets)
}
