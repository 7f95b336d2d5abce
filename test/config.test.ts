import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../shared/config/check.ts'
import { readConfig, readConfigText } from '../shared/config/read.ts'

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

function problemsOf(text: string): string {
  try {
    readConfigText(text, 'alerts.yml')
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}

test('the shipped rules are good', () => {
  expect(readConfig('config/alerts.yml').rules.length).toBeGreaterThan(11)
})

test('a good config is taken', () => {
  expect(problemsOf(GOOD)).toBe('no problem')
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
      ['alerts.yml:13:13: rules[0].when.nmae (rule "errors"): an alert has no field "nmae". Did you mean "name"?'],
    ],
    [
      'a key that is misspelt',
      ['severity: critical', 'severity: critical\n    chanels: [slack]'],
      ['alerts.yml:15:5: rules[0].chanels (rule "errors"): "chanels" is not known here. Did you mean "channels"?'],
    ],
    [
      'a channel that is not defined',
      ['info: { channels: [email] }', 'info: { channels: [emial] }'],
      [
        'alerts.yml:8:22: severities.info.channels[0]: no channel is called "emial". Did you mean "email"?',
        'Allowed: pager, slack, email.',
      ],
    ],
    [
      'a type of channel that is not known',
      ['type: slack', 'type: slck'],
      ['channels.slack.type: found "slck" as type of channel. Did you mean "slack"? Allowed: pagerduty, slack, email.'],
    ],
    [
      'a status that no alert has',
      ['{ name: "orders-*" }', '{ status: alarm }'],
      ['no alert has the status "alarm"', 'Allowed: firing, resolved, insufficient-data.'],
    ],
    [
      'an account whose leading zero YAML drops',
      ['{ name: "orders-*" }', '{ account: 012345678901 }'],
      ['rules[0].when.account (rule "errors"): found 12345678901', 'needs quotes'],
    ],
    [
      'a label without its name',
      ['{ name: "orders-*" }', '{ tags: orders }'],
      ['"tags" holds labels: name one, as in "tags.team"'],
    ],
    [
      'a regex that is none',
      ['"orders-*"', '"/(/"'],
      ['"/(/" is not a regular expression: ', 'A regex is written /…/ or /…/i'],
    ],
    [
      'no severity',
      ['    severity: critical\n', ''],
      ['rules[0].severity (rule "errors"): found nothing. Allowed: critical, warning, info.'],
    ],
    ['no condition', ['when: { name: "orders-*" }', 'when: {}'], ['rules[0].when (rule "errors")', 'is empty']],
    [
      'a secret in place of its name',
      ['secret: slack }', 'secret: "https://hooks.slack.com/services/T/B/x" }'],
      ['never the secret itself'],
    ],
    [
      'an address that is none',
      ['[a@example.com]', '[example.com]'],
      ['channels.email.addresses[0]: found "example.com"'],
    ],
    [
      'two rules of one name',
      ['severity: critical', 'severity: critical\n  - { name: errors, when: { name: x }, severity: info }'],
      ['rules[1].name (rule "errors"): "errors" is the name of rule 1 too'],
    ],
    ['a rule called default', ['name: errors', 'name: default'], ['Use another name']],
    [
      'non-production that would reach nobody',
      ['warning: { channels: [slack] }', 'warning: { channels: [pager] }'],
      ['nonProduction.highest: "warning" sends to PagerDuty alone'],
    ],
    [
      'YAML that is none',
      ['when: { name', 'when: { name: ['],
      ['alerts.yml:10:43: this is not YAML', 'a bracket or a quote that is not closed'],
    ],
    ['a list in place of the config', [GOOD, '- a'], ['where a map (key: value) is needed']],
    ['an empty file', [GOOD, ''], ['where a map (key: value) is needed']],
  ])('%s', (_, [from, to], messages) => {
    expect(GOOD).toContain(from)
    const problems = problemsOf(GOOD.replace(from, to))
    for (const message of messages) expect(problems).toContain(message)
  })

  test('all problems at once, each on a line of its own', () => {
    const problems = problemsOf(
      GOOD.replace('critical: { channels: [pager, slack] }', 'critical: { channels: [page, slak] }'),
    )
    expect(problems.split('\n')).toHaveLength(2)
  })

  test('a webhook’s URL in place of its name is not shown', () => {
    const url = 'https://hooks.slack.com/services/T0000/B0000/thisisthesecretpartofit'
    expect(problemsOf(GOOD.replace('secret: slack }', `secret: "${url}" }`))).not.toContain('thisis')
  })

  test('a file that is not there', () => {
    expect(() => readConfig('config/nope.yml')).toThrow('config/nope.yml: there is no such file')
  })
})

test('JSON is read as well: it is YAML', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'alerts.json')
  writeFileSync(file, JSON.stringify(readConfigText(GOOD, 'alerts.yml')))
  expect(readConfig(file).rules).toHaveLength(1)
})
