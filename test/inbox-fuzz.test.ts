import { createHmac } from 'node:crypto'
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
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
import { type Link, tokenOf } from '../shared/answers/link.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'
import { inboxFor, SECRET } from './inbox.ts'
import { expectNoSecret, watchOutput } from './no-secret.ts'

/*
 * Whatever anybody sends to the URL: it is answered, no secret is shown, and nothing is done unless it is signed. What is
 * signed is judged here by other code than the function's.
 */

const { by, handle } = inboxFor()
let sqs: SQSClient | undefined
afterEach(() => sqs?.destroy())

const NOW = Date.parse('2026-11-27T10:00:00Z')
const FORGER = 'a-secret-that-is-not-the-one'
const LINK = {
  action: 'acknowledge',
  episode: '2026-11-27T09:00:00.000Z',
  recipient: 'ann@example.com',
} as const

/** A text of any kind, or one that means something here. */
const text = (known: string) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(known) },
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('', '__proto__', 'constructor', '{', '{"alert":"x"}', '\u0000', '\ud800', 'x'.repeat(3_000)),
  )
/** The last has no text of its own: `String()` of it throws. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined), fc.constant({ toString: null }))
/** One field of an object replaced by anything, at any depth of two. */
const spoilt = (known: object) =>
  fc
    .tuple(fc.constantFrom(...Object.keys(known)), anything, fc.integer({ min: 0, max: 3 }))
    .map(([name, value, luck]) => (luck > 0 ? known : { ...known, [name]: value }))
const secretOf = (name: keyof typeof SECRET) => fc.constantFrom(SECRET[name], FORGER)
const at = fc.constantFrom(0, 0, 0, -299_000, -301_000, 400_000).map((by) => NOW + by)

function requests(alert: string): fc.Arbitrary<Sent> {
  const pressed = fc
    .tuple(text(alert), fc.constantFrom('acknowledge', 'silence', 'runbook'), at, secretOf('slack-signing'))
    .chain(([value, action_id, when, secret]) =>
      spoilt(pressOf({ action_id, value }, when)).map((payload) =>
        signedForm({ payload: JSON.stringify(payload) }, secret, when),
      ),
    )
  const words = text(`ack ${alert}`).chain((one) => fc.constantFrom(one, `ack ${one} for 2h`, `note ${one}: x`, 'help'))
  const commanded = fc
    .tuple(words, at, secretOf('slack-signing'))
    .map(([typed, when, secret]) => signedForm(commandOf(typed), secret, when))
  const type = fc.constantFrom('triggered', 'acknowledged', 'unacknowledged', 'resolved', 'reassigned', 'escalated')
  const event = fc
    .tuple(type, text(alert), text('note'), fc.boolean())
    .chain(([one, incidentKey, note, isNote]) => spoilt(isNote ? noteEvent(note) : incidentEvent(one, { incidentKey })))
  const webhook = fc
    .tuple(event, secretOf('pagerduty-webhook'))
    .map(([one, secret]) => signedWebhook(JSON.stringify({ event: one }), [FORGER, secret]))
  const link = fc
    .tuple(text(alert), secretOf('inbox-links'), fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'), at)
    .map(([one, secret, method, expires]) => {
      const made: Link = { ...LINK, alert: one, expires: new Date(expires + 1_000).toISOString() }
      return { method, path: `/link/${tokenOf(made, secret)}` }
    })
  const strange = fc.record({
    method: fc.constantFrom('GET', 'POST', 'OPTIONS', 'get', ''),
    path: fc.oneof(
      fc.constantFrom('/', '/slack', '/pagerduty', '/link/', '/link/a.b', '/slack?ssl_check=1', '//slack', '/SLACK'),
      fc.string({ unit: 'binary' }),
    ),
    body: fc.string({ unit: 'binary' }),
  })
  return fc.oneof(pressed, commanded, webhook, link, strange)
}

/** A change of what was signed, in some of them: a byte of the body, a header, the path. */
const changes = fc.oneof(
  { weight: 5, arbitrary: fc.constant((sent: Sent) => sent) },
  fc.nat().map((n) => (sent: Sent) => {
    const place = n % ((sent.body ?? '').length + 1)
    return { ...sent, body: `${(sent.body ?? '').slice(0, place)}~${(sent.body ?? '').slice(place + 1)}` }
  }),
  fc.constantFrom('/slack', '/pagerduty', '/link/x.y').map((path) => (sent: Sent) => ({ ...sent, path })),
  fc.tuple(fc.nat(3), fc.string()).map(([n, value]) => (sent: Sent) => {
    const name = Object.keys(sent.headers ?? {})[n]
    return name === undefined ? sent : { ...sent, headers: { ...sent.headers, [name]: value } }
  }),
)

const mac = (key: string, text: string | Buffer, encoding: 'hex' | 'base64url') =>
  createHmac('sha256', key).update(text).digest(encoding)

/** Whether one who may has signed it, by what arrives. */
// biome-ignore lint/suspicious/noExplicitAny: an event of Lambda's, or nearly
function isSigned(event: any): boolean {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
  const { headers } = event
  if (event.rawPath === '/slack') {
    const time = headers['x-slack-request-timestamp'] ?? ''
    const signed = Buffer.concat([Buffer.from(`v0:${time}:`), body])
    const isInTime = Math.abs(NOW / 1_000 - Number(time)) <= 300
    return isInTime && headers['x-slack-signature'] === `v0=${mac(SECRET['slack-signing'], signed, 'hex')}`
  }
  if (event.rawPath === '/pagerduty') {
    return (headers['x-pagerduty-signature'] ?? '')
      .split(',')
      .map((one: string) => one.trim())
      .includes(`v1=${mac(SECRET['pagerduty-webhook'], body, 'hex')}`)
  }
  const [signed = '', signature] = event.rawPath.slice('/link/'.length).split('.')
  return signature === mac(SECRET['inbox-links'], `alert-router link 1 ${signed}`, 'base64url')
}

test(
  'is answered, shows no secret, and does nothing unless it is signed',
  async () => {
    const { fingerprint: alert } = await by.owed('chat', {
      fingerprint: 'fuzzed',
      changedAt: '2026-11-27T09:00:00.000Z',
    })
    sqs = new SQSClient({})
    // Nothing listens there.
    Object.assign(process.env, { SLACK_RESPONSES: 'http://127.0.0.1:9', LOG_LEVEL: 'INFO' })
    const secrets = Object.values(SECRET)
    let acted = 0
    const queue = process.env.ALARMS_QUEUE_URL
    // One for all: each spy is kept as long as the test runs.
    const output = watchOutput()
    const one = async ([event, isDown]: [object, boolean]) => {
      process.env.ALARMS_QUEUE_URL = isDown ? `${queue}-gone` : queue
      const response = await handle(event).finally(() => {
        process.env.ALARMS_QUEUE_URL = queue
      })
      const printed = output.take()
      expectNoSecret(printed, secrets)
      expectNoSecret(response, secrets)
      const { statusCode, body } = response
      expect([200, 400, 401, 403, 404, 405, 410, 413, 414, 503]).toContain(statusCode)
      if (statusCode === 503) {
        expect(isSigned(event), 'a call without a signature').toBe(true)
        // On a busy machine the emulators are late, too.
        expect(printed).toMatch(isDown ? /answer\.failed/ : /timeout|ECONN|did not answer/i)
      }
      const hasActed = by.engine.hasMessage('alarms')
      if (hasActed) {
        expect(isSigned(event), 'an order without a signature').toBe(true)
        expect(statusCode).toBe(200)
        await sqs?.send(new PurgeQueueCommand({ QueueUrl: queue }))
        acted++
      }
      if (statusCode !== 200 && !body.startsWith('<!doctype html>')) expect(body).toMatch(/^([A-Z][^<>]{5,60}\.\n)?$/)
    }
    const sent = fc.tuple(requests(alert), changes).map(([request, change]) => urlEvent(change(request)))
    const event = fc.oneof(
      { weight: 20, arbitrary: sent },
      fc.jsonValue().map((value) => value as object),
    )
    const down = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
    try {
      await fc.assert(fc.asyncProperty(fc.tuple(event, down), one), { numRuns: FUZZ_RUNS })
    } finally {
      output.stop()
    }
    // It did not only refuse.
    expect(acted).toBeGreaterThan(FUZZ_RUNS / 50)
  },
  // Each that is signed asks emulators.
  2 * FUZZ_TIMEOUT_MS,
)
