import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import type { Json } from '../schemas/loose.ts'
import type { Covers, Estate } from '../shared/estate/estate.ts'
import { alarmArn, composite, estate, findingsIn, metricAlarm, muted, OURS, SHIPPED, sns } from './estate-parts.ts'

/** Which alarms are the same, which of them stays, and which may be deleted without being missed. */

const SAME = { Dimensions: [{ Name: 'FunctionName', Value: 'orders' }] }
const twins = (over: Partial<Estate> = {}, [one, other]: [Json, Json] = [{}, {}]) =>
  estate([metricAlarm({ AlarmName: 'a', ...SAME, ...one }), metricAlarm({ AlarmName: 'b', ...SAME, ...other })], over)
const duplicatesIn = (of: Estate, config?: Config) =>
  findingsIn(of, config && { config })
    .filter(({ id }) => id === 'duplicate')
    .map(({ alarm, what, commands }) => ({ name: alarm.name, what, commands }))
const deleting = (name: string) => [`aws cloudwatch delete-alarms --region eu-west-1 --alarm-names ${name}`]

interface Line {
  Id: string
  metric?: string
  Expression?: string
  over?: Json
}
/** An alarm over metric math. */
const math = (AlarmName: string, lines: Line[], over: Json = {}) =>
  metricAlarm({
    ...{ AlarmName, MetricName: undefined, Namespace: undefined, Statistic: undefined, Period: undefined },
    ...{ Dimensions: undefined },
    Metrics: lines.map(({ Id, metric, Expression, over: more }) => ({
      ...{ Id, ReturnData: Expression !== undefined },
      ...(Expression !== undefined && { Expression }),
      ...(metric !== undefined && {
        MetricStat: { Metric: { Namespace: 'Shop', MetricName: metric, ...SAME }, Period: 60, Stat: 'Sum' },
      }),
      ...more,
    })),
    ...over,
  })
const RATE: Line[] = [
  { Id: 'm1', metric: 'Errors' },
  { Id: 'm2', metric: 'Requests' },
  { Id: 'rate', Expression: 'm1 / m2' },
]
const rate = (change: (line: Line) => Line) => RATE.map(change)

test('of two that are the same, the second is deleted', () => {
  expect(duplicatesIn(twins())).toEqual([{ name: 'b', what: 'as a', commands: deleting('b') }])
})

describe('metric math is the same', () => {
  test.each<[what: string, lines: Line[]]>([
    ['in another order', RATE.toReversed()],
    ['with another label', rate((line) => ({ ...line, over: { Label: line.Id } }))],
  ])('%s', (_what, lines) => {
    expect(duplicatesIn(estate([math('a', RATE), math('b', lines)]))).toMatchObject([{ name: 'b', what: 'as a' }])
  })

  test.each<[what: string, lines: Line[]]>([
    ['of another account', rate((line) => ({ ...line, over: { AccountId: '999999999999' } }))],
    ['which compares another line', rate((line) => ({ ...line, over: { ReturnData: line.Id === 'm1' } }))],
    [
      'whose expression means the inverse',
      rate((line) => ({ ...line, Id: { m1: 'm2', m2: 'm1' }[line.Id] ?? line.Id })),
    ],
  ])('but not %s', (_what, lines) => {
    expect(duplicatesIn(estate([math('a', RATE), math('b', lines)]))).toEqual([])
  })
})

test.each<[what: string, over: Json]>([
  ['evaluates few samples otherwise', { EvaluateLowSampleCountPercentile: 'ignore' }],
  ['says elsewhere that it has no data', { InsufficientDataActions: [sns('other')] }],
  ['is of another account', { AlarmArn: alarmArn('b').replace('123456789012', '999999999999') }],
  ['is of another region', { AlarmArn: alarmArn('b').replace('eu-west-1', 'us-east-1') }],
])('one that %s is not the same', (_what, over) => {
  expect(duplicatesIn(twins({}, [{}, over]))).toEqual([])
})

describe('by the rules', () => {
  const pages: Config['rules'] = [{ name: 'page b', when: { name: 'b' }, severity: 'critical' }]
  const config = { ...SHIPPED, rules: [...pages, ...SHIPPED.rules] } as Config

  test('the one that pages stays, and none is deleted that goes elsewhere', () => {
    expect(duplicatesIn(twins(), config)).toEqual([
      {
        name: 'a',
        what: expect.stringMatching(/^as b; that one is critical, to .*pagerduty.*; this one warning, to /),
        commands: [],
      },
    ])
  })
})

describe('nothing is deleted', () => {
  const withComposite = (of: Estate, rule: string, over: Json = {}) => ({
    ...of,
    alarms: [...of.alarms, composite(rule, { AlarmName: 'all', ...over })],
  })
  const refused = { refused: { why: 'this role may not' } }
  const rule = (covers: Covers) => ({ eventRules: { data: [{ name: 'to bus', covers, targets: [OURS] }] } })
  test.each<[what: string, of: Estate, why: string]>([
    ['that a composite combines', withComposite(twins(), 'ALARM(b)'), 'the composite all names it'],
    [
      'that suppresses a composite',
      withComposite(twins(), 'ALARM(a)', { ActionsSuppressor: alarmArn('b') }),
      'the composite all names it',
    ],
    [
      'that is muted',
      twins({ muteRules: { data: [muted('cron(0 2 * * *)', 60, { alarms: ['b'] })] } }),
      'the mute rule mute names it',
    ],
    [
      'whose twin is muted',
      twins({ muteRules: { data: [muted('cron(0 2 * * *)', 60, { alarms: ['a'] })] } }),
      'the mute rule mute names the other',
    ],
    ['that EventBridge sends', twins(rule(['b'])), 'the rule to bus of EventBridge names it'],
    [
      'that EventBridge sends, and not its twin',
      twins(rule({ allBut: 'a' })),
      'the rule to bus of EventBridge names it',
    ],
    ['that EventBridge may send', twins(rule('maybe')), 'the rule to bus of EventBridge may send it'],
    ['while composites are not known', twins({ composites: refused }), 'whether a composite names it is not known'],
    ['while mute rules are not known', twins({ muteRules: refused }), 'whether a mute rule names either is not known'],
    [
      'while rules of EventBridge are not known',
      twins({ eventRules: refused }),
      'whether a rule of EventBridge names it is not known',
    ],
  ])('%s', (_what, of, why) => {
    expect(duplicatesIn(of)).toEqual([{ name: 'b', what: `as a; ${why}`, commands: [] }])
  })
})

test('of a file with few fields of each, nobody says that two are the same', () => {
  const few = ['a', 'b'].map((AlarmName) => metricAlarm({ AlarmName, Dimensions: undefined }))
  const file = { kind: 'file' as const, name: 'alarms.json' }
  expect(duplicatesIn(estate(few, { from: file }))).toEqual([])
})
