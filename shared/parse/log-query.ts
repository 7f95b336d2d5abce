import { asList, asObject, asText } from '../../schemas/loose.ts'
import { parseArn } from './arn.ts'

/** The query of a log alarm, and where it runs. */
export interface LogQuery {
  query?: string
  groups: string[]
}

const DEPTH = 4
const MAX_GROUPS = 50

/**
 * Finds a log alarm's query in its configuration or reason data. Its exact place differs between messages, but the
 * field names are CloudWatch's: QueryString, AggregationExpression, LogGroupIdentifiers.
 */
export function logQueryIn(sources: unknown[]): LogQuery | undefined {
  const found: LogQuery = { groups: [] }
  for (const source of sources) search(source, found, 0)
  return found.query !== undefined || found.groups.length > 0 ? found : undefined
}

function search(given: unknown, found: LogQuery, depth: number): void {
  const object = asObject(given)
  if (!object || depth >= DEPTH) return
  for (const key in object) {
    const value = object[key]
    if (/^queryString$/i.test(key)) found.query ??= asText(value)
    else if (/^logGroup(?:Identifier|Name|Arn)?s?$/i.test(key)) {
      found.groups.push(
        ...(Array.isArray(value) ? asList(value).slice(0, MAX_GROUPS) : [value])
          .map(asText)
          .filter(Boolean)
          .map(groupName),
      )
    } else search(value, found, depth + 1)
  }
}

/** A log group's name, also from its ARN. */
function groupName(text: string | undefined): string {
  return (
    parseArn(text)
      ?.resource.replace(/^log-group:/, '')
      .replace(/:\*$/, '') ??
    text ??
    ''
  )
}
