import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCases } from '../cli/rules/test/cases.ts'
import { describeTimeLine } from '../cli/rules/test/time-line.ts'
import type { Case } from '../schemas/case.ts'
import { runCase } from '../shared/cases/run.ts'
import type { TimeLineRow } from '../shared/cases/time-line.ts'
import { readConfig } from '../shared/config/read.ts'
import { type Run, rules } from './command.ts'

/** Stories: cases in which time passes. Those of test/stories/ are our own tests of time, too. */
const RULES = resolve('test/stories')
const config = readConfig(RULES)
const cases = readCases([join(RULES, 'tests')])
const passes = (one: Case) => runCase(one, config).differences.length === 0

describe('what each channel is sent, and when', () => {
  test.each(cases)('$name', (one) => {
    const { differences } = runCase(one, config)
    expect(differences, one.where).toEqual([])
  })
})

/** The case with one line less, for each line that expects messages. */
const withoutEach = (one: Case): Case[] =>
  (one.story ?? []).flatMap((line, index) => {
    const [[key = '', text] = []] = Object.entries(line)
    const expectsMessages = key.startsWith('expect') && ![text].flat().some((each) => each?.startsWith('nothing'))
    return expectsMessages ? [{ ...one, story: one.story?.toSpliced(index, 1) }] : []
  })

test.each(cases)('fails for what is sent and not expected: $name', (one) => {
  expect(withoutEach(one).filter(passes)).toEqual([])
})

test.each(cases)('fails for what is expected and not sent: $name', (one) => {
  const more = ['pagerduty missed', 'email resolved'].map((text) => ({
    ...one,
    story: [...(one.story ?? []), { 'expect after 0m': text }],
  }))
  expect(more.filter(passes)).toEqual([])
})

/** What is missing (`-`) and what nobody expected (`+`) in a story of an alarm at noon. */
function wrongIn(lines: [string, string][], more: Partial<Case> = { alert: { name: 'a' } }): string[] {
  const story = lines.map(([when, what]) => ({ [when]: what }))
  const { differences } = runCase({ name: 'x', starts: '2026-11-27 12:00', story, ...more }, config)
  return differences.map(({ what, expected, found }) =>
    found === 'nothing' ? `- ${what}: ${expected}` : `+ ${what}: ${found}`,
  )
}

describe('a message covers what is expected', () => {
  const FIRES: [string, string][] = [['at 5m', 'firing']]
  test.each<[string, [string, string], boolean]>([
    ['at its minute', ['expect at 5m', 'slack-warning firing'], true],
    ['from its minute on', ['expect at 4m30s', 'slack-warning firing'], true],
    ['not before it', ['expect at 5m1s', 'slack-warning firing'], false],
    ['not a minute later', ['expect at 4m', 'slack-warning firing'], false],
    ['from the start of a time', ['expect between 5m and 6m', 'slack-warning firing'], true],
    ['to the end of a time', ['expect between 4m and 5m', 'slack-warning firing'], true],
    ['after a time', ['expect after 5m', 'slack-warning firing'], true],
    ['before a time', ['expect before 6m', 'slack-warning firing'], true],
    ['not at a time before which it is expected', ['expect before 5m', 'slack-warning firing'], false],
    ['not in another channel', ['expect at 5m', 'slack-batch firing'], false],
    ['not if it is of another kind', ['expect at 5m', 'slack-warning resolved'], false],
    ['not if it is no fallback', ['expect at 5m', 'slack-warning firing for email'], false],
    ['with its text', ['expect at 5m', 'slack-warning firing, saying "WARNING: a"'], true],
    ['with its pattern', ['expect at 5m', 'slack-warning firing saying /^warning/i'], true],
    ['not with another text', ['expect at 5m', 'slack-warning firing, saying CRITICAL'], false],
  ])('%s', (_, expected, isCovered) => {
    const wrong = wrongIn([...FIRES, expected])
    expect(wrong.map((line) => line[0])).toEqual(isCovered ? [] : expect.arrayContaining(['+', '-']))
  })

  test('as the fallback of the channel that is named alone', () => {
    const story = (main: string): [string, string][] => [
      ['at 0m', 'firing'],
      ['expect at 0m', 'slack-warning firing'],
      ['at 9m', 'slack-critical down'],
      ['at 10m', 'firing'],
      ['expect at 10m', 'pagerduty firing'],
      ['expect at 10m', `email firing for ${main}`],
    ]
    expect(wrongIn(story('slack-critical'))).toEqual([])
    expect(wrongIn(story('pagerduty'))).toEqual([
      '- at 10m: email firing for pagerduty',
      '+ at 10m31s: email firing for slack-critical',
    ])
  })

  test('of the alert that is named alone', () => {
    const alerts = { one: { name: 'a' }, two: { name: 'b' } }
    expect(
      wrongIn(
        [
          ['at 0m', 'one firing'],
          ['expect at 0m', 'slack-warning firing'],
        ],
        { alerts },
      ),
    ).toEqual([])
    expect(
      wrongIn(
        [
          ['at 0m', 'one firing'],
          ['expect at 0m', 'slack-warning two firing'],
        ],
        { alerts },
      ),
    ).toEqual(['+ at 0m: slack-warning one firing', '- at 0m: slack-warning two firing'])
  })

  test('once, and each what else would be missing', () => {
    const twice: [string, string][] = [
      ['at 0m', 'firing'],
      ['at 5m', 'firing with reason worse'],
    ]
    const anyTime: [string, string] = ['expect between 0m and 1h', 'slack-warning firing']
    expect(wrongIn([...twice, anyTime])).toEqual(['+ at 5m: slack-warning firing'])
    expect(wrongIn([...twice, anyTime, anyTime, anyTime])).toEqual(['- between 0m and 1h: slack-warning firing'])
    // The first covers the line that is only for it, wherever that stands.
    expect(wrongIn([...twice, anyTime, ['expect at 0m', 'slack-warning firing']])).toEqual([])
    const later: [string, string] = ['expect between 0m and 2h', 'slack-warning firing, saying WARNING']
    expect(wrongIn([...twice, later, ['expect between 0m and 1h', 'slack-warning firing, saying worse']])).toEqual([])
    const worse: [string, string] = ['expect between 0m and 2h', 'slack-warning firing, saying worse']
    expect(wrongIn([...twice, ['expect between 0m and 1h', 'slack-warning firing'], worse])).toEqual([])
  })

  test('but not where nothing is expected', () => {
    const lines: [string, string][] = [...FIRES, ['expect at 5m', 'slack-warning firing']]
    expect(wrongIn([...lines, ['expect between 0m and 5m', 'nothing']])).toEqual(['+ at 5m: slack-warning firing'])
    expect(wrongIn([...lines, ['expect after 5m', 'nothing']])).toEqual(['+ at 5m: slack-warning firing'])
    expect(wrongIn([...lines, ['expect before 5m', 'nothing'], ['expect after 6m', 'nothing else']])).toEqual([])
  })
})

describe('what happens in a story', () => {
  test('is in the order of time, whatever the order of its lines', () => {
    const lines: [string, string][] = [
      ['expect at 9m', 'slack-warning resolved'],
      ['at 9m', 'resolved'],
      ['expect at 0m', 'slack-warning firing'],
      ['at 0m', 'firing'],
    ]
    expect(wrongIn(lines)).toEqual([])
    expect(wrongIn([['at 0m', 'firing, late by 10m'], ...lines.slice(0, 2)])).toEqual([
      '- at 9m: slack-warning resolved',
      '+ at 10m: slack-warning missed',
    ])
  })

  test('changes fields, which stay so, and labels beside others', () => {
    const lines: [string, string][] = [
      ['at 0m', 'firing with tags.team shop, metric Errors'],
      ['expect at 0m', 'pagerduty and slack-critical firing, saying /Errors/'],
      ['at 1m', 'firing with reason "worse, much worse", tags.tier 1'],
      ['expect at 1m', 'pagerduty and slack-critical firing, saying much worse'],
    ]
    expect(wrongIn(lines, { alert: { name: 'a', tags: { of: 'b' } } })).toEqual([])
  })

  test('has notes of what the rules decided', () => {
    const story: Case['story'] = [
      { 'at 22:00': 'resolved by ann' },
      { 'at 22:01': 'firing' },
      { 'at 22:02': 'duplicate' },
      { 'at 22:30': 'resolved by ann' },
    ]
    const { timeLine } = runCase({ name: 'x', alert: { name: 'batch-a' }, starts: '2026-11-27 12:00', story }, config)
    expect(timeLine).toEqual({
      ...{ startsAt: Date.parse('2026-11-27T11:00:00Z'), zone: 'Europe/Berlin' },
      rows: [
        ['resolved by ann', 'ignored: it is not known, or never open'],
        ['firing', 'warning, by rule "batch"', 'held for slack-batch until Sat 06:00: within from 22:00 for 8h'],
        ['duplicate', 'duplicate of an earlier change'],
        ['resolved by ann', 'the firing was never sent, so no resolve is sent'],
      ].map(([happened, ...notes]) => ({ at: expect.any(Number), happened, notes })),
    })
  })

  test('needs one alert: an event that is refused, or is two, fails', () => {
    expect(wrongIn([['at 0m', 'firing']], { event: '' })).toEqual([
      expect.stringMatching(/^\+ event: a rejected event/),
    ])
  })
})

/** Runs a story in a folder of its own, by the rules of test/stories/ or others. */
async function played(
  story: string,
  { config: path = join(RULES, 'alerts.yml'), args = [] as string[] } = {},
): Promise<Run> {
  const cwd = mkdtempSync(join(tmpdir(), 'stories-'))
  mkdirSync(join(cwd, 'config/tests'), { recursive: true })
  writeFileSync(join(cwd, 'config/tests/time.yml'), story)
  writeFileSync(join(cwd, 'loss.json'), readFileSync('samples/data-loss-1-alarm.json'))
  return rules(['test', '--config', path, ...args], { cwd })
}

describe('a story that fails', () => {
  const NIGHT = `
- name: a night
  alert: { name: orders-cpu }
  starts: 2026-11-27 23:00
  story:
    - at 0m: firing
    - expect at 0m: slack-warning firing
    - at 06:30: duplicate
    - at 9h: resolved
    - expect between 9h and 10h: email and slack-warnin resolved
    - expect after 10h: nothing
`

  test('is printed as a time line, with what was expected beside it', async () => {
    const { code, stdout } = await played(NIGHT)
    expect(stdout).toBe(`✗ a night  (config/tests/time.yml:2)
                    what happened              what was expected
     0m  Fri 23:00  firing
                      warning, by the default
                      held for slack-warning until Sat 06:00: within nights
     0m  Fri 23:00                             ✗ not sent: slack-warning firing, at 0m
     7h  Sat 06:00  → slack-warning firing     ✗ not expected
  7h30m  Sat 06:30  duplicate
                      duplicate of an earlier change
     9h  Sat 08:00  resolved
     9h  Sat 08:00  → slack-warning resolved   ✗ not expected
     9h  Sat 08:00                             ✗ not sent: email resolved, between 9h and 10h
     9h  Sat 08:00                             ✗ not sent: slack-warnin resolved, between 9h and 10h
    10h  Sat 09:00                             ✓ nothing, after 10h
    unknown channel "slack-warnin". Did you mean "slack-warning"? Allowed: pagerduty,
    slack-critical, slack-warning, slack-batch, slack-backups, email.

0 of 1 cases in config/tests passed.
`)
    expect(code).toBe(1)
  })

  test('has what was expected below, where there is no room beside', async () => {
    process.env.COLUMNS = '50'
    const { stdout } = await played(NIGHT).finally(() => delete process.env.COLUMNS)
    expect(stdout).toContain(`
     7h  Sat 06:00  → slack-warning firing
                    ✗ not expected
`)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(50)
  })

  test('shows a message that says something else', async () => {
    const { stdout } = await played(`
- name: a text
  alert: { name: orders-cpu, region: eu-west-1 }
  story:
    - at 0m: firing
    - expect at 0m: slack-warning firing, saying us-east
`)
    expect(stdout).toContain('✗ not sent: slack-warning firing, saying "us-east", at 0m')
    expect(stdout).toMatch(/→ slack-warning firing +✗ not expected\n +WARNING: orders-cpu\n(.+\n)+? +eu-west-1\n/)
  })

  test('as JSON', async () => {
    const { stdout } = await played(NIGHT, { args: ['--json'] })
    const [one] = JSON.parse(stdout).cases
    expect(one.differences.slice(0, 2)).toEqual([
      { what: 'at 0m', expected: 'slack-warning firing', found: 'nothing' },
      { what: 'at 7h', expected: 'nothing', found: 'slack-warning firing' },
    ])
    expect(one.timeLine).toMatchObject({ zone: 'Europe/Berlin', rows: expect.arrayContaining([]) })
  })

  test('names a channel that is said to be down, and is none', async () => {
    const { stdout } = await played(
      '- { name: x, alert: { name: a }, story: [at 0m: slack-warnin down, at 1m: firing, expect at 1m: slack-warning firing] }',
    )
    expect(stdout).toContain('unknown channel "slack-warnin". Did you mean "slack-warning"?')
  })
})

test('what is sent again and again is counted, and the end of the story is explained', () => {
  const HOUR_MS = 3_600_000
  const sent = (hour: number, happened: string): TimeLineRow => ({
    ...{ at: hour * HOUR_MS, happened, isSent: true, result: 'not expected' },
  })
  const rows: TimeLineRow[] = [
    { at: 0, happened: 'firing' },
    ...Array.from({ length: 10 }, (_, hour) => [sent(hour, 'chat firing'), sent(hour, 'mail firing')]).flat(),
    { at: 10 * HOUR_MS, happened: 'resolved' },
    sent(10, 'chat firing'),
  ]
  expect(describeTimeLine({ startsAt: 0, zone: 'UTC', rows, goesOn: true }, 120)).toEqual([
    '                  what happened   what was expected',
    '   0m  Thu 00:00  firing',
    ...[0, 1, 2].flatMap((hour) =>
      ['chat', 'mail'].map((channel) => {
        const elapsed = hour === 0 ? '  0m' : `  ${hour}h`
        return ` ${elapsed}  Thu 0${hour}:00  → ${channel} firing   ✗ not expected`
      }),
    ),
    '                  … and 14 more, until 9h',
    '  10h  Thu 10:00  resolved',
    '  10h  Thu 10:00  → chat firing   ✗ not expected',
    '    And so on. To end the story earlier, give it a time, as in "ends: 2h".',
  ])
})

test('a story reaches the rules that decide at any time in it', async () => {
  const { stdout } = await played(
    `
- name: for long
  alert: { name: orders }
  story:
    - at 0m: firing
    - at 10m: firing
    - expect at 0m: slack-warning firing
    - expect at 10m: pagerduty and slack-critical firing
`,
    { args: ['--json'] },
  )
  expect(JSON.parse(stdout)).toMatchObject({
    passed: 1,
    cases: [{ reached: ['default', 'fires for long'] }],
    unreached: expect.arrayContaining(['batch', 'backups', 'a shop by day', 'for information']),
  })
})

test('a story is about an event too, and its times may be dates', async () => {
  const { stdout } = await played(
    `
- name: an event
  event: loss.json
  starts: 2026-11-27T12:00:00Z
  story:
    - at 2026-11-27 13:05: firing
    - expect at 2026-11-27T12:05Z: slack-warning firing, saying /DataLoss/
`,
  )
  expect(stdout).toContain('1 of 1 cases in config/tests passed.')
})

test('what comes after a story ends does not count', async () => {
  const story = (ends: string) =>
    played(`- { name: x, alert: { name: a }, starts: 2026-11-27 23:00, ${ends} story: [at 0m: firing] }`)
  expect((await story('ends: 05:59,')).stdout).toContain('1 of 1 cases')
  expect((await story('')).stdout).toContain('→ slack-warning firing')
})

describe('a story that cannot be read', () => {
  const line = (text: string) => `- name: x\n  alert: { name: a }\n  story:\n    - at 0m: firing\n    - ${text}\n`
  test.each<[string, string, RegExp]>([
    [
      'a line without a time',
      line('expect: nothing'),
      /time\.yml:5:7: .*found "expect": a line starts with "at 5m", "expect at 5m"/,
    ],
    [
      'a time that is none',
      line('at noon: resolved'),
      /time\.yml:5:7: .*found "noon": a time is 7m, 1h30m, 07:00, saturday 07:00/,
    ],
    ['one time of two', line('expect between 5m: nothing'), /found "5m": .*"between" takes two/],
    ['a day that is none', line('at someday 07:00: resolved'), /found "someday 07:00": a time is/],
    ['a tick that is late, and does not say how late', line('at 5m: tick late'), /found "tick late"\. .*Allowed: /],
    [
      'a status that is none',
      line('at 5m: resolvd'),
      /time\.yml:5:7: .*found "resolvd"\. Did you mean "resolved"\? Allowed: firing, resolved, no data, duplicate/,
    ],
    [
      'a field that is none',
      line('at 5m: firing with metrik Errors'),
      /unknown field "metrik"\. Did you mean "metric"\?/,
    ],
    [
      'a field that a story sets itself',
      line('at 5m: firing with status resolved'),
      /a story cannot change status\. Allowed: account/,
    ],
    [
      'a number that is none',
      line('at 5m: firing with threshold.observed high'),
      /found "high": threshold\.observed is a number/,
    ],
    [
      'a field of what has none',
      line('at 5m: duplicate with metric Errors'),
      /only firing, resolved and no data have fields/,
    ],
    ['a lateness that is none', line('at 5m: firing, late by some'), /found "some": a duration is 10m/],
    ['a tick that is late by nothing', line('at 5m: tick late by hours'), /found "hours": a duration is 10m/],
    ['an acknowledgement for no time', line('at 5m: acknowledged by ann for ever'), /found "ever": a duration is 10m/],
    ['a name of the only alert', line('at 5m: cpu resolved'), /found "cpu": a story with one alert does not name it/],
    [
      'a kind of message that is none',
      line('expect at 0m: slack-warning fires'),
      /found "slack-warning fires"\..*Expect nothing, or a channel and what it is sent \(firing, resolved, no data, missed, reminder, escalation, acknowledged, unacknowledged, note, calmed\)/,
    ],
    [
      'channels without a comma',
      line('expect at 0m: slack-warning email pagerduty firing'),
      /join channels by commas or "and"/,
    ],
    [
      'a regular expression that is none',
      line('expect at 0m: email firing saying /(/'),
      /is not a valid regular expression/,
    ],
    ['a line that is a number', line('at 5m: 7'), /found "7"\. Allowed: firing/],
    ['a line that is no text', line('at 5m: { firing: true }'), /a story is a list of lines such as "- at 5m: firing"/],
    [
      'nothing that happens',
      '- { name: x, alert: { name: a }, story: [expect at 0m: nothing] }',
      /nothing happens in it/,
    ],
    [
      'a start that is none',
      '- { name: x, alert: { name: a }, starts: 5m, story: [at 0m: firing] }',
      /found "5m": write it as 2026-11-27 23:00/,
    ],
    [
      'an expectation beside it',
      '- { name: x, alert: { name: a }, story: [at 0m: firing], expect: { rule: y } }',
      /in a story, what is expected are lines/,
    ],
    [
      'a time beside it',
      '- { name: x, alert: { name: a }, story: [at 0m: firing], at: "2026-01-01T00:00:00Z" }',
      /a story says when it begins by starts/,
    ],
    [
      'a start without it',
      '- { name: x, alert: { name: a }, starts: 2026-11-27 23:00, expect: { rule: y } }',
      /only a story has it: give at/,
    ],
    [
      'several alerts without it',
      '- { name: x, alerts: { a: { name: a } }, expect: { rule: y } }',
      /only a story has several alerts/,
    ],
    ['no alert', '- { name: x, story: [at 0m: firing] }', /has no event: give event .* or alerts \(several, by name\)/],
    [
      'an alert whose name is a word',
      '- { name: x, alerts: { firing: { name: a } }, story: [at 0m: firing firing] }',
      /the name of an alert in a story is one word/,
    ],
    [
      'none of several alerts',
      '- { name: x, alerts: { a: {}, b: {} }, story: [at 0m: firing] }',
      /which alert\? Name one of a, b, as in "a firing"/,
    ],
    [
      'an unknown alert',
      '- { name: x, alerts: { cpu: {}, disk: {} }, story: [at 0m: cup firing] }',
      /unknown alert "cup"\. Did you mean "cpu"\?/,
    ],
    [
      'an unknown field of one of several',
      '- { name: x, alerts: { cpu: { metrik: E } }, story: [at 0m: firing] }',
      /unknown key "metrik"\. Did you mean "metric"\?/,
    ],
    ['a duplicate of nothing', '- { name: x, alert: { name: a }, story: [at 0m: duplicate] }', /nothing to repeat/],
  ])('with %s', async (_, story, message) => {
    const { code, stdout, stderr } = await played(story)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([1, ''])
  })
})
