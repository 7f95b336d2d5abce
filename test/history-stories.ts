import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import type { DecisionTrace } from '../schemas/trace.ts'
import { key } from '../shared/aws/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Timed } from '../shared/decide/decision.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { keepChange, keyOfChange } from '../shared/store/changes.ts'
import { firing, resolved } from './alert-samples.ts'
import { Life } from './kept-life.ts'

/*
 * Alerts in a router's tables, written by the router's own code.
 */

const table = new DynamoDBClient({})

/** This many seconds after the change. */
export const after = (alert: Alert, seconds: number) => new Date(Date.parse(alert.changedAt) + seconds * 1_000)

export const alarm = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...firing.alert,
  fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
  name,
  title: name,
  ...more,
})

/** The version of the rules for these alerts. */
const RULES = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', fallback: 'mail' },
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', addresses: ['a@example.com'] },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights' },
  },
  windows: { nights: { from: '22:00', to: '06:00' } },
  severities: {
    critical: { channels: ['pager', 'chat'] },
    warning: { channels: ['chat'] },
    info: { channels: ['quiet'] },
  },
  rules: [{ name: 'quiet', when: { name: '*quiet*' }, severity: 'info' }],
  default: { severity: 'critical' },
})

export const cpu = alarm('orders-db-cpu-high')

const over: Alert = { ...resolved.alert, fingerprint: cpu.fingerprint }

const late = alarm('sent-late')

const quiet = alarm('quiet-queue', { changedAt: '2026-09-14T22:30:00.000Z' })

const missed = alarm('missed-all')

const gone = alarm('of-a-gone-channel')

const old = alarm('of-an-earlier-form')

/** A single change, with a decision without recipients. */
async function kept(alert: Alert, more: { trace?: string; channels?: string[] } = {}, at = after(alert, 0.4)) {
  const because = ['rule "database" matches first: critical', 'the rule adds email']
  const { channels = [], trace } = more
  const decision: Timed = { severity: 'critical', rule: 'database', channels, held: [], because }
  const change = keyOfChange(alert, crypto.randomUUID(), 0)
  const fixed = {
    outcome: 'sent',
    firingSince: undefined,
    messageId: 'm',
    version: 0,
    configVersion: '8d5053093003',
  } as const
  await keepChange(alert.fingerprint, { alert, change, decision, earlier: {}, ...fixed, trace }, at)
  await new Life(alert.fingerprint, RULES).put(alert, at)
}

const HOSTILE = 'red \u001b[31m\u202eevil\nline'

/** Records with hostile or damaged content, from rules or a table that somebody changed by hand. */
const TRACE: DecisionTrace = {
  at: HOSTILE,
  firingSince: HOSTILE,
  steps: [
    { rule: HOSTILE, result: 'off', why: HOSTILE, alternatives: [] },
    {
      rule: HOSTILE,
      result: 'failed',
      alternatives: [[{ at: HOSTILE, found: [HOSTILE], wanted: HOSTILE, matches: false }]],
    },
    { rule: HOSTILE, result: 'matched', alternatives: [[]], moreLines: 2 },
  ],
  moreSteps: 7,
  notLookedAt: 1,
  parts: [
    { part: HOSTILE, value: HOSTILE, by: HOSTILE },
    { part: 'later', value: HOSTILE, by: HOSTILE },
  ],
  windows: [{ name: HOSTILE, isOpen: true, until: HOSTILE }],
}

/** Written by the router's own code. */
export async function writeStories() {
  await tellOfCpu()
  await tellOfQuiet()
  await tellOfMissed()
  await tellOfGone()
  await tellOfEarlierForm()
  await kept(late, {}, after(late, 86_400 * 3))
  await kept(alarm('orders-db-connections'))
  await kept({ ...alarm('throttles'), fingerprint: `${alarm('throttles').fingerprint}#6d44` })
  const hostile = {
    reason: 'red \u001b[31m\u202eevil\nsecond line',
    resource: 'x\u0007y',
    changedAt: 'not a time',
  }
  await kept(alarm('hostile', hostile), {}, new Date())
  await kept(alarm('trace-no-json'), { trace: '{"at":' })
  await kept(alarm('trace-of-tomorrow'), { trace: JSON.stringify({ ...TRACE, steps: { first: 'x' } }) })
  await kept(alarm('trace-hostile'), { trace: JSON.stringify(TRACE) })
  for (let day = 1; day <= 12; day++) {
    await kept(alarm('flapping', { changedAt: `2026-10-${String(day).padStart(2, '0')}T10:00:00.000Z` }))
  }
  const report = (day: number): Alert => ({
    ...alarm('nightly report', { changedAt: `2026-10-0${day}T03:00:00.000Z`, kind: 'message', fingerprint: 'reports' }),
    once: true,
  })
  for (let day = 1; day <= 3; day++) {
    const life = Life.of(report(day), RULES)
    await life.comes(report(day), after(report(day), 1))
    await life.notified('chat', after(report(day), 2), { said: `report ${day}` })
  }
}

/** PagerDuty fails, its fallback is notified, and Slack gets a digest; then the resolve waits. */
async function tellOfCpu() {
  const at = (seconds: number) => after(cpu, seconds)
  const life = Life.of(cpu, RULES)
  await life.comes(cpu, at(0.4))
  await life.comes(cpu, at(1.6))
  await life.fails('pager', at(0.9), 'failed', 'PagerDuty answered 500')
  await life.fails('pager', at(3.1), 'failed', 'PagerDuty answered 500')
  await life.fails('pager', at(5), 'waits', 'PagerDuty answered 429', { fallbackTo: 'mail' })
  await life.notified('mail for pager', at(6.2))
  await life.notified('pager', at(65.3), { incident: 'critical, namespace AWS/RDS' })
  await life.notified('chat', at(1.2), { said: '12 alerts, critical', digest: { id: 'digest-7', of: 12 } })
  await life.comes({ ...cpu, status: 'insufficient-data', changedAt: at(-60).toISOString() }, at(2))
  await life.comes(over, after(over, 0.4))
  await life.notified('mail for pager', after(over, 1))
  await life.fails('pager', after(over, 1), 'waits', 'rate limited', { isShown: false })
  await life.fails('chat', after(over, 1), 'dead-lettered', 'Slack answered 404')
}

/** First held and resolved before its window; then held until its window. */
async function tellOfQuiet() {
  const life = Life.of(quiet, RULES)
  await life.comes(quiet, after(quiet, 1))
  const end = { ...quiet, status: 'resolved', changedAt: after(quiet, 600).toISOString() } as const
  await life.comes(end, after(end, 1))
  const again = { ...quiet, changedAt: after(quiet, 3_600).toISOString() }
  await life.comes(again, after(again, 1))
}

/** It fired and resolved while nobody could be reached: PagerDuty receives nothing, Slack one message about both. */
async function tellOfMissed() {
  const life = Life.of(missed, RULES)
  await life.comes(missed, after(missed, 1))
  await life.fails('pager', after(missed, 2), 'failed', 'PagerDuty answered 503')
  await life.fails('chat', after(missed, 2), 'failed', 'Slack answered 503')
  const end = { ...missed, status: 'resolved', changedAt: after(missed, 300).toISOString() } as const
  await life.comes(end, after(end, 1))
  await life.passesOver('pager', after(end, 4))
  await life.notified('chat', after(end, 5), { said: 'RESOLVED: missed-all' })
}

/** A channel is removed while it is owed something. */
async function tellOfGone() {
  const life = Life.of(gone, RULES)
  const change = await life.comes(gone, after(gone, 1))
  await life.fails('chat', after(gone, 2), 'failed', 'Slack answered 503')
  const { chat, ...channels } = RULES.channels
  const others = { mail: RULES.channels.mail, talk: chat } as Config['channels']
  const critical = { channels: ['pager', 'mail'] }
  const without = { ...RULES, channels: { ...channels, ...others }, severities: { ...RULES.severities, critical } }
  await life.passes(after(gone, 60), without, new Map([[change, gone]]))
  await life.passes(after(gone, 1_000), without, new Map([[change, gone]]))
}

/** As the previous version wrote it. */
async function tellOfEarlierForm() {
  const S = (text: string) => ({ S: text })
  const L = (texts: string[]) => ({ L: texts.map(S) })
  const put = (sk: string, item: object) =>
    table.send(
      new PutItemCommand({ TableName: process.env.TABLE_NAME, Item: { ...key(old.fingerprint, sk), ...item } }),
    )
  const at = (seconds: number) => S(after(old, seconds).toISOString())
  await put('state', {
    title: S(old.title),
    status: S('firing'),
    changedAt: S(old.changedAt),
    firingSince: S(old.changedAt),
  })
  const change = {
    alert: S(JSON.stringify(old)),
    ...{ severity: S('critical'), rule: S('database'), because: L(['rule "database" matches first: critical']) },
    ...{ channels: L(['pagerduty', 'slack-critical', 'email']), position: { N: '0' } },
  }
  await put(`change#${old.changedAt}#m1#0`, { ...change, outcome: S('sent'), messageId: S('m1'), recordedAt: at(0.4) })
  await put(`change#${old.changedAt}#m2#0`, {
    ...change,
    outcome: S('duplicate'),
    messageId: S('m2'),
    recordedAt: at(1.6),
  })
  const tried = (at: { S: string }, outcome: string, reason?: string) => ({
    M: { at, outcome: S(outcome), ...(reason && { reason: S(reason) }) },
  })
  const delivery = (recipient: string, item: object) => {
    const notificationIdOf = notificationId(old, recipient)
    const channel = S(recipient.split(' ')[0] ?? '')
    return put(`delivery#${old.changedAt}#${notificationIdOf}`, {
      notificationId: S(notificationIdOf),
      channel,
      ...item,
    })
  }
  await delivery('pagerduty', {
    status: S('delivered'),
    ...{ deliveredAt: at(65.3), incident: S('critical, namespace AWS/RDS'), waits: { N: '1' } },
    ...{ fallbackTo: S('email-security'), fallbackAt: at(5) },
    tries: {
      L: [
        tried(at(0.9), 'failed', 'PagerDuty answered 500'),
        tried(at(3.1), 'failed', 'PagerDuty answered 500'),
        tried(at(5), 'waits', 'PagerDuty answered 429'),
        tried(at(65.3), 'delivered'),
      ],
    },
  })
  await delivery('email-security for pagerduty', {
    ...{ status: S('delivered'), deliveredAt: at(6.2), fallbackFor: S('pagerduty') },
    tries: { L: [tried(at(6.2), 'delivered')] },
  })
  await delivery('slack-critical', {
    ...{ status: S('delivered'), deliveredAt: at(1.2), digestId: S('digest-7'), digestOf: { N: '12' } },
    tries: { L: [tried(at(1.2), 'delivered')] },
  })
}
