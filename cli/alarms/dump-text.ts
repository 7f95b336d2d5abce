import { parseAllDocuments } from 'yaml'
import { FileError } from '../../shared/config/problem.ts'
import { concatenated } from '../archive/concatenated.ts'
import { json } from '../replay/events.ts'

/** Reads what the AWS CLI printed into a file, as people have it: with any encoding, as JSON or YAML, and what else it is. */

/** PowerShell writes two bytes for a character; text in UTF-8 has no NUL. */
export function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes)
}

/** In JSON, a key is in quotes. */
const YAML = /^[\s-]*(AlarmName|(Metric|Composite|Log)Alarms):/m

/**
 * The values in a file: one of JSON, several one after the other, or YAML.
 * @throws {FileError} for one that ends in the middle: nobody may take what is left for all.
 */
export function valuesIn(content: string, name: string): unknown[] {
  const whole = json(content)
  if (whole !== undefined) return [whole]
  if (YAML.test(content))
    return parseAllDocuments(content).map((one) => (one.errors.length > 0 ? undefined : one.toJS()))
  if (isCut(content))
    throw new FileError(`${name}: it ends in the middle of a list or an object: write it again, as a whole.`)
  return [...concatenated(content)].map(json)
}

/** More brackets are opened than closed. */
function isCut(content: string): boolean {
  let depth = 0
  for (const [found] of content.matchAll(/[[\]{}]|"(?:[^"\\]|\\.)*"/gs)) {
    if (found === '{' || found === '[') depth++
    else if (found === '}' || found === ']') depth--
  }
  return depth > 0
}

/** The CLI prints other forms that only people can read. */
const FORMS: [RegExp, string][] = [
  [/^\|\s*DescribeAlarms\s*\|/m, 'a table'],
  [/^(METRIC|COMPOSITE|LOG)ALARMS\t/m, 'text'],
]

/** Why there are no alarms in it, and how to write some. */
export function noAlarms(name: string, content: string): FileError {
  const form = FORMS.find(([of]) => of.test(content))?.[1]
  const why = form === undefined ? 'no alarms in it' : `no alarms in it that can be read, as it is ${form}`
  return new FileError(
    `${name}: ${why}. Write them with: aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm LogAlarm --output json > alarms.json`,
  )
}
