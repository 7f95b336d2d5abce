import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { email } from '../shared/channels/email/index.ts'
import {
  anomaly,
  deployment,
  everything,
  firing,
  hostile,
  message,
  noData,
  notTaken,
  resolved,
  samples,
} from './alert-samples.ts'
import { anyNotification, CARELESS, textsIn } from './any-notification.ts'

describe('the subject', () => {
  test.each([
    [firing, '[CRITICAL] orders-db-cpu-high: orders-db (DBInstanceIdentifier)'],
    [resolved, '[RESOLVED] orders-db-cpu-high: orders-db (DBInstanceIdentifier)'],
    [noData, '[NO DATA] orders-db-cpu-high: orders-db (DBInstanceIdentifier)'],
    [anomaly, '[WARNING] checkout-latency-unusual: app/checkout/50dc6c495c0c9188 (LoadBalancer)'],
    [deployment, '[INFO] orders-pipeline: SUCCEEDED'],
  ])('starts with what matters: $1', (notification, subject) => {
    expect(email.render(notification).subject).toBe(subject)
  })

  test('is cut to the limit of SNS', () => {
    const { subject } = email.render({ ...firing, alert: { ...firing.alert, title: 'x'.repeat(255) } })
    expect(subject).toHaveLength(99)
    expect(subject).toMatch(/^\[CRITICAL\] x+…$/)
  })
})

test('the body of a firing alarm reads from the top', () => {
  const { console, logs, runbook } = firing.alert.links
  expect(email.render(firing).text).toBe(`CRITICAL: orders-db-cpu-high
orders-db (DBInstanceIdentifier)

Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2

Status: Firing (was OK)
Severity: critical
Since: 2026-09-14 11:18:52 UTC
Account: 123456789012
Region: eu-west-1
Metric: AWS/RDS CPUUtilization
Missing data: treated as breaching

Alarm:
${console}

Logs:
${logs}

Runbook:
${runbook}

Why:
${firing.alert.reason}

Description:
${firing.alert.description}

Dimensions:
DBInstanceIdentifier: orders-db

Tags:
team: payments
env: prod

Sent by alert-router to a-channel, by rule: system-down`)
})

test('the body has everything that is known, and nothing twice', () => {
  const { console, logs, runbook } = resolved.alert.links
  expect(email.render(everything).text).toBe(`RESOLVED: orders-db-cpu-high
orders-db (DBInstanceIdentifier)

Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have received it.

Fired 11:18:52 to 11:31:10 UTC; delivery was delayed.
Fired 2 times before, since 2026-09-13 10:00:00 UTC; not delivered here.

Look at orders-db-cpu-high.

Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 41.7

Status: Resolved (was firing)
Severity: critical
At: 2026-09-14 11:31:10 UTC
Fired for: 12 min
Account: 123456789012
Region: eu-west-1
Metric: AWS/RDS CPUUtilization
Missing data: treated as breaching

Alarm:
${console}

Logs:
${logs}

Runbook:
${runbook}

Why:
${resolved.alert.reason}

Description:
${resolved.alert.description}

Triggered by:
a
b

Alarm rule:
ALARM("a") OR ALARM("b")

Expression:
m1 / m2

Details:
State: failed
Seen times: 27

Dimensions:
FunctionName: orders-api
Resource: orders-api:live

Tags:
team: payments
env: prod

Labels:
owner: orders

Notes:
cut here
and there

Sent by alert-router to a-channel, by rule: system-down`)
})

test('an alert of which little is known has a short body', () => {
  const { kind, name, title, status, source, fingerprint } = firing.alert
  const nothing = { dimensions: {}, tags: {}, children: [], details: {}, links: {} }
  const changedAt = 'just now'
  const same = { reason: 'Disk full', description: 'Disk full' }
  const alert = { kind, name, title, status, source, fingerprint, ...nothing, resource: ' ', changedAt, ...same }
  expect(email.render({ ...firing, alert }).text).toBe(`CRITICAL: orders-db-cpu-high

Status: Firing
Severity: critical
Since: just now

Why:
Disk full

Sent by alert-router to a-channel, by rule: system-down`)
})

test('a resolved alarm says how long it fired', () => {
  expect(email.render(resolved).text).toContain('\nAt: 2026-09-14 11:31:10 UTC\nFired for: 12 min\n')
})

test('a fallback is noted right after the headline', () => {
  expect(email.render({ ...firing, fallbackFor: notTaken }).text).toMatch(
    /^CRITICAL: .*\n.*\n\nSent here as a fallback: delivery to pagerduty failed \(PagerDuty did not answer within 10000 ms\)\. pagerduty may not have received it\.\n\n/,
  )
})

test('a message keeps its lines', () => {
  expect(email.render(message).text).toContain(
    'Description:\ninvoices   12,004 rows\npayouts       310 rows\n\nAll is well.',
  )
})

test.each(Object.entries(samples))('%s: nothing careless in any text', (_, notification) => {
  for (const text of textsIn(email.render(notification))) expect(text).not.toMatch(CARELESS)
})

test('an email that is too big loses its end, never part of a link', () => {
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}${'漢'.repeat(990)}`, '漢'.repeat(1_000)]))
  const { text } = email.render({
    ...hostile,
    alert: { ...hostile.alert, dimensions: wide, details: wide, links: firing.alert.links },
  })
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250_000)
  expect(text).toContain(`\n${firing.alert.links.runbook}\n`)
  expect(text).toMatch(/\n\n\(Truncated: email size limit\.\)$/)
})

test('an email of exactly the limit is whole; of one byte more, it loses whole lines', () => {
  const ofBytes = (bytes: number) => {
    const textOf = (description: string) =>
      email.render({ ...firing, alert: { ...firing.alert, reason: undefined, description } }).text
    const short = `one${'\nline'.repeat(10)}\nlast`
    const text = textOf(short + 'y'.repeat(bytes - Buffer.byteLength(textOf(short))))
    return { bytes: Buffer.byteLength(text), end: text.replace(/y{9,}/, '…').split('\n').slice(-4) }
  }
  expect(ofBytes(250_000)).toEqual({
    bytes: 250_000,
    end: ['team: payments', 'env: prod', '', 'Sent by alert-router to a-channel, by rule: system-down'],
  })
  const note = '(Truncated: email size limit.)'
  expect(ofBytes(250_001)).toEqual({ bytes: 249_976, end: ['team: payments', 'env: prod', '', note] })
  expect(ofBytes(250_024)).toEqual({ bytes: 249_999, end: ['team: payments', 'env: prod', '', note] })
  expect(ofBytes(250_025)).toEqual({ bytes: 249_990, end: ['Tags:', 'team: payments', '', note] })
})

test('its first line is its subject', () => {
  expect(email.firstLine(email.render(resolved))).toBe(
    '[RESOLVED] orders-db-cpu-high: orders-db (DBInstanceIdentifier)',
  )
})

test('any alert gives an email that SNS accepts', () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      const { subject, text } = email.render(notification)
      expect(subject).toMatch(/^\[[A-Z ]+\] [^\p{Cc}\u2028\u2029]+$/u)
      expect(subject.length).toBeLessThanOrEqual(99)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250_000)
      expect(text).not.toMatch(/[^\P{Cc}\n\t]/u)
      expect(subject.isWellFormed() && text.isWellFormed()).toBe(true)
    }),
  )
})
