import { asList, asObject, asText } from '../../schemas/loose.ts'
import { withoutUrlSecrets } from './known-secrets.ts'
import { HIDDEN, isPath, looksSecret, SECRET_KEY, saysNothing } from './secret-value.ts'

/** Nested JSON as lines that a person reads: `approval.stageName: Production`. */

export type Fact = [label: string, value: string]

const DEPTH = 6
const LIST_ITEMS = 20
const MAX_LABEL = 200

/** Keys without spaces: `Access Key` in a table is the key's id. */
const SECRET = new RegExp(
  `(?:${SECRET_KEY.replaceAll('[ _-]', '[_-]')}|cookie|session[_-]?id)s?$|user_?data$|(?:^|\\.)(?:un)?subscribe_?url$`,
  'i',
)
/** Under keys that mention a secret, a value is one if it looks like one: `passwordOld`, but not `token_bucket`. */
const OF_SECRET = /token|passw|passphrase|secret|signature|credential|cookie/i
const VARIABLE = /^[A-Z0-9_]+_KEY$/
/** A value that names or counts secrets does not reveal one. */
const NO_SECRET = /(?:name|arn|count|version|type|status)s?$/i

export function isSecret(label: string): boolean {
  return SECRET.test(label)
}

function hasSecret(label: string, value: unknown): boolean {
  if (isSecret(label)) return ![value].flat().every((item) => isHarmless(label, item))
  const key = label.slice(label.lastIndexOf('.') + 1)
  return (
    typeof value === 'string' &&
    (OF_SECRET.test(key) || VARIABLE.test(key)) &&
    !NO_SECRET.test(key) &&
    looksSecret(value)
  )
}

/**
 * The scalars in a value, in order, at most `most`. Empty ones are left out; texts that hold JSON are opened;
 * secrets are hidden, wherever in the value they are repeated.
 */
export function factsOf(value: unknown, most = 200): Fact[] {
  const facts: Fact[] = []
  const secrets: string[] = []
  collect(value, '', 0)
  return facts.map(([label, text]): Fact => [label, withoutThese(text, secrets)])

  function collect(value: unknown, label: string, depth: number): void {
    if (facts.length >= most) return
    const opened = typeof value === 'string' && depth < DEPTH ? (jsonIn(value) ?? value) : value
    const object = asObject(opened)
    if (label !== '' && hasSecret(label, value)) {
      if (value === null) return
      if (typeof value === 'string' && value.length >= 6) secrets.push(value)
      facts.push([label, HIDDEN])
    } else if (object) {
      if (depth >= DEPTH) return void (label && facts.push([label, '(nested deeper)']))
      for (const [key, part] of Object.entries(object)) collect(part, join(label, key), depth + 1)
    } else if (Array.isArray(opened)) {
      collectList(opened, label, depth)
    } else {
      const text = asText(opened)
      if (text !== undefined) facts.push([label || 'value', text])
    }
  }

  function collectList(list: unknown[], label: string, depth: number): void {
    const items = list.slice(0, LIST_ITEMS)
    const rest = list.length - items.length
    if (items.every((item) => typeof item !== 'object' || item === null)) {
      const texts = items.map(asText).filter((text) => text !== undefined)
      if (texts.length > 0) facts.push([label || 'values', texts.join(', ') + (rest > 0 ? `, … (${rest} more)` : '')])
      return
    }
    if (depth >= DEPTH) return void facts.push([label || 'values', '(nested deeper)'])
    // Lists of names and values, as tags are.
    const pairs = namedValues(items)
    if (pairs) {
      for (const [name, text] of pairs) collect(text, join(label, name), depth + 1)
    } else {
      items.forEach((item, index) => {
        collect(item, items.length === 1 ? label : `${label}[${index}]`, depth + 1)
      })
    }
    if (rest > 0 && facts.length < most) facts.push([label || 'values', `… (${rest} more)`])
  }
}

/** A secret's state or name (`expired`, `prod/db/password`), or a count (of `tokens`, or of tests that `pass`). */
function isHarmless(label: string, value: unknown): boolean {
  if (typeof value === 'number') return /[^s]s$|(?:^|\.)pass$/i.test(label) || saysNothing(String(value))
  return typeof value === 'boolean' || (typeof value === 'string' && (saysNothing(value) || isPath(value)))
}

/** One line per fact. */
export function asLines(facts: Fact[]): string {
  return facts.map(([label, value]) => `${label}: ${value}`).join('\n')
}

/** Tags or dimensions as a map of texts, whatever their form: `{k: v}`, `[{name, value}]`, `[{Key, Value}]`. */
export function labels(value: unknown): Record<string, string> {
  const pairs = Array.isArray(value) ? (namedValues(value.slice(0, 200)) ?? []) : Object.entries(asObject(value) ?? {})
  const map: Record<string, string> = {}
  for (const [name, given] of pairs) {
    const text = asText(given) ?? asList(given).map(asText).filter(Boolean).join(', ')
    if (text) map[name] = text
  }
  return map
}

function namedValues(items: unknown[]): [string, unknown][] | undefined {
  const pairs = items.map((item): [string | undefined, unknown] => {
    const { name, Name = name, key, Key = key, value, Value = value, ...others } = asObject(item) ?? {}
    return Object.keys(others).length === 0 ? [asText(Name) ?? asText(Key), Value] : [undefined, undefined]
  })
  return pairs.every((pair): pair is [string, unknown] => pair[0] !== undefined) ? pairs : undefined
}

/** The object or list in a text that is JSON. */
export function jsonIn(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function withoutThese(text: string, secrets: string[]): string {
  let hidden = withoutUrlSecrets(text)
  for (const secret of secrets) hidden = hidden.replaceAll(secret, HIDDEN)
  return hidden
}

function join(label: string, key: string): string {
  return (label ? `${label}.${key}` : key).slice(0, MAX_LABEL)
}
