import { describe, expect, test } from 'vitest'
import { judge } from '../local/simulation/judge.ts'
import { run } from '../local/simulation/run.ts'
import { alarm } from '../local/simulation/themes.ts'
import type { Input, Lost, Run, World } from '../local/simulation/world.ts'

/*
 * Two regions, of which one sends (docs/second-region.md): the real functions over models of both.
 */

const MINUTE_MS = 60_000
const HOME = 'us-east-1'
const SECOND = 'us-west-2'

/** Alarms that fire one after the other, half of them in each region, and end an hour later. */
function storm(fromMinute: number, alarms: number): Input[] {
  return Array.from({ length: alarms }, (_, number) =>
    alarm(number, 'critical', [
      ['firing', fromMinute * MINUTE_MS + number * 7_000],
      ['resolved', 60 * MINUTE_MS],
    ]).map((one) => (number % 2 === 0 ? one : { ...one, isInSecond: true as const })),
  ).flat()
}

function world(inputs: Input[], regions: Partial<NonNullable<World['regions']>> = {}): World {
  return {
    ...{ seed: 7, startAt: '2026-03-05T10:00:00.000Z', inputs, regions: { lost: [], switches: [], ...regions } },
    config: {
      channels: {
        pager: { type: 'pagerduty', secret: 'pager', region: 'us' },
        chat: { type: 'slack', secret: 'chat' },
      },
      severities: {
        critical: { channels: ['pager', 'chat'] },
        warning: { channels: ['chat'] },
        info: { channels: ['chat'] },
      },
      rules: [{ name: 'critical', when: { namespace: 'Simulated/critical' }, severity: 'critical' }],
      default: { severity: 'info' },
    },
    ...{ spells: [], pushes: [], redrives: [], deploys: [], most: {} },
  }
}

const lost = (how: Lost['how'], fromMinute: number, untilMinute: number, region: 0 | 1 = 0): Lost => ({
  ...{ region, how, fromMs: fromMinute * MINUTE_MS, untilMs: untilMinute * MINUTE_MS },
})

/** Which region sent in which minutes: the first and the last of each turn. */
function turns({ taken, startedAt }: Run): string[] {
  const all: { region: string; from: number; to: number }[] = []
  for (const { region = '', at } of taken) {
    const minute = Math.floor((at - startedAt) / MINUTE_MS)
    const last = all.at(-1)
    if (last?.region === region) last.to = minute
    else all.push({ region, from: minute, to: minute })
  }
  return all.map(({ region, from, to }) => `${region} ${from}–${to}`)
}

/** The alarms whose firing PagerDuty got, and how often each was open. */
const opened = ({ incidents }: Run) => incidents.map(({ dedupKey }) => dedupKey.split(':').at(-1)).sort()
const all = (alarms: number) => Array.from({ length: alarms }, (_, number) => `alert-${number}`).sort()

describe('two regions', () => {
  test('while all is well, the home sends everything, once, and the other nothing', async () => {
    const result = await run(world(storm(5, 6)))
    expect(judge(result)).toEqual([])
    expect(turns(result)).toEqual([`${HOME} 5–65`])
    expect(opened(result)).toEqual(all(6))
    expect(result.letters).toEqual([])
  })

  test.each(['functions', 'table', 'clock'] as const)(
    'the home loses its %s in the middle of a storm: the other one sends what it could not, and goes on when it is back',
    async (how) => {
      const result = await run(world(storm(5, 12), { lost: [lost(how, 5.5, 45)] }))
      expect(judge(result)).toEqual([])
      expect(opened(result)).toEqual(all(12))
      const [first, second, ...more] = turns(result)
      expect(first).toMatch(new RegExp(`^${HOME} 5–`))
      expect(second).toMatch(new RegExp(`^${SECOND} .*–66$`))
      expect(more).toEqual([])
    },
  )

  test('the whole home is lost: what its topic had taken is sent by the other one within nine minutes', async () => {
    const result = await run(world(storm(5, 12), { lost: [lost('all', 5.9, 200)] }))
    expect(judge(result)).toEqual([])
    const [, second] = turns(result)
    const [, from] = /^us-west-2 (\d+)–/.exec(second ?? '') ?? []
    expect(Number(from)).toBeLessThanOrEqual(5.9 + 9)
    // CloudWatch in the home could not send the others.
    const known = result.published.filter(({ isTaken, input }) => isTaken && input.status === 'firing')
    expect(opened(result)).toEqual(known.map(({ input }) => input.alert).sort())
  })

  test.each([
    [7, 900],
    [7, 1_000],
    [9, 600],
    [9, 900],
  ])(
    'the home is lost as it sends an alarm that ends before the other one goes on: no incident stays open (seed %i, after %i ms)',
    async (seed, afterMs) => {
      const before = alarm(9, 'critical', [
        ['firing', 4 * MINUTE_MS],
        ['resolved', MINUTE_MS / 2],
      ])
      const amid = alarm(0, 'critical', [
        ['firing', 5 * MINUTE_MS],
        ['resolved', 2 * MINUTE_MS],
      ]).map((one) => (one.status === 'resolved' ? { ...one, isInSecond: true as const } : one))
      const losing = { ...lost('all', 5, 30), fromMs: 5 * MINUTE_MS + 500 + afterMs }
      const result = await run({ ...world([...before, ...amid], { lost: [losing] }), seed })
      expect(judge(result)).toEqual([])
      expect(result.incidents.filter(({ isOpen }) => isOpen)).toEqual([])
    },
  )

  test('a loss of two minutes changes nothing', async () => {
    const result = await run(world(storm(5, 6), { lost: [lost('functions', 5.2, 7.2)] }))
    expect(judge(result)).toEqual([])
    expect(turns(result)).toEqual([`${HOME} 5–65`])
    expect(opened(result)).toEqual(all(6))
  })

  test('the second region is lost: nobody notices, and what was published there arrives by the home', async () => {
    const result = await run(world(storm(5, 6), { lost: [lost('functions', 3, 40, 1)] }))
    expect(judge(result)).toEqual([])
    expect(turns(result)).toEqual([`${HOME} 5–65`])
    expect(opened(result)).toEqual(all(6))
  })

  test('a person changes which region sends, in a storm, and back: nothing is sent twice', async () => {
    const switches = [
      { atMs: 5.5 * MINUTE_MS, to: 1 as const },
      { atMs: 30 * MINUTE_MS, to: 0 as const },
    ]
    const result = await run(world(storm(5, 12), { switches }))
    expect(judge(result)).toEqual([])
    expect(turns(result).map((turn) => turn.split(' ')[0])).toEqual([HOME, SECOND, HOME])
    expect(opened(result)).toEqual(all(12))
  })

  test('an order to the region that stands by is executed by the other', async () => {
    const [firing] = storm(5, 1)
    if (!firing) throw new Error('no alarm')
    const atMs = 20 * MINUTE_MS
    const byHand = { ...firing, atMs, changedAtMs: atMs, status: 'resolved', by: 'hand', mark: 'mark-0-99' } as const
    const result = await run(world([firing, byHand], { switches: [{ atMs: 8 * MINUTE_MS, to: 1 }] }))
    expect(judge(result)).toEqual([])
    expect(result.incidents).toMatchObject([{ isOpen: false }])
    expect(turns(result)).toEqual([`${HOME} 5–5`, `${SECOND} 20–20`])
  })

  test('the replicas are an hour behind each other: each hears by messages that the other is well', async () => {
    const result = await run(world(storm(5, 6), { lost: [lost('replication', 4, 64)] }))
    expect(judge(result)).toEqual([])
    expect(turns(result)).toEqual([`${HOME} 5–65`])
  })

  test('apart, both send; PagerDuty has each alarm once, Slack may have it twice', async () => {
    const result = await run(world(storm(15, 4), { lost: [lost('apart', 4, 40)] }))
    expect(judge(result)).toEqual([])
    expect(opened(result)).toEqual(all(4))
    expect(new Set(result.taken.map(({ region }) => region))).toEqual(new Set([HOME, SECOND]))
  })
})
