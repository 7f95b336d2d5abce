import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, type Run, rules } from './command.ts'

const RULES = resolve('config/alerts.yml')

/** Runs cases in their own folder, beside an event. */
const tried = (cases: string, ...more: string[]) => triedBy(RULES, cases, ...more)

async function triedBy(config: string, cases: string, ...more: string[]): Promise<Run & { cwd: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
  mkdirSync(join(cwd, 'config/tests'), { recursive: true })
  writeFileSync(join(cwd, 'config/tests/mine.yml'), cases)
  writeFileSync(join(cwd, 'loss.json'), readFileSync('samples/data-loss-1-alarm.json'))
  writeFileSync(join(cwd, 'text.txt'), 'the ledger does not balance')
  return { ...(await rules(['test', '--config', config, ...more], { cwd })), cwd }
}

describe('a case', () => {
  test('names an event by its file, holds one, or gives some fields of an alert', async () => {
    const { code, stdout, stderr } = await tried(`
- name: a file
  event: loss.json
  expect: { severity: critical, rule: data loss, channels: [email-security, email, slack-critical, pagerduty] }
- name: a text
  event: text.txt
  expect: { rule: default }
- name: an event
  event: { title: Ledger does not balance, severity: critical, source: ledger }
  expect: { severity: critical, text: { pagerduty: Ledger does not balance, email: "/LEDGER/i" } }
- name: fields
  alert: { name: orders-errors, tags: { env: staging } }
  at: "2026-11-03T02:30:00+01:00"
  expect: { severity: warning, channels: [slack-warning, email], text: { slack-warning: ["orders-errors", "2026-11-03 01:30"] } }
`)
    expect(stderr).toBe('')
    expect(stdout).toBe('4 of 4 cases in config/tests passed.\n')
    expect(code).toBe(0)
  })

  test('is decided at its time', async () => {
    const { cwd } = await tried('')
    const muted = readFileSync(RULES, 'utf8').replace(
      'secret: slack-critical,',
      'secret: slack-critical, mute: { from: "20:00", to: "08:00" },',
    )
    writeFileSync(join(cwd, 'muted.yml'), muted)
    writeFileSync(
      join(cwd, 'config/tests/mine.yml'),
      `
- name: by night
  event: loss.json
  at: "2026-11-03T23:00:00Z"
  expect: { channels: [pagerduty, email, email-security], later: [slack-critical], text: { slack-critical: DataLoss } }
- name: by day
  event: loss.json
  at: "2026-11-03T12:00:00Z"
  expect: { channels: [pagerduty, slack-critical, email, email-security], later: [] }
`,
    )
    const { stdout, code } = await rules(['test', '--config', 'muted.yml'], { cwd })
    expect(stdout).toBe('2 of 2 cases in config/tests passed.\n')
    expect(code).toBe(0)
  })

  test('that fails is shown as a diff, with its line and why', async () => {
    const { code, stdout } = await tried(`
- name: right
  event: loss.json
  expect: { severity: critical }

- name: wrong
  event: loss.json
  expect:
    severity: warning
    rule: data loss
    channels: [pagerduty]
    text: { email: "no such words", slack-warning: DataLoss }
`)
    expect(stdout).toContain(`✗ wrong  (config/tests/mine.yml:6)
  - severity: warning
  + severity: critical
  - channels: [pagerduty]
  + channels: [email, email-security, pagerduty, slack-critical]
  - text.email: no such words
  + text.email:
  +   `)
    expect(stdout).toContain(`  - text.slack-warning: DataLoss
  + text.slack-warning: nothing: it is not notified
    because: rule "data loss" matches first: critical`)
    expect(stdout).toMatch(/\n1 of 2 cases in config\/tests passed\.\n$/)
    expect(code).toBe(1)
  })

  test('as JSON', async () => {
    const { code, stdout } = await tried('- { name: wrong, event: loss.json, expect: { severity: info } }', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 0,
      failed: 1,
      cases: [
        {
          name: 'wrong',
          where: 'config/tests/mine.yml:1',
          rule: 'data loss',
          differences: [{ what: 'severity', expected: 'info', found: 'critical' }],
        },
      ],
      unreached: expect.arrayContaining(['system down', 'default']),
    })
    expect(code).toBe(1)
  })

  test.each<[string, string, RegExp]>([
    ['is no YAML', '- name: [', /^config\/tests\/mine\.yml:1:\d+: YAML syntax error/],
    ['is no list', 'name: x', /mine\.yml:1:1: a file of cases holds a list of cases/],
    [
      'has an unknown key',
      '- name: x\n  event: loss.json\n  expect:\n    severty: info',
      /mine\.yml:4:5: \[0\]\.expect\.severty \(case "x"\): unknown key "severty"\. Did you mean "severity"\? Allowed: severity, rule, values, channels, later, text/,
    ],
    [
      'has an unknown field',
      '- name: x\n  alert: { metrik: Errors }\n  expect: { rule: y }',
      /mine\.yml:2:12: .*Did you mean "metric"\?/,
    ],
    [
      'expects an invalid severity',
      '- name: x\n  event: loss.json\n  expect: { severity: critcal }',
      /found "critcal"\. Did you mean "critical"\? Allowed: critical, warning, info/,
    ],
    ['has nothing to decide', '- name: x\n  expect: { rule: y }', /case "x"\): has no event: give event/],
    [
      'expects nothing',
      '- name: x\n  event: loss.json\n  expect: {}',
      /expects nothing: name severity, rule, values, channels, later or text/,
    ],
    ['has no name', '- event: loss.json\n  expect: { rule: y }', /\[0\]\.name: "name" is missing/],
    [
      'has an invalid time',
      '- name: x\n  event: loss.json\n  at: noon\n  expect: { rule: y }',
      /mine\.yml:3:3: .*found "noon": write it as "2026-/,
    ],
    [
      'names a missing file',
      '- name: x\n  event: los.json\n  expect: { rule: y }',
      /mine\.yml:2:3: .*no such file "los\.json"/,
    ],
    [
      'names a folder in place of a file',
      '- name: x\n  event: config\n  expect: { rule: y }',
      /mine\.yml:2:3: .*: config: cannot be read: EISDIR/,
    ],
    [
      'has an invalid pattern',
      '- name: x\n  event: loss.json\n  expect: { text: { email: "/(/" } }',
      /mine\.yml:3:21: .*is not a valid regular expression/,
    ],
  ])('that %s is reported with its line', async (_what, cases, message) => {
    const { code, stderr, stdout } = await tried(cases)
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  /** Rules that send all there is by email. */
  const emailed = (cases: string) => {
    const file = join(mkdtempSync(join(tmpdir(), 'emailed-')), 'alerts.yml')
    writeFileSync(
      file,
      `channels: { email: { type: email, addresses: [a@example.com] } }
severities: { critical: { channels: [email] }, warning: { channels: [email] }, info: { channels: [email] } }
default: { severity: info }
rules: []
`,
    )
    return triedBy(file, cases)
  }
  const texts = (values: string) => `{ email: [${values}] }`
  test.each<[string, string, string]>([
    ['a tag', 'alert: { metric: Errors, tags: { v: 1.10 } }', texts('"v: 1.10"')],
    ['a tag that looks like a boolean', 'alert: { metric: Errors, tags: { on: True } }', texts('"on: True"')],
    ['a dimension, as a hexadecimal number', 'alert: { metric: E, dimensions: { Id: 0x1F } }', texts('"0x1F"')],
    [
      'a detail that is long',
      'alert: { metric: E, details: { id: 12345678901234567890 } }',
      texts('"12345678901234567890"'),
    ],
    ['an account that begins with 0', 'alert: { metric: E, account: 012345678901 }', texts('"012345678901"')],
    ['an account', 'alert: { metric: E, account: 123456789012 }', texts('"123456789012"')],
    ['a name', 'alert: { name: 1.10 }', texts('"1.10"')],
    ['of an event of your own', 'event: { title: x, severity: info, source: s, id: 1.10 }', texts('"1.10"')],
    [
      'an account of an event',
      'event: { title: x, severity: info, source: s, account: 012345678901 }',
      texts('"012345678901"'),
    ],
    ['a text that is expected', 'alert: { name: release-1.10 }', texts('1.10')],
    ['an event that is a text', 'event: { title: 007, severity: info, source: s }', texts('007')],
  ])('takes a value literally, without quotes: %s', async (_, what, text) => {
    const { stdout, stderr } = await emailed(`- { name: x, ${what}, expect: { text: ${text} } }`)
    expect(stderr).toBe('')
    expect(stdout).toContain('1 of 1 case')
  })

  test('takes what is a number of an alarm, or of an event in JSON, as one', async () => {
    const { stdout, stderr } = await emailed(`
- name: fields
  alert: { name: x, metric: E, threshold: { value: 5.0, operator: ">", evaluationPeriods: 3 } }
  expect: { text: { email: "> 5 " } }
- name: as YAML
  event: { AlarmName: x, NewStateValue: ALARM, Trigger: { MetricName: E, Namespace: N, Threshold: 5.0, Period: 60, ComparisonOperator: GreaterThanThreshold } }
  expect: { text: { email: "> 5" } }
- name: as JSON
  event: { "title": "x", "severity": "info", "source": "s", "ratio": 1.0 }
  expect: { text: { email: "/^Ratio: 1$/m" } }
`)
    expect(stderr).toBe('')
    expect(stdout).toContain('3 of 3 cases')
  })

  test('with an event that the router would reject fails', async () => {
    const { code, stdout } = await tried('- { name: x, event: { Records: [] }, expect: { rule: y } }')
    expect(stdout).toContain('- event: one alert\n  + event: a rejected event: Records')
    expect(code).toBe(1)
  })
})

describe('no cases', () => {
  const ONE = '- { name: x, event: loss.json, expect: { rule: data loss } }'

  test.each<[string, string, string[], string]>([
    ['in the folder of cases', '', [], 'config/tests'],
    ['in a list', '[]', [], 'config/tests'],
    ['but comments', '# to come', [], 'config/tests'],
    ['in a file that is named', '', ['config/tests/mine.yml'], 'config/tests/mine.yml'],
    ['in a folder that is named', ONE, ['empty'], 'empty'],
    ['in one of two', ONE, ['config/tests/mine.yml', 'empty'], 'empty'],
    ['with --require-coverage', '', ['--require-coverage'], 'config/tests'],
  ])('%s fails, and says what to do', async (_, cases, args, where) => {
    const { cwd } = await tried(cases)
    mkdirSync(join(cwd, 'empty'))
    const { code, stdout, stderr } = await rules(['test', '--config', RULES, ...args], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining(`No cases in ${where}: nothing was tested.`)])
    expect(stderr).toContain('Write one into a .yml file there (--help shows one), record one (--record EVENT)')
    expect(stdout).not.toContain('0 of 0')
  })

  test('where there is no folder of cases', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
    const { code, stderr } = await rules(['test', '--config', RULES, '--json'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('No cases in config/tests')])
  })
})

describe('some cases, by their name', () => {
  const CASES = ['data loss', 'Data gap', 'errors'].map(
    (name) => `- { name: ${name}, event: loss.json, expect: { severity: critical } }\n`,
  )

  test.each([
    ['data loss', '1 of 1 cases'],
    ['data', '1 of 1 cases'],
    ['/^data/i', '2 of 2 cases'],
  ])('--run %s', async (named, says) => {
    const { code, stdout } = await tried(CASES.join(''), '--run', named)
    expect([code, stdout]).toEqual([0, expect.stringContaining(says)])
  })

  test('that none has: nothing was tested, and the names are listed', async () => {
    const { code, stderr } = await tried(CASES.join(''), '--run', 'data lost')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/nothing was tested.*\n {2}data loss\n {2}Data gap\n/)])
  })

  test('that none of many has: ten of them are listed', async () => {
    const many = Array.from({ length: 13 }, (_, n) => `- { name: case ${n}, event: loss.json, expect: { rule: x } }\n`)
    const { stderr } = await tried(many.join(''), '--run', 'zzzz')
    expect(stderr).toMatch(/^No case matches --run zzzz: nothing was tested\. There are:\n {2}case 0\n/)
    expect(stderr).toMatch(/\n {2}case 9\n {2}… and 3 more\n$/)
  })

  test('by a regular expression that is not one', async () => {
    const { code, stderr } = await tried(CASES.join(''), '--run', '/(/')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--run: "/(/" is not a valid regular expression')])
  })

  test('say nothing of coverage', async () => {
    expect(JSON.parse((await tried(CASES.join(''), '--run', 'data', '--json')).stdout)).not.toHaveProperty('unreached')
    expect((await tried(CASES.join(''), '--run', 'data', '--require-coverage')).code).toBe(2)
  })
})

describe('rules in a folder of their own', () => {
  async function inFolder(...args: string[]) {
    const { cwd } = await tried('- { name: by the way, event: loss.json, expect: { rule: no such } }')
    mkdirSync(join(cwd, 'ours/tests'), { recursive: true })
    writeFileSync(join(cwd, 'ours/alerts.yml'), readFileSync(RULES))
    writeFileSync(join(cwd, 'ours/tests/a.yml'), '- { name: x, event: loss.json, expect: { rule: data loss } }')
    return { cwd, ...(await rules(['test', '--config', 'ours', ...args], { cwd })) }
  }

  test('are tested by the cases beside them', async () => {
    const { code, stdout } = await inFolder()
    expect([code, stdout]).toEqual([0, '1 of 1 cases in ours/tests passed.\n'])
    expect(JSON.parse((await inFolder('--json')).stdout)).toMatchObject({ passed: 1, from: ['ours/tests'] })
  })

  test('are tested by other given cases', async () => {
    const { code, stdout } = await inFolder('config/tests', 'ours/tests/a.yml')
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('1 of 2 cases in config/tests, ours/tests/a.yml passed'),
    ])
  })

  test('receive recorded cases', async () => {
    const { cwd, stdout } = await inFolder('--record', 'loss.json')
    expect(stdout).toContain('Written to ours/tests/recorded.yml')
    expect(readdirSync(join(cwd, 'ours/tests'))).toEqual(['a.yml', 'events', 'recorded.yml'])
    expect((await rules(['test', '--config', 'ours'], { cwd })).stdout).toContain('2 of 2 cases in ours/tests passed')
  })
})

describe('coverage', () => {
  const ONE = '- { name: x, event: loss.json, expect: { rule: data loss } }'

  test('lists the rules that no case reaches', async () => {
    const { code, stdout } = await tried(ONE, '--coverage')
    expect(stdout).toMatch(
      /22 of 23 rules \(with the default\) are not reached by any case:\n {2}no data\n {2}says its severity\n/,
    )
    expect(stdout).not.toMatch(/^ {2}data loss$/m)
    expect(code).toBe(0)
  })

  test('counts a rule that continues to later ones', async () => {
    const { cwd } = await tried(ONE)
    const more = readFileSync(RULES, 'utf8').replace(
      /^rules:$/m,
      'rules:\n  - { name: all, when: { kind: "*" }, labels: { a: b }, continue: true }',
    )
    writeFileSync(join(cwd, 'more.yml'), more)
    const { stdout } = await rules(['test', '--config', 'more.yml', '--json'], { cwd })
    const notified = JSON.parse(stdout)
    expect(notified.cases[0]).toMatchObject({ rule: 'data loss', reached: ['all', 'data loss'] })
    expect(notified.unreached).not.toContain('all')
  })

  test('can be required', async () => {
    expect((await tried(ONE, '--require-coverage')).code).toBe(1)
    const { code, stdout } = await rules(['test', '--require-coverage'])
    expect(stdout).toContain('Every rule is reached, and so is the default.')
    expect(code).toBe(0)
  })
})

describe('a real event', () => {
  test('is recorded as a case that holds', async () => {
    const { cwd, code, stdout } = await tried('', '--record', 'loss.json')
    expect(stdout).toContain('"DataLossAlarm, firing" expects critical, by "data loss", to pagerduty, slack-critical')
    expect(code).toBe(0)
    const again = await command(['rules', 'test', '--config', RULES, '--record', '-', '--json'], {
      cwd,
      stdin: 'down: "the ledger"',
    })
    expect(JSON.parse(again.stdout)).toMatchObject([{ expect: { rule: 'default', channels: ['slack-warning'] } }])
    await rules(['test', '--config', RULES, '--record', 'loss.json'], { cwd })

    expect(readFileSync(join(cwd, 'config/tests/recorded.yml'), 'utf8')).toContain(`
- name: DataLossAlarm, firing
  event: config/tests/events/datalossalarm-firing.json
  expect:
    severity: critical
    rule: data loss
    channels: [pagerduty, slack-critical, email, email-security]

- name: `)
    expect(readdirSync(join(cwd, 'config/tests/events'))).toHaveLength(3)
    const { stdout: summary } = await rules(['test', '--config', RULES], { cwd })
    expect(summary).toBe('3 of 3 cases in config/tests passed.\n')
  })

  test('is only shown, and nothing is written, with --dry-run', async () => {
    const { code, stdout, cwd } = await tried('', '--record', 'loss.json', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('This would be added to config/tests/recorded.yml')
    expect(stdout).toContain('- name: DataLossAlarm, firing\n')
    expect(readdirSync(join(cwd, 'config/tests'))).toEqual(['mine.yml'])
  })

  test.each(['{}', '[]', 'null', '42', '"a text"'])(
    'that is only a message to the router is recorded as well: %s',
    async (text) => {
      const { cwd } = await tried('')
      writeFileSync(join(cwd, 'odd.json'), text)
      const recorded = await rules(['test', '--config', RULES, '--record', 'odd.json'], { cwd })
      expect([recorded.code, recorded.stderr]).toEqual([0, ''])
      const { code, stdout } = await rules(['test', '--config', RULES], { cwd })
      expect([code, stdout]).toEqual([0, '1 of 1 cases in config/tests passed.\n'])
      const [explained] = JSON.parse(
        (await rules(['explain', '--json', '--config', RULES, 'odd.json'], { cwd })).stdout,
      )
      expect(readFileSync(join(cwd, 'config/tests/recorded.yml'), 'utf8')).toContain(
        `- name: ${explained.alert.title}, ${explained.alert.status}\n`,
      )
    },
  )

  test.each([
    ['is rejected', '{ "Records": [] }', /^bad\.json: rejected: Records: /],
    ['is empty', ' ', /^bad\.json: rejected: is empty/],
    ['is one of two that is rejected', '[{ "title": "x" }, { "Records": [] }]', /^bad\.json\[1\]: rejected: Records: /],
  ])('that %s is not recorded, as explain rejects it', async (_, text, message) => {
    const { cwd } = await tried('')
    writeFileSync(join(cwd, 'bad.json'), text)
    const { code, stdout, stderr } = await rules(['test', '--config', RULES, '--record', 'bad.json'], { cwd })
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)])
    expect(stderr).not.toContain('for usage')
    const explained = await rules(['explain', '--config', RULES, 'bad.json'], { cwd })
    expect([explained.code, explained.stderr]).toEqual([1, stderr])
    expect(readdirSync(join(cwd, 'config/tests'))).toEqual(['mine.yml'])
  })
})
