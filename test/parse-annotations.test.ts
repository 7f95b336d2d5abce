import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { SEVERITY_WORDS } from '../shared/alert/severity-word.ts'
import { parse } from '../shared/parse/parse.ts'

/** What people write into an alarm's description, or send as attributes of a message. */
function described(AlarmDescription: string, more: object = {}): Alert {
  const alarm = {
    AlarmName: 'orders',
    AlarmDescription,
    NewStateValue: 'ALARM',
    NewStateReason: 'x',
    OldStateValue: 'OK',
  }
  const times = {
    StateChangeTime: '2026-10-05T07:14:09.218+0000',
    Region: 'EU (Frankfurt)',
    AWSAccountId: '111122223333',
  }
  const Message = JSON.stringify({ ...alarm, ...times, Trigger: { MetricName: 'Errors', Namespace: 'AWS/Lambda' } })
  const TopicArn = 'arn:aws:sns:eu-central-1:111122223333:a'
  return alertSchema.parse(parse({ Type: 'Notification', TopicArn, Message, ...more })[0])
}

describe('a description', () => {
  test('in JSON gives owner, severity and links; people see its summary', () => {
    const json = {
      ...{ team: 'ledger', severity: 'critical', runbook: 'https://runbooks.example.com/dlq', cost: 12 },
      ...{
        dashboard: 'https://g.example.com/d/1',
        summary: 'Messages are in the dead-letter queue',
        api_key: 'hunter2',
      },
    }
    expect(described(JSON.stringify(json))).toMatchObject({
      declaredSeverity: 'critical',
      description: 'Messages are in the dead-letter queue',
      tags: { team: 'ledger', cost: '12' },
      links: { runbook: 'https://runbooks.example.com/dlq', dashboard: 'https://g.example.com/d/1' },
    })
    expect(JSON.stringify(described(JSON.stringify(json)))).not.toContain('hunter2')
  })

  test('in JSON without a summary is shown as lines', () => {
    expect(described('{"team": "ledger", "note": {"on": "Mondays"}}').description).toBe(
      'team: ledger\nnote.on: Mondays',
    )
  })

  test('in lines gives the same, and is shown unchanged', () => {
    const text =
      'Checkout is slow.\nTeam: shop\nseverity: SEV1\n- Runbook: https://runbooks.example.com/slow\nDashboard: https://g.example.com/d/2'
    expect(described(text)).toMatchObject({
      ...{ declaredSeverity: 'sev1', description: text, tags: { Team: 'shop' } },
      links: { runbook: 'https://runbooks.example.com/slow', dashboard: 'https://g.example.com/d/2' },
    })
  })

  test.each([
    ['SEV1 - checkout is down', 'sev1'],
    ['SEV-2: look at it', 'sev2'],
    ['[P2] a disk fills', 'p2'],
    ['(p3) a disk fills', 'p3'],
    ['P1 – pages', 'p1'],
    ['p3 instances fail', undefined],
    ['P99 - latency', undefined],
    ['see SEV1 - runbook', undefined],
    ['sev10 - x', undefined],
    ['[high] a word of its own', undefined],
    ['[Sev 1] checkout is slow', 'sev1'],
    ['P1—checkout is slow', 'p1'],
    ['**SEV2** - checkout is slow', 'sev2'],
    ['CRITICAL: checkout is slow', 'critical'],
    ['**CRITICAL:** checkout is slow', 'critical'],
    ['[CRITICAL] checkout is slow', 'critical'],
    ['[WARNING] checkout is slow', undefined],
    ['URGENT - call the DBA', undefined],
    ['WARNING: do not restart it by hand', undefined],
    ['Error: checkout is slow', undefined],
    ['HIGH - is what the value of this is', undefined],
    ['[ORDERS] a word of its own', undefined],
    ['P2-orders are late', undefined],
    ['P1–P3 alerts of the shop', undefined],
    ['(CRITICAL) checkout is slow', 'critical'],
    ['critical: the path to the database', undefined],
    ['CRITICAL section entered', undefined],
    ['[LOW] traffic detected at night', undefined],
    ['[NOTICE] read the runbook first', undefined],
    ['(DEBUG) remove me', undefined],
    ['[MAJOR] outage', undefined],
    ['FATAL: none expected', undefined],
    ['PAGE: nobody', undefined],
    ['[PAGE] 5 of runbook', undefined],
  ])('that begins with "%s" claims %s', (text, severity) => {
    expect(described(text).declaredSeverity).toBe(severity)
  })

  test.each([
    ['severity=critical', 'critical'],
    ['severity:critical', 'critical'],
    ['severity：critical', 'critical'],
    ['Severity: "critical"', 'critical'],
    ["severity = 'P1'", 'p1'],
    ['**Severity:** critical', 'critical'],
    ['**Severity**: **critical**', 'critical'],
    ['_severity_: critical', 'critical'],
    ['> - *Priority*: `P2`', 'p2'],
    ['Severity: SEV1 (page)', 'sev1'],
    ['Priority: Urgent - call the DBA', 'urgent'],
    ['severity: SEV1/Page', 'sev1/page'],
    ['Severity: low at night, critical by day', 'low at night, critical by day'],
    ['Severity: page load time', 'page load time'],
    ['Severity: emergency stop button', 'emergency stop button'],
    ['Priority: page the DBA', 'page the dba'],
    ['Severity: 1 of 3 nodes down', '1 of 3 nodes down'],
    ['severity: critical-business-hours', 'critical-business-hours'],
    ['severity: critical_offhours', 'critical_offhours'],
    ['severity: critical.example.com', 'critical.example.com'],
    ['severity: [critical] (page)', 'critical'],
    ['severity: critical. Call the DBA', 'critical'],
    ['severity: Sev 2, by day', 'sev2'],
    ['Severity: 1', 'sev1'],
    ['prio = 3', '3'],
    ['severity: 5', '5'],
    ['Severity: 1,5', '1,5'],
    ['Severity: 1 - highest', 'sev1'],
    ['severity: 7', '7'],
    ['severity: 1.5', '1.5'],
    ['severity: none', 'none'],
    ['severity: not critical', 'not critical'],
    ['severity: kritisch', 'kritisch'],
    ['SEV1 - it is down\nseverity: kritisch', 'sev1'],
    ['{"severity": "SEV1 (page)"}', 'sev1'],
    ['{"severity": 1}', 'sev1'],
    ['{"alert": {"severity": "P1"}}', 'p1'],
    ['{"severity": "P3", "child": {"severity": "P1"}}', 'p3'],
    ['{"a": {"b": {"severity": "P1"}}}', undefined],
    ['Kept by us: {"severity": "critical", "note": "x"}', undefined],
    ['To test: aws sns publish --topic x --message {"severity":"info"}', undefined],
    ['Example payload: {"alert":{"severity":"low","team":"x"}}', undefined],
    ['An example:\n{\n  "severity": "low"\n}', undefined],
    ['Service: orders, priority: low latency path', 'low latency path'],
    ['Team: shop | Priority: none set', 'none set'],
    ['App: page renderer, prio: 4 of 5', '4 of 5'],
    ['Service: x severity = high', undefined],
    ['Kept by us: {"severity": "critical"} since May', undefined],
  ])('with "%s" claims %s', (text, severity) => {
    expect(described(text).declaredSeverity).toBe(severity)
  })

  test.each<[string, Record<string, string>]>([
    ['severity: critical, team: payments', { team: 'payments' }],
    ['severity: critical | team: payments | owner=ana', { team: 'payments', owner: 'ana' }],
    ['team=payments,severity=critical,service=api', { team: 'payments', service: 'api' }],
    ['severity: critical, since May, team: payments', {}],
    ['severity: critical; Team：payments', { Team: 'payments' }],
    ['**Severity:** critical, **by day**', {}],
    ["---\nseverity: critical\nteam: 'payments'", { team: 'payments' }],
    ['severity: critical\n**Team:** “payments”', { Team: 'payments' }],
    [
      '{"alert": {"severity": "critical", "team": "payments"}}',
      { 'alert.severity': 'critical', 'alert.team': 'payments', team: 'payments' },
    ],
  ])('with several pairs on a line, "%s", gives all of them', (text, tags) => {
    expect(described(text).tags).toEqual(tags)
    expect(described(text).declaredSeverity).toBe('critical')
  })

  test('with a severity in any of these forms gives its first word', () => {
    const word = fc.constantFrom(...Object.values(SEVERITY_WORDS).flat())
    const key = fc.constantFrom('severity', 'Severity', '**Severity', '- _priority', 'PRIO', '> sev')
    const between = fc.constantFrom(':', ': ', '=', ' = ', ':** ', '_: ', '： ', ': "', ': [', ' = `')
    const tail = fc.oneof(
      fc.constantFrom('', '!', '"', ']', '**'),
      fc.tuple(fc.constantFrom(' (', ', ', ' - ', ' | ', '; ', ': ', ' ['), fc.string()).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(key, between, word, tail, (name, separator, meant, rest) => {
        const line = `${name}${separator}${meant}${rest}`.replace(/[\r\n].*/s, '')
        expect(described(`An alarm.\n${line}\nIt is ours.`).declaredSeverity).toBe(meant)
      }),
    )
  })

  test('with a severity followed by another word, in any form, claims none', () => {
    const word = fc.constantFrom(...Object.values(SEVERITY_WORDS).flat(), '1', '2', '5')
    const tail = fc.tuple(
      fc.constantFrom(' ', '-', '/', '_', ' / ', '- '),
      fc.constantFrom('at night', 'shop', 'ähnlich'),
    )
    fc.assert(
      fc.property(word, tail, (begun, rest) => {
        const text = `${begun}${rest.join('')}`
        expect(described(`severity: ${text}`)).toMatchObject({ declaredSeverity: text, notes: [expect.any(String)] })
      }),
    )
  })

  test('with an unknown severity gives a note, and decides nothing', () => {
    for (const text of ['severity: kritisch', 'prio: 5', '{"severity": "Sehr hoch"}', 'severity: low at night']) {
      expect(described(text).notes).toEqual([expect.stringMatching(/^unknown severity ".*" \(use critical, /)])
    }
    expect(described('severity: SEV1 (page)').notes).toBeUndefined()
  })

  test.each([
    ['a sentence about another severity', 'note: see the critical runbook, severity: critical'],
    ['a sentence with a key later on', 'Restart it; then team: shop looks'],
    ['a comparison', 'severity >= 2 and team == shop'],
    ['a sentence with a colon', 'Note: restart it. Warning: it is slow.'],
    ['a URL', 'https://wiki.example.com/team: x'],
    ['JSON that is a list', '["team", "x"]'],
    ['broken JSON', '{"team": "x"'],
    ['a key that is part of a sentence', 'The severity: of this is unknown'],
  ])('that is %s has no annotations', (_, text) => {
    expect(described(text)).toMatchObject({ tags: {}, description: text })
    expect(described(text).declaredSeverity).toBeUndefined()
  })

  test('with a runbook that is not a link keeps the link that it has', () => {
    expect(described('runbook: see the wiki\nhttps://wiki.example.com/x').links.runbook).toBe(
      'https://wiki.example.com/x',
    )
  })
})

test.each<[string, string, string]>([
  ['a priority before it', 'Priority: low\nSeverity: critical', 'critical'],
  ['a priority after it', 'Severity: critical\nPriority: P4', 'critical'],
  ['a priority in JSON', '{"priority": "low", "severity": "critical"}', 'critical'],
  ['a priority alone', 'Impact: small\nPriority: P1', 'p1'],
  ['the same again', 'Severity: critical\nIn short:\nSeverity: SEV1', 'critical'],
  ['another', 'Nights:\nSeverity: low\nDays:\nSeverity: critical', 'low or critical'],
  ['another, the worse first', 'Days:\nSeverity: critical\nNights:\nSeverity: low', 'critical or low'],
  ['another in JSON', '{"night": {"severity": "low"}, "day": {"severity": "critical"}}', 'low or critical'],
  ['an invalid word', 'Severity: see the wiki\nSeverity: critical', 'critical'],
])('a severity with %s: contradicting severities count as none', (_, text, severity) => {
  const alert = described(text)
  expect(alert.declaredSeverity).toBe(severity)
  expect(alert.notes ?? []).toHaveLength(severity.includes(' or ') ? 1 : 0)
})

test('an environment is a word, not a sentence', () => {
  expect(described('Env: staging\nTeam: data platform').tags).toEqual({ Env: 'staging', Team: 'data platform' })
  expect(described('Environment: not staging\nStage: tests of Stripe').tags).toEqual({})
  expect(described('{"stage": "tests of Stripe", "env": "prod"}').tags).toEqual({ env: 'prod' })
})

describe('attributes of an SNS message', () => {
  const attribute = (Value: string, Type = 'String') => ({ Type, Value })

  test('give the owner and the severity; a description wins over them', () => {
    const MessageAttributes = { team: attribute('shop'), severity: attribute('P2'), trace: attribute('x', 'Binary') }
    expect(described('a text', { MessageAttributes })).toMatchObject({ declaredSeverity: 'p2', tags: { team: 'shop' } })
    expect(described('severity: critical\nteam: ledger', { MessageAttributes })).toMatchObject({
      declaredSeverity: 'critical',
      tags: { team: 'ledger' },
    })
  })

  test('without a valid severity leave it to the description, and vice versa', () => {
    const unknown = { MessageAttributes: { severity: attribute('kritisch') } }
    expect(described('SEV1 - it is down', unknown)).toMatchObject({ declaredSeverity: 'sev1' })
    expect(described('SEV1 - it is down', unknown).notes).toBeUndefined()
    const known = { MessageAttributes: { priority: attribute('1') } }
    expect(described('severity: kritisch', known)).toMatchObject({ declaredSeverity: 'sev1' })
    expect(described('a text', unknown).notes).toHaveLength(1)
  })

  test('count by their severity, or if they have none, by their priority', () => {
    const low = attribute('low')
    const MessageAttributes = { priority: low, severity: attribute('critical') }
    expect(described('a text', { MessageAttributes }).declaredSeverity).toBe('critical')
    expect(described('a text', { MessageAttributes: { priority: low } }).declaredSeverity).toBe('low')
  })

  test('of any message count; the message’s own values win', () => {
    const Message = JSON.stringify({ title: 'x', severity: 'info', source: 's' })
    const MessageAttributes = { severity: attribute('critical'), owner: attribute('web') }
    expect(parse({ Type: 'Notification', Message, MessageAttributes })).toMatchObject([
      { declaredSeverity: 'info', tags: { owner: 'web' } },
    ])
  })

  test('count also with raw delivery, or sent to SQS; those of a dead letter are the router’s', () => {
    const attribute = (stringValue: string, dataType = 'String') => ({ stringValue, dataType })
    const body = JSON.stringify({ AlarmName: 'a', NewStateValue: 'ALARM', AlarmDescription: 'a text' })
    const now = new Date('2026-11-04T10:00:00Z')
    const record = (messageAttributes: object, text = body) =>
      parse({ Records: [{ messageId: 'm', body: text, messageAttributes }] }, { now })
    const sent = { severity: attribute('critical'), team: attribute('shop'), trace: attribute('AA==', 'Binary') }
    expect(record(sent)).toMatchObject([{ declaredSeverity: 'critical', tags: { team: 'shop' } }])
    const ours = { reason: attribute('Slack answered 404'), redriven: attribute('2026-11-03T10:00:00Z') }
    expect(record(ours)).toEqual(record({}))
    expect(record(ours, 'a text')).toEqual(record({}, 'a text'))
  })
})
