import { describe, expect, test } from 'vitest'
import type { Silence } from '../schemas/silence.ts'
import { add, criticalSince, expire, extend, type Silenceable } from '../shared/decide/silencing.ts'
import { silenceOf, timeAt } from './silences.ts'

/** What people do with silences, in whatever order their orders arrive. */
const iso = (time: string) => timeAt(time).toISOString()
const said = (by: string, time: string) => ({ by, via: 'cli' as const, at: iso(time) })
const refusedOf = (done: Silenceable) => ('refused' in done ? done.refused : undefined)
const oneOf = (done: Silenceable) => ('silence' in done ? done.silence : undefined)

describe('a silence is made', () => {
  const { critical: _critical, ...asked } = silenceOf()
  test('from when it was said', () => {
    expect(add([], asked, timeAt('10:01'))).toEqual({ silences: [asked], silence: asked })
  })

  test('from now on, where the clock of whoever said it is ahead', () => {
    expect(oneOf(add([], asked, timeAt('09:59')))).toMatchObject({ at: iso('09:59') })
  })

  test('and announced from then on, if it covers what is critical', () => {
    expect(oneOf(add([], { ...asked, critical: true }, timeAt('10:01')))).toEqual({ ...asked, critical: iso('10:00') })
  })

  test('beside the others, without what ended a day ago', () => {
    const others = ['2026-11-26T09:00:00.000Z', '2026-11-26T11:00:00.000Z', iso('20:00')].map((until, index) =>
      silenceOf({ id: `other-${index}`, until }),
    )
    const done = add(others, asked, timeAt('10:00'))
    expect('silences' in done && done.silences.map(({ id }) => id)).toEqual(['other-1', 'other-2', 'quiet-otter'])
  })

  test.each<[string, Partial<Silence>, Silence[], string]>([
    ['it arrives twice', {}, [silenceOf({ why: 'x' })], 'it is there already'],
    ['its end has passed', { until: iso('10:00') }, [], 'its end has passed'],
    ['it is too long', { until: '2026-12-27T10:02:00.000Z' }, [], 'it would last longer than 30 days'],
  ])('unless %s', (_, more, before, refused) => {
    expect(refusedOf(add(before, { ...asked, ...more, critical: undefined }, timeAt('10:00')))).toBe(refused)
  })
})

describe('a silence is extended', () => {
  const change = { ...said('bob', '11:00'), until: iso('13:00') }
  test('to a later end, and keeps who did so', () => {
    expect(oneOf(extend([silenceOf()], 'quiet-otter', change, timeAt('11:00')))).toEqual({
      ...silenceOf(),
      ...{ until: iso('13:00'), changes: [change] },
    })
  })

  test.each<[string, Silence[], object, string, string]>([
    ['there is none', [], {}, '11:00', 'no such silence'],
    ['it has ended', [silenceOf()], {}, '12:00', `it ended at ${iso('12:00')}`],
    ['it ends later', [silenceOf({ until: iso('13:00') })], {}, '11:00', `it lasts until ${iso('13:00')} already`],
    [
      'it is too long',
      [silenceOf()],
      { until: '2026-12-28T10:00:00.000Z' },
      '11:00',
      'it would last longer than 30 days',
    ],
    [
      'somebody has said something since',
      [silenceOf({ changes: [{ ...said('eve', '11:00'), until: iso('12:00') }] })],
      {},
      '11:00',
      'somebody has changed it since',
    ],
  ])('unless %s', (_, before, more, time, refused) => {
    expect(refusedOf(extend(before, 'quiet-otter', { ...change, ...more }, timeAt(time)))).toBe(refused)
  })

  test('as often as people like; the last changes are kept', () => {
    let silences = [silenceOf()]
    for (let minute = 1; minute <= 30; minute++) {
      const at = iso(`11:${String(minute).padStart(2, '0')}`)
      const until = iso(`12:${String(minute).padStart(2, '0')}`)
      const done = extend(silences, 'quiet-otter', { by: 'bob', via: 'slack', at, until }, new Date(at))
      if ('silences' in done) ({ silences } = done)
    }
    expect(silences[0]?.until).toBe(iso('12:30'))
    expect(silences[0]?.changes?.map(({ at }) => at.slice(14, 16))).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index + 11)),
    )
  })
})

describe('a silence is ended', () => {
  test('when it was said, and stays for its notice', () => {
    const done = expire([silenceOf(), silenceOf({ id: 'other' })], 'quiet-otter', said('bob', '11:00'), timeAt('11:01'))
    const end = { ...said('bob', '11:00'), until: iso('11:00') }
    expect(done).toMatchObject({ silence: { until: iso('11:00'), changes: [end] } })
    expect('silences' in done && done.silences.map(({ id, until }) => [id, until])).toEqual([
      ['quiet-otter', iso('11:00')],
      ['other', iso('12:00')],
    ])
  })

  test('now, where the clock of whoever said it is ahead', () => {
    expect(oneOf(expire([silenceOf()], 'quiet-otter', said('bob', '11:00'), timeAt('10:58')))?.until).toBe(iso('10:58'))
  })

  test('not by an order that comes after a later one', () => {
    const extended = silenceOf({ until: iso('13:00'), changes: [{ ...said('eve', '11:30'), until: iso('13:00') }] })
    expect(refusedOf(expire([extended], 'quiet-otter', said('bob', '11:00'), timeAt('11:31')))).toBe(
      'somebody has changed it since',
    )
  })
})

test('it turns out that a silence holds what is critical: from then on, once', () => {
  const silences = [silenceOf(), silenceOf({ id: 'other' })]
  const after = criticalSince(silences, ['quiet-otter'], timeAt('10:30'))
  expect(after?.map(({ critical }) => critical)).toEqual([iso('10:30'), undefined])
  expect(criticalSince(after ?? [], ['quiet-otter', 'gone'], timeAt('10:31'))).toBeUndefined()
})
