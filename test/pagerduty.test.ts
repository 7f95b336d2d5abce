import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { referenceIn, withReference } from '../shared/channels/pagerduty/reference.ts'
import {
  deployment,
  everything,
  finding,
  firing,
  hostile,
  math,
  message,
  noData,
  resolved,
  samples,
} from './alert-samples.ts'
import { anyNotification, CARELESS, textsIn } from './any-notification.ts'

function eventOf(notification: Notification) {
  const payload = pagerduty.render(notification)
  if (payload.kind !== 'event') throw new Error('this is a change event')
  return payload.data
}

test('a firing alarm triggers, with what a responder needs', () => {
  expect(eventOf(firing)).toEqual({
    event_action: 'trigger',
    dedup_key: firing.alert.fingerprint,
    payload: {
      summary:
        'orders-db-cpu-high: orders-db (DBInstanceIdentifier): Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
      source: 'orders-db (DBInstanceIdentifier)',
      severity: 'critical',
      timestamp: '2026-09-14T11:18:52.496Z',
      component: 'orders-db (DBInstanceIdentifier)',
      group: '123456789012/eu-west-1',
      class: 'CPUUtilization',
      custom_details: {
        what: 'orders-db-cpu-high',
        status: 'Firing (was OK)',
        resource: 'orders-db (DBInstanceIdentifier)',
        condition: 'Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
        why: firing.alert.reason,
        description: firing.alert.description,
        since: '2026-09-14 11:18:52 UTC',
        account: '123456789012',
        region: 'eu-west-1',
        metric: 'AWS/RDS CPUUtilization',
        missing_data: 'treated as breaching',
        dimensions: { DBInstanceIdentifier: 'orders-db' },
        tags: { team: 'payments', env: 'prod' },
        severity: 'critical',
        rule: 'system-down',
      },
    },
    links: [
      { text: 'Alarm', href: firing.alert.links.console },
      { text: 'Logs', href: firing.alert.links.logs },
      { text: 'Runbook', href: firing.alert.links.runbook },
    ],
    client: 'alert-router',
    client_url: firing.alert.links.console,
  })
})

test('the details have everything that is known, what matters most first', () => {
  const { summary, custom_details } = eventOf(everything).payload
  expect(summary).toBe(
    'Resolved: orders-db-cpu-high: orders-db (DBInstanceIdentifier) (fallback: pagerduty failed, delivered late, 2 missed before)',
  )
  expect(Object.entries(custom_details)).toEqual([
    [
      'fallback',
      'Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have received it.',
    ],
    [
      'delayed',
      'Fired 11:18:52 to 11:31:10 UTC; delivery was delayed. Fired 2 times before, since 2026-09-13 10:00:00 UTC; not delivered here.',
    ],
    ['text', 'Look at orders-db-cpu-high.'],
    ['what', 'orders-db-cpu-high'],
    ['status', 'Resolved (was firing)'],
    ['resource', 'orders-db (DBInstanceIdentifier)'],
    ['condition', 'Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 41.7'],
    ['why', resolved.alert.reason],
    ['description', resolved.alert.description],
    ['at', '2026-09-14 11:31:10 UTC'],
    ['fired_for', '12 min'],
    ['account', '123456789012'],
    ['region', 'eu-west-1'],
    ['metric', 'AWS/RDS CPUUtilization'],
    ['expression', 'm1 / m2'],
    ['missing_data', 'treated as breaching'],
    ['triggered_by', ['a', 'b']],
    ['alarm_rule', 'ALARM("a") OR ALARM("b")'],
    ['details', { state: 'failed', rawState: 'FAILED', seenTimes: '27' }],
    ['dimensions', { FunctionName: 'orders-api', Resource: 'orders-api:live' }],
    ['tags', { team: 'payments', env: 'prod' }],
    ['labels', { owner: 'orders' }],
    ['severity', 'critical'],
    ['rule', 'system-down'],
    ['notes', ['cut\nhere', 'and there']],
  ])
})

test('its first line says what is done, and for what', () => {
  const firstLine = (notification: Notification) => pagerduty.firstLine(pagerduty.render(notification))
  expect(firstLine(noData)).toBe('trigger, critical: No data: orders-db-cpu-high: orders-db (DBInstanceIdentifier)')
  expect(firstLine(deployment)).toBe('change: orders-pipeline: SUCCEEDED')
})

test.each([
  [{ console: 'https://c', logs: 'https://l' }, 'https://c'],
  [{ logs: 'https://l', runbook: 'https://r' }, undefined],
])('of the links %j the incident opens %j', (links, url) => {
  expect(eventOf({ ...finding, alert: { ...finding.alert, links } }).client_url).toBe(url)
  expect(eventOf({ ...firing, alert: { ...firing.alert, links } }).client_url).toBe(url)
  expect('client_url' in eventOf({ ...firing, alert: { ...firing.alert, links } })).toBe(url !== undefined)
})

test('a resolved alarm resolves what it had triggered, and says how long it fired', () => {
  const event = eventOf(resolved)
  expect(event.event_action).toBe('resolve')
  expect(event.dedup_key).toBe(eventOf(firing).dedup_key)
  expect(event.payload.custom_details.fired_for).toBe('12 min')
})

test('missing data triggers under the same key, and says that data is missing', () => {
  const event = eventOf(noData)
  expect(event.event_action).toBe('trigger')
  expect(event.dedup_key).toBe(eventOf(firing).dedup_key)
  expect(event.payload.summary).toBe('No data: orders-db-cpu-high: orders-db (DBInstanceIdentifier)')
})

describe('a deployment', () => {
  test('that succeeded is a change event: it pages nobody', () => {
    expect(pagerduty.render(deployment)).toMatchObject({
      kind: 'change',
      data: {
        payload: { summary: 'orders-pipeline: SUCCEEDED', source: 'orders-pipeline' },
        links: [{ text: 'Console' }],
      },
    })
  })

  test.each([
    ['SUCCEEDED', 'change'],
    ['SUCCESS', 'change'],
    ['UPDATE_COMPLETE', 'change'],
    ['STARTED', 'event'],
    ['FAILED', 'event'],
    ['UPDATE_ROLLBACK_COMPLETE', 'event'],
  ])('in state %s is a(n) %s', (state, kind) => {
    const alert = { ...deployment.alert, details: { state } }
    expect(pagerduty.render({ ...deployment, alert }).kind).toBe(kind)
  })

  test.each([
    [{ Status: 'completed' }, 'change'],
    [{ 'previous-state': 'SUCCEEDED' }, 'event'],
    [{ statement: 'SUCCEEDED' }, 'event'],
    [{ state: 'NOT SUCCEEDED' }, 'event'],
    [{ state: 'SUCCEEDED?' }, 'event'],
    [{}, 'event'],
  ])('with %j is a(n) %s', (details, kind) => {
    expect(pagerduty.render({ ...deployment, alert: { ...deployment.alert, details } }).kind).toBe(kind)
  })

  test('above info, or another alert with that state, is not a change event', () => {
    expect(pagerduty.render({ ...deployment, severity: 'warning' }).kind).toBe('event')
    expect(pagerduty.render({ ...deployment, alert: { ...deployment.alert, kind: 'backup' } }).kind).toBe('event')
  })
})

test('a finding and a message show their text', () => {
  expect(eventOf(finding).payload.summary).toBe('SSH brute force attacks against i-0abc12345')
  expect(eventOf(finding).payload.custom_details).toMatchObject({ kind: 'Finding', details: { 'seen times': '27' } })
  expect(eventOf(message).payload).toMatchObject({ severity: 'info', class: 'message', group: 'alarms' })
})

test('a fingerprint too long for a key gives a key with the same start that is still unique', () => {
  const key = (end: string) =>
    eventOf({ ...math, alert: { ...math.alert, fingerprint: 'arn:aws:'.padEnd(400, 'x') + end } }).dedup_key
  expect(key('a')).toHaveLength(255)
  expect(key('a')).toMatch(/^arn:aws:x+…#[0-9a-f]{64}$/)
  expect(key('a')).toBe(key('a'))
  expect(key('a')).not.toBe(key('b'))
  const whole = 'k'.repeat(255)
  expect(eventOf({ ...firing, alert: { ...firing.alert, fingerprint: whole } }).dedup_key).toBe(whole)
})

test('only web pages become links', () => {
  const { links, client_url } = eventOf({
    ...firing,
    alert: { ...firing.alert, links: { console: 'javascript:alert(1)' } },
  })
  expect(links).toEqual([])
  expect(client_url).toBeUndefined()
})

test.each(Object.entries(samples))('%s: nothing careless in any text', (_, notification) => {
  for (const text of textsIn(pagerduty.render(notification))) expect(text).not.toMatch(CARELESS)
})

test('the most hostile alert stays within PagerDuty’s limits', () => {
  const widest = {
    ...hostile,
    alert: { ...hostile.alert, description: '漢'.repeat(12_000), dimensions: wide(), tags: wide(), details: wide() },
  }
  expect(Buffer.byteLength(JSON.stringify(eventOf(widest)))).toBeLessThan(500_001)
})

function wide(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}${'漢'.repeat(990)}`, '漢'.repeat(1_000)]))
}

test('any alert gives an event within PagerDuty’s limits', () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      const { kind, data } = pagerduty.render(notification)
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(500_000)
      expect(data.payload.summary.length).toBeGreaterThan(0)
      expect(data.payload.summary.length).toBeLessThanOrEqual(1024)
      expect(data.payload.source).not.toBe('')
      expect(data.payload.timestamp ?? '2000-01-01T00:00:00Z').toMatch(/^[\d-]+T[\d:.]+Z$/)
      if (kind === 'event') expect(data.dedup_key.length).toBeLessThanOrEqual(255)
      for (const text of textsIn(data)) expect(text.isWellFormed()).toBe(true)
      for (const { href } of data.links) expect(URL.canParse(href)).toBe(true)
    }),
  )
})

describe('a dedup key in an event’s link', () => {
  const pages = [
    'https://example.com',
    'https://example.com/a?b=c',
    'https://example.com/?a#b?c',
    'http://[::1]:8080/#',
  ]

  test('is read back, whatever it is; the page stays what it was', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 })
    fc.assert(
      fc.property(fc.constantFrom(...pages), key, (page, dedupKey) => {
        const link = withReference(page, dedupKey)
        expect(referenceIn(link)).toBe(dedupKey)
        const [before, after] = [new URL(page), new URL(String(link))]
        expect([after.origin, after.pathname, after.hash]).toEqual([before.origin, before.pathname, before.hash])
        expect([...after.searchParams].slice(0, -1)).toEqual([...before.searchParams])
      }),
    )
  })

  test.each([undefined, 'no page', ''])('is not put into %j', (link) => {
    expect(withReference(link, 'key')).toBe(link)
  })

  test.each([undefined, null, 42, '', 'no page', ...pages])('is not found in %j', (link) => {
    expect(referenceIn(link)).toBeUndefined()
  })
})

describe('an incident that alerts share', () => {
  const key = 'critical, account 123456789012'
  const incidentOf = (notifications: Notification[], firing = notifications.length, dedupKey = key) => {
    const payload = pagerduty.incidents?.render(notifications, dedupKey, firing)
    if (payload?.kind !== 'event') throw new Error('this is no event')
    return payload.data
  }

  test('one alert is rendered as usual, with the key of the incident', () => {
    const own = eventOf(firing)
    const shared = incidentOf([firing])
    expect(shared).toMatchObject({ event_action: 'trigger', dedup_key: key })
    expect(shared.payload.summary).toBe(own.payload.summary)
    expect(shared.payload.custom_details).toMatchObject(own.payload.custom_details)
  })

  test('several are counted in the summary and named in the details, the newest first', () => {
    const older = { ...firing, alert: { ...firing.alert, title: 'older', changedAt: '2026-09-14T11:00:00.000Z' } }
    const { payload } = incidentOf([older, firing])
    expect(payload.summary).toMatch(/^2 alerts: orders-db-cpu-high/)
    expect(payload.custom_details.alerts).toEqual([
      'orders-db-cpu-high: orders-db (DBInstanceIdentifier)',
      'older: orders-db (DBInstanceIdentifier)',
    ])
  })

  test('alerts already sent are counted', () => {
    const { payload } = incidentOf([firing], 37)
    expect(payload.summary).toMatch(/^37 alerts: orders-db-cpu-high/)
    expect(payload.custom_details.incident).toBe('critical, account 123456789012 (37 alerts firing)')
  })

  test('the last resolve closes it', () => {
    expect(incidentOf([resolved], 0)).toMatchObject({
      event_action: 'resolve',
      dedup_key: expect.stringContaining('account'),
    })
  })

  test('a finished deployment is not part of one', () => {
    expect(pagerduty.incidents?.has(deployment)).toBe(false)
    expect(pagerduty.incidents?.has(firing)).toBe(true)
  })

  test('PagerDuty accepts it, whatever the alerts say', () => {
    const firings = fc.array(
      anyNotification.filter((one) => pagerduty.incidents?.has(one) ?? false),
      {
        minLength: 1,
        maxLength: 200,
      },
    )
    fc.assert(
      fc.property(firings, fc.string({ minLength: 1, maxLength: 300 }), (notifications, key) => {
        const event = incidentOf(notifications, 5_000, `x${key}`)
        expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(524_000)
        expect(event.dedup_key.length).toBeLessThanOrEqual(255)
        expect(event.payload.summary.length).toBeLessThanOrEqual(1024)
      }),
      { numRuns: 50 },
    )
  })
})
