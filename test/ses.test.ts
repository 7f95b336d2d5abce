import { SESv2Client, SendEmailCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Answer } from '../local/stand-ins/exchange.ts'
import { type SesStandIn, startSes } from '../local/stand-ins/index.ts'
import { linkIn } from '../shared/answers/link.ts'
import { ChannelError, type Destination } from '../shared/channels/channel.ts'
import { renderEvidence } from '../shared/channels/email/evidence.ts'
import { email } from '../shared/channels/email/index.ts'
import type { SesRoute } from '../shared/channels/email/route.ts'
import { parse } from '../shared/parse/parse.ts'
import { firing, resolved } from './alert-samples.ts'
import { expectNoSecret } from './no-secret.ts'

/*
 * Emails by SES, through the real SDK to a stand-in that takes what SES takes.
 */

const SECRET = 'one-of-at-least-sixteen-characters'
const OPTIONS = { identities: ['example.com'], configurationSets: ['alert-router-test'] }

let ses: SesStandIn
beforeAll(async () => {
  ses = await startSes(OPTIONS)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_SESV2', ses.url)
})
afterEach(() => {
  ses.answerBy()
  ses.stop()
  ses.requests.length = 0
  ses.events.length = 0
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await ses.close()
})

const ROUTE: SesRoute = {
  from: 'alerts@example.com',
  addresses: ['ann@example.org', 'bob@example.org'],
  configurationSet: 'alert-router-test',
}

function send(payload = email.render(firing), route: Partial<SesRoute> = {}, timeoutMs = 5_000): Promise<unknown> {
  const to: Destination = { channel: 'mail', target: ROUTE.from, notificationId: 'n-1', timeoutMs }
  return email.send(payload, { ...to, ses: { ...ROUTE, ...route } })
}

interface Received {
  from: string
  to: string[]
  subject: string
  text: string
  html: string
  headers: Record<string, string>
  attachments: { FileName: string; ContentId: string }[]
  configurationSet?: string
}
const received = () => ses.requests.map(({ body }) => body as Received)

async function errorOf(sent: Promise<unknown>): Promise<ChannelError> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChannelError)) throw new Error('expected a ChannelError', { cause: error })
  expectNoSecret(error, [SECRET])
  return error
}

describe('an email by SES', () => {
  test('goes to each address of the channel at once, as text and as HTML', async () => {
    await send()
    const [mail] = received()
    const { rich, text } = email.render(firing)
    expect(mail).toMatchObject({ from: ROUTE.from, to: ROUTE.addresses, subject: rich.subject, text })
    expect(mail?.html).toContain('<!doctype html>')
    expect(ses.requests).toMatchObject([{ notificationId: 'n-1', status: 200 }])
  })

  test('is in the thread of its firing: its resolve refers to the same message', async () => {
    await send()
    await send(email.render({ ...resolved, firingSince: firing.alert.changedAt }))
    const [first, end] = received().map(({ headers, subject }) => [headers.References, headers['In-Reply-To'], subject])
    expect(first?.[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/)
    expect(end).toEqual([first?.[0], first?.[0], `Re: ${first?.[2]}`])
  })

  test('is answered by no absent person’s mail program; one that pages is urgent', async () => {
    await send()
    await send(email.render(resolved))
    const [first, end] = received().map(({ headers }) => headers)
    expect(first).toMatchObject({ 'Auto-Submitted': 'auto-generated', Importance: 'high' })
    expect(end).toMatchObject({ 'X-Auto-Response-Suppress': 'All' })
    expect(end).not.toHaveProperty('Importance')
  })

  test('has the chart of evidence as a picture of its own', async () => {
    const bars = { values: [1, 2, 90], threshold: 80, isLow: false }
    const parts = [{ title: 'Metric', says: 'now 90', lines: [], chart: { line: '▁▁▇', rows: [], bars } }]
    await send(renderEvidence(firing, { askedAt: '', tookMs: 0, parts }))
    const [mail] = received()
    expect(mail?.attachments).toEqual([{ FileName: 'chart-1.png', ContentId: 'chart-1' }])
    expect(mail?.html).toContain('src="cid:chart-1"')
  })

  test('of a storm is in no thread', async () => {
    const storm = Array.from({ length: 500 }, (_, n) => ({ ...firing, id: `n-${n}` }))
    for (const { payload } of email.renderDigest?.(storm) ?? []) await send(payload)
    for (const { headers } of received()) expect(headers).not.toHaveProperty('References')
    expect(ses.requests.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('the button to acknowledge', () => {
  const acknowledge = { base: 'https://abc.lambda-url.eu-west-1.on.aws/', secret: SECRET }
  const linkOfMail = () => {
    const [mail] = received()
    const [, url = ''] = /<a href="([^"]*)"[^>]*>Acknowledge<\/a>/.exec(mail?.html ?? '') ?? []
    if (url !== '') expect(mail?.text).toContain(`Acknowledge:\n${url}\n`)
    const found = url === '' ? undefined : linkIn(url.split('/link/')[1] ?? '', [SECRET])
    return typeof found === 'object' ? found.link : found
  }

  test('is about this firing, and for the channel, whose readers have the same email', async () => {
    await send(email.render({ ...firing, alertKey: 'a key' }), { acknowledge })
    expect(linkOfMail()).toMatchObject({
      action: 'acknowledge',
      alert: 'a key',
      episode: firing.alert.changedAt,
      recipient: 'mail',
    })
    expectNoSecret(ses.requests, [SECRET])
  })

  test('is for the person, where there is one', async () => {
    await send(email.render(firing), { acknowledge, addresses: ['ann@example.org'] })
    expect(linkOfMail()).toMatchObject({ recipient: 'ann@example.org' })
  })

  test.each([
    ['it has ended', resolved, { acknowledge }],
    [
      'somebody has acknowledged it',
      { ...firing, acknowledged: { by: 'Ann', via: 'slack', at: '' } as never },
      { acknowledge },
    ],
    ['the inbox is off', firing, {}],
  ])('is not there when %s', async (_, notification, route) => {
    await send(email.render(notification), route)
    expect(linkOfMail()).toBeUndefined()
  })
})

describe('a bounce', () => {
  const events = async (address: string) => {
    await send(email.render(firing), { addresses: [address] })
    return ses.events.flatMap((event) => parse(JSON.stringify(event)))
  }

  test.each([
    ['bounce@simulator.amazonses.com', 'SES permanent bounce: bounce@simulator.amazonses.com (5.1.1)'],
    ['complaint@simulator.amazonses.com', 'SES complaint: complaint@simulator.amazonses.com (abuse)'],
    [
      'suppressionlist@simulator.amazonses.com',
      'SES permanent bounce: suppressionlist@simulator.amazonses.com (on account suppression list, 5.1.1)',
    ],
  ])('of %s is an alert of the router’s, with the address and the channel', async (address, title) => {
    expect(await events(address)).toMatchObject([
      { title, source: 'aws.ses', declaredSeverity: 'warning', details: { channel: 'mail' } },
    ])
  })

  test('of a suppressed address is known, although SES takes the email', async () => {
    ses.suppress('ann@example.org')
    expect(await events('ann@example.org')).toMatchObject([
      { title: expect.stringContaining('ann@example.org (on account suppression list') },
    ])
  })

  test('that is reported by email causes no event in turn: else each would cause the next, for ever', async () => {
    const [alert] = await events('bounce@simulator.amazonses.com')
    if (!alert) throw new Error('no alert')
    ses.events.length = 0
    const report = { ...firing, id: 'n-2', alert }
    await send(email.render(report), { addresses: ['bounce@simulator.amazonses.com'] })
    const storm = Array.from({ length: 5 }, (_, n) => ({ ...report, id: `n-${n}` }))
    for (const { payload } of email.renderDigest?.(storm) ?? [])
      await send(payload, { addresses: ['bounce@simulator.amazonses.com'] })
    expect(ses.requests.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(ses.events).toEqual([])
  })
})

describe('what SES answers', () => {
  const answer = (status: number, type: string, message: string): Answer => ({
    status,
    headers: { 'x-amzn-errortype': type },
    body: { message },
  })

  test.each<[number, string, string, Partial<ChannelError>, RegExp]>([
    [
      429,
      'TooManyRequestsException',
      'Maximum sending rate exceeded.',
      { retry: 'later', retryAfterMs: 2_000 },
      /rate/,
    ],
    [
      429,
      'TooManyRequestsException',
      'Daily message quota exceeded.',
      { retry: 'later', retryAfterMs: 60_000 },
      /quota/,
    ],
    [400, 'ThrottlingException', 'Rate exceeded', { retry: 'later', status: 429 }, /Rate/],
    [400, 'LimitExceededException', 'Limit', { retry: 'later', status: 429 }, /Limit/],
    [400, 'SendingPausedException', 'Paused', { retry: 'later', status: 400 }, /; enable sending in SES/],
    [400, 'MailFromDomainNotVerifiedException', 'No MX', { retry: 'later', status: 400 }, /; see the DNS records/],
    [400, 'AccountSuspendedException', 'Suspended', { retry: 'never' }, /; AWS has ended sending/],
    [400, 'MessageRejected', 'Contains a virus', { retry: 'never' }, /MessageRejected: Contains a virus$/],
    [400, 'BadRequestException', 'Illegal address', { retry: 'never' }, /Illegal address/],
    [404, 'NotFoundException', 'Configuration set', { retry: 'never' }, /deploy the stack again/],
    [403, 'AccessDeniedException', 'not authorized', { retry: 'never' }, /must allow ses:SendEmail/],
    [403, 'ExpiredTokenException', 'expired', { retry: 'later' }, /expired/],
    [500, 'InternalServiceErrorException', 'oops', { retry: 'later', status: 500 }, /oops/],
    [503, 'ServiceUnavailable', 'oops', { retry: 'later', status: 503 }, /oops/],
  ])('%d %s %s', async (status, type, message, how, text) => {
    ses.answerBy(() => answer(status, type, message))
    const error = await errorOf(send())
    expect(error).toMatchObject(how)
    expect(error.message).toMatch(/^SES \(channel mail\) answered /)
    expect(error.message).toMatch(text)
    expect(ses.requests).toHaveLength(1)
  })

  test('an address that is not verified may be soon: it is retried, and the error says what to do', async () => {
    const error = await errorOf(send(email.render(firing), { from: 'alerts@example.net' }))
    expect(error).toMatchObject({ retry: 'later', status: 400 })
    expect(error.message).toMatch(
      /check in region EU-WEST-1: alerts@example\.net; verify the sender in SES in this region/,
    )
  })

  test('an account that may not send for now, or for good', async () => {
    ses.stop('paused')
    expect(await errorOf(send())).toMatchObject({ retry: 'later' })
    ses.stop('suspended')
    expect(await errorOf(send())).toMatchObject({ retry: 'never' })
  })

  test.each<[Answer, number, string]>([
    ['reset', 5_000, 'could not be reached: connection reset'],
    ['hang', 100, 'did not answer within 100 ms'],
    ['cut-before-answer', 5_000, 'could not be reached'],
  ])('%s: it is sent once, and retried later by the queue', async (how, timeoutMs, message) => {
    ses.answerBy(() => how)
    const error = await errorOf(send(email.render(firing), {}, timeoutMs))
    expect(error).toMatchObject({ retry: 'later', status: undefined })
    expect(error.message).toContain(message)
    expect(ses.requests).toHaveLength(1)
  })
})

describe('the stand-in refuses what SES refuses', () => {
  const simple = (more: object = {}, message: object = {}): SendEmailCommandInput =>
    ({
      FromEmailAddress: 'alerts@example.com',
      Destination: { ToAddresses: ['ann@example.org'] },
      Content: { Simple: { Subject: { Data: 'a' }, Body: { Text: { Data: 'a' } }, ...more } },
      ...message,
    }) as SendEmailCommandInput
  const png = (more: object) => ({
    Attachments: [
      { FileName: 'a.png', RawContent: Uint8Array.of(0x89, 0x50), ContentTransferEncoding: 'BASE64', ...more },
    ],
  })
  const header = (Name: string, Value: string) => ({ Headers: [{ Name, Value }] })

  test.each<[string, SendEmailCommandInput, string]>([
    ['a subject of two lines', simple({ Subject: { Data: 'a\nBcc: b' } }), 'BadRequestException'],
    ['no body', simple({ Body: {} }), 'BadRequestException'],
    ['more than ASCII without a character set', simple({ Subject: { Data: 'é' } }), 'BadRequestException'],
    ['a Message-ID of one’s own', simple(header('Message-ID', '<a@b>')), 'BadRequestException'],
    ['a header of two lines', simple(header('X-A', 'a\r\nBcc: b')), 'BadRequestException'],
    ['a header with a space in its name', simple(header('X A', 'a')), 'BadRequestException'],
    ['a header that is not ASCII', simple(header('X-A', 'é')), 'BadRequestException'],
    ['a header that is too long', simple(header('X-A', 'a'.repeat(994))), 'BadRequestException'],
    [
      'two parents',
      simple({ Headers: ['References', 'references'].map((Name) => ({ Name, Value: '<a@b>' })) }),
      'BadRequestException',
    ],
    [
      'sixteen headers',
      simple({ Headers: Array.from({ length: 16 }, (_, n) => ({ Name: `X-${n}`, Value: 'a' })) }),
      'BadRequestException',
    ],
    ['a picture sent as 7 bits', simple(png({ ContentTransferEncoding: undefined })), 'BadRequestException'],
    ['an inline picture that nothing shows', simple(png({ ContentDisposition: 'INLINE' })), 'BadRequestException'],
    ['a program', simple(png({ FileName: 'a.exe' })), 'BadRequestException'],
    ['nobody', simple({}, { Destination: {} }), 'BadRequestException'],
    ['fifty-one', simple({}, { Destination: { ToAddresses: Array(51).fill('a@example.org') } }), 'BadRequestException'],
    [
      'a malformed address among others',
      simple({}, { Destination: { ToAddresses: ['a@example.org', 'b'] } }),
      'BadRequestException',
    ],
    ['a configuration set that does not exist', simple({}, { ConfigurationSetName: 'other' }), 'NotFoundException'],
    ['a tag with a space', simple({}, { EmailTags: [{ Name: 'a', Value: 'b c' }] }), 'BadRequestException'],
    ['a sender that is not verified', simple({}, { FromEmailAddress: 'a@example.net' }), 'MessageRejected'],
    [
      'a message of more than 40 MB',
      simple({ Body: { Text: { Data: 'a'.repeat(41_943_041) } } }),
      'BadRequestException',
    ],
  ])('%s', async (_, input, name) => {
    const client = new SESv2Client({ maxAttempts: 1 })
    await expect(client.send(new SendEmailCommand(input))).rejects.toMatchObject({ name })
    await client.send(new SendEmailCommand(simple(png({ ContentDisposition: 'ATTACHMENT' }))))
    client.destroy()
  })

  test('in the sandbox, what goes to strangers, and more than one a second', async () => {
    const sandbox = await startSes({ ...OPTIONS, isInSandbox: true })
    const client = new SESv2Client({ maxAttempts: 1, endpoint: sandbox.url })
    const sent = (to: string) => client.send(new SendEmailCommand(simple({}, { Destination: { ToAddresses: [to] } })))
    await expect(sent('ann@example.org')).rejects.toMatchObject({
      name: 'MessageRejected',
      message: expect.stringMatching(/failed the check in region EU-WEST-1: ann@example\.org$/),
    })
    await sent('bob@team.example.com')
    await expect(sent('success@simulator.amazonses.com')).rejects.toMatchObject({ name: 'TooManyRequestsException' })
    client.destroy()
    await sandbox.close()
  })

  test('more than a day’s quota', async () => {
    const small = await startSes({ ...OPTIONS, quota: 1 })
    const client = new SESv2Client({ maxAttempts: 1, endpoint: small.url })
    await client.send(new SendEmailCommand(simple()))
    await expect(client.send(new SendEmailCommand(simple()))).rejects.toThrow('Daily message quota exceeded.')
    client.destroy()
    await small.close()
  })
})
