import { afterEach, describe, expect, test, vi } from 'vitest'
import { linkIn } from '../shared/answers/link.ts'
import { checkConfig } from '../shared/config/check.ts'
import { sendEvidence } from '../shared/follow-up/send.ts'
import { firing } from './alert-samples.ts'
import { deliverersFor } from './deliverers.ts'

/*
 * An email channel by SES, from what it is owed to what SES receives: by the deliverer of email, on the local engine.
 */

const SECRET = 'one-of-at-least-sixteen-characters'

const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', via: 'ses', from: 'alerts@example.com', addresses: ['ann@example.org'], perMinute: 60_000 },
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)

afterEach(() => {
  by.engine.ses.answerBy()
  by.engine.ses.requests.length = 0
  vi.unstubAllEnvs()
})

interface Mail {
  from: string
  to: string[]
  subject: string
  html: string
  headers: Record<string, string>
  configurationSet: string
  attachments: object[]
}
const mails = () => by.engine.ses.requests.map(({ body }) => body as Mail)
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe('an email channel by SES', () => {
  test('sends an alert and its end in one thread, and needs no topic', async () => {
    const wake = await by.owed('mail', { title: 'orders-errors' })
    expect(await by.deliver(wake)).toBe(0)
    expect(await by.deliver(await by.over(wake))).toBe(0)
    const [first, end] = mails()
    expect(first).toMatchObject({
      from: 'alerts@example.com',
      to: ['ann@example.org'],
      subject: '[WARNING] orders-errors: orders-db (DBInstanceIdentifier)',
      configurationSet: 'alert-router-local',
    })
    expect(end?.subject).toBe(`Re: ${first?.subject}`)
    expect(end?.headers.References).toBe(first?.headers.References)
    expect(end?.html).toContain('RESOLVED: orders-errors')
    expect((await by.known(wake)).notified?.status).toBe('resolved')
  })

  test('that is throttled waits, as SES asks, and counts no failed attempt', async () => {
    const wake = await by.owed('mail')
    by.engine.ses.answerBy(() => ({
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
      body: { message: 'Maximum sending rate exceeded.' },
    }))
    expect(await by.deliver(wake)).toBe(1)
    expect(await by.known(wake)).toMatchObject({ tries: 0 })
    by.engine.ses.answerBy()
    later(5_000)
    expect(await by.deliver(wake)).toBe(0)
    expect((await by.known(wake)).notified).toBeDefined()
  })

  test('whose answer is lost sends it again, into the same thread', async () => {
    const wake = await by.owed('mail')
    by.engine.ses.answerBy((_, n) => (n === 0 ? 'cut-before-answer' : undefined))
    expect(await by.deliver(wake)).toBe(1)
    later(60_000)
    expect(await by.deliver(wake)).toBe(0)
    const [one, other] = mails()
    expect(one?.headers).toEqual(other?.headers)
    expect(by.engine.ses.requests).toHaveLength(2)
  })

  test('that may not send says why in the alert’s history, and is retried', async () => {
    const wake = await by.owed('mail')
    by.engine.ses.stop('paused')
    expect(await by.deliver(wake)).toBe(1)
    by.engine.ses.stop()
    const { log } = await by.known(wake)
    expect(log.at(-1)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('SendingPausedException') })
  })
})

describe('its button to acknowledge', () => {
  const hasButton = () => mails().map(({ html }) => /<a href="([^"]*)"[^>]*>Acknowledge</.exec(html)?.[1])

  test('is not there while the inbox is off', async () => {
    await by.deliver(await by.owed('mail'))
    expect(hasButton()).toEqual([undefined])
  })

  test('is left out rather than the email, when its secret can’t be read; and is there once it can', async () => {
    vi.stubEnv('INBOX_URL', 'https://abc.lambda-url.eu-west-1.on.aws/')
    await by.deliver(await by.owed('mail'))
    expect(hasButton()).toEqual([undefined])
    by.engine.secrets.set('alert-router-local/inbox-links', SECRET)
    later(60_000)
    const wake = await by.owed('mail')
    await by.deliver(wake)
    const url = hasButton()[1] ?? ''
    expect(linkIn(url.split('/link/')[1] ?? '', [SECRET])).toMatchObject({
      link: { alert: wake.fingerprint, recipient: 'ann@example.org' },
    })
  })
})

test('evidence follows in the thread of its alert, with its chart', async () => {
  const { mail } = config.channels
  if (!mail) throw new Error('no channel')
  const wake = await by.owed('mail')
  await by.deliver(wake)
  const bars = { values: [1, 2, 90], threshold: 80, isLow: false }
  const parts = [{ title: 'Metric', says: 'now 90', lines: [], chart: { line: '▁▁▇', rows: [], bars } }]
  const alert = { ...firing.alert, fingerprint: wake.fingerprint }
  const notification = { ...firing, severity: 'warning' as const, alert, firingSince: alert.changedAt }
  await sendEvidence(notification, { askedAt: '', tookMs: 0, parts }, 'mail', { config: mail, posted: undefined })
  const [first, evidence] = mails()
  expect(evidence?.headers.References).toBe(first?.headers.References)
  expect(evidence?.subject).toBe(`Re: ${first?.subject}`)
  expect(evidence?.attachments).toHaveLength(1)
})
