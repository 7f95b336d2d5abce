import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { ChannelError } from '../shared/channels/channel.ts'
import { DeferredError } from '../shared/deliver/deferred.ts'
import { fallbackDue, withinPatience } from '../shared/deliver/fallback.ts'
import { MAX_TRIES, nextStep } from '../shared/deliver/next-step.ts'
import { firing } from './alert-samples.ts'

/** What becomes of a notification that its channel has not taken. */
const NOW = new Date('2026-11-03T10:00:00.000Z')
const fresh = { tries: 0, failingSince: undefined, isDigest: false }
const later = (status?: number, retryAfterMs?: number) =>
  new ChannelError('Slack said no', {
    retry: 'later',
    ...(status && { status }),
    ...(retryAfterMs && { retryAfterMs }),
  })

test.each([
  ['a server error', later(503)],
  ['no answer in time', later()],
  ['a secret that cannot be read', new Error('the secret x cannot be read')],
])('%s: again, and it counts as a try', (_, error) => {
  expect(nextStep(error, fresh, NOW, 1)).toMatchObject({ kind: 'retry', waitMs: 1_000 })
})

test('each failed try waits longer than the one before, up to 15 minutes', () => {
  const waits = Array.from({ length: MAX_TRIES - 1 }, (_, tries) => nextStep(later(500), { ...fresh, tries }, NOW, 1))
  const ms = waits.map((step) => ('waitMs' in step ? step.waitMs : Number.NaN))
  expect(ms.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(ms.toSorted((a, b) => a - b)).toEqual(ms)
  expect(ms.at(-1)).toBe(900_000)
})

test('what failed together does not come back together', () => {
  const waitMs = (random: number) => nextStep(later(500), { ...fresh, tries: 5 }, NOW, random)
  expect(waitMs(0)).toMatchObject({ waitMs: 16_000 })
  expect(waitMs(1)).toMatchObject({ waitMs: 32_000 })
})

test.each([
  ['as long as it asks', later(429, 5_000), 5_000],
  ['a while when it does not say how long', later(429), 15_000],
  ['until it is back, when it is down and says how long', later(503, 5_000), 5_000],
])('a channel that asks to wait is obeyed, %s, and no try is counted', (_, error, waitMs) => {
  const step = nextStep(error, { ...fresh, tries: MAX_TRIES }, NOW, 1)
  expect(step).toMatchObject({ kind: 'wait', isRateLimited: true, waitMs })
})

test('what was not tried waits, and no try is counted', () => {
  expect(nextStep(new DeferredError('no time', 1_000), { ...fresh, tries: MAX_TRIES }, NOW, 0)).toMatchObject({
    kind: 'wait',
    isRateLimited: false,
    waitMs: 1_000,
  })
})

describe('a dead letter', () => {
  test.each(['never', 'secret'] as const)('at once, when it can never succeed (%s)', (retry) => {
    expect(nextStep(new ChannelError('400', { retry }), fresh, NOW)).toEqual({ kind: 'dead', reason: '400' })
  })

  test('after thirty tries, with the last reason', () => {
    const step = nextStep(later(500), { ...fresh, tries: MAX_TRIES - 1 }, NOW)
    expect(step).toEqual({ kind: 'dead', reason: 'tried 30 times: Slack said no' })
  })

  test.each([
    ['asks to wait', later(429, 60_000)],
    ['fails', later(500)],
  ])('after a day in which the channel only ever %s: the queue would drop it after four', (_, error) => {
    const failingSince = '2026-11-02T09:00:00.000Z'
    expect(nextStep(error, { ...fresh, failingSince }, NOW)).toMatchObject({ kind: 'dead' })
  })
})

test('a digest that is refused is taken apart: one broken alert must not take the others along', () => {
  const refused = new ChannelError('invalid_blocks', { retry: 'never' })
  expect(nextStep(refused, { ...fresh, isDigest: true }, NOW)).toMatchObject({ kind: 'alone' })
})

describe('a channel with a fallback', () => {
  const owed = { change: 'c', at: NOW.toISOString(), status: 'firing' as const }
  const since = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()
  const channels = { pager: {}, chat: {} } as unknown as Config['channels']
  const chat = { fallback: 'chat', patience: '5m' }
  const retry = (waitMs: number) => ({ kind: 'retry' as const, reason: 'no', waitMs })
  const untaken = { notification: firing, owed, failingSince: since(4), fallbackTo: undefined }

  test.each([
    ['is tried as its patience ends', retry(500_000), untaken, chat, 61_000],
    ['is tried before, where that is its turn', retry(20_000), untaken, chat, 20_000],
    ['that has just failed: the same', retry(900_000), { ...untaken, failingSince: undefined }, chat, 301_000],
    [
      'whose patience is over, is tried at its turn',
      retry(500_000),
      { ...untaken, failingSince: since(6) },
      chat,
      500_000,
    ],
    ['that is told already, is nothing to wait for', retry(500_000), { ...untaken, fallbackTo: 'chat' }, chat, 500_000],
    ['that is none', retry(500_000), untaken, {}, 500_000],
  ])('%s', (_, step, one, settings, waitMs) => {
    expect(withinPatience(step, one, settings, channels, NOW)).toEqual({ ...step, waitMs })
  })

  test('is told at that try', () => {
    const then = new Date(NOW.getTime() + 61_000)
    expect(fallbackDue(untaken, retry(1), chat, channels, NOW)).toBeUndefined()
    expect(fallbackDue(untaken, retry(1), chat, channels, then)).toBe('chat')
  })
})
