import { createHash } from 'node:crypto'
import type { Context, SQSRecord } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import { slackApp } from '../shared/channels/slack-app/index.ts'
import { checkConfig } from '../shared/config/check.ts'
import { editDigests, withNewer } from '../shared/deliver/digests.ts'
import { Invocation } from '../shared/deliver/invocation.ts'
import { changeDigest, digestShows, keepDigest, readDigest } from '../shared/store/digests.ts'
import { storm } from './alert-samples.ts'
import { deliverersFor } from './deliverers.ts'

/** What the table remembers of a digest that is edited, and how changes of its alerts meet there. */
const app = { type: 'slack-app', secret: 'bot', channel: 'C0APP00000' }
const config = checkConfig({
  channels: { app },
  severities: { critical: { channels: ['app'] }, warning: { channels: ['app'] }, info: { channels: ['app'] } },
  default: { severity: 'warning' },
  rules: [],
})
deliverersFor(config)

const six = storm(6)
const at = (one: Notification, changedAt: string, status: 'firing' | 'resolved'): Notification => ({
  ...{ ...one, id: `${one.id} ${changedAt} ${status}` },
  alert: { ...one.alert, changedAt, status },
})
const EARLY = '2027-01-01T10:00:00.000Z'
const LATE = '2027-01-01T10:05:00.000Z'
const statuses = async (id: string) => (await readDigest(id))?.notifications.map(({ alert }) => alert.status)

describe('a digest that is kept', () => {
  test('has every change, however many are made at once', async () => {
    await keepDigest('at-once', six)
    await Promise.all(
      six.map((one) => changeDigest('at-once', (known) => withNewer(known, [at(one, LATE, 'resolved')]))),
    )
    expect(await statuses('at-once')).toEqual(six.map(() => 'resolved'))
    expect(await readDigest('at-once')).toMatchObject({ version: 7, shown: 1 })
  })

  test('is kept once: who posts it again finds what has become of it', async () => {
    await keepDigest('once', six)
    await changeDigest('once', (known) =>
      withNewer(
        known,
        six.map((one) => at(one, LATE, 'resolved')),
      ),
    )
    await keepDigest('once', six)
    expect(await statuses('once')).toEqual(six.map(() => 'resolved'))
  })

  test('shows a version only as long as there is no newer one', async () => {
    await keepDigest('shown', six)
    await changeDigest('shown', (known) => withNewer(known, [at(six[0] as Notification, LATE, 'resolved')]))
    await digestShows('shown', 1)
    await changeDigest('shown', (known) => withNewer(known, [at(six[1] as Notification, LATE, 'resolved')]))
    await digestShows('shown', 2)
    expect(await readDigest('shown')).toMatchObject({ version: 3, shown: 1 })
    await digestShows('shown', 3)
    expect(await readDigest('shown')).toMatchObject({ version: 3, shown: 3 })
    await digestShows('shown', 0)
    expect(await readDigest('shown')).toMatchObject({ version: 3, shown: 0 })
  })

  test('is not, if it is too big for the table: it stays as it is posted', async () => {
    // Nothing makes that smaller.
    const noise = (n: number) => createHash('shake256', { outputLength: 70_000 }).update(`${n}`).digest('base64')
    const big = six.map((one, n) => ({ ...one, alert: { ...one.alert, reason: noise(n) } }))
    await keepDigest('big', big)
    await changeDigest('big', () => six)
    await digestShows('big', 0)
    expect(await readDigest('big')).toBeUndefined()
  })
})

describe('a digest that another function edits meanwhile', () => {
  const over = (n: number) => [at(six[n] as Notification, LATE, 'resolved')]
  const record = { messageId: 'm', receiptHandle: 'r', attributes: { ApproximateReceiveCount: '1' } }

  /** One change is noted; `edit` is what its edit meets. Each version resolves one alert more than the one before. */
  async function watching(id: string, edit: (version: number) => Promise<void>, { isRetried = false } = {}) {
    const context = { getRemainingTimeInMillis: () => 30_000 } as Context
    const invocation = new Invocation(context, 'slack-app')
    const posted = { channel: app.channel, thread: '1.1', digest: id }
    const watched = { channel: 'app', posted, record: record as SQSRecord }
    invocation.digests.set(id, watched)
    if (isRetried) invocation.retryLater(watched.record)
    const editOf = (all: Notification[]) => edit(1 + all.filter(({ alert }) => alert.status === 'resolved').length)
    const channel = {
      ...slackApp({ hasButtons: false }),
      digests: { render: (all: Notification[]) => all, edit: editOf },
    }
    const resolveTarget = async () => ({ target: 'xoxb-1' })
    await editDigests({ channel, channels: config.channels, resolveTarget, invocation } as never)
    return invocation.answer([watched.record]).batchItemFailures.length
  }
  const begin = async (id: string) => {
    await keepDigest(id, six)
    await changeDigest(id, (known) => withNewer(known, over(0)))
  }
  /** Another function notes a change, edits the message, and records that. */
  const byAnother = async (id: string) => {
    const { version = 0 } = (await readDigest(id)) ?? {}
    await changeDigest(id, (known) => withNewer(known, over(version - 1)))
    await digestShows(id, version + 1)
  }

  test('is edited again: the slower of two edits may be the older', async () => {
    await begin('meanwhile')
    const edits: number[] = []
    await watching('meanwhile', async (version) => {
      edits.push(version)
      if (edits.length === 1) await byAnother('meanwhile')
    })
    expect(edits).toEqual([2, 3])
  })

  test('again and again is edited once more when its wake-up is back', async () => {
    await begin('overtaken')
    let edits = 0
    expect(await watching('overtaken', async () => void (edits++ < 3 && (await byAnother('overtaken'))))).toBe(1)
    expect(await readDigest('overtaken')).toMatchObject({ version: 5, shown: 0 })
    expect(await watching('overtaken', async (version) => expect(version).toBe(5))).toBe(0)
    expect(await readDigest('overtaken')).toMatchObject({ version: 5, shown: 5 })
  })

  test.each([false, true])(
    'and whose edit has no answer is edited again (its wake-up is back anyway: %j)',
    async (isRetried) => {
      const id = `unanswered ${isRetried}`
      await begin(id)
      const edit = async () => {
        await byAnother(id)
        throw new Error('no answer')
      }
      expect(await watching(id, edit, { isRetried })).toBe(1)
      expect(await readDigest(id)).toMatchObject({ version: 3, shown: 0 })
    },
  )
})

describe('what an alert was and what it is', () => {
  const [one, other] = six as [Notification, Notification]

  test('the newer counts, whichever comes first', () => {
    const over = at(one, LATE, 'resolved')
    expect(withNewer([one, other], [at(one, EARLY, 'firing'), over])).toEqual([over, other])
    expect(withNewer([over, other], [at(one, EARLY, 'firing')])).toBeUndefined()
    expect(withNewer([over, other], [over])).toBeUndefined()
  })

  test('an alert is not taken for itself as the fallback of another channel', () => {
    const instead = { ...one, fallbackFor: { channel: 'pager', reason: 'down' } }
    const over = at(instead, LATE, 'resolved')
    expect(withNewer([one, instead], [over])).toEqual([one, over])
  })
})
