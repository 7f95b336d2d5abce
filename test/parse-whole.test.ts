import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isMap, parseDocument, parse as parseYaml, stringify } from 'yaml'
import { parse } from '../shared/parse/parse.ts'

/*
 * Whole alerts, with all their fields: those of some public samples, and of the events in test/whole-alerts/. Each shows
 * something that no other does. With UPDATE_ALERTS=1 they are written into the files; read what has changed there before it
 * is committed.
 */

const SAMPLES = 'test/public-samples'
const WHOLE = `${SAMPLES}/alerts.yml`
const clock = { now: new Date('2027-01-01T00:00:00Z') }
const isUpdate = process.env.UPDATE_ALERTS !== undefined
const options = { lineWidth: 0, doubleQuotedMinMultiLineLength: 1_000_000 }

/** As plain data: without what is undefined. */
const read = (event: unknown): unknown => JSON.parse(JSON.stringify(parse(event, clock)))

/** What is there for a sample may be anything at first. */
const named = Object.keys(parseYaml(readFileSync(WHOLE, 'utf8')) as Record<string, unknown>)
const samples = named.map((name) => [name, JSON.parse(readFileSync(`${SAMPLES}/${name}.json`, 'utf8'))] as const)
if (isUpdate) {
  const alerts = Object.fromEntries(samples.map(([name, event]) => [name, read(event)]))
  writeFileSync(
    WHOLE,
    `# Written by UPDATE_ALERTS=1 npx vitest run test/parse-whole.test.ts\n${stringify(alerts, { ...options, aliasDuplicateObjects: false })}`,
  )
}
const whole = parseYaml(readFileSync(WHOLE, 'utf8')) as Record<string, unknown>

describe('a public sample', () => {
  test.each(samples)('%s', (name, event) => {
    expect(parse(event, clock)).toEqual(whole[name])
  })
})

/** What comes in, and all that is made of it: anything as it stands there, or an event of EventBridge by its parts. */
interface Case {
  event?: unknown
  type?: string
  source?: string
  resources?: string[]
  detail?: object
  alerts?: unknown
}
const ofBus = {
  ...{ version: '0', id: '1', account: '111122223333', region: 'eu-west-1', time: '2026-09-14T11:18:52Z' },
  resources: ['arn:aws:any:eu-west-1:111122223333:thing/one'],
}
const eventOf = ({ event, alerts: _, type, ...parts }: Case) => event ?? { ...ofBus, 'detail-type': type, ...parts }

describe.each(globSync('test/whole-alerts/*.yml').sort())('%s', (path) => {
  if (isUpdate) write(path)
  const cases = Object.entries(parseYaml(readFileSync(path, 'utf8')) as Record<string, Case>)

  test.each(cases)('%s', (_, given) => {
    expect(parse(eventOf(given), clock)).toEqual(given.alerts)
  })
})

function write(path: string): void {
  const document = parseDocument(readFileSync(path, 'utf8'))
  for (const [name, given] of Object.entries(document.toJS() as Record<string, Case>)) {
    const one = document.get(name)
    if (isMap(one)) one.set('alerts', document.createNode(read(eventOf(given)), { aliasDuplicateObjects: false }))
  }
  writeFileSync(path, document.toString(options))
}
