import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { againMessage, dueMessages, isOfAll, isTurn } from '../shared/deliver/due.ts'
import { DUE_SHARDS, shardOf } from '../shared/store/due-index.ts'

const MINUTE = 60_000
const NOON = Date.parse('2026-11-03T12:00:00.000Z')
const at = (minutes: number) => new Date(NOON + minutes * MINUTE)

/** The runs, in minutes after noon, at which an entry that is due at noon has its turn. */
function turns(runs: number[]): number[] {
  return runs.filter((run, n) => isTurn(at(0), n === 0 ? undefined : at(runs[n - 1] ?? 0), at(run)))
}

describe('an entry', () => {
  test('has its turn at the run before it is due, and then at growing ages, at most an hour apart', () => {
    const everyMinute = Array.from({ length: 400 }, (_, minute) => minute - 5)
    expect(turns(everyMinute)).toEqual([-1, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244, 304, 364])
  })

  test('that is due in more than a minute is left alone', () => {
    expect(isTurn(at(1.01), undefined, at(0))).toBe(false)
    expect(isTurn(at(1), undefined, at(0))).toBe(true)
  })

  test('has one turn for all that runs have missed', () => {
    expect(turns([-3, 47, 48, 49])).toEqual([47])
    expect(turns([-3, -0.5, 0, 0.4, 0.6, 0.9])).toEqual([-0.5, 0.6])
    expect(turns([-3, 600])).toEqual([600])
    expect(turns([-1, 0.5, 1, 64, 124])).toEqual([-1, 0.5, 1, 64, 124])
  })

  test('has a turn within an hour, whenever it entered the index', () => {
    for (const age of [0, 3, 50, 300, 5_000]) {
      const runs = Array.from({ length: 61 }, (_, n) => age + n)
      const found = runs.filter((run) => isTurn(at(0), at(run - 1), at(run)))
      expect(found.length).toBeGreaterThan(0)
    }
  })

  test('has each turn at exactly one of any runs', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 90 * MINUTE }), { minLength: 1, maxLength: 40 })
    const ages = [-1, 0.5, 1, 2, 4, 8, 16, 32, 64, ...Array.from({ length: 100 }, (_, n) => 124 + 60 * n)]
    fc.assert(
      fc.property(gaps, (times) => {
        let last = NOON - 2 * MINUTE
        for (const gap of times) {
          const now = last + gap
          const moments = ages.filter((age) => {
            const ahead = NOON + age * MINUTE
            return ahead > last && ahead <= now
          })
          expect(isTurn(at(0), new Date(last), new Date(now))).toBe(moments.length > 0)
          last = now
        }
      }),
    )
  })

  test('is not announced twice by a run that is repeated with the same time', () => {
    expect(isTurn(at(0), at(0), at(0))).toBe(false)
  })
})

describe('a message', () => {
  const pass = { since: at(-1).toISOString(), at: at(0).toISOString() }
  const due = (minutes: number) => ({ pk: 'alarm:x', dueAt: at(minutes).toISOString() })

  test('arrives when the entry is due, in whole seconds and never before', () => {
    const [message] = dueMessages({ pk: 'alarm:x', dueAt: '2026-11-03T12:00:12.300Z' }, pass, at(0))
    expect(message).toEqual({ body: '{"due":"alarm:x","at":"2026-11-03T12:00:12.300Z","Records":[]}', delayS: 13 })
  })

  test('is sent by one pass, the one before the entry is due', () => {
    const soon = { since: pass.at, at: at(0.9).toISOString() }
    expect(dueMessages(due(0.5), pass, at(0))).toHaveLength(1)
    expect(dueMessages(due(0.5), soon, at(0.4))).toEqual([])
  })

  test('waits at most a minute, even by a slow clock', () => {
    expect(dueMessages(due(1), pass, at(-2))).toMatchObject([{ delayS: 60 }])
  })

  test('arrives at once when the entry is overdue, or the run was late', () => {
    expect(dueMessages(due(0), { at: pass.at }, at(0))).toMatchObject([{ delayS: 0 }])
    expect(dueMessages(due(0.5), pass, at(3))).toMatchObject([{ delayS: 0 }])
  })

  test('can be sent whatever the name is', () => {
    const pk = 'a\uFFFE\uFFFF\uD800\u0000"'
    const { body } = againMessage({ pk, dueAt: pass.at }, { ...pass, rules: 'v2' }, 0)
    expect(body).not.toMatch(/[^\x20-\x7e]/)
    expect(JSON.parse(body)).toEqual({ due: pk, at: pass.at, rules: 'v2', Records: [] })
  })

  test('after a silence has got another end, waits for no rules', () => {
    const { body } = againMessage(due(600), { ...pass, moved: 3 }, 0)
    expect(JSON.parse(body)).toEqual({ due: due(600).pk, at: due(600).dueAt, Records: [] })
  })

  test.each([
    [{ rules: 'v2' }, true],
    [{ moved: 1 }, true],
    [{}, false],
  ])('of a pass %j may be one that is not due: %s', (more, expected) => {
    expect(isOfAll({ at: pass.at, ...more })).toBe(expected)
  })

  test('about new rules arrives within five minutes, and those of a storm are spread', () => {
    const delays = Array.from({ length: 40_000 }, (_, n) => againMessage(due(600), { ...pass, rules: 'v2' }, n).delayS)
    expect(delays[49]).toBe(0)
    expect(delays[50]).toBe(1)
    expect(Math.max(...delays)).toBeLessThan(300)
    const busiest = Math.max(...Object.values(Object.groupBy(delays, String)).map((second) => second?.length ?? 0))
    expect(busiest).toBeLessThanOrEqual(150)
  })
})

test('alerts spread over the shards, and each has one', () => {
  const shards = Array.from({ length: 800 }, (_, n) => shardOf(`arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${n}`))
  const sizes = DUE_SHARDS.map((shard) => shards.filter((one) => one === shard).length)
  expect(Math.min(...sizes)).toBeGreaterThan(60)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(800)
})
