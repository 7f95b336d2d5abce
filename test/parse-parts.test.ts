import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/*
 * Senders leave out what they have none of, or write it in another form. Then an alert says less, but it is one, and its texts
 * have no traces of what is missing.
 */

const SAMPLES = 'test/public-samples'
const clock = { now: new Date('2027-01-01T00:00:00Z') }

/** What a part is replaced by: it is gone, or in no form that anybody expects. */
const INSTEAD = [undefined, [null, {}]]

/** By what it is and what it says of it: one sample of each kind. */
const samples = new Map(
  globSync(`${SAMPLES}/*.json`)
    .sort()
    .map((path) => JSON.parse(readFileSync(path, 'utf8')))
    .map((event) => JSON.parse(event.Message?.startsWith('{') ? event.Message : JSON.stringify(event)))
    .filter((event) => typeof event.Message !== 'string')
    .map((event) => [event['detail-type'] ?? Object.keys(event).slice(0, 5).join(), event] as const),
)

/** The object with each of its parts replaced, one at a time. */
function* withoutAPart(object: object): Generator<object> {
  for (const [key, part] of Object.entries(object)) {
    for (const instead of INSTEAD) yield { ...object, [key]: instead }
    if (Array.isArray(part) && typeof part[0] === 'object' && part[0] !== null) {
      for (const item of withoutAPart(part[0])) yield { ...object, [key]: [item] }
    } else if (typeof part === 'object' && part !== null && !Array.isArray(part)) {
      for (const other of withoutAPart(part)) yield { ...object, [key]: other }
    }
  }
}

/** What a text says of what is missing. */
const MISSING = /undefined|\[object|\bnull\b|\bNaN\b/
/** What is left of a headline where something in it is missing. */
const LEFT = /^[:,;/)–-]|[:,;/(–-]$|: :|, ,|\(\)| {2}/

test.each([...samples])('%s', (_, event) => {
  for (const detail of withoutAPart(event.detail ?? event)) {
    const one = event.detail
      ? { ...event, detail, resources: [] }
      : { Type: 'Notification', Message: JSON.stringify(detail) }
    for (const alert of parse(one, clock)) {
      alertSchema.parse(alert)
      const { title, resource, fingerprint } = alert
      const traces = [MISSING.exec([title, resource, fingerprint].join('\n')), LEFT.exec(title)]
      if (traces.some(Boolean)) expect({ one, title, resource, fingerprint }).toEqual('no trace of what is missing')
    }
  }
})
