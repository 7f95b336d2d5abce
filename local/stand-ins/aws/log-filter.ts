import { Refusal } from './refusal.ts'

const COMPARE = /^\(?\s*\$\.([\w.]+)\s*(=|!=|>=|<=|>|<)\s*(?:"([^"]*)"|([^\s()"]+))\s*\)?$/

/**
 * A filter pattern of CloudWatch Logs (CloudWatch Logs User Guide, Filter pattern syntax): words, `?any`, `-without`,
 * "a phrase", and `{ $.field = "x" && $.n > 3 }`.
 * @throws {Refusal} for another form.
 */
export function filterOf(pattern: string): (message: string) => boolean {
  const text = pattern.trim()
  return text.startsWith('{') ? ofFields(text) : ofWords(text)
}

function ofWords(text: string): (message: string) => boolean {
  const terms = [...text.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, word]) => ({
    sign,
    word: quoted ?? word ?? '',
  }))
  const of = (sign: string) => terms.filter((term) => term.sign === sign).map(({ word }) => word)
  const [all, any, none] = [of(''), of('?'), of('-')]
  return (message) =>
    all.every((word) => message.includes(word)) &&
    (any.length === 0 || any.some((word) => message.includes(word))) &&
    !none.some((word) => message.includes(word))
}

function ofFields(text: string): (message: string) => boolean {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1]
  if (inner === undefined) throw new Refusal('InvalidParameterException', `Invalid filter pattern: ${text}`)
  const any = inner.split('||').map((group) => group.split('&&').map((term) => comparison(term.trim(), text)))
  return (message) => {
    const fields = jsonOf(message)
    return fields !== undefined && any.some((all) => all.every((holds) => holds(fields)))
  }
}

function comparison(term: string, pattern: string): (fields: unknown) => boolean {
  const [, path = '', operator, quoted, plain] = COMPARE.exec(term) ?? []
  if (operator === undefined) throw new Refusal('InvalidParameterException', `Invalid filter pattern: ${pattern}`)
  const wanted = quoted ?? plain ?? ''
  return (fields) => {
    const value = path
      .split('.')
      .reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], fields)
    if (value === undefined) return false
    if (operator === '=') return isLike(String(value), wanted)
    if (operator === '!=') return !isLike(String(value), wanted)
    const [a, b] = [Number(value), Number(wanted)]
    return operator === '>' ? a > b : operator === '<' ? a < b : operator === '>=' ? a >= b : a <= b
  }
}

/** With `*` at the beginning or at the end. */
function isLike(value: string, wanted: string): boolean {
  if (wanted.length > 1 && wanted.startsWith('*') && wanted.endsWith('*')) return value.includes(wanted.slice(1, -1))
  if (wanted.startsWith('*')) return value.endsWith(wanted.slice(1))
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted
}

function jsonOf(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
