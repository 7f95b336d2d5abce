import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeDay } from '../cli/play/print.ts'
import { readEvents } from '../cli/replay/events.ts'
import { dayOf } from '../shared/cases/day.ts'
import { checkPeople } from '../shared/cases/people.ts'
import { readConfig } from '../shared/config/read.ts'
import { parsePublished } from '../shared/parse/published.ts'
import { alarm, DAY_RULES, LOG_TEST, player } from './playing.ts'

/*
 * The events of a day that is played: what fires at its end, what nobody was notified of, events without an alert or
 * without a time, and very many.
 */

const play = player()
const at = (time: string) => `2026-11-10T${time}:00Z`
const fires = alarm('x', 'ALARM', at('10:00'))

describe('what fires at the end, and what nobody was notified of,', () => {
  const HELD = { why: 'sent if it still fires after 5m', times: 1 }
  const firing = ['x']
  test.each<[string, { events: object[]; people?: string }, object]>([
    ['is what a firing left', { events: [fires] }, { firing, unsent: [] }],
    ['is not what a person has resolved', { events: [fires], people: 'x resolved by ann' }, { firing: [], unsent: [] }],
    [
      'counts what a person resolved while it was held',
      { events: [alarm('x', 'ALARM', at('10:09'))], people: 'x resolved by ann' },
      { firing: [], unsent: [HELD] },
    ],
    [
      'is what a person has only acknowledged',
      { events: [fires], people: 'x acknowledged by ann' },
      { firing, unsent: [] },
    ],
    [
      'is what fires again after a person resolved it',
      { events: [fires, alarm('x', 'ALARM', at('10:30'))], people: 'x resolved by ann' },
      { firing, unsent: [] },
    ],
    [
      'counts a firing and an end of one time, of which the end wins',
      { events: [alarm('x', 'OK', at('10:00')), fires] },
      { firing: [], firings: 1, unsent: [{ why: expect.stringContaining('nobody is notified'), times: 1 }] },
    ],
    [
      'is the same in any order of the file',
      { events: [alarm('x', 'OK', at('12:00')), fires] },
      { firing: [], firings: 1, unsent: [] },
    ],
    [
      'is what has lost its data since: that ends nothing',
      { events: [fires, alarm('x', 'INSUFFICIENT_DATA', at('11:00'))] },
      { firing, unsent: [] },
    ],
    [
      'is no event that happens once',
      { events: [{ Type: 'Notification', Message: 'a text' }] },
      { firing: [], firings: 1 },
    ],
  ])('%s', async (_, { events, people }, expected) => {
    const said = people === undefined ? {} : { people: `- at 11:10: ${people}\n` }
    const { stdout } = await play(events, { ...said, json: true })
    expect(JSON.parse(stdout)).toMatchObject(expected)
    const text = (await play(events, said)).stdout
    expect(text.includes('Still firing at the end: x.')).toBe(JSON.parse(stdout).firing.length > 0)
  })
})

test('counts what the rules notify nobody of, with their reason', async () => {
  const config = join(mkdtempSync(join(tmpdir(), 'rules-')), 'alerts.yml')
  const harmless =
    '\n  - { name: harmless, when: { name: x }, severity: info, notify: { nobody: "flaps each night" } }\n'
  writeFileSync(config, readFileSync(DAY_RULES, 'utf8').replace(/^rules:\n/m, `rules:${harmless}`))
  const { stdout, stderr } = await play([fires, alarm('x', 'OK', at('10:30'))], { config })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/1 alert fired 1 time; 1 time nobody was notified:\n {4}1 {2}.*flaps each night/)
})

describe('events without an alert', () => {
  test.each([false, true])('are refused as such (as JSON: %s)', async (json) => {
    const { code, stdout, stderr } = await play([LOG_TEST], { json })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/no alert in .*events\.jsonl: CloudWatch Logs sends it to test its subscription/)
  })

  test('are left out beside others', async () => {
    expect(await play([LOG_TEST, fires])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('an event that is played at the time of the run', () => {
  const now = '2026-11-28T05:26:00Z'
  const NONE = 'without a time of its own that can be read, played as of now'
  const AHEAD = 'of a time that is still to come, played as of now'
  test.each([
    ['has no time', undefined, NONE],
    ['has a word for it', 'yesterday', NONE],
    ['has a day that is in no calendar', '2026-13-45T10:05:00.000+0000', NONE],
    ['is of tomorrow', '2026-11-29T05:26:00Z', AHEAD],
    ['is of the year 9999', '9999-12-31T23:59:59.000+0000', AHEAD],
  ])('is named on stderr: it %s', async (_, time, why) => {
    const { code, stdout, stderr } = await play([fires, alarm('y', 'ALARM', time)], { now })
    expect(stderr).toMatch(new RegExp(`^1 event ${why}: \\S+events.jsonl:2\n$`))
    expect(code).toBe(0)
    expect(stdout).toContain('Saturday, 28 November 2026')
    const asJson = await play([fires, alarm('y', 'ALARM', time)], { now, json: true })
    expect([asJson.stderr, JSON.parse(asJson.stdout).alerts]).toEqual([stderr, 2])
  })

  test('is named among the first three, and counted with the others', async () => {
    const { stderr } = await play(
      ['a', 'b', 'c', 'd', 'e'].map((name) => alarm(name, 'ALARM')),
      { now },
    )
    expect(stderr).toMatch(/^5 events without a time of their own that can be read, .*:1, .*:2, .*:3, and 2 more\n$/)
  })

  test('is none that its envelope has a time for', async () => {
    const envelope = { Type: 'Notification', Message: JSON.stringify(alarm('x', 'ALARM')), Timestamp: at('10:00') }
    expect(await play([envelope], { now })).toMatchObject({
      stderr: '',
      stdout: expect.stringContaining('10 November'),
    })
  })
})

describe('as many as one call takes no arguments:', () => {
  const MANY = 200_000

  test('events of a file are read', async ({ onTestFinished }) => {
    const file = join(mkdtempSync(join(tmpdir(), 'many-')), 'many.jsonl')
    onTestFinished(() => rmSync(file))
    writeFileSync(file, '{}\n'.repeat(MANY))
    expect(await readEvents([file])).toHaveLength(MANY)
  })

  test('lines are played, and shown', () => {
    const config = readConfig(DAY_RULES)
    const alerts = parsePublished(fires)
    const people = checkPeople([{ 'at 1h': Array(MANY).fill('tick on time') }], alerts, config.channels)
    const day = dayOf(alerts, people, config)
    expect(describeDay(day, 100).split('\n').length).toBeGreaterThan(MANY)
  })
})
