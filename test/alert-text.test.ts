import { describe, expect, test } from 'vitest'
import type { Threshold } from '../schemas/alert.ts'
import * as alertText from '../shared/channels/alert-text.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { anomaly, composite, finding, firing, math, message, noData, resolved } from './alert-samples.ts'

describe('the condition of an alarm', () => {
  test.each<[string, Threshold, string | undefined]>([
    [
      'metric',
      {
        operator: '>',
        value: 80,
        unit: 'Percent',
        statistic: 'Average',
        periodSeconds: 300,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        observed: 93.2,
      },
      'Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
    ],
    [
      'one period',
      {
        operator: '>=',
        value: 1,
        unit: 'None',
        statistic: 'Sum',
        periodSeconds: 60,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
      },
      'Sum CPUUtilization >= 1 in 1 period of 1 min',
    ],
    [
      'no count of datapoints',
      { operator: '<', value: 99.95, evaluationPeriods: 5, periodSeconds: 10 },
      'CPUUtilization < 99.95 in 5 periods of 10 s',
    ],
    ['only a period', { operator: '<', value: 1, periodSeconds: 86_400 }, 'CPUUtilization < 1 over 1 day'],
    ['band', { operator: 'above', statistic: 'p99' }, 'p99 CPUUtilization above the expected band'],
    ['big number', { operator: '>', value: 1_234_567.5 }, 'CPUUtilization > 1,234,567.5'],
    ['noisy number', { operator: '>', value: 0.1 + 0.2, observed: 1 / 3 }, 'CPUUtilization > 0.3; now 0.3333333'],
    ['huge and tiny', { operator: '>', value: 1e21, observed: 1e-9 }, 'CPUUtilization > 1e+21; now 1e-9'],
    ['petabytes', { operator: '>', value: 1.5e15, observed: 0 }, 'CPUUtilization > 1,500,000,000,000,000; now 0'],
    ['only a count', { operator: '<', value: 1, evaluationPeriods: 2 }, 'CPUUtilization < 1 in 2 periods'],
    ['neither', { operator: '<', value: 1 }, 'CPUUtilization < 1'],
    ['no number', { operator: '>', value: 5, observed: Number.NaN }, 'CPUUtilization > 5'],
    ['a limit that is no number', { operator: '>', value: Number.NaN, observed: 5 }, undefined],
    ['no operator', { value: 5 }, undefined],
    ['no value', { operator: '>' }, undefined],
  ])('%s', (_, threshold, sentence) => {
    expect(alertText.condition({ ...firing.alert, threshold })).toBe(sentence)
  })

  test('without a metric it names the expression, and without that just the value', () => {
    const threshold = { operator: '>', value: 5 }
    expect(alertText.condition({ ...math.alert, metric: undefined, threshold })).toBe('100 * errors / invocations > 5')
    expect(alertText.condition({ ...composite.alert, threshold })).toBe('value > 5')
    expect(alertText.condition(composite.alert)).toBeUndefined()
  })
})

test.each([
  [0, 'under 1 s'],
  [999, 'under 1 s'],
  [1_000, '1 s'],
  [45_900, '45 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [3_900_000, '1 h 5 min'],
  [86_400_000, '1 day'],
  [183_600_000, '2 days 3 h'],
  [-1, undefined],
  [Number.NaN, undefined],
])('%d ms is %s', (ms, words) => {
  expect(alertText.duration(ms)).toBe(words)
})

test('times are in UTC and say so', () => {
  expect(alertText.time('2026-09-14T13:18:52.496+02:00')).toBe('2026-09-14 11:18:52 UTC')
  expect(alertText.time('yesterday')).toBe('yesterday')
})

test('firedFor is set only for a resolve whose firing is known, and is never negative', () => {
  expect(alertText.firedFor(resolved)).toBe('12 min')
  expect(alertText.firedFor({ ...firing, firingSince: firing.alert.changedAt })).toBeUndefined()
  expect(alertText.firedFor({ ...resolved, firingSince: undefined })).toBeUndefined()
  expect(alertText.firedFor({ ...resolved, firingSince: '2027-01-01T00:00:00.000Z' })).toBeUndefined()
})

test.each([
  [firing, 'CRITICAL', 'Firing (was OK)', 'Since'],
  [resolved, 'RESOLVED', 'Resolved (was firing)', 'At'],
  [noData, 'NO DATA', 'No data (was OK)', 'Since'],
  [math, 'WARNING', 'Firing (was no data)', 'Since'],
  [finding, 'CRITICAL', 'Finding', 'At'],
  [message, 'INFO', 'Message', 'At'],
  [{ ...finding, alert: { ...finding.alert, status: 'resolved' as const } }, 'RESOLVED', 'Resolved', 'At'],
  [{ ...firing, alert: { ...firing.alert, previousStatus: 'firing' as const } }, 'CRITICAL', 'Firing', 'Since'],
])('$0.alert.name, $1: texts for status and severity', (notification, loud, status, timeLabel) => {
  expect(alertText.statusTag(notification)).toBe(loud)
  expect(alertText.statusChange(notification.alert)).toBe(status)
  expect(alertText.statusLabel(notification.alert)).toBe(/^(Finding|Message)$/.test(status) ? 'Kind' : 'Status')
  expect(alertText.timeLabel(notification.alert)).toBe(timeLabel)
})

test.each([
  ['breaching', 'treated as breaching'],
  ['notBreaching', 'treated as not breaching'],
  ['ignore', 'ignored (the state is kept)'],
  ['missing', 'sets the state to "no data"'],
  ['constructor', undefined],
  [undefined, undefined],
])('missing data: %j', (missingData, words) => {
  expect(alertText.missingData({ ...firing.alert, threshold: { missingData } })).toBe(words)
  expect(alertText.missingData(composite.alert)).toBeUndefined()
})

test('the names of what triggered a composite, without empty ones', () => {
  const children = [{ name: 'a\nb' }, { name: '\u0000 ' }, { name: 'c' }]
  expect(alertText.children({ ...composite.alert, children })).toEqual(['a b', 'c'])
})

test('a headline names the resource, but not twice', () => {
  expect(alertText.whatAndWhere(anomaly.alert)).toBe(
    'checkout-latency-unusual: app/checkout/50dc6c495c0c9188 (LoadBalancer)',
  )
  const sentence = { ...finding.alert, title: 'A key was used from a bad address.' }
  expect(alertText.whatAndWhere(sentence)).toBe('A key was used from a bad address: i-0abc12345 (Instance)')
  expect(alertText.whatAndWhere(finding.alert)).toBe('SSH brute force attacks against i-0abc12345')
})

test.each([
  ['Disk 0.5 full.:', 'vol (eu) 1 (Volume)', 'Disk 0.5 full: vol (eu) 1 (Volume)', 'vol (eu) 1 (Volume)'],
  ['vol (eu) 1 is full', 'vol (eu) 1 (Volume)', 'vol (eu) 1 is full', undefined],
  [
    'vol 1 (Volume) is full',
    'vol (eu) 1 (Volume)',
    'vol 1 (Volume) is full: vol (eu) 1 (Volume)',
    'vol (eu) 1 (Volume)',
  ],
  ['orders', 'orders', 'orders', undefined],
])('an event “%s” of %s', (title, resource, headline, where) => {
  const alert = { ...finding.alert, title, resource }
  expect(alertText.whatAndWhere(alert)).toBe(headline)
  expect(alertText.where(alert)).toBe(where)
})

test.each([
  [{ title: ' \n', name: 'the name' }, 'the name'],
  [{ title: '\u0000', name: ' ' }, 'Alert without a name'],
  [{ title: 'two\nlines' }, 'two lines'],
])('%j has a title', (texts, title) => {
  expect(alertText.title({ ...firing.alert, ...texts })).toBe(title)
})

test('where, in short: without the names of dimensions, and nothing that the title says', () => {
  expect(alertText.where(anomaly.alert)).toBe('app/checkout/50dc6c495c0c9188')
  expect(alertText.where(composite.alert)).toBe('orders-api-5xx, orders-db-cpu-high')
  expect(alertText.where({ ...firing.alert, resource: 'orders-db (production)' })).toBe('orders-db (production)')
  expect(alertText.where({ ...firing.alert, resource: firing.alert.title })).toBeUndefined()
  expect(alertText.where(finding.alert)).toBeUndefined()
})

test.each([
  [{ account: '123456789012', region: 'eu-west-1' }, 'account 123456789012, eu-west-1'],
  [{ account: '1\n2', region: undefined }, 'account 1 2'],
  [{ account: undefined, region: 'eu\twest' }, 'eu west'],
  [{ account: undefined, region: undefined }, undefined],
])('%j: the place', (of, place) => {
  expect(alertText.place({ ...firing.alert, ...of })).toBe(place)
})

test.each([
  [{ namespace: 'AWS/Lambda', metric: 'Errors' }, 'AWS/Lambda Errors'],
  [{ namespace: undefined, metric: 'Errors' }, 'Errors'],
  [{ namespace: 'AWS/Lambda', metric: undefined }, 'AWS/Lambda'],
  [{ namespace: undefined, metric: undefined }, undefined],
])('%j: the metric', (of, metric) => {
  expect(alertText.metric({ ...firing.alert, ...of })).toBe(metric)
})

test('a condition in short', () => {
  expect(alertText.briefCondition(firing.alert)).toBe('93.2 > 80 Percent')
  expect(alertText.briefCondition(anomaly.alert)).toBe('1.93 outside the expected band')
  expect(alertText.briefCondition(noData.alert)).toBe('> 80 Percent')
  expect(alertText.briefCondition(composite.alert)).toBeUndefined()
  expect(alertText.briefCondition({ ...firing.alert, threshold: { observed: 93.2 } })).toBeUndefined()
})

describe('an alert not delivered in time', () => {
  const at = (time: string) => `2026-09-14T${time}.000Z`
  const missed = {
    ...resolved,
    alert: { ...resolved.alert, changedAt: at('10:05:00') },
    firingSince: at('10:00:00'),
    missed: true as const,
  }
  const again = { ...firing, missedBefore: { count: 3, since: at('10:00:00') } }

  test.each([
    ['one message says when it fired and resolved', missed, ['Fired 10:00:00 to 10:05:00 UTC; delivery was delayed.']],
    [
      'more than one day shows the dates',
      { ...missed, firingSince: '2026-09-13T23:00:00.000Z' },
      ['Fired 2026-09-13 23:00:00 to 2026-09-14 10:05:00 UTC; delivery was delayed.'],
    ],
    [
      'its start may be unknown',
      { ...missed, firingSince: undefined },
      ['Fired until 10:05:00 UTC; delivery was delayed.'],
    ],
    ['how often it fired before', again, ['Fired 3 times before, since 10:00:00 UTC; not delivered here.']],
    [
      'a start that is no date is shown as it is',
      { ...missed, firingSince: 'last UTC day' },
      ['Fired last UTC day to 2026-09-14 10:05:00 UTC; delivery was delayed.'],
    ],
    [
      'and so is an end that is none',
      { ...missed, firingSince: undefined, alert: { ...missed.alert, changedAt: 'just\nnow' } },
      ['Fired until just now; delivery was delayed.'],
    ],
    [
      'once, on another day',
      { ...firing, missedBefore: { count: 1, since: '2026-09-13T10:00:00.000Z' } },
      ['Fired once before, since 2026-09-13 10:00:00 UTC; not delivered here.'],
    ],
    ['an alert delivered in time has no note', firing, []],
  ])('%s', (_, notification, notes) => {
    expect(alertText.missedNotes(notification)).toEqual(notes)
  })

  test('is noted first in every channel', () => {
    const [note = ''] = alertText.missedNotes(missed)
    const { text, attachments } = slack.render(missed)
    expect(text).toMatch(/^RESOLVED \(delivered late\): /)
    expect(attachments[0]?.blocks[0]).toMatchObject({ text: { text: `*${note}*` } })
    expect(email.render(missed).text.split('\n\n')[1]).toBe(note)
    const { payload } = pagerduty.render(again).data
    expect(payload.custom_details.delayed).toBe(alertText.missedNotes(again)[0])
    expect(payload.summary).toMatch(/ \(3 missed before\)$/)
    const both = { ...again, missed: true as const, fallbackFor: { channel: 'pages', reason: 'x' } }
    expect(alertText.notesInShort(both)).toBe('fallback: pages failed, delivered late, 3 missed before')
  })

  test('is noted on each line of a digest', () => {
    const many = [missed, again, firing, firing].map((one, n) => ({ ...one, id: `n${n}` }))
    for (const digest of [slack.renderDigest?.(many), email.renderDigest?.(many)]) {
      const text = JSON.stringify(digest?.map(({ payload }) => payload))
      expect(text).toContain('delivered late')
      expect(text).toContain('3 missed before')
    }
  })
})

describe('a fallback', () => {
  test.each([
    ['PagerDuty (channel pages) answered 503: busy.', ' (PagerDuty answered 503: busy)'],
    ['PagerDuty (channel other) answered 503', ' (PagerDuty (channel other) answered 503)'],
    ['two\nlines\u202e', ' (two lines)'],
    ['x'.repeat(1_000), ` (${'x'.repeat(399)}…)`],
    ['', ''],
  ])('says why: %j', (reason, why) => {
    expect(alertText.fallbackNote({ channel: 'pages', reason })).toBe(
      `Sent here as a fallback: delivery to pages failed${why}. pages may not have received it.`,
    )
  })

  test.each([
    [{ count: 1, of: 1 }, 'Sent here as', 'it'],
    [{ count: 1, of: 3 }, '1 of them sent here as', 'it'],
    [{ count: 2, of: 3 }, '2 of them sent here as', 'them'],
    [{ count: 3, of: 3 }, 'Sent here as', 'them'],
  ])('of alerts that are sent together, %j, says how many', (part, sent, what) => {
    expect(alertText.fallbackNote({ channel: '', reason: 'busy' }, part)).toBe(
      `${sent} a fallback: delivery to another channel failed (busy). another channel may not have received ${what}.`,
    )
  })

  test('is the first detail in PagerDuty, and is never cut from its summary', () => {
    const fallbackFor = { channel: 'chat', reason: 'Slack (channel chat) answered 404: no_service' }
    const title = 'x'.repeat(500)
    const long = { ...firing, fallbackFor, alert: { ...firing.alert, title, resource: 'y'.repeat(1_000) } }
    for (const alert of [long, { ...long, alert: resolved.alert }]) {
      const { payload } = pagerduty.render(alert).data
      expect(Object.entries(payload.custom_details)[0]).toEqual([
        'fallback',
        'Sent here as a fallback: delivery to chat failed (Slack answered 404: no_service). chat may not have received it.',
      ])
      expect(payload.summary).toMatch(/ \(fallback: chat failed\)$/)
      expect(payload.summary.length).toBeLessThanOrEqual(1_024)
    }
  })

  test('in short', () => {
    expect(alertText.fallbackInShort({ ...firing, fallbackFor: { channel: 'pages', reason: 'x' } })).toBe(
      'fallback: pages failed',
    )
    expect(alertText.fallbackInShort(firing)).toBeUndefined()
  })
})

test('details have readable labels, and no state twice', () => {
  const details = {
    state: 'failed',
    rawState: 'FAILED',
    firstSeen: '2026-11-03T04:01:10Z',
    'action.remoteIpDetails.ipAddressV4': '198.51.100.23',
  }
  expect(alertText.details({ ...firing.alert, details })).toEqual([
    ['State', 'failed'],
    ['First seen', '2026-11-03T04:01:10Z'],
    ['Remote ip details ip address v4', '198.51.100.23'],
  ])
  expect(alertText.details({ ...firing.alert, details: { rawState: 'ok', ec2Instance: 'i-1', ARNs: 'x' } })).toEqual([
    ['Raw state', 'ok'],
    ['Ec2 instance', 'i-1'],
    ['ARNs', 'x'],
  ])
  expect(alertText.details({ ...firing.alert, details: { ...details, rawState: 'CANCELED' } })).toContainEqual([
    'Raw state',
    'CANCELED',
  ])
})
