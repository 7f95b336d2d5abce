import type { Alert } from '../../schemas/alert.ts'
import { type Config, PLAIN_FIELDS, VALUE_FIELD } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { compileRegex, readRegex } from './regex.ts'

/*
 * Texts of rules with values of the alert in them: `slack-{team}`. A slot names a field of the alert, or a value that a
 * rule has set; it may take a part of it, and look that up: `{tags.team}`, `{name:/^([a-z]+)-/}`, `{account | teams}`.
 * Pure, and linear in the length of the alert's text.
 */

/** A value that a rule has set. */
export interface Value {
  value: string
  /** The rule's name. */
  rule: string
  /** Where it comes from: `account, by table teams`. Empty for a text without slots. */
  from: string
}

/** By name. */
export type Values = ReadonlyMap<string, Value>
export const NO_VALUES: Values = new Map()

export interface Slot {
  /** `{name:/^([a-z]+)-/ | teams}` */
  written: string
  /** A field of the alert, or the name of a value. */
  field: string
  /** `/^([a-z]+)-/`: its first group is the value. */
  regex?: string
  table?: string
}

/** A text's parts, in order. */
export type Filling = (string | Slot)[]

/** A field (without `{`, `}` and `|`), then a regular expression in slashes, then a table. */
const SLOT = /\{\s*([^{}|\s](?:[^{}|]*?[^{}|\s])??)\s*(?::(\/(?:[^/\\]|\\.)+\/[a-z]*)\s*)?(?:\|\s*([\w-]+)\s*)?\}/gs

const known = new Map<string, Filling>()

/** What is not written as a slot is text, braces too. */
export function readFilling(text: string): Filling {
  const before = known.get(text)
  if (before) return before
  const read = parts(text)
  // Rules come and go: the cache must not grow without bound.
  if (known.size > 5_000) known.clear()
  known.set(text, read)
  return read
}

function parts(text: string): Filling {
  const found: Filling = []
  let end = 0
  for (const { 0: written, 1: field = '', 2: regex, 3: table, index } of text.matchAll(SLOT)) {
    if (index > end) found.push(text.slice(end, index))
    found.push({ written, field: nameIn(field), ...(regex && { regex }), ...(table && { table }) })
    end = index + written.length
  }
  if (end < text.length) found.push(text.slice(end))
  return found
}

/** A value may be named as in a `when`, too. */
function nameIn(field: string): string {
  return field.startsWith(VALUE_FIELD) ? field.slice(VALUE_FIELD.length) : field
}

export function slotsIn(text: string): Slot[] {
  return readFilling(text).filter((part) => typeof part !== 'string')
}

/** The same text for every alert. */
export function isFixed(text: string): boolean {
  return slotsIn(text).length === 0
}

/** As a glob: what it may become. */
export function globOf(text: string): string {
  return readFilling(text)
    .map((part) => (typeof part === 'string' ? part.replace(/[*?]/g, '?') : '*'))
    .join('')
}

/** A longer text is nobody's name. */
export const MAX_VALUE = 200

export type Filled = { value: string; from: string } | { why: string }

/** What a text is for an alert; or why it has no value. */
export function fill(text: string, about: { alert: Alert; values: Values; tables: Config['tables'] }): Filled {
  let value = ''
  const from: string[] = []
  for (const part of readFilling(text)) {
    if (typeof part === 'string') value += part
    else {
      const found = valueOfSlot(part, about)
      if ('why' in found) return found
      value += found.value
      from.push(describeSlot(part))
    }
  }
  if (value.length > MAX_VALUE)
    return { why: `${text.slice(0, 60)} has ${value.length} characters, at most ${MAX_VALUE}` }
  return { value, from: from.join(' and ') }
}

/** `name, by /^([a-z]+)-/, by table teams` */
export function describeSlot({ field, regex, table }: Slot): string {
  return [field, ...(regex ? [`by ${regex}`] : []), ...(table ? [`by table ${table}`] : [])].join(', ')
}

/** No value has the name of a field. */
export function isOfAlert(field: string): boolean {
  return field.includes('.') || PLAIN_FIELDS.some((known) => known === field)
}

function valueOfSlot(slot: Slot, { alert, values, tables }: Parameters<typeof fill>[1]) {
  const { field } = slot
  const all = isOfAlert(field) ? fieldValues(alert, field) : [values.get(field)?.value ?? '']
  return valueIn(
    all.filter((one) => one !== ''),
    slot,
    tables,
  )
}

/** What a slot makes of the values of its field. */
export function valueIn(
  all: string[],
  { field, regex, table }: Pick<Slot, 'field' | 'regex' | 'table'>,
  tables: Config['tables'] = {},
): { value: string } | { why: string } {
  const [first] = all
  if (first === undefined) return { why: `${field} is missing` }
  const part = regex === undefined ? first : all.map((one) => partOf(regex, one)).find((one) => one !== undefined)
  if (part === undefined) return { why: `${field} "${first.slice(0, 40)}" does not match ${regex}` }
  if (part.length > MAX_VALUE) return { why: `${field} has ${part.length} characters, at most ${MAX_VALUE}` }
  if (table === undefined) return { value: part }
  const entries = Object.hasOwn(tables, table) ? (tables[table] ?? {}) : {}
  const entry = Object.hasOwn(entries, part) ? entries[part] : undefined
  return entry === undefined ? { why: `table ${table} has no "${part.slice(0, 40)}"` } : { value: entry }
}

/** The first group of the first match; `undefined` if there is none, or it is empty. */
function partOf(regex: string, text: string): string | undefined {
  const read = readRegex(regex)
  if (!read) return undefined
  const matcher = compileRegex(read).matcher(text)
  return matcher.find() ? matcher.group(1) || undefined : undefined
}
