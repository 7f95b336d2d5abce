import { describe, expect, test, vi } from 'vitest'
import {
  commandOf,
  incidentEvent,
  noteEvent,
  pressOf,
  signedForm,
  signedWebhook,
  type WebhookEvent,
  WebhookSubscription,
} from '../local/stand-ins/index.ts'
import { INTEGRATION } from '../local/stand-ins/pagerduty-webhooks.ts'
import { startStandIn } from '../local/stand-ins/stand-in.ts'
import { orderSchema } from '../schemas/wake.ts'
import { buttonValue } from '../shared/answers/button.ts'
import { firing } from './alert-samples.ts'
import { written } from './emf.ts'
import { ANSWERED, inboxFor, SECRET } from './inbox.ts'
import { oweAll } from './owed.ts'

/*
 * The function with a URL, on the local engine: what people answer in Slack and in PagerDuty becomes an order, once.
 */

const inbox = inboxFor()
const { by, post, orders, rotate } = inbox

let alarms = 0
/** An alert that its channel has received; its key. */
async function alerted(channel = 'pager', changes = {}): Promise<string> {
  const fingerprint = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:answered-${++alarms}`
  const wake = await by.owed(channel, { fingerprint, changedAt: '2026-11-27T09:00:00.000Z', ...changes })
  await by.deliver(wake)
  return wake.fingerprint
}

async function ended(fingerprint: string): Promise<void> {
  const changedAt = new Date().toISOString()
  await oweAll({ ...firing.alert, fingerprint, status: 'resolved', changedAt }, ANSWERED)
}

const press = (value: string, changes = {}, secret = SECRET['slack-signing']) => {
  const now = Date.now()
  const payload = JSON.stringify(pressOf({ action_id: 'acknowledge', value }, now, changes))
  return signedForm({ payload }, secret, now)
}
const command = (text: string) => signedForm(commandOf(text), SECRET['slack-signing'], Date.now())
const webhook = (event: WebhookEvent) => signedWebhook(JSON.stringify({ event }), [SECRET['pagerduty-webhook']])

describe('a silence from Slack', () => {
  const silence = (value: string, changes = {}) => {
    const payload = JSON.stringify(pressOf({ action_id: 'silence', value }, Date.now(), changes))
    return signedForm({ payload }, SECRET['slack-signing'], Date.now())
  }

  test('is an order about that alert, once, and the answer says until when', async () => {
    const slack = await startStandIn({
      answer: () => ({ status: 200 }),
      capture: ({ path, json }) => ({ path, body: json }),
    })
    vi.stubEnv('SLACK_RESPONSES', slack.url)
    const alert = await alerted('chat', { title: 'orders-errors' })
    const sent = silence(alert)
    expect([(await post(sent)).statusCode, (await post(sent)).statusCode]).toEqual([200, 200])
    const all = await orders()
    expect(all).toEqual([
      {
        ...{ silenceAlert: alert, id: expect.stringMatching(/^[0-9a-f]{12}$/), by: 'ann', via: 'slack' },
        ...{ at: '2026-11-27T10:00:00.000Z', until: '2026-11-27T11:00:00.000Z' },
        why: 'Silence 1h, pressed in Slack',
      },
    ])
    expect(all.map((order) => orderSchema.safeParse(order).success)).toEqual([true])
    expect(slack.requests.map(({ body }) => (body as { text: string }).text)[0]).toMatch(
      /^Silenced until 2026-11-27 11:00 UTC: "orders-errors"/,
    )
    vi.unstubAllEnvs()
    await slack.close()
  })

  test('of an alert that has ended counts, too: it may fire again', async () => {
    const alert = await alerted('chat')
    await ended(alert)
    await post(silence(alert))
    expect(await orders()).toMatchObject([{ silenceAlert: alert }])
  })

  test('by the slash command is answered with what was done', async () => {
    const alert = await alerted('chat', { title: 'orders-errors' })
    const answer = await post(command(`silence ${alert} 2h load test`))
    expect(JSON.parse(answer.body).text).toMatch(
      /^Silenced until 2026-11-27 12:00 UTC: "orders-errors"\. What fires then/,
    )
    expect(await orders()).toMatchObject([{ silenceAlert: alert, why: 'load test', until: '2026-11-27T12:00:00.000Z' }])
  })

  test('of what is no alert of ours orders nothing', async () => {
    const answer = await post(command('silence arn:unknown 2h load test'))
    expect(JSON.parse(answer.body).text).toContain('No such alert is known')
    expect(await orders()).toEqual([])
  })
})

describe('a press of Acknowledge in Slack', () => {
  test('is an order to acknowledge the alert, and is answered with an empty 200', async () => {
    const alert = await alerted('chat')
    const answer = await post(press(alert))
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
    const sent = await orders()
    expect(sent).toEqual([{ acknowledge: alert, by: 'ann', via: 'slack', at: '2026-11-27T10:00:00.000Z' }])
    expect(sent.map((order) => orderSchema.safeParse(order).success)).toEqual([true])
  })

  test('that arrives twice is one order; a second press is another', async () => {
    const alert = await alerted('chat')
    const sent = press(alert)
    expect([(await post(sent)).statusCode, (await post(sent)).statusCode]).toEqual([200, 200])
    expect(await orders()).toHaveLength(1)
    await post(press(alert))
    expect(await orders()).toHaveLength(1)
  })

  test('that the queue does not take is refused, and counts the next time', async () => {
    const alert = await alerted('chat')
    const sent = press(alert)
    vi.stubEnv('ALARMS_QUEUE_URL', `${process.env.ALARMS_QUEUE_URL}-gone`)
    expect((await post(sent)).statusCode).toBe(503)
    vi.unstubAllEnvs()
    expect((await post(sent)).statusCode).toBe(200)
    expect(await orders()).toHaveLength(1)
  })

  test('that a dead process had begun is taken over when its time has passed, and not before', async () => {
    const alert = await alerted('chat')
    const sent = press(alert)
    const { claimAnswer } = await import('../shared/store/answers.ts')
    const id = `slack ${JSON.parse(new URLSearchParams(sent.body).get('payload') ?? '').trigger_id}`
    expect(await claimAnswer(id, 7_000)).toBe('mine')
    expect((await post(sent)).statusCode).toBe(503)
    expect(await orders()).toEqual([])
    vi.setSystemTime(Date.now() + 8_000)
    expect((await post(sent)).statusCode).toBe(200)
    expect(await orders()).toHaveLength(1)
  })

  test('on the message of an earlier firing acknowledges nothing, and says so to the person', async () => {
    const slack = await startStandIn({
      answer: () => ({ status: 200 }),
      capture: ({ path, json }) => ({ path, body: json }),
    })
    vi.stubEnv('SLACK_RESPONSES', slack.url)
    const alert = await alerted('chat', { title: 'a <b> & c' })
    const at = (since: string) => press(buttonValue({ alert, since }))
    expect((await post(at('2026-11-26T09:00:00.000Z'))).statusCode).toBe(200)
    expect((await post(press('no such alert'))).statusCode).toBe(200)
    expect((await post(at('2026-11-27T09:00:00.000Z'))).statusCode).toBe(200)
    expect(await orders()).toHaveLength(1)
    const said = (text: string) => ({
      response_type: 'ephemeral',
      replace_original: false,
      text: expect.stringContaining(text),
    })
    expect(slack.requests.map(({ path, body }) => [path.slice(0, 9), body])).toEqual([
      ['/actions/', said('"a &lt;b&gt; &amp; c" has ended, and fires again since 2026-11-27 09:00 UTC')],
      ['/actions/', said('No such alert is known')],
    ])
    await slack.close()
  })

  test('is answered even if Slack takes no text', async () => {
    const slack = await startStandIn({
      answer: () => ({ status: 500 }),
      capture: ({ path, json }) => ({ path, body: json }),
    })
    vi.stubEnv('SLACK_RESPONSES', slack.url)
    slack.answerNext('hang')
    expect((await post(press('no such alert'))).statusCode).toBe(200)
    expect((await post(press('no such alert'))).statusCode).toBe(200)
    expect(slack.requests).toHaveLength(2)
    await slack.close()
  })
})

describe('the slash command', () => {
  const shown = async (text: string) => JSON.parse((await post(command(text))).body)

  test('acknowledges for a time, and says so', async () => {
    const alert = await alerted('chat', { title: 'orders-cpu' })
    expect(await shown(`ack ${alert} for 2h`)).toEqual({
      response_type: 'ephemeral',
      text: 'Acknowledged until 2026-11-27 12:00 UTC: "orders-cpu". The alert’s messages will show it.',
    })
    const at = { via: 'slack', at: '2026-11-27T10:00:00.000Z' }
    expect(await orders()).toEqual([{ acknowledge: alert, by: 'ann', ...at, until: '2026-11-27T12:00:00.000Z' }])
    expect((await shown(`note ${alert}: looking`)).text).toContain('Noted: "orders-cpu"')
    expect((await shown(`resolve ${alert}`)).text).toContain('Resolved: "orders-cpu"')
    expect(await orders()).toEqual([
      { note: alert, text: 'looking', by: 'ann', ...at },
      { resolve: alert, by: 'ann, in Slack' },
    ])
  })

  test('says what it knows nothing of, and what has ended', async () => {
    expect((await shown('ack orders-cpu')).text).toContain('No such alert is known')
    const fingerprint = await alerted('chat')
    await ended(fingerprint)
    expect((await shown(`ack ${fingerprint}`)).text).toMatch(/has ended: nothing was done/)
    expect(await orders()).toEqual([])
  })
})

describe('PagerDuty', () => {
  const last = () => (by.engine.pagerduty.requests.at(-1)?.body ?? {}) as Record<string, string>
  /** PagerDuty says that our event has opened an incident, in its own way. */
  const triggered = (id: string) =>
    post(
      webhook(
        incidentEvent('triggered', { id, agent: INTEGRATION, client: { name: last().client, url: last().client_url } }),
      ),
    )

  test('an incident that our event has opened leads to its alert, though no later event has its key', async () => {
    const alert = await alerted('pager')
    expect((await triggered('P1')).statusCode).toBe(200)
    expect(await orders()).toEqual([])
    await post(webhook(incidentEvent('acknowledged', { id: 'P1' })))
    await post(webhook(noteEvent('We look into it', { id: 'P1' })))
    await post(webhook(incidentEvent('unacknowledged', { id: 'P1', agent: null })))
    await post(webhook(incidentEvent('reassigned', { id: 'P1' })))
    await post(webhook(incidentEvent('resolved', { id: 'P1' })))
    const at = { via: 'pagerduty', at: '2026-11-27T10:00:00.000Z' }
    expect(await orders()).toEqual([
      { acknowledge: alert, by: 'Bob Ray', ...at },
      { note: alert, text: 'We look into it', by: 'Bob Ray', ...at },
      { unacknowledge: alert, by: 'PagerDuty', ...at },
      { note: alert, text: 'Reassigned in PagerDuty to Cara Lee', by: 'Bob Ray', ...at },
      { resolve: alert, by: 'Bob Ray, in PagerDuty' },
    ])
  })

  test('a shared incident leads to all alerts that keep it open', async () => {
    const account = { account: '111111111111' }
    const both = [await alerted('shared', account), await alerted('shared', account)]
    const { dedup_key } = last()
    expect(dedup_key).toMatch(/^alert-router local us-east-1 shared: /)
    await triggered('P2')
    await post(webhook(incidentEvent('acknowledged', { id: 'P2' })))
    expect((await orders()).map(({ acknowledge }) => acknowledge).sort()).toEqual(both.sort())
  })

  test('of hundreds of alerts that share an incident, each is found', async () => {
    const { joinIncident, alertsOfIncident } = await import('../shared/store/incidents.ts')
    // More than one page of DynamoDB's, which has 1 MB.
    const keys = Array.from({ length: 620 }, (_, n) => `${'x'.repeat(1_800)}${n}`)
    for (let from = 0; from < keys.length; from += 20) {
      await Promise.all(keys.slice(from, from + 20).map((one) => joinIncident('many', one, 1)))
    }
    expect((await alertsOfIncident('many', 1_000)).sort()).toEqual(keys.sort())
    expect(await alertsOfIncident('many', 7)).toHaveLength(7)
    await post(webhook(incidentEvent('acknowledged', { incidentKey: 'many' })))
    expect((await orders()).map(({ acknowledge }) => acknowledge).sort()).toEqual(keys)
  })

  test('an alert whose key is too long for PagerDuty is found by the shorter one', async () => {
    const fingerprint = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${'ü'.repeat(255)}`
    const alert = await alerted('pager', { fingerprint })
    expect(last().dedup_key).toHaveLength(255)
    await post(webhook(incidentEvent('acknowledged', { incidentKey: last().dedup_key })))
    expect(await orders()).toMatchObject([{ acknowledge: alert }])
  })

  test('an alert without a page of the console is found by another of its links', async () => {
    const alert = await alerted('pager', { links: { runbook: 'https://wiki.example.com/runbooks/orders-db' } })
    expect(last().client_url).toMatch(/^https:\/\/wiki\.example\.com\/runbooks\/orders-db\?alert-router-key=/)
    await triggered('P3')
    await post(webhook(incidentEvent('acknowledged', { id: 'P3' })))
    expect(await orders()).toMatchObject([{ acknowledge: alert }])
  })

  test('where there is no inbox, an event says nothing more than it did', async () => {
    vi.stubEnv('INBOX', undefined)
    await alerted('pager')
    expect(last().client_url).toBe(firing.alert.links.console)
  })

  test('an incident of another tool is none of ours, and gets 200', async () => {
    const answers = [
      await post(webhook(incidentEvent('acknowledged', { incidentKey: 'of another tool' }))),
      await post(webhook(incidentEvent('acknowledged', { id: 'PNEVER' }))),
      await post(webhook(incidentEvent('acknowledged', { incidentKey: 'x'.repeat(5_000) }))),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    expect(await orders()).toEqual([])
  })

  test('brings everything again while the queue or the table is down, in order, and nothing is lost or doubled', async () => {
    const alert = await alerted('pager')
    await triggered('P4')
    const subscription = new WebhookSubscription(
      async (sent) => (await post(sent)).statusCode,
      () => [SECRET['pagerduty-webhook']],
    )
    const now = Date.now()
    subscription.happened(incidentEvent('acknowledged', { id: 'P4' }), now)
    subscription.happened(noteEvent('first', { id: 'P4' }), now)
    subscription.happened(incidentEvent('priority_updated', { id: 'P4' }), now)
    for (const variable of ['ALARMS_QUEUE_URL', 'TABLE_NAME']) {
      vi.stubEnv(variable, `${process.env[variable]}-gone`)
      vi.setSystemTime(Date.now() + 60_000)
      await subscription.run(Date.now())
      vi.unstubAllEnvs()
      expect([await orders(), subscription.waiting]).toEqual([[], 3])
    }
    vi.setSystemTime(Date.now() + 60_000)
    await subscription.run(Date.now())
    expect(await orders()).toMatchObject([{ acknowledge: alert }, { note: alert, text: 'first' }])
    expect([subscription.waiting, subscription.dropped, subscription.disabledUntil]).toEqual([0, [], 0])
  })

  test('never disables its subscription for what we do not use', async () => {
    const subscription = new WebhookSubscription(
      async (sent) => (await post(sent)).statusCode,
      () => [SECRET['pagerduty-webhook']],
    )
    for (const type of ['delegated', 'escalated', 'priority_updated', 'reopened', 'responder.added', 'sung']) {
      subscription.happened(incidentEvent(type, { id: type }), Date.now())
    }
    await subscription.run(Date.now())
    expect([subscription.dropped, subscription.disabledUntil]).toEqual([[], 0])
  })

  test('disables it after three forgeries in a row, as documented', async () => {
    const subscription = new WebhookSubscription(
      async (sent) => (await post(sent)).statusCode,
      () => ['a-secret-that-is-not-ours'],
    )
    for (let n = 0; n < 5; n++) subscription.happened(incidentEvent('acknowledged', { id: `P${n}` }), Date.now())
    await subscription.run(Date.now())
    expect(subscription.dropped).toHaveLength(5)
    expect(subscription.disabledUntil).toBe(Date.now() + 24 * 3_600_000)
    expect(await orders()).toEqual([])
  })
})

describe('a request that is not for it', () => {
  test('costs no call, and is counted by why', async () => {
    const forged = signedWebhook(JSON.stringify({ event: incidentEvent('acknowledged') }), ['a-secret-of-somebody'])
    const asked = async () => {
      for (const sent of [
        forged,
        { path: '/' },
        { path: '/pagerduty' },
        { path: '/link/x' },
        { ...forged, method: 'PUT' },
      ]) {
        const { statusCode, body } = await post(sent)
        expect([statusCode, body]).toEqual([expect.any(Number), expect.stringMatching(/^[A-Z][^<>\n]{5,60}\.\n$/)])
        expect(Math.floor(statusCode / 100)).toBe(4)
      }
      await inbox.handle(null)
    }
    // The secret is known.
    await post(forged)
    by.engine.secrets.requests.length = 0
    vi.stubEnv('TABLE_NAME', 'none')
    const { metrics, logged } = await written(asked)
    expect(metrics.map(({ metric, dimensions }) => [metric, dimensions.Reason])).toEqual(
      ['signature', 'path', 'unsigned', 'link', 'method', 'strange'].map((reason) => ['AnswersRefused', reason]),
    )
    expect([logged, by.engine.secrets.requests]).toEqual([[], []])
  })

  test('and one that is, is counted by where it came from', async () => {
    const alert = await alerted('chat')
    const { metrics } = await written(() => post(press(alert)))
    expect(metrics.map(({ metric, value, dimensions }) => [metric, value, dimensions])).toEqual([
      ['Answered', 1, { Via: 'slack' }],
    ])
    await orders()
  })
})

test('each answer has browsers keep nothing, and load and run nothing', async () => {
  for (const sent of [{ path: '/' }, press('x'), { path: '/pagerduty' }]) {
    expect((await post(sent)).headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    })
  }
})

describe('secrets', () => {
  test('are replaced without a gap: while both are there, both sign', async () => {
    const alert = await alerted('chat')
    const [before, after] = [SECRET['slack-signing'], 'the-next-signing-secret']
    const accepted = async () => [
      (await post(press(alert, {}, before))).statusCode,
      (await post(press(alert, {}, after))).statusCode,
    ]
    expect(await accepted()).toEqual([200, 403])
    rotate('slack-signing', `${after}\n${before}`)
    expect(await accepted()).toEqual([200, 200])
    rotate('slack-signing', after)
    expect(await accepted()).toEqual([403, 200])
    rotate('slack-signing', before)
  })

  test('that are missing or too short are a 503, which PagerDuty brings again; they are not asked for again at once', async () => {
    rotate('pagerduty-webhook', 'short')
    by.engine.secrets.requests.length = 0
    const event = webhook(incidentEvent('acknowledged'))
    expect([(await post(event)).statusCode, (await post(event)).statusCode]).toEqual([503, 503])
    expect(by.engine.secrets.requests).toHaveLength(1)
    rotate('pagerduty-webhook', SECRET['pagerduty-webhook'])
    expect((await post(event)).statusCode).toBe(200)
  })
})
