import type { Expression } from '@aws-sdk/client-cost-explorer'
import type { CostLine } from './data.ts'
import { Refusal } from './refusal.ts'

/**
 * Whether a filter lets a line through; a value that nothing has lets nothing through, and is no error (Billing and Cost
 * Management API Reference, Expression). @throws {Refusal} for an expression with no key, or several.
 */
export function matchesCost(filter: Expression | undefined, line: CostLine): boolean {
  if (!filter) return true
  const { Or, And, Not, Dimensions, Tags } = filter
  if (Object.values(filter).filter((part) => part !== undefined).length !== 1) {
    throw new Refusal('ValidationException', 'Expression should have exactly one of Or, And, Not, Dimensions, Tags')
  }
  if (Or) return Or.some((part) => matchesCost(part, line))
  if (And) return And.every((part) => matchesCost(part, line))
  if (Not) return !matchesCost(Not, line)
  if (Tags) return Tags.Values?.includes(line.tags[Tags.Key ?? ''] ?? '') ?? false
  return Dimensions?.Values?.includes(dimensionOf(Dimensions.Key, line)) ?? false
}

function dimensionOf(key: string | undefined, line: CostLine): string {
  switch (key) {
    case 'SERVICE':
      return line.service
    case 'USAGE_TYPE':
      return line.usageType
    case 'REGION':
      return line.region
    case 'RECORD_TYPE':
      return 'Usage'
    default:
      throw new Refusal('ValidationException', `Dimension ${key} is not one that the stand-in has`)
  }
}
