import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { asRead, escaped, inline } from '../shared/channels/slack/mrkdwn.ts'
import {
  composite,
  deployment,
  everything,
  finding,
  firing,
  hostile,
  math,
  message,
  noData,
  notTaken,
  resolved,
  samples,
} from './alert-samples.ts'
import { anyNotification, CARELESS, textsIn } from './any-notification.ts'
import { expectDisarmed, expectWithinLimits, textsOf } from './slack-limits.ts'

/** What a reader sees, one line each: `Label: value` for fields, `[Label](url)` for buttons. */
function seen(notification: Notification): string[] {
  return slack.render(notification).attachments[0].blocks.flatMap((block) => {
    if (block.type === 'actions')
      return block.elements.map((one) => `[${one.text.text}](${'url' in one ? one.url : ''})`)
    if (block.type === 'context') return block.elements.map(({ text }) => text)
    if ('fields' in block) return block.fields.map(({ text }) => text.replace(/^\*(.*)\*\n/, '$1: '))
    return block.text.text.split('\n')
  })
}

test('a firing alarm shows everything a responder needs', () => {
  const { console, logs, runbook } = firing.alert.links
  expect(slack.render(firing).text).toBe('CRITICAL: orders-db-cpu-high: orders-db (DBInstanceIdentifier)')
  expect(seen(firing)).toEqual([
    `*<${console}|orders-db-cpu-high>*`,
    'Firing (was OK) · critical · since <!date^1789384732^{date_short_pretty} {time_secs}|2026-09-14 11:18:52 UTC>',
    'Resource: orders-db (DBInstanceIdentifier)',
    'Condition: Average CPUUtilization &gt; 80 Percent in 2 of 3 periods of 5 min; now 93.2',
    'Account / region: 123456789012 / eu-west-1',
    'Metric: AWS/RDS CPUUtilization',
    firing.alert.reason?.replace('>', '&gt;'),
    firing.alert.description,
    `[Alarm](${console})`,
    `[Logs](${logs})`,
    `[Runbook](${runbook})`,
    'Rule: system-down · team=payments · env=prod',
  ])
})

test('the message has everything that is known, in blocks that Slack accepts', () => {
  const { console, logs, runbook } = everything.alert.links
  const text =
    'RESOLVED (fallback: pagerduty failed, delivered late, 2 missed before): orders-db-cpu-high: orders-db (DBInstanceIdentifier) (fired for 12 min)'
  const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true })
  const plain = (text: string | undefined) => ({ type: 'plain_text', text, emoji: false })
  const button = (label: string, url: string | undefined) => ({
    ...{ type: 'button', text: plain(label), url, action_id: label.toLowerCase() },
  })
  const notes = [
    '*Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have received it.*',
    '*Fired 11:18:52 to 11:31:10 UTC; delivery was delayed.*',
    '*Fired 2 times before, since 2026-09-13 10:00:00 UTC; not delivered here.*',
  ]
  const when = '<!date^1789385470^{date_short_pretty} {time_secs}|2026-09-14 11:31:10 UTC>'
  const head = `*<${console}|orders-db-cpu-high>*\nResolved (was firing) · critical · at ${when} · fired for 12 min`
  const fields = [
    '*Resource*\norders-db (DBInstanceIdentifier)',
    '*Condition*\nAverage CPUUtilization &gt; 80 Percent in 2 of 3 periods of 5 min; now 41.7',
    '*Account / region*\n123456789012 / eu-west-1',
    '*Metric*\nAWS/RDS CPUUtilization',
    '*Expression*\nm1 / m2',
    '*Dimensions*\nFunctionName = orders-api, Resource = orders-api:live',
    '*State*\nfailed',
    '*Seen times*\n27',
  ]
  const last = 'Rule: system-down · owner=orders · team=payments · env=prod · Note: cut here · Note: and there'
  const blocks = [
    { type: 'section', text: mrkdwn(notes.join('\n')) },
    { type: 'section', text: mrkdwn(head) },
    { type: 'section', text: plain('Look at orders-db-cpu-high.') },
    { type: 'section', fields: fields.map(mrkdwn) },
    { type: 'section', text: plain(everything.alert.reason) },
    { type: 'section', text: plain('Triggered by: a, b') },
    { type: 'section', text: plain(everything.alert.description) },
    { type: 'actions', elements: [button('Alarm', console), button('Logs', logs), button('Runbook', runbook)] },
    { type: 'context', elements: [plain(last)] },
  ]
  expect(slack.render(everything)).toEqual({
    ...{ text, attachments: [{ color: '#2EB67D', fallback: text, blocks }] },
    ...{ unfurl_links: false, unfurl_media: false },
  })
})

test('an alert of which little is known has no empty block', () => {
  const { kind, name, title, status, source, fingerprint } = firing.alert
  const nothing = { dimensions: {}, tags: {}, children: [], details: {}, links: {} }
  const same = { reason: 'Disk full', description: 'Disk full' }
  const alert = {
    kind,
    name,
    title,
    status,
    source,
    fingerprint,
    ...nothing,
    ...same,
    resource: ' ',
    changedAt: 'today',
  }
  const lines = ['*orders-db-cpu-high*', 'Firing · critical · since today']
  expect(seen({ ...firing, alert })).toEqual([...lines, 'Disk full', 'Rule: system-down'])
  expect(slack.render({ ...firing, alert }).attachments[0].blocks).toHaveLength(3)
  const abroad = seen({ ...firing, alert: { ...alert, region: 'eu-west-1' } })
  expect(abroad).toEqual([...lines, 'Account / region: eu-west-1', 'Disk full', 'Rule: system-down'])
})

describe('the name is a link', () => {
  const head = (links: Notification['alert']['links'], { alert } = firing) =>
    seen({ ...firing, alert: { ...alert, links } })[0]

  test('to the console, never to the logs', () => {
    expect(head({ console: 'https://c', logs: 'https://l' })).toBe('*<https://c|orders-db-cpu-high>*')
    expect(head({ console: 'https://c', logs: 'https://l' }, finding)).toMatch(/^\*<https:\/\/c\|SSH /)
    expect(head({ logs: 'https://l' })).toBe('*orders-db-cpu-high*')
  })

  test('unless that is too long, escaped: then it is on its button', () => {
    const console = `https://c/?${'&'.repeat(5)}`.padEnd(1_980, 'x')
    const longer = `${console}x`
    expect(head({ console })).toBe(`*<${console.replaceAll('&', '&amp;')}|orders-db-cpu-high>*`)
    expect(head({ console: longer })).toBe('*orders-db-cpu-high*')
    expect(seen({ ...firing, alert: { ...firing.alert, links: { console: longer } } })).toContain(`[Alarm](${longer})`)
  })
})

test('a link that takes the room of an alert’s text is left out, the others stay', () => {
  const [logs, runbook] = ['https://logs/', 'https://runbook/'].map((url) => url.padEnd(1_501, 'x'))
  const console = 'https://c/'.padEnd(1_500, 'x')
  const long = '漢'.repeat(3_000)
  const alert = { ...firing.alert, reason: long, description: `${long}!`, links: { console, logs, runbook } }
  expect(seen({ ...firing, alert }).filter((line) => /^\[\w+\]\(/.test(line))).toEqual([`[Alarm](${console})`])
})

test('a resolved alarm is green and says how long it fired', () => {
  const { text, attachments } = slack.render(resolved)
  expect(text).toBe('RESOLVED: orders-db-cpu-high: orders-db (DBInstanceIdentifier) (fired for 12 min)')
  expect(attachments[0].color).toBe('#2EB67D')
  expect(seen(resolved)[1]).toMatch(/^Resolved \(was firing\) · critical · at .* · fired for 12 min$/)
})

test('a fallback is noted first, in the message and in the push notification', () => {
  const notified = { ...firing, fallbackFor: notTaken }
  expect(slack.render(notified).text).toBe(
    'CRITICAL (fallback: pagerduty failed): orders-db-cpu-high: orders-db (DBInstanceIdentifier)',
  )
  expect(seen(notified)[0]).toBe(
    '*Sent here as a fallback: delivery to pagerduty failed (PagerDuty did not answer within 10000 ms). pagerduty may not have received it.*',
  )
})

test('shows how missing data is treated', () => {
  expect(slack.render(noData).text).toMatch(/^NO DATA: /)
  expect(seen(noData)).toContain('Missing data: treated as breaching')
})

test('each severity has its colour', () => {
  const colour = (severity: Notification['severity']) => slack.render({ ...firing, severity }).attachments[0].color
  expect([colour('critical'), colour('warning'), colour('info')]).toEqual(['#D92D20', '#F5A623', '#2E77D0'])
})

test('a composite names what triggered it, or else its rule', () => {
  expect(seen(composite)).toContain('Triggered by: orders-api-5xx, orders-db-cpu-high')
  expect(seen({ ...composite, alert: { ...composite.alert, children: [] } })).toContain(
    'Alarm rule: ALARM("orders-api-5xx") AND ALARM("orders-db-cpu-high")',
  )
})

test('math shows its expression; more than one dimension shows all', () => {
  expect(seen(math)).toContain('Expression: 100 ∗ errors / invocations')
  expect(seen(math)).toContain('Dimensions: FunctionName = orders-api, Resource = orders-api:live')
})

test('findings, deployments and messages read well', () => {
  expect(seen(finding).slice(1, 8)).toEqual([
    expect.stringMatching(/^Finding · critical · at /),
    '198.51.100.7 is performing SSH brute force attacks against i-0abc12345.',
    'Resource: i-0abc12345 (Instance)',
    'Account / region: 123456789012 / eu-west-1',
    'Type: UnauthorizedAccess:EC2/SSHBruteForce',
    'Severity: 8',
    'Seen times: 27',
  ])
  expect(seen(deployment)).toContain('State: SUCCEEDED')
  expect(seen(message).slice(2, 7)).toEqual([
    'invoices   12,004 rows',
    'payouts       310 rows',
    '',
    'All is well.',
    'Resource: alarms',
  ])
})

test.each([
  ['&lt;b&gt; &amp;amp; &amp;lt;', '<b> &amp; &lt;'],
  ['<https://a.example/?x&amp;y|the page>, <https://b|b>', 'the page (https://a.example/?x&y), b (https://b)'],
  [
    'since <!date^1789384732^{date_short_pretty} {time_secs}|2026-09-14 11:18:52 UTC>.',
    'since 2026-09-14 11:18:52 UTC.',
  ],
])('%j is read as %j', (text, read) => {
  expect(asRead(text)).toBe(read)
  const message = slack.render(firing)
  expect(slack.firstLine({ ...message, text })).toBe(read)
})

describe('text from outside', () => {
  test.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['a && b', 'a &amp;&amp; b'],
    ['&amp;', '&amp;amp;'],
  ])('%j is escaped', (text, shown) => {
    expect(escaped(text, 100)).toBe(shown)
  })

  test.each([
    ['&&&&', 11, '&amp;&amp;…'],
    ['a&b', 5, 'a…'],
    ['ab&', 6, 'ab…'],
    ['ab&', 7, 'ab&amp;'],
    ['<!channel>', 10, '&lt;!chan…'],
  ])('%j within %d is cut between escapes', (text, max, shown) => {
    expect(escaped(text, max)).toBe(shown)
  })

  test.each([
    ['orders_api_errors', 'orders_api_errors'],
    ['*bold* _it_ ~no~ `code`', '∗bold∗ ˍitˍ ∼no∼ ˋcodeˋ'],
    ['> quoted', '› quoted'],
    ['a > b', 'a &gt; b'],
  ])('%j cannot change the layout', (text, shown) => {
    expect(inline(text, 100)).toBe(shown)
  })

  test('is never longer than the limit, whatever must be escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('&', '<', 'a', '😀', '*', '\n>') }),
        fc.integer({ min: 5, max: 40 }),
        (text, max) => {
          for (const shown of [escaped(text, max), inline(text, max)]) {
            expect(shown.length).toBeLessThanOrEqual(max)
            expect(shown.replace(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/)
            expect(shown.isWellFormed()).toBe(true)
          }
        },
      ),
    )
  })
})

test.each(Object.entries(samples))('%s: no careless text', (_, notification) => {
  for (const text of textsIn(slack.render(notification))) expect(text).not.toMatch(CARELESS)
})

test('the most hostile alert pings nobody and stays whole', () => {
  const { text, attachments } = slack.render(hostile)
  expect(text).toMatch(/^CRITICAL: /)
  expectWithinLimits(attachments[0].blocks)
  expectDisarmed(textsIn(slack.render(hostile)))
})

test('any alert gives a message within Slack’s limits, with links that are whole and text that is disarmed', () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      const payload = slack.render(notification)
      const { blocks } = payload.attachments[0]
      expect(payload.text.length).toBeGreaterThan(0)
      expectWithinLimits(blocks)
      expectDisarmed(blocks.flatMap(textsOf).map(({ text }) => text))
      for (const block of blocks) {
        if (block.type !== 'actions') continue
        for (const one of block.elements) expect(new URL('url' in one ? one.url : '').protocol).toMatch(/^https?:$/)
      }
    }),
    { numRuns: 300 },
  )
})
