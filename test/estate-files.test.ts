import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as cloudWatch from '@aws-sdk/client-cloudwatch'
import { NormalizedSchema } from '@smithy/core/schema'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { KINDS } from '../shared/estate/finding.ts'
import { PUT } from '../shared/estate/fix.ts'
import { anyCharacter } from './any-character.ts'
import { wrongWithAws } from './aws-cli.ts'
import { here, named } from './command.ts'
import { SAMPLE } from './estate-account.ts'
import { AT, OURS } from './estate-parts.ts'

/** `alert-router alarms` over files: what people have, whatever its form. */

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'estate-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (args: string[], how: Parameters<typeof here>[2] = {}) =>
  here(named('alarms'), args, { ...how, env: { NO_COLOR: '1', COLUMNS: '80', ...how.env } })

/** Writes a file as it was printed at that time. */
function fileOf(text: string | Buffer, at = AT): string {
  const path = join(folder, `${crypto.randomUUID()}.json`)
  writeFileSync(path, text)
  utimesSync(path, new Date(at), new Date(at))
  return path
}
const judged = async (text: string | Buffer, ...args: string[]) =>
  JSON.parse((await run(['--from', fileOf(text), '--json', ...args])).stdout)

const ALARM = {
  ...{ AlarmName: 'api-errors', AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-errors' },
  ...{ StateValue: 'OK', MetricName: 'Errors', Namespace: 'AWS/Lambda', Statistic: 'Sum', Period: 60, Threshold: 1.0 },
  ...{ EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', AlarmActions: [], OKActions: [] },
  ...{ ActionsEnabled: true, InsufficientDataActions: [], Dimensions: [] },
  AlarmConfigurationUpdatedTimestamp: '2026-01-01T00:00:00.000Z',
}
const page = (...alarms: object[]) => ({ MetricAlarms: alarms, CompositeAlarms: [] })
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({
    ...ALARM,
    AlarmName: `a${from + n}`,
    AlarmArn: `arn:aws:cloudwatch:us-east-1:1:alarm:a${from + n}`,
  }))

describe('a file holds', () => {
  test.each<[what: string, text: string, alarms: number]>([
    ['a page', JSON.stringify(page(ALARM)), 1],
    ['a page of the old CLI, without composites', JSON.stringify({ MetricAlarms: [ALARM] }), 1],
    ['a page of an account without alarms', JSON.stringify(page()), 0],
    [
      'pages, one after the other',
      many(0, 4)
        .map((one) => JSON.stringify(page(one), null, 4))
        .join('\n'),
      4,
    ],
    [
      'pages on one line',
      many(0, 4)
        .map((one) => JSON.stringify(page(one)))
        .join(''),
      4,
    ],
    ['a list of pages', JSON.stringify([page(...many(0, 2)), page(...many(2, 5))]), 5],
    ['a list of alarms, as --query prints it', JSON.stringify(many(0, 3)), 3],
    ['one alarm, as --query prints it', JSON.stringify(ALARM), 1],
    ['a page twice', JSON.stringify(page(ALARM)) + JSON.stringify(page(ALARM)), 1],
    ['a byte order mark', `\ufeff${JSON.stringify(page(ALARM))}`, 1],
    ['fields of later years', JSON.stringify({ ...page({ ...ALARM, Shiny: { New: [1] } }), More: 1 }), 1],
    ['lines with CR LF', JSON.stringify(page(...many(0, 3)), null, 2).replaceAll('\n', '\r\n'), 3],
    [
      'a post with a prompt, a fence and a remark',
      `$ aws … > [x]\n\`\`\`json\n${JSON.stringify(page(...many(0, 2)))}\n\`\`\`\nThat’s all.`,
      2,
    ],
    ['lists, one after the other', [many(0, 2), many(2, 5)].map((one) => JSON.stringify(one)).join('\n'), 5],
    [
      'alarms whose account is hidden',
      JSON.stringify(many(0, 3)).replaceAll('us-east-1:1:', 'us-east-1:XXXXXXXXXXXX:'),
      3,
    ],
    ['alarms whose ARN is hidden', JSON.stringify(many(0, 3)).replaceAll(/"arn:[^"]*"/g, '"REDACTED"'), 3],
    [
      'few fields of each, as --query prints them',
      JSON.stringify([
        { AlarmName: 'a', MetricName: 'm' },
        { AlarmName: 'b', StateValue: 'OK' },
      ]),
      2,
    ],
    ['YAML', stringify(page(...many(0, 3))), 3],
    ['YAML of a list', stringify(many(0, 3)), 3],
    ['YAML of several pages', `${stringify([page(...many(0, 2))])}---\n${stringify([page(...many(2, 3))])}`, 3],
    ['log alarms alone', JSON.stringify({ LogAlarms: [{ AlarmName: 'l', StateValue: 'OK' }] }), 1],
  ])('%s', async (_what, text, count) => {
    expect((await judged(text)).alarms.length).toBe(count)
  })

  test.each<[what: string, encoding: (text: string) => Buffer]>([
    ['UTF-16, as PowerShell writes it', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without a mark', (text) => Buffer.from(text, 'utf16le')],
    ['UTF-16 the other way', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 the other way, without a mark', (text) => Buffer.from(text, 'utf16le').swap16()],
    ['UTF-8', (text) => Buffer.from(text)],
  ])('%s', async (_what, encoding) => {
    const { alarms } = await judged(encoding(JSON.stringify(page({ ...ALARM, AlarmName: 'größer 50 €' }), null, 2)))
    expect(alarms).toMatchObject([{ name: 'größer 50 €' }])
  })

  test.each([
    ['a page', JSON.stringify(page(...many(0, 3))).slice(0, -2)],
    ['a list after its second alarm', JSON.stringify(many(0, 3), null, 2).replace(/,\s*\{[^{}]*\}\s*\]$/, ',')],
    ['the last of some pages', `${JSON.stringify(page(ALARM))}\n${JSON.stringify(page(ALARM)).slice(0, 200)}`],
  ])('%s, cut off: says so, and judges no part of it', async (_what, text) => {
    const { code, stdout, stderr } = await run(['--from', fileOf(text)])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('it ends in the middle')
  })

  test('few fields of each: what they do not say, is not checked', async () => {
    const fields = { AlarmName: 'a', StateValue: 'OK', MetricName: 'Errors', Namespace: 'AWS/Lambda' }
    const { findings, notChecked } = await judged(JSON.stringify([fields]), '--stage', 'prod')
    const ids = findings.map(({ id }: { id: string }) => id)
    expect(ids).not.toContain('reaches-nobody')
    expect(ids).not.toContain('no-ok-action')
    expect(notChecked).toEqual(
      expect.arrayContaining([
        { ids: ['reaches-nobody'], alarms: 1, needs: 'AlarmActions of each alarm', why: 'the file does not say' },
        { ids: ['no-ok-action'], alarms: 1, needs: 'OKActions of each alarm', why: 'the file does not say' },
      ]),
    )
  })

  test.each([
    ['a table', '-----------------\n|  DescribeAlarms |\n+---------------+\n||  MetricAlarms  ||\n'],
    [
      'text',
      'METRICALARMS\tTrue\tarn:aws:cloudwatch:us-east-1:1:alarm:a\tGreaterThanThreshold\nALARMACTIONS\tarn:aws:sns:x\n',
    ],
  ])('%s: says what it is', async (what, text) => {
    const { code, stderr } = await run(['--from', fileOf(text)])
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`no alarms in it that can be read, as it is ${what}. Write`),
    ])
    expect(stderr).toContain('--output json')
  })

  test.each([
    ['nothing', ''],
    ['names alone, as --query prints them', '["a", "b"]'],
    ['other names of the fields, as --query prints them', '[{"Name": "a", "State": "OK"}]'],
    ['the message of an alarm', '{"AlarmName": "a", "NewStateValue": "ALARM", "AlarmActions": []}'],
    ['the history of an alarm', '{"AlarmHistoryItems": [{"AlarmName": "a", "HistoryItemType": "StateUpdate"}]}'],
    ['something else', '{"Functions": []}'],
    ['no JSON', 'hello'],
    ['broken YAML', 'MetricAlarms:\n- AlarmName: "a'],
    ['a number', '7'],
  ])('%s: says how to write one', async (_what, text) => {
    const { code, stdout, stderr } = await run(['--from', fileOf(text)])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('no alarms in it. Write them with: aws cloudwatch describe-alarms')
  })

  test.each<[what: string, since: unknown, days: string]>([
    ['a local offset', '2026-11-16T01:00:00.000000-05:00', '11 days'],
    ['seconds, as CLI 1 prints them', Date.parse(AT) / 1_000 - 11 * 86_400, '11 days'],
    ['UTC', '2026-11-16T06:00:00.000Z', '11 days'],
  ])('times with %s', async (_what, since, days) => {
    const text = JSON.stringify(page({ ...ALARM, StateValue: 'ALARM', StateTransitionedTimestamp: since }))
    const { findings } = await judged(text)
    expect(findings.find(({ id }: { id: string }) => id === 'stuck-in-alarm').alarms[0].what).toBe(`for ${days}`)
  })
})

test.each<[what: string, item: object]>([
  [
    'in its data',
    { HistorySummary: `Failed to execute action ${OURS}`, HistoryData: JSON.stringify({ error: 'No.' }) },
  ],
  ['in its summary', { HistorySummary: `Failed to execute action ${OURS}. Received error: "No."` }],
  [
    'by its state',
    { HistoryData: JSON.stringify({ actionState: 'Failed', notificationResource: OURS, error: 'No.' }) },
  ],
])('a history beside the alarms says that an action failed: %s', async (_what, item) => {
  const run = { AlarmName: 'api-errors', Timestamp: '2026-11-26T06:00:00Z', HistoryItemType: 'Action' }
  const pages = [page({ ...ALARM, AlarmActions: [OURS] }), { AlarmHistoryItems: [{ ...run, ...item }] }]
  const { findings } = await judged(pages.map((one) => JSON.stringify(one)).join('\n'))
  expect(findings.find(({ id }: { id: string }) => id === 'action-failed').alarms[0].what).toBe(
    'alert-router-prod-alarms: failed once at 2026-11-26 06:00 UTC: No.',
  )
})

test('is as old as the file, unless somebody says', async () => {
  const text = JSON.stringify(page(ALARM))
  expect((await judged(text)).at).toBe(AT)
  expect((await judged(text, '--at', '2026-01-01')).at).toBe('2026-01-01T00:00:00.000Z')
})

test('stdin is one, too', async () => {
  const { stdout } = await run(['--from', '-', '--json'], { stdin: JSON.stringify(page(ALARM)) })
  expect(JSON.parse(stdout)).toMatchObject({ from: 'stdin', alarms: [{ name: 'api-errors' }] })
})

test('what a dump does not say, is not checked', async () => {
  const { notChecked } = await judged(JSON.stringify({ MetricAlarms: SAMPLE.MetricAlarms }), '--stage', 'prod')
  const ids = notChecked.flatMap((one: { ids: string[] }) => one.ids)
  expect([...new Set(ids)].sort()).toEqual(
    [
      ...['action-failed', 'child-gone', 'dead-topic', 'flapping', 'key-unusable', 'muted-for-weeks', 'no-ok-action'],
      ...['no-owner', 'no-subscription', 'only-default', 'reaches-nobody', 'rules-notify-nobody', 'topic-refuses'],
    ].sort(),
  )
})

describe('a composite combines alarms that are not in the file', () => {
  const composite = (AlarmRule: string) => ({
    ...ALARM,
    AlarmName: 'all',
    AlarmArn: 'arn:all',
    MetricName: undefined,
    AlarmRule,
  })
  const file = (AlarmRule: string, alarms: number) =>
    JSON.stringify({ MetricAlarms: many(0, alarms), CompositeAlarms: [composite(AlarmRule)] })
  const ofChildren = async (text: string) => {
    const { findings, notChecked } = await judged(text)
    const found = findings.find(({ id }: { id: string }) => id === 'child-gone')
    return [found?.alarms[0].what, notChecked.find(({ ids }: { ids: string[] }) => ids[0] === 'child-gone')]
  }
  const unchecked = (why: string) => [
    undefined,
    { ids: ['child-gone'], alarms: 1, needs: 'all alarms of the account', why },
  ]

  test.each<[what: string, rule: string, alarms: number, why: string]>([
    ['none of them', 'ALARM(x) OR ALARM(y)', 0, 'x, y'],
    ['two of three', 'ALARM(a0) OR ALARM(a1) OR ALARM(x)', 9, 'x'],
    ['none of many', 'AT_LEAST(1, ALARM, (r, s, t, u, v, w, x))', 9, 'r, s, t, u, v, 2 more'],
  ])('which has %s, and is a part of its account: not checked', async (_what, rule, alarms, why) => {
    expect(await ofChildren(file(rule, alarms))).toEqual(unchecked(`not in this file: ${why}`))
  })

  test('which has most of them: those are gone', async () => {
    const rule = 'AT_LEAST(1, ALARM, (a0, a1, a2, x))'
    expect(await ofChildren(file(rule, 3))).toEqual(['not in this file: x', undefined])
  })

  test('which has all of them: nothing is missing', async () => {
    expect(await ofChildren(file('ALARM(a0) OR ALARM(a1)', 2))).toEqual([undefined, undefined])
  })
})

test('the sample has 60 alarms, and every fault that does not depend on the rules', async () => {
  const { alarms, apart, findings, notChecked } = JSON.parse((await run(['--demo', '--json'])).stdout)
  expect([alarms.length + apart.scaling.length, notChecked]).toEqual([60, []])
  expect(new Set(findings.map(({ id }: { id: string }) => id)).size).toBe(21)
})

describe('--fail-on', () => {
  const fine = { ...ALARM, AlarmActions: [OURS], OKActions: [OURS], AlarmDescription: 'no link' }
  test.each<[what: string, alarm: object, harm: string, code: number]>([
    ['a lost page, for lost pages', ALARM, 'lost-page', 1],
    ['a lost page, for tidiness', ALARM, 'tidiness', 1],
    ['untidiness, for tidiness', fine, 'tidiness', 1],
    ['untidiness, for noise', fine, 'noise', 0],
    ['untidiness, for lost pages: what a file can’t say, does not fail', fine, 'lost-page', 0],
  ])('%s', async (_what, alarm, harm, code) => {
    expect((await run(['--from', fileOf(JSON.stringify(page(alarm))), '--fail-on', harm])).code).toBe(code)
  })

  test('without it, findings do not fail', async () => {
    expect((await run(['--demo'])).code).toBe(0)
  })
})

test.each<[args: string[], message: string]>([
  [['--demo', '--at', '2026-01-01'], '--at is for --from'],
  [['--from', '-', '--at', 'yesterday'], '--at yesterday: write a time'],
  [['--stage', 'prod', '--topic', OURS], 'Give --stage or --topic, not both.'],
  [['--topic', 'alarms'], '--topic alarms: give its ARN'],
  [['--demo', '--fix', '--json'], 'Give --fix or --json, not both'],
  [['alarms.json'], '"alarms.json": give a file as --from FILE, and rules as'],
])('%j is wrong', async (args, message) => {
  const { code, stdout, stderr } = await run(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
})

describe('--fix', () => {
  /** What a shell would run: each command's words. */
  function ran(script: string): string[][] {
    const printing = `aws() { printf '%s\\0' aws "$@"; printf '\\n\\0'; }\n${script}`
    const printed = execFileSync('bash', ['--norc'], { input: printing, env: { LC_ALL: 'C', PATH: process.env.PATH } })
    return printed
      .toString()
      .split('\n\0')
      .map((line) => line.split('\0').slice(0, -1))
      .filter((words) => words.length > 0)
  }

  test('prints commands that there are, and one for each alarm whose actions change', async () => {
    const { code, stdout } = await run(['--demo', '--fix'])
    const commands = ran(stdout)
    expect([code, commands.length]).toEqual([0, 32])
    for (const [, ...words] of commands) expect(wrongWithAws(words.filter((one) => !one.startsWith('{')))).toBe('')
    const put = commands
      .filter((words) => words.includes('put-metric-alarm'))
      .map((words) => JSON.parse(words.at(-1) ?? ''))
    const names = put.map(({ AlarmName }) => AlarmName)
    expect(new Set(names).size).toBe(names.length)
    // It went to a topic that is gone, and not to the router.
    expect(put.find(({ AlarmName }) => AlarmName === 'inventory-drift')).toMatchObject({
      ...{ AlarmActions: [SAMPLE_ROUTER], OKActions: [SAMPLE_ROUTER], Threshold: 2, MetricName: 'DriftPercent' },
      AlarmDescription: 'Runbook: https://wiki.example.com/runbooks/inventory-drift',
    })
  })

  test('has nothing to print where no command helps', async () => {
    const fine = { ...ALARM, AlarmActions: [OURS], OKActions: [OURS] }
    const { stdout } = await run(['--from', fileOf(JSON.stringify(page(fine))), '--fix'])
    expect(stdout).toBe('# No command fixes what was found.\n')
  })

  test('leaves an alarm alone that has no room for another action', async () => {
    const five = Array.from({ length: 5 }, (_, n) => `arn:aws:sns:us-east-1:123456789012:t${n}`)
    const text = JSON.stringify(page({ ...ALARM, AlarmActions: five, OKActions: five }))
    const { findings } = await judged(text, '--stage', 'prod')
    const [found] = findings.filter(({ id }: { id: string }) => id === 'not-pointed-at-us')
    const byHand = 'CloudWatch takes at most 5 actions of a state'
    expect(found.alarms).toEqual([{ name: 'api-errors', what: 'it goes to t0', commands: [], byHand }])
  })

  const METRICS = [{ Id: 'm', ReturnData: true, MetricStat: {} }]
  test.each<[what: string, over: object, missing: string]>([
    ['its statistic and its actions', { Statistic: undefined, OKActions: undefined }, 'OKActions, Statistic'],
    ['what nobody asks for', { AlarmConfigurationUpdatedTimestamp: undefined }, 'AlarmConfigurationUpdatedTimestamp'],
    ['its threshold, which --query printed as null', { Threshold: null }, 'Threshold'],
    [
      'the periods of its metric math',
      { MetricName: undefined, Metrics: METRICS, EvaluationPeriods: undefined },
      'EvaluationPeriods',
    ],
  ])('puts no alarm again without %s: it says why', async (_what, over, missing) => {
    const file = fileOf(JSON.stringify(page({ ...ALARM, ...over })))
    const { stdout } = await run(['--from', file, '--stage', 'prod', '--fix'])
    expect(stdout).not.toContain('put-metric-alarm')
    expect(stdout).toContain(
      `#   by hand: api-errors: the file has no ${missing} of it; a command puts the whole alarm, and would reset what is not there\n`,
    )
  })

  test.each<[what: string, over: object]>([
    ['one metric', {}],
    ['a percentile', { Statistic: undefined, ExtendedStatistic: 'p99' }],
    ['metric math', { MetricName: undefined, Namespace: undefined, Dimensions: undefined, Metrics: METRICS }],
  ])('puts a whole alarm again over %s', async (_what, over) => {
    const { stdout } = await run([
      '--from',
      fileOf(JSON.stringify(page({ ...ALARM, ...over }))),
      '--stage',
      'prod',
      '--fix',
    ])
    expect(stdout).toContain('put-metric-alarm')
    expect(stdout).not.toContain('by hand: api-errors')
  })

  const HOSTILE = [
    "'; touch /tmp/owned; '",
    '$(id)',
    '`id`',
    '--all',
    'a\nb',
    '\u202eevil',
    'file:///etc/passwd',
    '["a"]',
    '[a',
    '{',
  ]
  test.each(HOSTILE)('a name is a name: %j', async (AlarmName) => {
    const AlarmArn = `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${AlarmName}`
    const alarm = { ...ALARM, AlarmName, AlarmArn, AlarmActions: [OURS], OKActions: [OURS], ActionsEnabled: false }
    const { stdout } = await run(['--from', fileOf(JSON.stringify(page(alarm))), '--fix'])
    const [words = []] = ran(stdout).filter((one) => one.includes('enable-alarm-actions'))
    const last = words.at(-1) ?? ''
    const given = last.startsWith('{"AlarmNames"')
      ? JSON.parse(last).AlarmNames[0]
      : last.replace(/^--alarm-names=/, '')
    expect(given).toBe(AlarmName)
    // The CLI would read a file, or JSON, in place of a name.
    expect(last).not.toMatch(/^(file:|\[)/)
  })

  test.each([
    ['metric', cloudWatch.PutMetricAlarm$],
    ['composite', cloudWatch.PutCompositeAlarm$],
    ['log', cloudWatch.PutLogAlarm$],
  ] as const)('an alarm of type %s is put with what its call takes, but for its tags', (type, operation) => {
    const members = [...NormalizedSchema.of(operation[4]).structIterator()].map(([name]) => name)
    expect([...PUT[type].takes, 'Tags'].sort()).toEqual(members.sort())
  })
})

const SAMPLE_ROUTER = OURS

test('--costs counts a month of the sample', async () => {
  const { costs } = JSON.parse((await run(['--demo', '--costs', '--json'])).stdout)
  const lines = Object.fromEntries(
    costs.lines.map(({ what, usd }: { what: string; usd?: number }) => [what, usd ?? null]),
  )
  expect(lines).toEqual({
    ...{ 'metric alarms': 5.4, 'composite alarms': 1, 'anomaly alarms': 0.3 },
    ...{ 'Metrics Insights alarms': null, 'alarms of other kinds': null, 'log alarms': null },
  })
  expect(costs).toMatchObject({ total: 6.7, free: 1, unpriced: 4 })
})

test.each<[what: string, alarm: object, usd: number]>([
  ['one metric', ALARM, 0.1],
  ['one metric, each ten seconds', { ...ALARM, Period: 10 }, 0.3],
])('an alarm over %s costs %s a month', async (_what, alarm, usd) => {
  const { costs } = await judged(JSON.stringify(page(alarm)), '--costs')
  expect(costs.total).toBe(usd)
})

test('--html writes a page of its own', async () => {
  const file = join(folder, 'page.html')
  const name = '<img src=x onerror=alert(1)>'
  const { code } = await run([
    '--from',
    fileOf(JSON.stringify(page({ ...ALARM, AlarmName: name }))),
    '--costs',
    '--html',
    file,
  ])
  const html = readFileSync(file, 'utf8')
  expect(code).toBe(0)
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(html).not.toMatch(/<img|<script|src=http/)
  const lost = await run(['--demo', '--html', join(folder, 'no', 'folder.html')])
  expect([lost.code, lost.stderr]).toEqual([1, expect.stringMatching(/^--html .*: cannot write it/)])
})

describe('any JSON in the form of describe-alarms', () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 12 })
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text)
  const actions = fc.oneof(
    fc.array(fc.oneof(fc.constantFrom(OURS, 'arn:aws:sns:x', 'arn:'), text), { maxLength: 6 }),
    anything,
  )
  const orElse = (...values: unknown[]) => fc.oneof(fc.constantFrom(...values), anything)
  const alarm = fc.record(
    {
      ...{ AlarmName: text, AlarmArn: orElse(ALARM.AlarmArn, 'arn:aws:cloudwatch::'), AlarmDescription: anything },
      ...{ AlarmActions: actions, OKActions: actions, InsufficientDataActions: actions, ActionsEnabled: orElse(false) },
      ...{
        StateValue: orElse('OK', 'ALARM', 'INSUFFICIENT_DATA', 'NEW'),
        StateReason: orElse('Unchecked: Initial alarm creation'),
      },
      ...{ StateTransitionedTimestamp: orElse(AT, 1, 1e300, -1), StateUpdatedTimestamp: anything },
      ...{ EvaluationState: orElse('PARTIAL_DATA', 'IN_WARM_UP', 'constructor'), Threshold: orElse(1, 500, null) },
      ...{ MetricName: orElse('CPUUtilization'), Namespace: orElse('AWS/EC2'), Unit: orElse('Percent', 'Nonsense') },
      ...{
        Dimensions: orElse([{ Name: 'a', Value: 'b' }], [null], [{}]),
        Period: orElse(60),
        EvaluationPeriods: orElse(3),
      },
      ...{
        ComparisonOperator: orElse('GreaterThanThreshold', 'LessThanThreshold', 'About'),
        Statistic: orElse('Sum', 'Mode'),
      },
      ...{
        Metrics: orElse([{ Id: 'a', MetricStat: { Metric: {}, Stat: 'Sum' } }], [{}], [[]]),
        AlarmRule: orElse('ALARM(a) AND AT_LEAST(', '"'),
      },
      ...{
        ScheduledQueryConfiguration: anything,
        EvaluationCriteria: orElse({ PromQLCriteria: {} }),
        ActionConfiguration: orElse({ AlarmTagsPropagation: { Enabled: true } }),
      },
      ActionsSuppressor: anything,
    },
    { requiredKeys: [] },
  )
  const list = fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.oneof({ weight: 9, arbitrary: alarm }, anything), { maxLength: 4 }) },
    { weight: 1, arbitrary: anything },
  )
  const pages = fc.record(
    {
      ...{
        MetricAlarms: list,
        CompositeAlarms: list,
        LogAlarms: list,
        AlarmHistoryItems: orElse([
          { AlarmName: 'a', HistoryData: '{' },
          {
            AlarmName: 'a',
            Timestamp: AT,
            HistoryItemType: 'Action',
            HistorySummary: `Failed to execute action ${OURS}`,
          },
        ]),
      },
      ...{ AlarmMuteRules: orElse([{ MuteTargets: { AlarmNames: ['a'] } }]), ResourceTagMappingList: anything },
      ...{
        Topics: orElse(
          ...['{', '{"Statement":[1,{"Effect":"Deny","Principal":7,"Condition":"x"}]}', '{"Statement":{}}'].map(
            (Policy) => [{ TopicArn: OURS, Attributes: { KmsMasterKeyId: 'x', Policy }, Key: { Policy } }],
          ),
        ),
        EventRules: orElse([{ EventPattern: '[]' }, { EventPattern: '{"source":[]}' }]),
      },
    },
    { requiredKeys: ['MetricAlarms'] },
  )
  const ARGS = [['--stage', 'prod', '--costs', '--all'], ['--fix'], ['--json', '--costs']]

  test('never breaks it, and nothing in it is undefined', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pages, { minLength: 1, maxLength: 2 }), async (values) => {
        const content = values.map((one) => JSON.stringify(one)).join('\n')
        const file = fileOf(content)
        for (const args of ARGS) {
          const { code, stdout, stderr } = await run(['--from', file, '--at', AT, ...args])
          if (code === 1) expect(stderr).toContain('no alarms in it')
          else expect([code, stderr]).toEqual([0, ''])
          expect(stdout).not.toMatch(/undefined|\[object|NaN/)
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 40) },
    )
  }, 600_000)
})

test('docs/alarms.md explains every finding', () => {
  const page = readFileSync('docs/alarms.md', 'utf8')
  for (const [id, { harm }] of Object.entries(KINDS))
    expect(page).toContain(
      `| \`${id}\` | ${harm.replace('-', ' ')}`.replace('no-ok-action` | noise', 'no-ok-action` | lost page'),
    )
})
