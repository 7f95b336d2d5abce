import type { Alert } from '../../schemas/alert.ts'
import { LABEL_FIELDS, NUMBER_FIELDS, VALUE_FIELD } from '../../schemas/config.ts'
import type { Subject } from '../decide/rules.ts'
import { type Conjunction, type Literal, matchesText, optionsFor, SEVERAL, textsOf } from './conjunction.ts'
import { numbersIn } from './interval.ts'
import { samplesOf, samplesOfAll } from './sample.ts'

/** The fields of an example alert that matter, with their values. The rest is that of an ordinary alarm. */
export interface Example {
  fields: Record<string, string>
  subject: Subject
}

const MAX_TRIES = 60
const AT = '2026-01-01T12:00:00.000Z'

/**
 * Different alerts that may match a conjunction. Regular expressions, and values that rules set, make them guesses: evaluate
 * the rules with them.
 */
export function* examplesOf(conjunction: Conjunction): Generator<Example> {
  const ofAlert = [...conjunction.byField].filter(([field]) => !field.startsWith(VALUE_FIELD))
  const choices = ofAlert.map(([field, literals]): [string, (string | undefined)[]] => [
    field,
    valuesFor(conjunction, field, literals),
  ])
  if (choices.some(([, values]) => values.length === 0)) return
  const first = choices.map(([field, [value]]): Choice => [field, value])
  yield exampleWith(first)
  let tries = 1
  for (const [at, [field, values]] of choices.entries()) {
    for (const value of values.slice(1)) {
      if (tries++ >= MAX_TRIES) return
      yield exampleWith(first.with(at, [field, value]))
    }
  }
}

const NUMBERS = new Set(['firingFor', ...NUMBER_FIELDS])

/** Is it written like a number in an alert? */
function isNumber(value: string): boolean {
  return Number.isFinite(Number(value)) && String(Number(value)) === value
}

type Choice = [field: string, value: string | undefined]

/** The most common values, tried first. */
const USUAL: Record<string, string> = { kind: 'metric-alarm', status: 'firing' }

function valuesFor(conjunction: Conjunction, field: string, literals: Literal[]): (string | undefined)[] {
  if (field === SEVERAL) return severalFor(literals)
  const fits = (value: string) => literals.every((one) => matchesText(one, value) === one.wanted)
  const values = optionsFor(conjunction, field).flatMap((option): (string | undefined)[] => {
    if ('value' in option) return [option.value]
    const { texts, interval, isThere } = option
    if (interval) {
      const numbers = numbersIn(interval).map(String).filter(fits)
      if (numbers.length > 0) return numbers
    }
    if (texts.length > 0) return samplesOfAll(texts).filter(fits)
    return [...(isThere ? [] : [undefined]), ...['x', 'something-else', '1', '100000'].filter(fits)]
  })
  const held = NUMBERS.has(field) ? values.filter((value) => value === undefined || isNumber(value)) : values
  const usual = USUAL[field]
  // Not sorted: that would put `undefined` last, and an example is best without a field that it need not have.
  return [...new Set([...held.filter((value) => value === usual), ...held])]
}

/** A child for each wanted text, separated by line breaks: an alarm's name contains none. */
function severalFor(literals: Literal[]): string[] {
  const excluded = literals.filter(({ wanted }) => !wanted)
  const children = literals
    .filter(({ wanted }) => wanted)
    .map((one) => {
      return textsOf(one)
        .flatMap(samplesOf)
        .find((name) => !excluded.some((other) => matchesText(other, name)))
    })
  return children.includes(undefined) ? [] : [children.join('\n')]
}

function exampleWith(choices: Choice[]): Example {
  const fields = Object.fromEntries(choices.filter((choice): choice is [string, string] => choice[1] !== undefined))
  const alert: Alert = {
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x',
    kind: 'metric-alarm',
    status: 'firing',
    name: 'an-alarm',
    title: 'an-alarm',
    changedAt: AT,
    source: 'aws.cloudwatch',
    resource: 'a resource',
    dimensions: {},
    tags: {},
    children: [],
    details: {},
    links: {},
  }
  let firingSince: string | undefined
  for (const [field, value] of Object.entries(fields)) {
    if (field === 'firingFor') firingSince = new Date(Date.parse(AT) - Number(value) * 1_000).toISOString()
    else if (field === SEVERAL) alert.children = value === '' ? [] : value.split('\n').map((name) => ({ name }))
    else setField(alert as unknown as Record<string, unknown>, field, value)
  }
  return { fields, subject: { alert, firingSince } }
}

/** Sets an alert's field by its name in a `when`: `tags.team`. Numeric texts become numbers. */
export function setField(alert: Record<string, unknown>, field: string, value: string): void {
  const [head = '', ...rest] = field.split('.')
  const label = rest.join('.')
  if (!LABEL_FIELDS.some((known) => known === head) || label === '') {
    alert[field] = value
    return
  }
  alert[head] = { ...(alert[head] as object | undefined), [label]: NUMBERS.has(field) ? Number(value) : value }
}
