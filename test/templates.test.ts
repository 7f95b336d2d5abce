import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import { checkCases } from '../shared/cases/check.ts'
import { runCase } from '../shared/cases/run.ts'
import type { Digest } from '../shared/channels/channel.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { textOf, titleOf, withTemplates } from '../shared/channels/template.ts'
import { ConfigError, checkConfig } from '../shared/config/check.ts'
import { readConfigText } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { notificationsOf } from '../shared/decide/notifications.ts'
import { composite, finding, firing, hostile, noData, notTaken, resolved, storm } from './alert-samples.ts'
import { anyNotification, textsIn } from './any-notification.ts'
import { expectDisarmed, expectWithinLimits, textsOf } from './slack-limits.ts'

/** Titles and texts in the words of the config. */

const worded = {
  ...firing,
  title: '{{severity}}: {{name}} in {{account}}',
  text: 'Team {{tags.team}}, look at {{dimensions.DBInstanceIdentifier}}.\n{{condition}}',
}

function summaryOf(notification: Notification): string {
  return pagerduty.render(notification).data.payload.summary
}

function slackText(notification: Notification): string[] {
  return slack
    .render(notification)
    .attachments[0].blocks.flatMap(textsOf)
    .map(({ text }) => text)
}

describe('a title', () => {
  test('is Slack’s headline and push notification', () => {
    const { text, attachments } = slack.render(worded)
    expect(text).toBe('critical: orders-db-cpu-high in 123456789012')
    expect(attachments[0].fallback).toBe(text)
    // The alarm's own name is still there as a link.
    expect(slackText(worded)[0]).toContain('|orders-db-cpu-high>')
  })

  test('is PagerDuty’s summary, and the subject of an email', () => {
    expect(summaryOf(worded)).toBe('critical: orders-db-cpu-high in 123456789012')
    expect(email.render(worded).subject).toBe('critical: orders-db-cpu-high in 123456789012')
  })

  test.each<[string, Notification, string, string]>([
    ['what fires', firing, '{{severity}}: {{name}}', 'critical: orders-db-cpu-high'],
    ['a resolve', resolved, '{{severity}}: {{name}}', 'RESOLVED: critical: orders-db-cpu-high'],
    ['what has lost its data', noData, '{{name}}', 'NO DATA: orders-db-cpu-high'],
    ['a resolve with its own wording', resolved, '{{name}} is {{status}}', 'orders-db-cpu-high is resolved'],
    ['a resolve with the status tag', resolved, '{{statusTag}} - {{name}}', 'RESOLVED - orders-db-cpu-high'],
  ])('of %s never reads as another status', (_, notification, title, shown) => {
    expect(titleOf({ ...notification, title })).toBe(shown)
  })

  test('keeps the note of a fallback first', () => {
    const notified = { ...worded, fallbackFor: notTaken }
    expect(slack.render(notified).text).toBe(
      '(fallback: pagerduty failed) critical: orders-db-cpu-high in 123456789012',
    )
    expect(summaryOf(notified)).toBe('critical: orders-db-cpu-high in 123456789012 (fallback: pagerduty failed)')
  })

  test.each([
    ['that is empty for this alert', '{{tags.owner}} {{#tags.owner}}owns it{{/tags.owner}}'],
    ['that no check has seen, and can’t be read', '{{name'],
    ['that was never closed', '{{#name}}x'],
  ])('%s keeps the default wording', (_, title) => {
    for (const channel of [slack, email, pagerduty]) {
      expect(channel.render({ ...firing, title, text: title })).toEqual(channel.render(firing))
    }
  })
})

describe('a text', () => {
  test('is the first paragraph after the headline in Slack', () => {
    expect(slackText(worded)[1]).toBe(
      'Team payments, look at orders-db.\nAverage CPUUtilization &gt; 80 Percent in 2 of 3 periods of 5 min; now 93.2',
    )
  })

  test('is the first paragraph after the headline in an email', () => {
    expect(email.render(worded).text.split('\n\n').slice(0, 3)).toEqual([
      'CRITICAL: orders-db-cpu-high\norders-db (DBInstanceIdentifier)',
      'Team payments, look at orders-db.\nAverage CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
      'Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
    ])
  })

  test('is first in PagerDuty’s details', () => {
    const { custom_details } = pagerduty.render(worded).data.payload
    expect(Object.entries(custom_details)[0]).toEqual(['text', textOf(worded)])
  })

  test('hides no other fact', () => {
    expect(slackText(worded)).toEqual(expect.arrayContaining(slackText(firing)))
    expect(email.render(worded).text.split('\n\n')).toEqual(
      expect.arrayContaining(email.render(firing).text.split('\n\n')),
    )
    expect(pagerduty.render(worded).data.payload.custom_details).toMatchObject(
      pagerduty.render(firing).data.payload.custom_details,
    )
  })
})

test.each<[string, Notification, string, string | undefined]>([
  ['a field', firing, '{{namespace}}/{{metric}}, {{region}}', 'AWS/RDS/CPUUtilization, eu-west-1'],
  ['a label', firing, '{{tags.team}} {{threshold.value}} {{threshold.observed}}', 'payments 80 93.2'],
  ['a number with the noise of floating point', noisy(93.19999999999999), '{{threshold.observed}}', '93.2'],
  ['a link', firing, '{{links.runbook}}', 'https://wiki.example.com/runbooks/orders-db'],
  ['children', composite, '{{children}}', 'orders-api-5xx, orders-db-cpu-high'],
  [
    'a rule’s label',
    { ...firing, labels: { owner: 'orders' } },
    '{{labels.owner}} by {{rule}}',
    'orders by system-down',
  ],
  [
    'times',
    resolved,
    '{{since}} – {{changedAt}}: {{firedFor}}',
    '2026-09-14 11:18:52 UTC – 2026-09-14 11:31:10 UTC: 12 min',
  ],
  ['since when it fires', firing, '{{since}}{{firedFor}}', '2026-09-14 11:18:52 UTC'],
  ['no start that is not known', noData, '[{{since}}]', '[]'],
  ['what looks like a number', versions('v1.12345678901'), '{{tags.version}}', 'v1.12345678901'],
  ['what starts like one', versions('1.12345678901-2'), '{{tags.version}}', '1.12345678901-2'],
  ['a negative number with noise', noisy(-0.30000000000000004), '{{threshold.observed}}', '-0.3'],
  ['an existing field', finding, '{{#declaredSeverity}}says {{declaredSeverity}}{{/declaredSeverity}}', 'says high'],
  [
    'what is not there',
    firing,
    'x{{#tags.owner}} of {{tags.owner}}{{/tags.owner}}{{^tags.owner}} of nobody{{/tags.owner}}',
    'x of nobody',
  ],
  ['a label that it lacks', firing, '[{{tags.owner}}]', '[]'],
  ['a comment', firing, 'a{{! who knows }}b', 'ab'],
  ['a section on lines of its own', firing, 'a\n{{#name}}\nb\n{{/name}}\nc', 'a\nb\nc'],
  [
    'what objects have of themselves',
    firing,
    '[{{constructor}}{{tags.constructor}}{{labels.toString}}{{tags.__proto__}}{{tags}}]',
    '[]',
  ],
])('%s', (_, notification, text, shown) => {
  expect(textOf({ ...notification, text })).toBe(shown)
})

function versions(version: string): Notification {
  return { ...firing, alert: { ...firing.alert, tags: { version } } }
}

function noisy(observed: number): Notification {
  return { ...firing, alert: { ...firing.alert, threshold: { observed } } }
}

describe('text from senders', () => {
  const tags = { team: '<!channel> *now* & \u202e\u0000<https://evil.example.com|here>' }
  const notified = {
    ...worded,
    alert: { ...firing.alert, tags },
    title: '{{tags.team}} <!here>',
    text: '{{tags.team}}',
  }

  test('pings nobody in Slack, nor does the template', () => {
    expect(slack.render(notified).text).toBe(
      '&lt;!channel&gt; ∗now∗ &amp; &lt;https://evil.example.com|here&gt; &lt;!here&gt;',
    )
    expectDisarmed(textsIn(slack.render(notified)))
  })

  test('is literal elsewhere', () => {
    expect(email.render(notified).subject).toBe('<!channel> *now* & <https://evil.example.com|here> <!here>')
    expect(summaryOf(notified)).toBe('<!channel> *now* & <https://evil.example.com|here> <!here>')
  })

  test('is not read as a template', () => {
    const alert = { ...firing.alert, description: '{{severity}}{{#name}}' }
    expect(textOf({ ...firing, alert, text: '{{description}}' })).toBe('{{severity}}{{#name}}')
  })
})

describe('which template applies', () => {
  const config = checkConfig({
    channels: {
      chat: { type: 'slack', secret: 'chat', title: 'chat: {{name}}', text: 'of the channel' },
      pager: { type: 'pagerduty', secret: 'pager' },
    },
    severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
    default: { severity: 'info' },
    rules: [
      { name: 'databases', when: { namespace: 'AWS/RDS' }, text: 'of the first', continue: true },
      { name: 'orders', when: { name: 'orders-*' }, severity: 'warning', title: 'orders: {{name}}' },
    ],
  })
  const { chat, pager } = config.channels
  if (!chat || !pager) throw new Error('no channels')
  const decision = decide(firing.alert, config)
  const [notification] = notificationsOf(firing.alert, decision, config, undefined)
  if (!notification) throw new Error('nobody is notified')

  test('a channel’s template applies to all its messages', () => {
    const { text, attachments } = withTemplates(slack, chat).render(firing)
    expect(text).toBe('chat: orders-db-cpu-high')
    expect(JSON.stringify(attachments)).toContain('of the channel')
    expect(withTemplates(slack, pager)).toBe(slack)
    expect(JSON.stringify(withTemplates(slack, { text: 'a text alone' }).render(firing))).toContain('a text alone')
  })

  test('a rule’s title and text each win over the channel’s; of several rules the last wins', () => {
    expect(notification).toMatchObject({ title: 'orders: {{name}}', text: 'of the first' })
    const { text, attachments } = withTemplates(slack, chat).render(notification)
    expect(text).toBe('orders: orders-db-cpu-high')
    expect(JSON.stringify(attachments)).not.toContain('of the channel')
    expect(decision.because).toContain('rule "orders" sets its own title')
  })

  test('the resolve uses it too', () => {
    const { alert } = resolved
    const before = nextByChange(undefined, { alert: firing.alert, change: 'fires' }, config, new Date())
    const { decision: over } = nextByChange(before.state, { alert, change: 'its end' }, config, new Date())
    expect(over).toMatchObject({ title: 'orders: {{name}}', text: 'of the first' })
    const [notified] = notificationsOf(alert, over, config, firing.alert.changedAt)
    expect(notified && slack.render(notified).text).toBe('RESOLVED: orders: orders-db-cpu-high')
  })

  test('a rules test case sees it', () => {
    const differences = (text: string) => {
      const [one] = checkCases([{ name: 'cpu', alert: { name: 'orders-db' }, expect: { text: { chat: text } } }])
      return one && runCase(one, config).differences.map(({ what }) => what)
    }
    expect(differences('orders: orders-db')).toEqual([])
    expect(differences('chat: orders-db')).toEqual(['text.chat'])
    expect(differences('of the channel')).toEqual([])
  })

  test('a shared incident uses it', () => {
    const { incidents } = withTemplates(pagerduty, { title: 'pager: {{name}}' })
    const summary = (all: Notification[]) => incidents?.render(all, 'key', all.length).data.payload.summary
    expect(summary([firing])).toBe('pager: orders-db-cpu-high')
    expect(summary([firing, { ...firing, id: 'n2' }])).toBe('2 alerts: pager: orders-db-cpu-high')
  })

  test('a digest keeps its own lines', () => {
    const template = { title: '{{name}}!', text: '{{name}}!' }
    const plain = storm(8)
    const worded = plain.map((one) => ({ ...one, ...template }))
    const payloads = (digests: Digest<unknown>[] = []) => digests.map(({ payload }) => payload)
    expect(payloads(slack.renderDigest?.(plain))).toHaveLength(1)
    expect(payloads(withTemplates(slack, template).renderDigest?.(worded))).toEqual(
      payloads(slack.renderDigest?.(plain)),
    )
    expect(payloads(withTemplates(email, template).renderDigest?.(worded))).toEqual(
      payloads(email.renderDigest?.(plain)),
    )
  })
})

describe('a template that makes no sense is rejected', () => {
  const problems = (title: string, where: 'channel' | 'rule' = 'channel'): string => {
    const line = `title: ${JSON.stringify(title)}`
    const text = `channels:
  slack:
    type: slack
    secret: slack
${where === 'channel' ? `    ${line}\n` : ''}severities: { critical: { channels: [slack] }, warning: { channels: [slack] }, info: { channels: [slack] } }
default: { severity: warning }
rules:
  - name: errors
    when: { name: "orders-*" }
    severity: critical
    labels: { owner: orders }
${where === 'rule' ? `    ${line}\n` : ''}`
    try {
      readConfigText(text, 'alerts.yml')
      return 'no problem'
    } catch (error) {
      if (error instanceof ConfigError) return error.message
      throw error
    }
  }

  test('valid templates are accepted', () => {
    const all =
      '{{statusTag}} {{severity}} {{rule}} {{condition}} {{since}} {{changedAt}} {{firedFor}} {{labels.owner}} {{links.runbook}} {{tags.aws:stack name}} {{ name }} {{! so }} {{#reason}}{{reason}}{{/reason}}{{^tags.a}}{"a":1}{{/tags.a}} {x}'
    expect(problems(all)).toBe('no problem')
    expect(problems(all, 'rule')).toBe('no problem')
  })

  test('with its line, in a channel and in a rule', () => {
    expect(problems('{{nmae}}')).toMatch(
      /^alerts\.yml:5:5: channels\.slack\.title: unknown field "nmae"\. Did you mean "name"\? Allowed: statusTag, severity, .*tags\.…/,
    )
    expect(problems('{{nmae}}', 'rule')).toMatch(
      /^alerts\.yml:12:5: rules\[0\]\.title \(rule "errors"\): unknown field "nmae"\. Did you mean "name"\?/,
    )
  })

  test.each([
    ['a field written with its alert', '{{alert.tags.team}}', "write fields as in a rule's `when`: {{tags.team}}"],
    ['a label of no rule', '{{labels.ownr}}', 'no rule sets the label "ownr". Did you mean "owner"? Allowed: owner.'],
    ['an unknown part of a threshold', '{{threshold.vlaue}}', 'threshold has no "vlaue". Did you mean "value"?'],
    ['labels without a name', '{{tags}}', '"tags" needs a label, as in "tags.team"'],
    ['a field in a section', '{{#name}}{{^tags.x}}{{nmae}}{{/tags.x}}{{/name}}', 'unknown field "nmae"'],
    ['a section of no field', '{{#nmae}}x{{/nmae}}', 'unknown field "nmae"'],
    ['an item of a list', '{{#children}}{{.}}{{/children}}', 'unknown field "."'],
    ['what objects have of themselves', '{{constructor}}', 'unknown field "constructor"'],
    [
      'unescaped text',
      '{{{name}}}',
      'found "{{{name}}}": unescaped tags are not supported, and not needed: channels show values unchanged. Write {{name}}',
    ],
    ['unescaped text in its other form', '{{& name }}', 'Write {{name}}'],
    ['a partial', '{{> header}}', 'found "{{> header}}": a template can\'t include another'],
    ['other marks', '{{=<% %>=}}<% name %>', "the delimiters can't be changed"],
    ['marks that are none', '{{=x=}}', "the delimiters can't be changed"],
    ['a tag that is not closed', 'a {{name', 'a {{ has no }}'],
    ['a section that is not closed', '{{#name}}x', '{{#name}} is not closed: add {{/name}}'],
    ['a section that is closed by another name', '{{#name}}x{{/title}}', '{{#name}} is not closed'],
    ['an end without a beginning', 'x{{/name}}', '{{/name}} closes a section that was not opened'],
    [
      'one brace, as for a severity',
      'of {tags.team}',
      'found "{tags.team}": fields of a template have two braces: {{tags.team}}',
    ],
    ['too long a text', 'x'.repeat(2_001), 'at most 2000'],
    ['an empty text', '', 'must be at least 1'],
  ])('%s', (_, title, message) => {
    expect(problems(title)).toContain(message)
  })

  test('all problems are reported, each once', () => {
    expect(problems('{{nmae}} {{nmae}} {{> x}}').split('\n')).toHaveLength(2)
  })
})

/** Templates that the check accepts: every field, nested sections, and any text between them. */
const fields = fc.constantFrom(
  ...['statusTag', 'severity', 'rule', 'condition', 'since', 'changedAt', 'firedFor', 'labels.owner', 'name', 'title'],
  ...[
    'description',
    'reason',
    'children',
    'status',
    'tags.team',
    'tags.0',
    'details.a.b',
    'threshold.observed',
    'links.logs',
  ],
)
const anyTemplate = fc
  .letrec<{ template: string; part: string }>((tie) => ({
    template: fc.array(tie('part'), { maxLength: 8 }).map((parts) => parts.join('')),
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fields.map((field) => `{{${field}}}`),
      fc.string({
        unit: fc.constantFrom('a', ' ', '\n', '<!channel>', '&', '*', '漢', '\ud83d', '\u0000'),
        maxLength: 20,
      }),
      fc
        .tuple(fc.constantFrom('#', '^'), fields, tie('template'))
        .map(([kind, field, inner]) => `{{${kind}${field}}}${inner}{{/${field}}}`),
    ),
  }))
  .template.chain((template) => fc.constantFrom(1, 1, 30).map((times) => template.repeat(times)))

/** Unchecked templates. */
const anyTags = fc
  .array(
    fc.constantFrom(
      '{{',
      '}}',
      '{',
      '}',
      '#',
      '^',
      '/',
      '&',
      '>',
      '=',
      '!',
      '.',
      'name',
      'tags',
      '__proto__',
      'constructor',
      ' ',
      '\n',
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(''))

test('any template with any alert gives a message within each channel’s limits, and pings nobody', () => {
  const template = fc.oneof({ weight: 4, arbitrary: anyTemplate }, anyTags)
  fc.assert(
    fc.property(anyNotification, template, template, (plain, title, text) => {
      const notification = { ...plain, title, text }
      const message = slack.render(notification)
      const { blocks } = message.attachments[0]
      expect(message.text.length).toBeGreaterThan(0)
      expect(message.text.length).toBeLessThanOrEqual(1_000)
      expectWithinLimits(blocks)
      expectDisarmed([message.text, ...blocks.flatMap(textsOf).map(({ text }) => text)])

      const { subject, text: body } = email.render(notification)
      expect(subject).toMatch(/^[^\p{Cc}\u2028\u2029]{1,99}$/u)
      expect(subject.length).toBeLessThanOrEqual(99)
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(250_000)
      expect(body).not.toMatch(/[^\P{Cc}\n\t]/u)
      expect(subject.isWellFormed() && body.isWellFormed()).toBe(true)

      const { data } = pagerduty.render(notification)
      expect(data.payload.summary.length).toBeGreaterThan(0)
      expect(data.payload.summary.length).toBeLessThanOrEqual(1_024)
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(500_000)
    }),
    { numRuns: 200 },
  )
})

test('a template reads only the alert’s own facts', () => {
  const names = Object.getOwnPropertyNames(Object.prototype).flatMap((name) => [
    name,
    ...['tags', 'details', 'dimensions', 'threshold', 'links', 'labels'].map((head) => `${head}.${name}`),
  ])
  for (const name of names) {
    const text = `[{{${name}}}{{#${name}}}there{{/${name}}}]`
    expect(textOf({ ...firing, labels: {}, text })).toBe('[]')
  }
  const tags = JSON.parse('{ "constructor": "builders", "__proto__": "theirs" }') as Record<string, string>
  const notified = { ...firing, alert: { ...firing.alert, tags } }
  expect(textOf({ ...notified, text: '{{tags.constructor}} {{tags.__proto__}}' })).toBe('builders theirs')
})

test('the largest template and the largest alert together fit into one Slack message', () => {
  const wide = (length: number) => '漢'.repeat(length)
  const link = `https://example.com/?${'a'.repeat(370)}`
  const largest = {
    ...firing,
    text: wide(2_000),
    title: wide(2_000),
    fallbackFor: { channel: wide(60), reason: wide(1_000) },
    rule: wide(100),
    alert: {
      ...firing.alert,
      title: wide(500),
      description: wide(9_000),
      reason: wide(4_000),
      alarmRule: wide(4_000),
      resource: wide(1_000),
      details: Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${wide(60)}${n}`, wide(1_000)])),
      links: { console: link, logs: link, runbook: link },
    },
  }
  expectWithinLimits(slack.render(largest).attachments[0].blocks)
})

test('a template that repeats long texts many times is cut off', () => {
  const text = '{{description}}{{reason}}'.repeat(80)
  const notified = { ...hostile, text, title: text }
  expect(textOf(notified)?.length).toBeLessThan(33_000)
  expectWithinLimits(slack.render(notified).attachments[0].blocks)
})
