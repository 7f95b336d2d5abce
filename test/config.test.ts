import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TEMPLATE_FIELDS } from '../schemas/config.ts'
import { SEVERITY_WORDS } from '../shared/alert/severity-word.ts'
import { readConfig, readConfigText } from '../shared/config/read.ts'
import { channelNow } from '../shared/decide/channel-now.ts'
import { problemsOf } from './config-problems.ts'

const GOOD = `channels:
  pager: { type: pagerduty, secret: pager }
  slack: { type: slack, secret: slack }
  email: { type: email, addresses: [a@example.com] }
severities:
  critical: { channels: [pager, slack] }
  warning: { channels: [slack] }
  info: { channels: [email] }
default: { severity: warning }
nonProduction: { when: { name: "*-dev" }, highest: warning }
rules:
  - name: errors
    when: { name: "orders-*" }
    severity: critical
`

test('the shipped rules are good', () => {
  expect(readConfig('config/alerts.yml').rules.length).toBeGreaterThan(11)
})

test('the head of the shipped rules lists every word that means a severity', () => {
  const [head = ''] = readFileSync('config/alerts.yml', 'utf8').split('\nchannels:')
  for (const words of Object.values(SEVERITY_WORDS)) {
    for (const word of words) expect(head).toMatch(new RegExp(`\\b${word}\\b`))
  }
})

test('the head of the shipped rules lists every field that only templates have', () => {
  const [head = ''] = readFileSync('config/alerts.yml', 'utf8').split('\nchannels:')
  for (const field of TEMPLATE_FIELDS) expect(head).toContain(`{{${field}}}`)
})

test('a good config is accepted', () => {
  expect(problemsOf(GOOD)).toBe('no problem')
})

test('a config with every possible key is accepted, and is the same when read again', () => {
  const all = `${GOOD}  - name: team
    when:
      any: [{ tags.team: [orders, $teams] }, { children: "orders-*", not: { account: $production } }]
      all: [{ threshold.value: ">= 99" }, { firingFor: "> 10m" }, { threshold.periodSeconds: ">= 300" }]
    severity: "{tags.severity}"
    otherwise: warning
    channels: { add: [email] }
    groupBy: [tags.team, dimensions.FunctionName]
    runbook: https://wiki.example.com/runbooks/orders
    labels: { owner: orders, tier: 1 }
    evidence: off
    title: "{{severity}}: {{name}} of {{labels.owner}}"
    text: "{{#reason}}It says {{reason}}.{{/reason}}"
    continue: true
sets: { production: ["111122223333", 444455556666], teams: [/^orders/i] }
`
  const config = readConfigText(all, 'alerts.yml')
  expect(readConfigText(JSON.stringify(config), 'alerts.json')).toEqual(config)
})

test.each([
  ['off', 'off'],
  ['"off"', 'off'],
  ['false', 'off'],
  ['on', 'on'],
  ['true', 'on'],
])('evidence: %s of a rule is %s', (written, evidence) => {
  const config = readConfigText(
    `${GOOD}  - { name: e, when: { name: "*" }, severity: info, evidence: ${written} }\n`,
    'x',
  )
  expect(config.rules.at(-1)).toMatchObject({ evidence })
})

/** Names that people know from elsewhere: a change of the good config, and the expected message. */
const SLIPS: [string, [from: string, to: string], messages: string[]][] = (
  [
    ['{ threshold.value: "=> 99" }', 'found "=> 99": the sign comes first, as in ">= 99"'],
    ['{ threshold.value: "=<99" }', 'as in "<= 99"'],
    [
      '{ tags: { team: orders } }',
      'when.tags (rule "errors"): write each label on its own line, as in tags.team: orders',
    ],
    ['{ dimensions: { A: [b] }, name: x }', 'when.dimensions (rule "errors"): write each label on its own line'],
    [
      '{ name: { is: x } }',
      'when.name (rule "errors"): expected a text, a list of texts, or { not: … } of either, got {"is":"x"}',
    ],
    ['{ team: orders }', 'Did you mean "tags.team"?'],
    ['{ tag.severity: a }', 'Did you mean "tags.severity"?'],
    ['{ Dimension.A: b }', 'Did you mean "dimensions.A"?'],
    ['{ label.team: b }', 'Did you mean "tags.team"?'],
    ['{ severity: critical }', 'Did you mean "declaredSeverity"?'],
    ['{ nmae: a }', 'unknown field "nmae". Did you mean "name"?'],
    ['{ name: [on, null, true] }', 'when.name[1] (rule "errors"): expected a text, got null'],
    ['{ name: }', 'when.name (rule "errors"): expected a text, a list of texts'],
    ['{}', 'when (rule "errors"): is empty: name at least one field'],
    ['{ name: a }, continue: yes', 'expected true or false, got "yes"'],
    ['{ name: a }, severity: P1', 'found "P1". Did you mean "critical"? Allowed: critical, warning, info.'],
    ['{ name: a }, severity: warn', 'Did you mean "warning"?'],
    ['{ name: a }, severity: "{tags.s}", otherwise: sev-4', 'found "sev-4". Did you mean "info"?'],
  ] satisfies [string, string][]
).map(([when, message]) => [`a slip: ${when}`, [GOOD, slipIn(when)], [message]])

function slipIn(when: string): string {
  const severity = when.includes('severity:') && !when.startsWith('{ severity') ? '' : ', severity: info'
  return `${GOOD.split('rules:')[0]}rules:\n  - { name: errors, when: ${when}${severity} }\n`
}

describe('a renamed channel', () => {
  const renamed = readConfigText(
    GOOD.replace('secret: slack }', 'secret: slack, formerly: [chat, slack-ops] }').replace(
      'secret: pager }',
      'secret: pager, formerly: [oncall] }',
    ),
    'alerts.yml',
  )
  test.each([
    ['slack', 'slack'],
    ['chat', 'slack'],
    ['slack-ops', 'slack'],
    ['oncall', 'pager'],
    ['email', 'email'],
    ['nobody', undefined],
    ['toString', undefined],
  ])('%s is now called %s', (name, now) => {
    expect(channelNow(renamed.channels, name)).toBe(now)
  })

  test('a rule with its old name gets the new one as a suggestion', () => {
    const rule = '    channels: { add: [slack-ops] }\n'
    expect(problemsOf(GOOD.replace('secret: slack }', 'secret: slack, formerly: [slack-ops] }') + rule)).toContain(
      'rules[0].channels.add[0] (rule "errors"): unknown channel "slack-ops". It was renamed to "slack": use that name.',
    )
  })
})

describe('a bad config is refused, with the line, the path, what was found and what is allowed', () => {
  test.each<[string, [string, string], string[]]>([
    [
      'a severity that is misspelt',
      ['severity: critical', 'severity: critcal'],
      [
        'alerts.yml:14:5: rules[0].severity (rule "errors"): found "critcal". Did you mean "critical"?',
        'Allowed: critical, warning, info.',
      ],
    ],
    [
      'a field that is misspelt',
      ['when: { name: "orders-*" }', 'when: { nmae: "orders-*" }'],
      ['alerts.yml:13:13: rules[0].when.nmae (rule "errors"): unknown field "nmae". Did you mean "name"?'],
    ],
    [
      'a key that is misspelt',
      ['severity: critical', 'severity: critical\n    chanels: [slack]'],
      ['alerts.yml:15:5: rules[0].chanels (rule "errors"): unknown key "chanels". Did you mean "channels"?'],
    ],
    [
      'a channel that is not defined',
      ['info: { channels: [email] }', 'info: { channels: [emial] }'],
      [
        'alerts.yml:8:22: severities.info.channels[0]: unknown channel "emial". Did you mean "email"?',
        'Allowed: pager, slack, email.',
      ],
    ],
    [
      'a channel by its old name, in a severity',
      ['slack: { type: slack, secret: slack }', 'chat: { type: slack, secret: slack, formerly: [slack] }'],
      [
        'alerts.yml:6:33: severities.critical.channels[1]: unknown channel "slack". It was renamed to "chat": use that name.',
        'Allowed: pager, chat, email.',
      ],
    ],
    [
      'a fallback by its old name',
      [
        'secret: pager }\n  slack: { type: slack, secret: slack }',
        'secret: pager, fallback: ops }\n  slack: { type: slack, secret: slack, formerly: [chat, ops] }',
      ],
      ['channels.pager.fallback: unknown channel "ops". It was renamed to "slack": use that name.'],
    ],
    [
      'an old name that is a channel’s name',
      ['secret: slack }', 'secret: slack, formerly: [email] }'],
      [
        'alerts.yml:3:51: channels.slack.formerly[0]: "email" is still the name of a channel. Remove it here, or rename',
      ],
    ],
    [
      'an old name that is its own',
      ['secret: slack }', 'secret: slack, formerly: [slack] }'],
      ['channels.slack.formerly[0]: "slack" is this channel\'s current name. Remove it'],
    ],
    [
      'an old name of two channels',
      [
        'secret: pager }\n  slack: { type: slack, secret: slack }',
        'secret: pager, formerly: [ops] }\n  slack: { type: slack, secret: slack, formerly: [chat, ops] }',
      ],
      ['channels.slack.formerly[1]: "ops" is also a former name of "pager". Remove it from one of them'],
    ],
    [
      'an old name that is named twice',
      ['secret: slack }', 'secret: slack, formerly: [chat, chat] }'],
      ['channels.slack.formerly[1]: "chat" is listed twice. Remove one'],
    ],
    [
      'an old name that no channel can have had',
      ['secret: slack }', 'secret: slack, formerly: [Slack Ops] }'],
      ['channels.slack.formerly[0]: found "Slack Ops": a channel name has only lower case letters'],
    ],
    [
      'old names that are no list',
      ['secret: slack }', 'secret: slack, formerly: chat }'],
      ['channels.slack.formerly: expected a list, got "chat"'],
    ],
    [
      'an unknown type of channel',
      ['type: slack', 'type: slck'],
      [
        'channels.slack.type: unknown channel type "slck". Did you mean "slack"? Allowed: pagerduty, slack, slack-app, email.',
      ],
    ],
    [
      'a channel without a type',
      ['type: slack, ', ''],
      ['"type" is missing. Allowed: pagerduty, slack, slack-app, email.'],
    ],
    [
      'a status that no alert has',
      ['{ name: "orders-*" }', '{ status: alarm }'],
      ['no alert has the status "alarm"', 'Allowed: firing, resolved, insufficient-data.'],
    ],
    [
      'an account of too few digits',
      ['{ name: "orders-*" }', '{ account: 12345678901 }'],
      ['rules[0].when.account (rule "errors"): found 12345678901', 'has 12 digits'],
    ],
    [
      'a label without its name',
      ['{ name: "orders-*" }', '{ tags: orders }'],
      ['"tags" needs a label, as in "tags.team"'],
    ],
    ['an invalid regex', ['"orders-*"', '"/(/"'], ['"/(/" is not a valid regular expression: ', 'Write /…/ or /…/i']],
    [
      'a regex that looks around',
      ['"orders-*"', '"/^(?!dev)/"'],
      [
        'rules[0].when.name (rule "errors"): "/^(?!dev)/" uses lookaround ("(?!")',
        'which RE2 does not support',
        '{ not: … }',
      ],
    ],
    ['a regex that looks behind', ['"orders-*"', '"/(?<=x)y/"'], ['uses lookaround ("(?<=")']],
    [
      'a regex that refers back',
      ['"orders-*"', '/(a)b\\1/'],
      ['uses a backreference ("\\1")', 'Write out the alternatives'],
    ],
    [
      'a regex that repeats too often',
      ['"orders-*"', '"/x{2000}/"'],
      ['has too large a repeat count ("{2000}"): at most 1000'],
    ],
    ['a regex that is too large', ['"orders-*"', '"/(x{30}y{30}){20}/"'], ['is too large (', 'at most 1000)']],
    [
      'a regex with an invalid flag',
      ['"orders-*"', '"/x/gi"'],
      ['with the flags "gi". Allowed, each once: i (any case)'],
    ],
    [
      'a path that reads as a regex',
      ['"orders-*"', '"/aws/lambda/orders"'],
      ['To match a text with slashes, write /^\\/aws\\/lambda\\/orders$/'],
    ],
    [
      'no severity',
      ['    severity: critical\n', ''],
      [
        'rules[0].severity (rule "errors"): "severity" is missing. Allowed: critical, warning, info.',
        'Only a rule with continue: true may omit it',
      ],
    ],
    [
      'a rule that continues and sets nothing',
      ['severity: critical', 'continue: true'],
      ['rules[0].continue (rule "errors"): the rule continues and sets nothing'],
    ],
    [
      'a severity from a field that no alert has',
      ['severity: critical', 'severity: "{tag.severity}"\n    otherwise: info'],
      ['alerts.yml:14:5: rules[0].severity (rule "errors"): unknown field "tag.severity"'],
    ],
    [
      'a severity from the alert, and none otherwise',
      ['severity: critical', 'severity: "{tags.severity}"'],
      [
        'rules[0].otherwise (rule "errors"): "otherwise" is missing: the severity for alerts whose "{tags.severity}" is not one.',
      ],
    ],
    [
      'otherwise for nothing',
      ['severity: critical', 'severity: critical\n    otherwise: info'],
      ['rules[0].otherwise', 'Remove it'],
    ],
    [
      'a field to group by that no alert has',
      ['severity: critical', 'severity: critical\n    groupBy: [nmespace]'],
      ['rules[0].groupBy[0] (rule "errors"): unknown field "nmespace". Did you mean "namespace"?'],
    ],
    [
      'time to group by',
      ['severity: critical', 'severity: critical\n    groupBy: [firingFor]'],
      ['unknown field "firingFor"'],
    ],
    [
      'a runbook that is no page',
      ['severity: critical', 'severity: critical\n    runbook: wiki/orders'],
      ['rules[0].runbook (rule "errors"): found "wiki/orders": expected a full URL'],
    ],
    [
      'evidence that is neither on nor off',
      ['severity: critical', 'severity: critical\n    evidence: sometimes'],
      ['rules[0].evidence (rule "errors"): '],
    ],
    [
      'an escalation to nobody who is known',
      ['severity: critical', 'severity: critical\n    escalate: [{ after: 15m, to: [slak] }]'],
      ['rules[0].escalate[0].to[0] (rule "errors"): unknown channel "slak"'],
    ],
    [
      'a step that is no later than the one before',
      [
        'severity: critical',
        'severity: critical\n    escalate: [{ after: 15m, to: [slack] }, { after: 900s, to: [slack] }]',
      ],
      ['rules[0].escalate[1].after (rule "errors"): found 900s, and the step before is after 15m'],
    ],
    [
      'a hold that is no duration',
      ['severity: critical', 'severity: critical\n    hold: soon'],
      ['rules[0].hold (rule "errors"): '],
    ],
    [
      'a response to nothing',
      ['severity: critical', 'severity: critical\n    response: {}'],
      ['rules[0].response (rule "errors"): '],
    ],
    [
      'labels that are a list',
      ['severity: critical', 'severity: critical\n    labels: [orders]'],
      ['rules[0].labels (rule "errors"): expected a mapping (key: value), got ["orders"]'],
    ],
    [
      'a label of a threshold that is misspelt',
      ['{ name: "orders-*" }', '{ threshold.valeu: ">= 1" }'],
      ['threshold has no "valeu". Did you mean "value"?'],
    ],
    [
      'a comparison with no number',
      ['{ name: "orders-*" }', '{ threshold.value: ">= 99%" }'],
      ['found ">= 99%": a comparison is >, >=, < or <= and a number, as in ">= 99".'],
    ],
    [
      'an equals sign',
      ['{ name: "orders-*" }', '{ threshold.value: "== 99" }'],
      ['for equality write the value itself, "99"; for inequality, { not: "99" }'],
    ],
    [
      'a number that is written otherwise',
      ['{ name: "orders-*" }', '{ threshold.value: "99.0" }'],
      ['expected the number 99 or a comparison, as in ">= 99", got "99.0"'],
    ],
    ['a duration without a unit', ['{ name: "orders-*" }', '{ firingFor: "> 10" }'], ['as in "> 10m"']],
    [
      'a duration in a field without durations',
      ['{ name: "orders-*" }', '{ threshold.value: "> 10m" }'],
      ['only firingFor and threshold.periodSeconds accept durations'],
    ],
    [
      'a set that is not there',
      [
        'rules:\n  - name: errors\n    when: { name: "orders-*" }',
        'sets: { production: [x] }\nrules:\n  - name: errors\n    when: { account: $prod }',
      ],
      ['rules[0].when.account (rule "errors"): unknown set "prod"', 'Allowed: production.'],
    ],
    [
      'a set that nothing uses',
      ['default:', 'sets: { production: ["111122223333"] }\ndefault:'],
      ['alerts.yml:9:9: sets.production: unused. Refer to it in a `when`, as in account: $production'],
    ],
    [
      'a value in a set that its field can’t have',
      [
        'rules:\n  - name: errors\n    when: { name: "orders-*" }',
        'sets: { production: ["111122223333", 1234] }\nrules:\n  - name: errors\n    when: { account: $production }',
      ],
      ['sets.production[1]: found 1234: an account id has 12 digits'],
    ],
    [
      'a set within a set',
      [
        'rules:\n  - name: errors\n    when: { name: "orders-*" }',
        'sets: { a: [$b] }\nrules:\n  - name: errors\n    when: { name: $a }',
      ],
      ['sets.a[0]: found "$b": a set can\'t contain another set'],
    ],
    [
      'a misspelt field inside any',
      ['{ name: "orders-*" }', '{ any: [{ name: x }, { not: { nmae: x } }] }'],
      ['alerts.yml:13:41: rules[0].when.any[1].not.nmae (rule "errors"): unknown field "nmae"'],
    ],
    [
      'any that is no list',
      ['{ name: "orders-*" }', '{ any: { name: x } }'],
      ['rules[0].when.any (rule "errors"): expected a list, got {"name":"x"}'],
    ],
    [
      'conditions that are nested too deep',
      ['{ name: "orders-*" }', `${'{ not: '.repeat(10)}{ name: x }${' }'.repeat(10)}`],
      ['nested more than 8 deep'],
    ],
    ['no condition', ['when: { name: "orders-*" }', 'when: {}'], ['rules[0].when (rule "errors")', 'is empty']],
    [
      'a secret in place of its name',
      ['secret: slack }', 'secret: "https://hooks.slack.com/services/T/B/x" }'],
      ['never the secret itself'],
    ],
    ['an invalid address', ['[a@example.com]', '[example.com]'], ['channels.email.addresses[0]: found "example.com"']],
    [
      'two rules of one name',
      ['severity: critical', 'severity: critical\n  - { name: errors, when: { name: x }, severity: info }'],
      ['rules[1].name (rule "errors"): "errors" is also the name of an earlier rule'],
    ],
    ['a rule called default', ['name: errors', 'name: default'], ['Use another name']],
    [
      'non-production that would reach nobody',
      ['warning: { channels: [slack] }', 'warning: { channels: [pager] }'],
      ['nonProduction.highest: "warning" has only PagerDuty channels'],
    ],
    ...SLIPS,
    ...[
      [
        'a key of PagerDuty',
        'secret: pager }',
        'secret: 0123456789abcdef0123456789ABCDEF }',
        'channels.pager.secret: this looks like the key',
      ],
      [
        'a newer key of PagerDuty',
        'secret: pager }',
        'secret: R02ABCDEFGHIJKLMNOPQRSTUVWXYZ012 }',
        'as in secret: pager',
      ],
      [
        'what is secret of a URL of Slack',
        'secret: slack }',
        'secret: services/T01ABCDEF/B01ABCDEF/abcdefghijkl }',
        'channels.slack.secret: this looks like the URL',
      ],
      ['a token of Slack', 'secret: slack }', 'secret: xoxb-1234-abcd }', 'not shown'],
    ].map(([what = '', from = '', to = '', message = '']): [string, [string, string], string[]] => [
      `${what} in place of a secret's name`,
      [from, to],
      [message],
    ]),
    [
      'SES without a sender',
      ['type: email,', 'type: email, via: ses,'],
      ['channels.email.via: SES needs the sender. Add `from`, as in from: alerts@example.com'],
    ],
    [
      'a sender of SNS',
      ['type: email,', 'type: email, from: alerts@example.com,'],
      ['channels.email.from: applies to `via: ses` alone'],
    ],
    ['another way of emails', ['type: email,', 'type: email, via: smtp,'], ['channels.email.via', 'sns', 'ses']],
    [
      'more recipients than SES takes',
      [
        'addresses: [a@example.com]',
        `via: ses, from: a@example.com, addresses: [${Array.from({ length: 51 }, (_, n) => `a${n}@example.com`).join(', ')}]`,
      ],
      ['channels.email.addresses: 51 addresses, and SES takes at most 50 for one message'],
    ],
    [
      'more addresses than a stack has resources for',
      // And 2 for the channel itself.
      ['a@example.com', Array.from({ length: 349 }, (_, n) => `a${n}@example.com`).join(', ')],
      ['channels.email.addresses: the email channels need 351 resources', 'Use a mailing list'],
    ],
    [
      'invalid YAML',
      ['when: { name', 'when: { name: ['],
      ['alerts.yml:10:43: YAML syntax error', 'unclosed bracket or quote'],
    ],
    ['a tab', [GOOD, 'channels:\n\ta: 1'], ['alerts.yml:2:1: YAML syntax error', 'Indent with spaces: two per level']],
    ['a key that is there twice', [GOOD, 'a: 1\nb: 2\na: 3'], ['alerts.yml:3:1', '"a" is defined already, on line 1']],
    ['a bad indent', [GOOD, 'a:\n  b: 1\n c: 2'], ['Indent it like its sibling keys']],
    [
      'an alias of nothing',
      [GOOD, 'a: &one 1\nb: *onw'],
      ['alerts.yml:2:4: YAML syntax error: unknown alias "*onw"', 'Did you mean "one"?'],
    ],
    ['a list in place of the config', [GOOD, '- a'], ['expected a mapping (key: value), got ']],
    ['an empty file', [GOOD, ''], ['the file is empty: expected a mapping (key: value)']],
    ['a file of comments', [GOOD, '# later\n'], ['the file is empty']],
  ])('%s', (_, [from, to], messages) => {
    expect(GOOD).toContain(from)
    const problems = problemsOf(GOOD.replace(from, to))
    for (const message of messages) expect(problems).toContain(message)
  })

  test('a secret in place of its name is not shown; a long name is', () => {
    const key = '0123456789abcdef0123456789abcdef'
    expect(problemsOf(GOOD.replace('secret: pager }', `secret: ${key} }`))).not.toContain(key)
    for (const name of [
      'orders-team/pagerduty-events-key-eu',
      'pagerdutykeyoftheordersteamineurope',
      'Team/Bot/slack2',
    ]) {
      expect(problemsOf(GOOD.replace('secret: pager }', `secret: ${name} }`))).toBe('no problem')
    }
  })

  test('all problems at once, each on its own line', () => {
    const problems = problemsOf(
      GOOD.replace('critical: { channels: [pager, slack] }', 'critical: { channels: [page, slak] }'),
    )
    expect(problems.split('\n')).toHaveLength(2)
  })

  test('a webhook’s URL in place of its name is not shown', () => {
    const url = 'https://hooks.slack.com/services/T0000/B0000/thisisthesecretpartofit'
    expect(problemsOf(GOOD.replace('secret: slack }', `secret: "${url}" }`))).not.toContain('thisis')
  })

  test.each([
    ['the key of a channel', 'secret: slack }', 'secrt: slack }', '"secrt". Did you mean "secret"?'],
    ['of the default', 'default: { severity', 'default: { severty', 'Did you mean "severity"?'],
    ['of a rule', 'when: { name: "orders', 'whn: { name: "orders', 'Did you mean "when"?'],
    ['of the config', 'severities:', 'severites:', 'Did you mean "severities"?'],
  ])('one misspelt key, %s, is one problem', (_, from, to, message) => {
    const problems = problemsOf(GOOD.replace(from, to)).split('\n')
    expect(problems).toEqual([expect.stringContaining(message)])
  })

  test('a set that is misspelt where it is used is reported only there', () => {
    const problems = problemsOf(`${GOOD.replace('name: "orders-*"', 'account: $prodution')}sets: { production: [a] }\n`)
    expect(problems.split('\n')).toEqual([expect.stringContaining('unknown set "prodution". Did you mean')])
  })

  test('an unknown key, and a missing one beside it, are two problems if they are not similar', () => {
    expect(problemsOf(GOOD.replace('secret: slack }', 'pace: 3 }')).split('\n')).toHaveLength(2)
  })

  test('a missing file', () => {
    expect(() => readConfig('config/nope.yml')).toThrow('config/nope.yml: file not found')
  })
})

test('JSON is read as well: it is YAML', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'alerts.json')
  writeFileSync(file, JSON.stringify(readConfigText(GOOD, 'alerts.yml')))
  expect(readConfig(file).rules).toHaveLength(1)
})
