import { BrokenCircuitError } from 'cockatiel'
import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { ChannelError } from '../shared/channels/channel.ts'
import { CIRCUIT_OPEN_MS, throughCircuit } from '../shared/deliver/circuit.ts'
import { DeferredError } from '../shared/deliver/deferred.ts'
import { fallbackDue, withinPatience } from '../shared/deliver/fallback.ts'
import { isLongWait, MAX_TRIES, nextStep } from '../shared/deliver/next-step.ts'
import { firing } from './alert-samples.ts'

/** What happens to a notification that its channel has not accepted. */
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
])('%s: retried, and it counts as an attempt', (_, error) => {
  expect(nextStep(error, fresh, NOW, 1)).toMatchObject({ kind: 'retry', waitMs: 1_000 })
})

test('each failed attempt waits longer than the one before, up to 15 minutes', () => {
  const waits = Array.from({ length: MAX_TRIES - 1 }, (_, tries) => nextStep(later(500), { ...fresh, tries }, NOW, 1))
  const ms = waits.map((step) => ('waitMs' in step ? step.waitMs : Number.NaN))
  expect(ms.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(ms.toSorted((a, b) => a - b)).toEqual(ms)
  expect(ms.at(-1)).toBe(900_000)
})

test('deliveries that failed together do not return together', () => {
  const waitMs = (random: number) => nextStep(later(500), { ...fresh, tries: 5 }, NOW, random)
  expect(waitMs(0)).toMatchObject({ waitMs: 16_000 })
  expect(waitMs(1)).toMatchObject({ waitMs: 32_000 })
})

test.each([
  ['as long as it asks', later(429, 5_000), 5_000],
  ['a while when it does not say how long', later(429), 15_000],
  ['as long as a 503 says', later(503, 5_000), 5_000],
])('a channel that asks to wait is obeyed, %s, and no attempt is counted', (_, error, waitMs) => {
  const step = nextStep(error, { ...fresh, tries: MAX_TRIES }, NOW, 1)
  expect(step).toMatchObject({ kind: 'wait', isRateLimited: true, isCircuitOpen: false, waitMs })
})

test('the circuit opens after five failures in a row, and no attempt is counted', async () => {
  const channel = `down ${performance.now()}`
  const call = () => throughCircuit(channel, () => Promise.reject(later(503))).catch((error: unknown) => error)
  for (let n = 0; n < 5; n++) expect(nextStep(await call(), fresh, NOW, 1).kind).toBe('retry')
  const step = nextStep(await call(), { ...fresh, tries: MAX_TRIES }, NOW, 1)
  expect(step).toMatchObject({ kind: 'wait', isRateLimited: false, isCircuitOpen: true, waitMs: CIRCUIT_OPEN_MS })
})

test('a delivery that was not attempted waits, and no attempt is counted', () => {
  const step = (random: number) =>
    nextStep(new DeferredError('no time', 1_000), { ...fresh, tries: MAX_TRIES }, NOW, random)
  expect(step(0)).toMatchObject({ kind: 'wait', isRateLimited: false, isCircuitOpen: false, waitMs: 1_000 })
  // Not all at once.
  expect(step(1)).toMatchObject({ waitMs: 5_000 })
})

describe('a dead letter', () => {
  test.each(['never', 'secret'] as const)('at once, when it can never succeed (%s)', (retry) => {
    expect(nextStep(new ChannelError('400', { retry }), fresh, NOW)).toEqual({ kind: 'dead', reason: '400' })
  })

  test('after thirty attempts, with the last reason', () => {
    const step = nextStep(later(500), { ...fresh, tries: MAX_TRIES - 1 }, NOW)
    expect(step).toEqual({ kind: 'dead', reason: 'failed 30 attempts: Slack said no' })
  })

  test.each([
    ['asks to wait', later(429, 60_000)],
    ['fails', later(500)],
  ])('after a day in which the channel only ever %s: the queue would drop it after four', (_, error) => {
    const failingSince = '2026-11-02T09:00:00.000Z'
    expect(nextStep(error, { ...fresh, failingSince }, NOW)).toMatchObject({ kind: 'dead' })
  })

  test('not before, however long it takes', () => {
    const failingSince = '2026-11-02T10:00:00.000Z'
    expect(nextStep(later(500), { ...fresh, failingSince }, NOW)).toMatchObject({ kind: 'retry' })
  })
})

test('a refused digest is split: one broken alert must not take the others along', () => {
  const refused = new ChannelError('invalid_blocks', { retry: 'never' })
  expect(nextStep(refused, { ...fresh, isDigest: true }, NOW)).toMatchObject({ kind: 'alone' })
  const revoked = new ChannelError('no_service', { retry: 'secret' })
  expect(nextStep(revoked, { ...fresh, isDigest: true }, NOW)).toMatchObject({ kind: 'dead' })
})

describe('what has waited for long', () => {
  const since = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()
  const slot = new DeferredError('no slot', 20_000, { isForSlot: true })
  const busy = new DeferredError('claimed by another', 1_000)
  const waitOf = (error: unknown, so: object, random = 1) => {
    const step = nextStep(error, { ...fresh, ...so }, NOW, random)
    return { ms: 'waitMs' in step ? step.waitMs : Number.NaN, isLong: isLongWait(step) }
  }

  test.each([
    [undefined, { ms: 24_000, isLong: false }],
    [since(1), { ms: 24_000, isLong: false }],
    [since(7), { ms: 105_000, isLong: false }],
    [since(8), { ms: 120_000, isLong: true }],
    [since(40), { ms: 600_000, isLong: true }],
    [since(120), { ms: 900_000, isLong: true }],
  ])('for its turn waits for longer, in the table: since %s', (failingSince, wait) => {
    expect(waitOf(slot, { failingSince })).toEqual(wait)
  })

  test('for an open circuit does so too', () => {
    const open = new BrokenCircuitError()
    expect(waitOf(open, { failingSince: since(1) })).toEqual({ ms: CIRCUIT_OPEN_MS, isLong: false })
    expect(waitOf(open, { failingSince: since(40) })).toEqual({ ms: 600_000, isLong: true })
    expect(waitOf(open, { failingSince: since(40) }, 0)).toEqual({ ms: 300_000, isLong: true })
  })

  test('for another invocation does not: that is done soon', () => {
    expect(waitOf(busy, { failingSince: since(40) })).toEqual({ ms: 5_000, isLong: false })
  })

  test('in a digest waits as long as the one of it that has waited longest', () => {
    const [short, long] = [since(1), since(40)].map((failingSince) =>
      waitOf(slot, { failingSince, waitingSince: since(40) }),
    )
    expect(short).toEqual(long)
  })

  test('is given up as before', () => {
    expect(nextStep(slot, { ...fresh, failingSince: since(24 * 60 + 1) }, NOW)).toMatchObject({ kind: 'dead' })
  })
})

describe('a channel with a fallback', () => {
  const owed = { change: 'c', at: NOW.toISOString(), status: 'firing' as const }
  const since = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()
  const channels = { pager: { type: 'pagerduty' }, chat: { type: 'slack' } } as unknown as Config['channels']
  const chat = { fallback: 'chat', patience: '5m' }
  const page = { fallback: 'pager', patience: '5m' }
  const retry = (waitMs: number) => ({ kind: 'retry' as const, reason: 'no', waitMs })
  const asked = (waitMs: number) => ({
    kind: 'wait' as const,
    reason: 'no',
    waitMs,
    isRateLimited: true,
    isCircuitOpen: false,
  })
  const untaken = { notification: firing, owed, failingSince: since(4), fallbackTo: undefined }

  test.each([
    ['is attempted when its patience ends', retry(500_000), untaken, chat, 61_000],
    ['is attempted before, if that is its turn', retry(20_000), untaken, chat, 20_000],
    ['that has just failed: the same', retry(900_000), { ...untaken, failingSince: undefined }, chat, 301_000],
    [
      'whose patience has ended is attempted at its turn',
      retry(500_000),
      { ...untaken, failingSince: since(6) },
      chat,
      500_000,
    ],
    [
      'that was notified already is nothing to wait for',
      retry(500_000),
      { ...untaken, fallbackTo: 'chat' },
      chat,
      500_000,
    ],
    ['that is none', retry(500_000), untaken, {}, 500_000],
    [
      'that is not called, is so when its patience ends',
      { ...asked(500_000), isRateLimited: false },
      untaken,
      chat,
      61_000,
    ],
    ['that asks to wait, is obeyed', asked(500_000), untaken, chat, 500_000],
    [
      'whose patience ends now is attempted at its turn',
      retry(9_000),
      { ...untaken, failingSince: since(5) },
      chat,
      9_000,
    ],
  ])('%s', (_, step, one, settings, waitMs) => {
    expect(withinPatience(step, one, settings, channels, NOW)).toEqual({ ...step, waitMs })
  })

  const dead = { kind: 'dead' as const, reason: 'no' }
  const open = { ...asked(1), isRateLimited: false, isCircuitOpen: true }
  const early = { ...untaken, failingSince: since(0) }
  const end = { ...owed, status: 'resolved' as const }
  const onceOnly = { ...firing, alert: { ...firing.alert, once: true as const } }
  test.each([
    ['is notified of a dead letter at once', dead, early, chat, 'chat'],
    ['is notified at once while the circuit is open', open, early, chat, 'chat'],
    ['waits while the channel asks to wait', asked(1), early, chat, undefined],
    ['waits when nothing has failed yet', asked(1), { ...untaken, failingSince: undefined }, chat, undefined],
    ['is notified when the patience ends', asked(1), { ...untaken, failingSince: since(5) }, chat, 'chat'],
    ['is notified once', dead, { ...early, fallbackTo: 'chat' }, chat, undefined],
    ['is absent if it was removed from the config', dead, early, { fallback: 'gone' }, undefined],
    ['is absent if the channel names none', dead, early, {}, undefined],
    ['gets a resolve on its own', dead, { ...early, owed: end }, chat, undefined],
    [
      'gets a resolve whose firing was missed',
      dead,
      { ...early, owed: { ...end, missed: true as const } },
      chat,
      'chat',
    ],
    ['gets a one-time event when it ends', dead, { ...early, notification: onceOnly, owed: end }, chat, 'chat'],
    [
      'is not paged by non-production',
      dead,
      { ...early, owed: { ...owed, neverPages: true as const } },
      page,
      undefined,
    ],
    [
      'gets non-production alerts if it is a chat',
      dead,
      { ...early, owed: { ...owed, neverPages: true as const } },
      chat,
      'chat',
    ],
    ['is paged by production', dead, early, page, 'pager'],
  ])('the fallback %s', (_, step, one, settings, fallback) => {
    expect(fallbackDue(one, step, settings, channels, NOW)).toBe(fallback)
  })

  test('is notified at that attempt', () => {
    const then = new Date(NOW.getTime() + 61_000)
    expect(fallbackDue(untaken, retry(1), chat, channels, NOW)).toBeUndefined()
    expect(fallbackDue(untaken, retry(1), chat, channels, then)).toBe('chat')
  })
})
