import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  commandOf,
  incidentEvent,
  noteEvent,
  pressOf,
  type Sent,
  signedForm,
  signedWebhook,
  urlEvent,
} from '../local/stand-ins/index.ts'
import { INTEGRATION } from '../local/stand-ins/pagerduty-webhooks.ts'
import { buttonValue, pressedIn } from '../shared/answers/button.ts'
import { withReference } from '../shared/channels/pagerduty/reference.ts'
import type { Decision, Sender } from '../shared/inbox/decision.ts'
import { OWN_NOTE, PAGERDUTY } from '../shared/inbox/pagerduty.ts'
import { isRefusal, type Refusal, type Request, type Response, requestIn } from '../shared/inbox/request.ts'
import { validIn } from '../shared/inbox/secrets.ts'
import { SLACK } from '../shared/inbox/slack.ts'

/*
 * What a request asks for, before anything is done about it: by value alone.
 */

const NOW = new Date('2026-11-27T10:00:00.000Z')
const SECRETS = ['new-secret-of-the-sender', 'old-secret-of-the-sender'] as const
const [NEW, OLD] = SECRETS
const KEY = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-cpu'

function decided(sender: Sender, sent: Sent, now = NOW): Decision | Response {
  const request = requestIn(urlEvent(sent))
  if (isRefusal(request)) return request
  return sender.before(request) ?? sender.decide(request, [...SECRETS], now)
}

/** Why it was refused, and how that was answered. */
function refusal(decision: Decision | Response): [string, number] | undefined {
  const { because, response } = decision as Refusal
  return because === undefined ? undefined : [because, response.statusCode]
}

const slack = (form: Record<string, string>, secret: string = NEW, at = NOW.getTime()) => signedForm(form, secret, at)
const pressed = (action: Record<string, unknown>, changes = {}) =>
  decided(SLACK, slack({ payload: JSON.stringify(pressOf(action, NOW.getTime(), changes)) }))
const typed = (text: string, changes = {}) => decided(SLACK, slack(commandOf(text, changes)))
const webhook = (event: object, secrets: string[] = [NEW]) =>
  decided(PAGERDUTY, signedWebhook(JSON.stringify({ event }), secrets))

const ACKNOWLEDGE = { action_id: 'acknowledge', value: KEY }

describe('Slack', () => {
  test('a press of Acknowledge is an acknowledgement by that person, at the time of the press', () => {
    expect(pressed(ACKNOWLEDGE, { trigger_id: '1.2.3' })).toEqual({
      do: 'order',
      shows: 'nothing',
      say: expect.stringMatching(/^https:\/\/hooks\.slack\.com\/actions\//),
      wish: {
        id: 'slack 1.2.3',
        about: { alert: KEY },
        does: { acknowledge: true },
        by: 'ann',
        via: 'slack',
        at: '2026-11-27T10:00:00.000Z',
      },
    })
  })

  test.each([
    ['the time of the press', { action_ts: '1795773598.250000' }, '2026-11-27T09:59:58.250Z'],
    ['without one, the time of the request', { action_ts: undefined }, '2026-11-27T10:00:00.000Z'],
    ['or with one that is no time', { action_ts: 'now' }, '2026-11-27T10:00:00.000Z'],
    ['or no text', { action_ts: 5 }, '2026-11-27T10:00:00.000Z'],
  ])('a press has %s', (_what, action, at) => {
    expect(pressed({ ...ACKNOWLEDGE, ...action })).toMatchObject({ wish: { at } })
  })

  test('each press has the id that Slack gives it; without one, that of its signature', () => {
    const long = pressed(ACKNOWLEDGE, { trigger_id: 'x'.repeat(300) })
    expect(long).toMatchObject({ wish: { id: `slack ${'x'.repeat(200)}` } })
    for (const trigger_id of [undefined, '', 5]) {
      const sent = slack({ payload: JSON.stringify(pressOf(ACKNOWLEDGE, NOW.getTime(), { trigger_id })) })
      const signature = sent.headers?.['X-Slack-Signature'] ?? ''
      const upper = {
        ...sent,
        headers: { ...sent.headers, 'X-Slack-Signature': `v0=${signature.slice(3).toUpperCase()}` },
      }
      const id = `slack ${signature.slice(3)}`
      expect([decided(SLACK, sent), decided(SLACK, upper)]).toMatchObject([{ wish: { id } }, { wish: { id } }])
    }
  })

  test('the log says what was of no use', () => {
    const unused = (decision: object) => (decision as { unused?: string }).unused
    expect(unused(pressed({ action_id: 'runbook' }))).toBe('a button that leads to a page')
    expect(unused(pressed(ACKNOWLEDGE, { type: 'view_submission' }))).toBe('view_submission')
    expect(unused(decided(SLACK, slack({ x: '1' })))).toBe('neither a command nor a payload')
    expect(unused(webhook({ id: 'x', event_type: 'pagey.ping', occurred_at: NOW.toISOString() }))).toBe('pagey.ping')
    expect(unused(webhook({}))).toBe('no event')
    // `String()` of such an object throws.
    expect(unused(pressed(ACKNOWLEDGE, { type: { toString: null } }))).toBe('no type')
    expect(unused(webhook({ id: 'x', event_type: { toString: null } }))).toBe('no event')
  })

  test('a form with neither a command nor a payload is answered with an empty 200', () => {
    expect(decided(SLACK, slack({ x: '1' }))).toMatchObject({ do: 'answer', response: { statusCode: 200, body: '' } })
  })

  test('a button carries the firing that it was shown with', () => {
    const about = { alert: KEY, since: '2026-11-27T09:00:00.000Z' }
    expect(pressed({ ...ACKNOWLEDGE, value: buttonValue(about) })).toMatchObject({ wish: { about } })
  })

  test.each([
    ['with a name alone', { user: { id: 'U1', name: 'Ann Lee' } }, 'Ann Lee'],
    ['with an id alone', { user: { id: 'U1' } }, 'U1'],
    ['without anything', { user: null }, 'somebody'],
    ['whose name is long', { user: { name: 'a'.repeat(200) } }, `${'a'.repeat(99)}…`],
    ['whose name has lines', { user: { name: 'a\nb\u202e' } }, 'a b'],
  ])('a person %s', (_who, changes, by) => {
    expect(pressed(ACKNOWLEDGE, changes)).toMatchObject({ wish: { by } })
  })

  test.each<[what: string, action: Record<string, unknown>, changes?: object]>([
    ['a button that opens a page', { action_id: 'runbook', url: 'https://wiki.example.com', value: KEY }],
    ['a button of another app', { action_id: 'x', value: KEY }],
    ['a button without a value', { action_id: 'acknowledge' }],
    ['a button with an empty value', { action_id: 'acknowledge', value: '' }],
    ['a submitted form', ACKNOWLEDGE, { type: 'view_submission' }],
    ['a shortcut', ACKNOWLEDGE, { type: 'shortcut' }],
    ['no actions at all', ACKNOWLEDGE, { actions: 'none' }],
    ['a type that is no text', ACKNOWLEDGE, { type: { a: 1 } }],
  ])('%s is answered with an empty 200, and nothing is done', (_what, action, changes = {}) => {
    expect(pressed(action, changes)).toMatchObject({ do: 'answer', response: { statusCode: 200, body: '' } })
  })

  test('Silence is one hour, from the press on', () => {
    const action_ts = String(Date.parse('2026-11-27T09:59:30.000Z') / 1_000)
    expect(pressed({ action_id: 'silence', value: KEY, action_ts })).toMatchObject({
      ...{ do: 'order', say: expect.stringContaining('hooks.slack.com') },
      wish: {
        ...{ about: { alert: KEY }, by: 'ann', via: 'slack' },
        does: { silence: true, until: '2026-11-27T10:59:30.000Z', why: 'Silence 1h, pressed in Slack' },
      },
    })
  })

  test.each([
    'http://hooks.slack.com/actions/1',
    'https://hooks.slack.com.example.com/1',
    'https://user@hooks.slack.com/1',
    `https://hooks.slack.com/${'x'.repeat(2_000)}`,
    'https://hooks.slack.com:8443/1',
    'https://169.254.169.254/latest',
    'file:///etc/passwd',
    'no url',
    42,
  ])('no text is ever sent to %s', (response_url) => {
    expect(pressed(ACKNOWLEDGE, { response_url })).not.toHaveProperty('say')
    expect(pressed({ action_id: 'silence', value: KEY }, { response_url })).not.toHaveProperty('say')
  })

  test.each([
    ['of the secret before', slack({ payload: JSON.stringify(pressOf(ACKNOWLEDGE, NOW.getTime())) }, OLD)],
    ['five minutes old', slack(commandOf('ack x'), NEW, NOW.getTime() - 300_000)],
    ['five minutes ahead', slack(commandOf('ack x'), NEW, NOW.getTime() + 300_000)],
  ])('a signature %s is accepted', (_what, sent) => {
    expect(decided(SLACK, sent)).toMatchObject({ do: 'order' })
  })

  const signed = slack(commandOf('ack x'))
  const header = (name: string, value: string): Sent => ({ ...signed, headers: { ...signed.headers, [name]: value } })
  test.each<[what: string, sent: Sent, because: string, status: number]>([
    ['a secret that is not ours', slack(commandOf('ack x'), 'a-secret-of-somebody'), 'signature', 403],
    ['another body', { ...signed, body: `${signed.body}&text=ack+y` }, 'signature', 403],
    ['another time', header('X-Slack-Request-Timestamp', '1764237601'), 'signature', 403],
    ['a time of 301 seconds ago', slack(commandOf('x'), NEW, NOW.getTime() - 301_000), 'old', 403],
    ['a time of 301 seconds ahead', slack(commandOf('x'), NEW, NOW.getTime() + 301_000), 'old', 403],
    ['no signature', { ...signed, headers: {} }, 'unsigned', 401],
    ['a signature of another version', header('X-Slack-Signature', 'v1=aa'), 'signature', 403],
    [
      'half a signature',
      header('X-Slack-Signature', signed.headers?.['X-Slack-Signature']?.slice(0, 40) ?? ''),
      'signature',
      403,
    ],
    ['GET', { ...signed, method: 'GET' }, 'method', 405],
  ])('%s is refused', (_what, sent, because, status) => {
    expect(refusal(decided(SLACK, sent))).toEqual([because, status])
  })

  test.each(['X-Slack-Signature', 'X-Slack-Request-Timestamp'])('without %s it is not signed', (name) => {
    const { [name]: _, ...headers } = signed.headers ?? {}
    expect(refusal(decided(SLACK, { ...signed, headers }))).toEqual(['unsigned', 401])
  })

  test('a signature with something around it is none', () => {
    const right = signed.headers?.['X-Slack-Signature'] ?? ''
    for (const value of [`x${right}`, `${right} x`, ` ${right}`, right.slice(3)]) {
      expect(refusal(decided(SLACK, header('X-Slack-Signature', value)))).toEqual(['signature', 403])
    }
  })

  test('a signed time that is no number is refused as old, whatever it is', () => {
    const now = NOW.getTime() / 1_000
    for (const time of ['', 'now', '1e9', '-1', '99999999999999', `+${now}`, `${now}.5`, ` ${now}`]) {
      const body = 'command=x'
      const sent = signedForm({ command: 'x' }, NEW, 0)

      const signature = createHmac('sha256', NEW).update(`v0:${time}:${body}`).digest('hex')
      const headers = { ...sent.headers, 'X-Slack-Request-Timestamp': time, 'X-Slack-Signature': `v0=${signature}` }
      expect(refusal(decided(SLACK, { ...sent, body, headers }))).toEqual(['old', 403])
    }
  })

  test.each<[what: string, sent: Sent]>([
    ['by GET', { method: 'GET', path: '/slack?ssl_check=1' }],
    [
      'by POST',
      { path: '/slack', body: 'token=x&ssl_check=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ])('Slack’s check of the certificate, %s, gets an empty 200', (_how, sent) => {
    expect(decided(SLACK, sent)).toMatchObject({ statusCode: 200, body: '' })
  })

  test('a command is no check of the certificate, whatever it says', () => {
    const { headers: _, ...unsigned } = slack({ command: '/alerts', text: 'ack x', ssl_check: '1' })
    expect(
      refusal(decided(SLACK, { ...unsigned, headers: { 'content-type': 'application/x-www-form-urlencoded' } })),
    ).toEqual(['unsigned', 401])
  })
})

describe('the slash command', () => {
  test.each([
    [`ack ${KEY}`, { alert: KEY }, { acknowledge: true }],
    [`acknowledge ${KEY}`, { alert: KEY }, { acknowledge: true }],
    [`ACK  ${KEY} for 2h`, { alert: KEY }, { acknowledge: true, until: '2026-11-27T12:00:00.000Z' }],
    [
      'ack a name with spaces for 30m',
      { alert: 'a name with spaces' },
      { acknowledge: true, until: '2026-11-27T10:30:00.000Z' },
    ],
    ['ack a &amp; b &lt;c&gt; &amp;lt;', { alert: 'a & b <c> &lt;' }, { acknowledge: true }],
    [`ack ${KEY} for 30d`, { alert: KEY }, { acknowledge: true, until: '2026-12-27T10:00:00.000Z' }],
    [`resolve ${KEY}`, { alert: KEY }, { resolve: true }],
    ['note a: b', { alert: 'a' }, { note: 'b' }],
    [
      `silence ${KEY} 1h load test`,
      { alert: KEY },
      { silence: true, until: '2026-11-27T11:00:00.000Z', why: 'load test' },
    ],
    [
      'silence a name with spaces for 30m: it is 2h too early',
      { alert: 'a name with spaces' },
      { silence: true, until: '2026-11-27T10:30:00.000Z', why: 'it is 2h too early' },
    ],
    [
      `silence ${KEY} 30d ${'x'.repeat(400)}`,
      { alert: KEY },
      { silence: true, until: '2026-12-27T10:00:00.000Z', why: `${'x'.repeat(299)}…` },
    ],
    [`note ${KEY}: disk: 91 % full`, { alert: KEY }, { note: 'disk: 91 % full' }],
  ])('%s', (text, about, does) => {
    expect(typed(text)).toMatchObject({ do: 'order', shows: 'text', wish: { about, does, by: 'ann', via: 'slack' } })
  })

  test.each([
    ['', 'KEY is the alert'],
    ['help', '/alerts ack KEY [for 2h]'],
    ['ack', 'ack KEY'],
    ['resolve', 'resolve KEY'],
    ['note x', 'note KEY: TEXT'],
    ['note : x', 'note KEY: TEXT'],
    ['note x:', 'note KEY: TEXT'],
    ['silence', 'silence KEY 2h WHY'],
    ['silence x', 'silence KEY 2h WHY'],
    ['silence x for ever', 'silence KEY 2h WHY'],
    ['silence x 2h', 'A silence needs a reason: /alerts silence KEY 2h WHY'],
    ['silence x 31d gone', 'at most 30d'],
    ['silence x 0m gone', '"0m" is no duration'],
    ['ack x for 2 hours', undefined],
    ['ack x for ever', '"ever" is no duration'],
    ['ack x for 31d', 'at most 30d'],
    ['ack x for 0m', 'is no duration'],
  ])('"%s" is answered with a text for the person alone', (text, says) => {
    if (says === undefined) return expect(typed(text)).toMatchObject({ wish: { about: { alert: 'x for 2 hours' } } })
    const { response } = typed(text) as { response: Response }
    const answer = JSON.parse(response.body)
    expect([response.statusCode, response.headers['content-type'], answer.response_type]).toEqual([
      200,
      'application/json',
      'ephemeral',
    ])
    expect(answer.text).toContain(says)
  })

  test('what a person typed can mention nobody in the answer', () => {
    const { response } = typed('ack x for &lt;!channel&gt;') as { response: Response }
    expect(JSON.parse(response.body).text).toContain('"&lt;!channel&gt;"')
  })
})

describe('PagerDuty', () => {
  const about = { incident: 'PGR0VU2', key: KEY }
  const of = (type: string, changes = {}) => incidentEvent(type, { incidentKey: KEY, ...changes })

  test.each([
    ['acknowledged', of('acknowledged'), about, { acknowledge: true }, 'Bob Ray'],
    ['unacknowledged', of('unacknowledged'), about, { unacknowledge: true }, 'Bob Ray'],
    [
      'unacknowledged by time',
      of('unacknowledged', { agent: null, client: null }),
      about,
      { unacknowledge: true },
      'PagerDuty',
    ],
    ['resolved', of('resolved'), about, { resolve: true }, 'Bob Ray'],
    ['reassigned', of('reassigned'), about, { note: 'Reassigned in PagerDuty to Cara Lee' }, 'Bob Ray'],
    [
      'reassigned by nobody',
      of('reassigned', { agent: null }),
      about,
      { note: 'Reassigned in PagerDuty to Cara Lee' },
      'PagerDuty',
    ],
    [
      'annotated',
      noteEvent('  We  look\ninto it.\u0007'),
      { incident: 'PGR0VU2' },
      { note: 'We  look\ninto it.' },
      'Bob Ray',
    ],
    [
      'annotated at length',
      noteEvent('x'.repeat(5_000)),
      { incident: 'PGR0VU2' },
      { note: `${'x'.repeat(999)}…` },
      'Bob Ray',
    ],
  ])('%s', (_type, event, expected, does, by) => {
    const wish = { id: `pagerduty ${event.id}`, about: expected, does, by, via: 'pagerduty' }
    expect(webhook(event)).toEqual({
      do: 'order',
      shows: 'nothing',
      wish: { ...wish, at: expect.stringMatching(/Z$/) },
    })
  })

  test.each([
    ['our own acknowledgement', of('acknowledged', { agent: INTEGRATION, client: { name: 'alert-router' } })],
    ['our own resolve', of('resolved', { agent: INTEGRATION, client: { name: 'alert-router', url: null } })],
    ['a resolve by PagerDuty’s clock', of('resolved', { agent: null, client: null })],
    ['an acknowledgement by automation', of('acknowledged', { agent: { type: 'service_reference' } })],
    ['what we did in a person’s name', of('acknowledged', { client: { name: 'alert-router' } })],
    ['a note of ours', noteEvent(`${OWN_NOTE}still firing`)],
    ['an empty note', noteEvent(' \u0000 ')],
    ['an escalation', of('escalated')],
    ['a change of priority', of('priority_updated')],
    ['pagey.ping', { id: 'x', event_type: 'pagey.ping', data: { type: 'ping', message: 'Hello' } }],
    ['service.updated', { id: 'x', event_type: 'service.updated', data: { type: 'service', id: 'P1' } }],
    ['a type that nobody knows', of('sung')],
    ['a type named as what objects have', { ...of('x'), event_type: 'constructor' }],
    ['an event with an empty id', { ...of('acknowledged'), id: '' }],
    ['an event of several types', { ...of('acknowledged'), event_type: ['incident.acknowledged'] }],
    ['an event of an incident without an id', of('acknowledged', { id: '' })],
    ['a note that is no text', { ...noteEvent('x'), data: { ...noteEvent('x').data, content: 5 } }],
    ['an event without an id', { ...of('acknowledged'), id: undefined }],
    ['an event of eight days ago', of('acknowledged', { at: '2026-11-19T10:00:00.000Z' })],
    ['an event without a time', { ...of('acknowledged'), occurred_at: undefined }],
    ['an event without an incident', { ...of('acknowledged'), data: null }],
    ['no event', 'nothing'],
  ])('%s changes nothing, and gets 200', (_what, event) => {
    expect(webhook(event as object)).toMatchObject({ do: 'answer', response: { statusCode: 200, body: '' } })
  })

  test.each(['', 'null', '[]', '{', '{"event":[]}', '{"event":{"id":1}}'])(
    'a signed body of %j gets 200: it would be dropped either way',
    (body) => {
      expect(decided(PAGERDUTY, signedWebhook(body, [NEW]))).toMatchObject({
        do: 'answer',
        response: { statusCode: 200 },
      })
    },
  )

  test('the first event of an incident says by which key it was opened: in its own field, or in what our event had', () => {
    const url = withReference(
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/a',
      KEY,
    )
    const ours = { agent: INTEGRATION, client: { name: 'alert-router', url } }
    expect(webhook(incidentEvent('triggered', ours))).toEqual({ do: 'remember', incident: 'PGR0VU2', key: KEY })
    expect(webhook(of('triggered'))).toEqual({ do: 'remember', incident: 'PGR0VU2', key: KEY })
    expect(webhook(incidentEvent('triggered'))).toMatchObject({ do: 'answer' })
  })

  test('any one of several signatures by any one of several secrets is enough', () => {
    const event = of('acknowledged')
    expect(webhook(event, ['a-secret-of-somebody', OLD])).toMatchObject({ do: 'order' })
    expect(refusal(webhook(event, ['a-secret-of-somebody', 'another-of-somebody']))).toEqual(['signature', 403])
  })

  const signed = signedWebhook(JSON.stringify({ event: of('acknowledged') }), [NEW])
  const header = (value: string): Sent => ({ ...signed, headers: { 'X-PagerDuty-Signature': value } })
  const right = signed.headers?.['X-PagerDuty-Signature'] ?? ''
  test.each<[what: string, sent: Sent, because: string, status: number]>([
    ['another body', { ...signed, body: `${signed.body} ` }, 'signature', 403],
    ['no signature', { ...signed, headers: {} }, 'unsigned', 401],
    ['a signature of another version', header(right.replace('v1', 'v2')), 'unsigned', 401],
    [
      'eleven signatures of which the last is right',
      header(`${`v1=${'a'.repeat(64)},`.repeat(10)}${right}`),
      'signature',
      403,
    ],
    ['GET', { ...signed, method: 'GET' }, 'method', 405],
  ])('%s is refused', (_what, sent, because, status) => {
    expect(refusal(decided(PAGERDUTY, sent))).toEqual([because, status])
  })

  test('a signature with something around it is none', () => {
    for (const value of [`x${right}`, `${right} x`]) {
      expect(refusal(decided(PAGERDUTY, header(value)))).toEqual(['unsigned', 401])
    }
  })

  test('ids and keys are those of the event, and not endless', () => {
    const long = webhook({ ...of('acknowledged', { id: 'P'.repeat(300) }), id: 'e'.repeat(300) })
    expect(long).toMatchObject({ wish: { id: `pagerduty ${'e'.repeat(200)}`, about: { incident: 'P'.repeat(200) } } })
    for (const incidentKey of [null, '', 5]) {
      const { wish } = webhook(incidentEvent('acknowledged', { incidentKey })) as { wish: { about: object } }
      expect(wish.about).toStrictEqual({ incident: 'PGR0VU2' })
    }
    const url = withReference('https://example.com', 'the key')
    const client = { name: 'x', url }
    expect(webhook(incidentEvent('triggered', { incidentKey: '', client }))).toMatchObject({ key: 'the key' })
  })

  test('a reassignment to nobody with a name says no more', () => {
    for (const assignees of [undefined, 'Bob', [null, { summary: '' }]]) {
      const event = of('reassigned')
      expect(webhook({ ...event, data: { ...event.data, assignees } })).toMatchObject({
        wish: { does: { note: 'Reassigned in PagerDuty' } },
      })
    }
  })

  test('an event of seven days ago counts, to the millisecond', () => {
    expect(webhook(of('acknowledged', { at: '2026-11-20T10:00:00.000Z' }))).toMatchObject({ do: 'order' })
    expect(webhook(of('acknowledged', { at: '2026-11-20T09:59:59.999Z' }))).toMatchObject({ do: 'answer' })
  })

  test('spaces around signatures do no harm, and the case of their digits says nothing', () => {
    expect(decided(PAGERDUTY, header(` v2=x , ${right.toUpperCase().replace('V1', 'v1')} `))).toMatchObject({
      do: 'order',
    })
  })
})

describe('a request', () => {
  test('is signed as its bytes were sent, in base64 or not', () => {
    const sent = signedWebhook(JSON.stringify({ event: incidentEvent('acknowledged', { incidentKey: 'größer ☃' }) }), [
      NEW,
    ])
    for (const type of ['application/json', 'application/octet-stream']) {
      const headers = { ...sent.headers, 'Content-Type': type }
      expect(decided(PAGERDUTY, { ...sent, headers })).toMatchObject({ wish: { about: { key: 'größer ☃' } } })
    }
  })

  test.each<[what: string, event: unknown, status: number, because: string]>([
    ['of 256 KB and one byte', urlEvent({ path: '/slack', body: 'x'.repeat(256 * 1024 + 1) }), 413, 'size'],
    [
      'of as much in base64',
      { ...urlEvent({ path: '/slack' }), body: 'x'.repeat(360_000), isBase64Encoded: true },
      413,
      'size',
    ],
    ['with a long address', urlEvent({ path: `/link/${'x'.repeat(6_000)}` }), 414, 'size'],
    ['that is null', null, 400, 'strange'],
    ['that is an event of SQS', { Records: [] }, 400, 'strange'],
    ['without a path', { requestContext: { http: { method: 'GET' } } }, 400, 'strange'],
    ['without a method', { rawPath: '/slack', requestContext: { http: null } }, 400, 'strange'],
  ])('%s is refused', (_what, event, status, because) => {
    expect(requestIn(event)).toMatchObject({ because, response: { statusCode: status } })
  })

  test('has its headers by lower-case names, and nothing that is no text', () => {
    const event = {
      ...{ rawPath: `/${'x'.repeat(5_999)}`, rawQueryString: 'q'.repeat(7_000) },
      requestContext: { http: { method: 'get' } },
      headers: { 'X-A': 'b', c: 1, d: null },
    }
    const request = requestIn(event) as Request
    expect([request.method, request.headers, request.query.length]).toEqual(['GET', { 'x-a': 'b' }, 6_000])
    expect((requestIn({ ...event, rawQueryString: 1, headers: [] }) as Request).query).toBe('')
  })

  test('that is refused is answered in plain text, by a page that may do nothing', () => {
    const { response } = requestIn(null) as Refusal
    expect(response).toStrictEqual({
      statusCode: 400,
      headers: {
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
        'content-type': 'text/plain; charset=utf-8',
        'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
      body: 'Not a request.\n',
    })
    for (const [sender, path] of [
      [SLACK, '/slack'],
      [PAGERDUTY, '/pagerduty'],
    ] as const) {
      expect((decided(sender, { method: 'PUT', path }) as Refusal).response.headers.allow).toBe('POST')
    }
  })

  test('of exactly 256 KB is read', () => {
    expect(requestIn(urlEvent({ path: '/slack', body: 'x'.repeat(256 * 1024) }))).toMatchObject({ path: '/slack' })
  })
})

test('a secret may hold several, a line each; what is too short is none', () => {
  expect(validIn(`  ${NEW}\n${OLD}\r\n\nshort\n`)).toEqual([NEW, OLD])
  expect(validIn('short')).toEqual([])
})

test.each([
  [{ alert: KEY }],
  [{ alert: KEY, since: '2026-11-27T09:00:00.000Z' }],
  [{ alert: '{"alert":1}' }],
  [{ alert: '{' }],
])('what a button carries is read as it was written: %j', (pressed) => {
  expect(pressedIn(buttonValue(pressed))).toEqual(pressed)
  expect(buttonValue(pressed).length).toBeLessThanOrEqual(2_000)
})

test('a key that leaves no room for more stands alone, and a plain key is one', () => {
  const alert = 'x'.repeat(1_990)
  expect(buttonValue({ alert, since: '2026-11-27T09:00:00.000Z' })).toBe(alert)
  expect(pressedIn('{"alert":"a","since":1}')).toStrictEqual({ alert: 'a' })
  const most = { alert: 'x'.repeat(2_000 - '{"alert":""}'.length) }
  expect(buttonValue(most)).toBe(JSON.stringify(most))
  expect(['{', '{"alert":1}', 'a'].map(pressedIn)).toEqual([{ alert: '{' }, { alert: '{"alert":1}' }, { alert: 'a' }])
})
