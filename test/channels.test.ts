import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate, type StandIn, startPagerDuty, startSlack, startSlackApi } from '../local/stand-ins/index.ts'
import { VENDOR_TYPES } from '../local/vendors.ts'
import { type Channel, ChannelError, type Destination } from '../shared/channels/channel.ts'
import { email } from '../shared/channels/email/index.ts'
import { retryAfterMs } from '../shared/channels/http-answer.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { slackApp } from '../shared/channels/slack-app/index.ts'
import { deployment, firing, storm } from './alert-samples.ts'
import { expectNoSecret, watchOutput } from './no-secret.ts'

/** What all channels promise of `send`, tried against stand-ins of PagerDuty and Slack. */

const ROUTING_KEY = '0123456789abcdef0123456789abcdef'
const TOKEN = 'xoxb-top-secret-token'
const app = slackApp({ hasButtons: true })
const WEBHOOK_PATH = '/services/T0SECRET/B0SECRET/topsecretwebhook'

const trusted = getCACertificates('default')
let pagerdutyServer: StandIn
let slackServer: StandIn
let slackApi: StandIn
/** What is printed during a test: as little a place for a secret as a capture. */
let output: ReturnType<typeof watchOutput>

beforeAll(async () => {
  const tls = await makeCertificate()
  setDefaultCACertificates([...trusted, tls.cert])
  pagerdutyServer = await startPagerDuty({ tls, routingKeys: [ROUTING_KEY] })
  slackServer = await startSlack({ webhooks: ['topsecretwebhook'] })
  slackApi = await startSlackApi({ token: TOKEN })
})

afterAll(async () => {
  setDefaultCACertificates(trusted)
  await pagerdutyServer.close()
  await slackServer.close()
  await slackApi.close()
})

beforeEach(() => {
  for (const { requests } of [pagerdutyServer, slackServer, slackApi]) requests.length = 0
  output = watchOutput()
})

afterEach(() => {
  expectNoSecret(output.stop(), [ROUTING_KEY, TOKEN, 'topsecretwebhook', 'T0SECRET'])
  // A capture names a webhook by the end of its path, which is invented when there is a stand-in.
  const requests = [pagerdutyServer, slackServer, slackApi].map((server) => server.requests)
  expectNoSecret(requests, [ROUTING_KEY, TOKEN, WEBHOOK_PATH, 'T0SECRET'])
})

interface Subject {
  name: string
  server(): StandIn
  send(how?: Partial<Destination>): Promise<unknown>
  /** What must be in no error. */
  secrets: string[]
  /** A call is accepted by its body, and by no other status than 200. */
  isAcceptedByBody?: true
  /** Where nobody is. */
  nowhere: Partial<Destination>
}

const subjects: Subject[] = [
  {
    name: 'pagerduty',
    server: () => pagerdutyServer,
    send: (how) => pagerduty.send(pagerduty.render(firing), { ...pagerdutyDestination(), ...how }),
    secrets: [ROUTING_KEY],
    // Port 9 is the discard service, which nobody runs.
    nowhere: { server: '127.0.0.1:9' },
  },
  {
    name: 'slack',
    server: () => slackServer,
    send: (how) => slack.send(slack.render(firing), { ...slackDestination(), ...how }),
    secrets: [WEBHOOK_PATH, 'topsecretwebhook', 'T0SECRET'],
    nowhere: { target: `http://127.0.0.1:9${WEBHOOK_PATH}` },
  },
  {
    name: 'slack-app',
    server: () => slackApi,
    send: async (how) => app.send(app.render(firing), { ...appDestination(), ...how }),
    secrets: [TOKEN],
    isAcceptedByBody: true,
    nowhere: { server: 'http://127.0.0.1:9/api/' },
  },
]

function pagerdutyDestination(): Destination {
  return {
    channel: 'pages',
    target: ROUTING_KEY,
    notificationId: 'n-1',
    timeoutMs: 5_000,
    server: pagerdutyServer.host,
  }
}

function slackDestination(): Destination {
  return { channel: 'chat', target: slackServer.url + WEBHOOK_PATH, notificationId: 'n-1', timeoutMs: 5_000 }
}

function appDestination(): Destination {
  const place = { target: TOKEN, room: 'C0123456789', server: `${slackApi.url}/api/` }
  return { channel: 'chat', ...place, notificationId: 'n-1', timeoutMs: 5_000 }
}

async function errorOf(sent: Promise<unknown>, secrets: string[]): Promise<ChannelError> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChannelError)) throw new Error('expected a ChannelError', { cause: error })
  expectNoSecret(error, secrets)
  return error
}

test('every channel whose vendor has a server is covered', () => {
  expect(subjects.map(({ name }) => name)).toEqual(VENDOR_TYPES)
})

describe.each(subjects)('$name', ({ server, send, secrets, isAcceptedByBody, nowhere }) => {
  test('accepts a notification; the request carries its id', async () => {
    await send()
    expect(server().requests).toMatchObject([{ notificationId: 'n-1', status: expect.toBeOneOf([200, 202]) }])
  })

  test('a secret with a trailing line break, as editors leave it, works too', async () => {
    const target = secrets[0] === WEBHOOK_PATH ? slackDestination().target : secrets[0]
    await send({ target: `${target}\n` })
    expect(server().requests).toHaveLength(1)
  })

  test.each([
    [200, 'yes'],
    [201, 'yes'],
    [202, 'yes'],
    [301, 'never'],
    [302, 'never'],
    [307, 'never'],
    [400, 'never'],
    [401, 'secret'],
    [402, 'never'],
    [403, 'secret'],
    [404, 'secret'],
    [405, 'never'],
    [408, 'later'],
    [409, 'never'],
    [410, 'never'],
    [413, 'never'],
    [422, 'never'],
    [425, 'later'],
    [429, 'later'],
    [500, 'later'],
    [502, 'later'],
    [503, 'later'],
    [504, 'later'],
  ])('%d: %s', async (status, retry) => {
    // The response echoes the request, as a careless proxy might.
    const said = { message: `no thanks to ${secrets.join(' ')}`, errors: [] }
    const body = { ...said, ...(isAcceptedByBody && status < 300 && { ok: true, channel: 'C1', ts: '1.2' }) }
    server().answerNext({ status, body, headers: { location: 'https://elsewhere.example.com/' } })
    if (retry === 'yes' && !(isAcceptedByBody && status !== 200)) await send()
    else if (retry === 'yes') expect(await errorOf(send(), secrets)).toMatchObject({ status, retry: 'never' })
    else expect(await errorOf(send(), secrets)).toMatchObject({ status, retry })
    // Exactly one post: no redirect followed, and no retry inside the call.
    expect(server().requests).toHaveLength(1)
  })

  test('a broken connection is retried later', async () => {
    server().answerNext('reset')
    const error = await errorOf(send(), secrets)
    expect(error).toMatchObject({ retry: 'later', status: undefined })
    expect(error.message).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  })

  test('an unreachable host is retried later', async () => {
    const error = await errorOf(send(nowhere), secrets)
    expect(error).toMatchObject({ retry: 'later' })
  })

  test('a call without a response ends at the timeout', async () => {
    server().answerNext('hang')
    const error = await errorOf(send({ timeoutMs: 150 }), secrets)
    expect(error).toMatchObject({ retry: 'later', message: expect.stringContaining('did not answer within 150 ms') })
  })

  test('the reason shown in the fallback channel contains no secret', async () => {
    const body = { message: `no thanks to ${secrets.join(' ')}`, errors: secrets }
    server().answerNext({ status: 503, body })
    const { message } = await errorOf(send(), secrets)
    const fallbackFor = { channel: 'chat', reason: message }
    const notified = storm(3).map((notification) => ({ ...notification, fallbackFor }))
    const channels: Channel<unknown>[] = [pagerduty, slack, app, email]
    for (const channel of channels) {
      const payloads = [...notified.map(channel.render), ...(channel.renderDigest?.(notified) ?? [])]
      for (const payload of payloads) expect(JSON.stringify(payload)).toContain('no thanks to')
      expectNoSecret(payloads, secrets)
    }
  })

  test('no timer outlives the call', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    await send()
    for (const answer of [{ status: 429, body: {} }, { status: 400, body: {} }, 'reset'] as const) {
      server().answerNext(answer)
      await errorOf(send(), secrets)
    }
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('pagerduty', () => {
  const send = (how: Partial<Destination> = {}, notification = firing) =>
    pagerduty.send(pagerduty.render(notification), { ...pagerdutyDestination(), ...how })

  test('a 429 returns at once: the queue waits, not the call', async () => {
    pagerdutyServer.answerNext({ status: 429, body: { message: 'slow down' } })
    const before = pagerdutyServer.requests.length
    expect(await errorOf(send(), [ROUTING_KEY])).toMatchObject({ retry: 'later' })
    expect(pagerdutyServer.requests).toHaveLength(before + 1)
  })

  test('a response that is not JSON is retried later', async () => {
    pagerdutyServer.answerNext({ status: 502, body: `<html>${ROUTING_KEY}</html>` })
    expect(await errorOf(send(), [ROUTING_KEY])).toMatchObject({ retry: 'later' })
  })

  test('a rejected event is reported with PagerDuty’s own message', async () => {
    const payload = pagerduty.render(firing)
    payload.data.payload.summary = 'x'.repeat(1_025)
    const error = await errorOf(pagerduty.send(payload, pagerdutyDestination()), [ROUTING_KEY])
    expect(error).toMatchObject({ retry: 'never', status: 400 })
    expect(error.message).toBe(
      "PagerDuty (channel pages) answered 400: Event object is invalid; Length of 'payload.summary' is incorrect (should be no more than 1024 characters)",
    )
  })

  test.each(['too-short', 'f'.repeat(32)])(
    'a routing key that PagerDuty does not know (%s) is fetched again',
    async (target) => {
      const error = await errorOf(send({ target }), [target])
      expect(error).toMatchObject({ retry: 'secret', status: 400 })
      expect(error.message).toContain('check the secret of the channel')
    },
  )

  test('a finished deployment is sent as a change event', async () => {
    await send({}, deployment)
    expect(pagerdutyServer.requests).toMatchObject([{ path: '/v2/change/enqueue', status: 202 }])
  })
})

describe('slack', () => {
  const send = (how: Partial<Destination> = {}) => slack.send(slack.render(firing), { ...slackDestination(), ...how })
  const secrets = [WEBHOOK_PATH]

  test('the body contains only the message', async () => {
    await send()
    expect(slackServer.requests[0]?.body).toEqual(slack.render(firing))
  })

  test('a digest of hundreds is accepted; the error of a rejected one contains no secret', async () => {
    const [first, ...others] = slack.renderDigest?.(storm(300)) ?? []
    if (!first) throw new Error('expected a digest')
    for (const { payload } of [first, ...others]) await slack.send(payload, slackDestination())
    expect(slackServer.requests.map(({ status }) => status)).toEqual([first, ...others].map(() => 200))
    slackServer.answerNext({ status: 400, body: `invalid_blocks ${WEBHOOK_PATH}` })
    await errorOf(slack.send(first.payload, slackDestination()), [...secrets, 'topsecretwebhook', 'T0SECRET'])
  })

  test('Slack’s Retry-After is passed on', async () => {
    slackServer.answerNext({ status: 429, body: 'rate_limited', headers: { 'retry-after': '30' } })
    expect(await errorOf(send(), secrets)).toMatchObject({ retry: 'later', retryAfterMs: 30_000 })
  })

  test('for a revoked webhook the secret is fetched again, and the error names the channel', async () => {
    const target = `${slackServer.url}/services/T0/B0/gone`
    const error = await errorOf(send({ target }), [target])
    expect(error).toMatchObject({ retry: 'secret', status: 404 })
    expect(error.message).toBe(
      "Slack (channel chat) answered 404: no_service; check the secret of the channel: it must be a working webhook's URL",
    )
  })

  test.each(['xoxb-1234-secret', 'ftp://hooks.slack.com/services/x', '', '{"url":"https://x"}'])(
    'a secret that is not a URL (%j) is fetched again, and never shown',
    async (target) => {
      const error = await errorOf(send({ target }), target === '' ? [] : [target])
      expect(error).toMatchObject({ retry: 'secret' })
      expect(error.message).toMatch(/^Slack \(channel chat\): its secret is not an http\(s\) URL/)
    },
  )
})

describe('slack-app', () => {
  const send = async (how: Partial<Destination> = {}) => app.send(app.render(firing), { ...appDestination(), ...how })

  test('what Slack answers with a 200 that is none of its own is retried later, and not shown with the token', async () => {
    slackApi.answerNext({ status: 200, body: `<html>${TOKEN}</html>` })
    expect(await errorOf(send(), [TOKEN])).toMatchObject({ retry: 'later', status: undefined })
  })

  // An object without a text of its own: `String()` of it throws.
  const strange = { toString: null }
  test.each([
    { ok: true },
    { ok: true, channel: 'C0123456789', ts: strange },
    { ok: false },
    { ok: false, error: strange },
    { ok: false, error: 'internal_error', needed: strange },
  ])('it may have been posted, and is sent again later, when Slack answers %j', async (body) => {
    slackApi.answerNext({ status: 200, body })
    expect(await errorOf(send(), [TOKEN])).toMatchObject({ retry: 'later', status: undefined })
  })

  test('a 429 without a time is a wait, too', async () => {
    slackApi.answerNext({ status: 429, body: { ok: false, error: 'ratelimited' } })
    expect(await errorOf(send(), [TOKEN])).toMatchObject({ retry: 'later', status: 429, retryAfterMs: undefined })
  })

  test.each(['https://hooks.slack.com/services/T0/B0/x', 'xoxp-a-persons', '', '{"token":"xoxb-1"}'])(
    'a secret that is no bot token (%j) is fetched again, and never shown',
    async (target) => {
      const error = await errorOf(send({ target }), target === '' ? [] : [target])
      expect(error).toMatchObject({ retry: 'secret' })
      expect(error.message).toMatch(/^Slack \(channel chat\): its secret is not a bot token/)
      expect(slackApi.requests).toEqual([])
    },
  )

  test.each<[string, 'later' | 'secret' | 'never', number | undefined]>([
    ['ratelimited', 'later', 429],
    ['rate_limited', 'later', 429],
    ['internal_error', 'later', undefined],
    ['team_added_to_org', 'later', 200],
    ['token_revoked', 'secret', 200],
    ['account_inactive', 'secret', 200],
    ['not_in_channel', 'never', 200],
    ['is_archived', 'never', 200],
    ['msg_too_long', 'never', 200],
    ['something_new', 'never', 200],
  ])('%s: %s', async (error, retry, status) => {
    slackApi.answerNext({ status: 200, body: { ok: false, error } })
    const refused = await errorOf(send(), [TOKEN])
    expect(refused).toMatchObject({ retry, status })
    expect(refused.message).toContain(`Slack (channel chat) answered ${error}`)
  })

  test('a digest of hundreds is accepted, and names all its alerts for whoever looks for one', async () => {
    const digests = app.renderDigest?.(storm(300)) ?? []
    for (const { payload } of digests) await app.send(payload, appDestination())
    expect(slackApi.requests.map(({ status }) => status)).toEqual(digests.map(() => 200))
    const said = slackApi.requests.map(({ body }) => body as { metadata: { event_payload: { carries: string } } })
    expect(said.flatMap(({ metadata }) => metadata.event_payload.carries.split(' '))).toHaveLength(300)
  })
})

test.each([
  ['30', 30_000],
  [' 1.5 ', 1_500],
  ['Mon, 14 Sep 2026 11:19:52 GMT', 60_000],
  ['Mon, 14 Sep 2026 11:00:00 GMT', 0],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After: %j is %j ms', (header, ms) => {
  expect(retryAfterMs(header, Date.parse('2026-09-14T11:18:52.000Z'))).toBe(ms)
})
