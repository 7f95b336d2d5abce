import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Platform } from '../schemas/platform.ts'
import type { Known } from '../shared/evidence/ask-first.ts'
import { changesBefore } from '../shared/evidence/changes.ts'
import { errorsOf, patternOf } from '../shared/evidence/errors.ts'
import { evidenceOf, type firstQuestions } from '../shared/evidence/evidence.ts'
import { episodesIn, lastTimeOf } from '../shared/evidence/last-time.ts'
import { logGroupsOf } from '../shared/evidence/log-groups.ts'
import { metricOf } from '../shared/evidence/metric.ts'
import { neighboursOf } from '../shared/evidence/neighbours.ts'
import { playbookFor } from '../shared/evidence/playbook.ts'
import type { Change } from '../shared/history/alert-history.ts'
import type { Ask, FiringAlarm, Found, Outcome, Point } from '../shared/questions/ask.ts'
import { firing } from './alert-samples.ts'
import { shippedPlatform } from './some-platform.ts'

/*
 * What is asked once an alert is out, and what the answers say.
 */

const NOW = new Date('2026-11-27T10:00:00Z')
const FIRED = '2026-11-27T09:58:00.000Z'
const alert: Alert = {
  ...firing.alert,
  ...{ namespace: 'AWS/Lambda', metric: 'Errors', dimensions: { FunctionName: 'orders' }, changedAt: FIRED },
  ...{ name: 'orders-errors', title: 'orders-errors', resource: 'orders (FunctionName)' },
  threshold: { operator: '>', value: 5, statistic: 'Sum', periodSeconds: 60 },
}
const known = (more: Partial<Known> = {}): Known => ({
  ...{ alert, severity: 'critical', now: NOW, stage: 'prod', platform: undefined, runbook: undefined },
  ...{ lastTime: { days: 30, episodes: [], hasEarlier: false }, ...more },
})

type Answers = { [Kind in Ask['kind']]?: Found[Kind] }
const outcomeOf =
  (answers: Answers) =>
  (ask: Ask): Outcome => {
    const data = answers[ask.kind]
    return data === undefined ? { refused: { why: 'no answer in time to all' } } : ({ data, asOf: '' } as Outcome)
  }
/** What the questions say to these answers. */
const saying = (questions: ReturnType<typeof firstQuestions>, answers: Answers) =>
  evidenceOf(questions, outcomeOf(answers), { askedAt: '', tookMs: 0 }).parts

/** Minute by minute, up to now. */
const minutes = (...values: number[]): Point[] =>
  values.map((value, at) => [NOW.getTime() / 1_000 - 60 * (values.length - at), value])

describe('the metric', () => {
  test('is asked with the alarm’s own statistic and period, over three hours', () => {
    const [question] = metricOf(known())
    expect(question?.asks).toEqual([
      {
        ...{ kind: 'metric', statistic: 'Sum', periodS: 60 },
        series: { namespace: 'AWS/Lambda', metric: 'Errors', dimensions: { FunctionName: 'orders' } },
        ...{ from: '2026-11-27T07:00:00.000Z', to: '2026-11-27T10:00:00.000Z' },
      },
    ])
  })

  test('of an alarm with long periods is asked for longer', () => {
    const daily = { ...alert, threshold: { ...alert.threshold, periodSeconds: 86_400 } }
    expect(metricOf(known({ alert: daily }))[0]?.asks).toMatchObject([
      { from: '2026-11-16T00:00:00.000Z', to: '2026-11-28T00:00:00.000Z' },
    ])
  })

  test('is drawn with its threshold, in one line and in several', () => {
    const points = minutes(...Array.from({ length: 180 }, (_, at) => (at < 150 ? 1 : at < 170 ? 4 : 20)))
    const [part] = saying(metricOf(known()), { metric: points })
    expect(part?.says).toBe(
      'Sum Errors of 60 s, over 3 h: now 20, highest 20 at 09:50 UTC, threshold > 5, crossed in 10 of 180 periods',
    )
    expect(part?.chart?.line).toBe('▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▂▂██')
    expect(part?.chart?.rows).toEqual([
      '20 │                                  ██',
      '   │                                  ██',
      '   │                                  ██',
      ' 5 ┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄██',
      ' 0 │▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂██████',
    ])
  })

  test.each(['<', '<=', 'LessThanThreshold', 'LessThanOrEqualToThreshold'])(
    'that must not fall (%s) is drawn by its lowest values, and shows when it fell',
    (operator) => {
      const points = minutes(...Array.from({ length: 180 }, (_, at) => (at === 150 ? 80 : 100)))
      const low = { ...alert, threshold: { ...alert.threshold, operator, value: 99 } }
      const [part] = saying(metricOf(known({ alert: low })), { metric: points })
      expect(part?.says).toMatch(/now 100, lowest 80 at 09:30 UTC, threshold <=? 99, crossed in 1 of 180 periods$/)
      expect(part?.chart?.line).toBe(`${'█'.repeat(30)}▇${'█'.repeat(5)}`)
      expect(part?.chart?.rows[0]?.at(-6)).toBe('┄')
    },
  )

  test.each<[string, Partial<Alert>, object | undefined]>([
    [
      'of a math alarm is asked by its definition',
      { kind: 'math-alarm' },
      { kind: 'alarm-metric', alarm: 'orders-errors' },
    ],
    [
      'of a metric alarm that says too little, too',
      { threshold: {} },
      { kind: 'alarm-metric', alarm: 'orders-errors' },
    ],
    [
      'of a composite alarm is that of its first child',
      { kind: 'composite-alarm', children: [{ name: 'a' }, { name: 'b' }] },
      { kind: 'alarm-metric', alarm: 'a' },
    ],
    ['of what is no alarm there is none', { kind: 'event' }, undefined],
    ['of Prometheus is not in CloudWatch', { kind: 'prometheus-alarm' }, undefined],
  ])('%s', (_, change, ask) => {
    const asks = metricOf(known({ alert: { ...alert, ...change } })).flatMap((one) => one.asks)
    expect(asks).toMatchObject(ask ? [ask] : [])
  })

  test.each<[string, Point[], string]>([
    ['without data', [], 'Sum Errors of 60 s, over 3 h: no data'],
    [
      'that is below zero',
      minutes(-3, -1),
      'Sum Errors of 60 s, over 3 h: now -1, highest -1 at 09:59 UTC, threshold > 5, crossed in 0 of 2 periods',
    ],
  ])('%s', (_, metric, says) => {
    expect(saying(metricOf(known()), { metric })[0]?.says).toBe(says)
  })
})

describe('errors in the log', () => {
  const errors = (...messages: string[]) =>
    saying(errorsOf(known()), {
      logs: { rows: messages.map((message) => ({ '@message': message })), bytes: 1, missing: [] },
    })[0]

  test('are asked of a quarter of an hour before it fired, up to now', () => {
    expect(errorsOf(known())[0]?.asks).toMatchObject([
      {
        ...{ kind: 'logs', groups: ['/aws/lambda/orders'], mostBytes: 500_000_000 },
        ...{ from: '2026-11-27T09:43:00.000Z', to: '2026-11-27T10:00:00.000Z' },
      },
    ])
  })

  test.each([
    'ERROR it failed',
    '{"level":"error","message":"it failed"}',
    '{"level":50,"msg":"it failed"}',
    '{"level": 60, "msg":"it failed"}',
    'level=error msg=x',
    'error: it failed',
    'Unhandled exception',
    'panic: index out of range',
  ])('are lines such as %s', (line) => {
    const [ask] = errorsOf(known())[0]?.asks ?? []
    const { query = '' } = ask as { query?: string }
    const [, form = 'none'] = /like \/(.*)\//.exec(query) ?? []
    expect(line).toMatch(new RegExp(form))
    for (const other of ['{"level":30,"took":50}', '{"level":"info","errors":0}', 'level=500']) {
      expect(other).not.toMatch(new RegExp(form))
    }
  })

  test('of an alert that has fired for long, of the last hour', () => {
    const old = { ...alert, changedAt: '2026-11-26T09:58:00.000Z' }
    expect(errorsOf(known({ alert: old }))[0]?.asks).toMatchObject([{ from: '2026-11-27T09:00:00.000Z' }])
  })

  test('are grouped by what they have in common, each with one sample', () => {
    expect(
      errors(
        'ERROR order 17 failed after 30 ms',
        'ERROR order 18 failed after 31 ms',
        '{"level":"ERROR","errorType":"KeyError","message":"no amount"}',
      ),
    ).toEqual({
      title: 'Errors in the log',
      says: '3 lines of 2 patterns in /aws/lambda/orders since 09:43 UTC',
      lines: [
        '2× ERROR order … failed after … ms',
        'e.g. ERROR order 17 failed after 30 ms',
        '1× KeyError: no amount',
        'e.g. {"level":"ERROR","errorType":"KeyError","message":"no amount"}',
      ],
    })
  })

  test('show no secret and nobody’s data, and no control character', () => {
    const shown = errors('ERROR \u001b[31mlogin of ada@example.com with password=hunter2, card 4111 1111 1111 1111')
    expect(shown?.lines.join('\n')).toBe('1× ERROR login of [email] with password=(hidden), card [card number]')
  })

  test.each([
    ['an email address', '{"message":"no user ada\\u0040example.com"}', 'no user [email]'],
    ['a password', '{"message":"login with password\\u003dhunter2"}', 'login with password=(hidden)'],
    ['a line of its own', '{"message":"it failed\\n\\nNext\\u000anpx evil"}', 'it failed Next npx evil'],
    ['a card number', '{"message":"pay 4111\\u00201111\\t1111 1111"}', 'pay [card number]'],
  ])('show nothing that JSON had escaped: %s', (_, line, said) => {
    const lines = errors(line)?.lines ?? []
    expect(lines[0]).toBe(`1× ${said}`)
    expect(lines.join('')).not.toMatch(/ada|hunter2|4111|\n/)
  })

  test('of a query that was stopped at its limit, say so', () => {
    const [part] = saying(errorsOf(known()), { logs: { rows: [], bytes: 612_000_000, missing: [], isCut: true } })
    expect(part?.says).toBe(
      'no line with ERROR, Exception, FATAL, CRITICAL, Traceback, panic or a timeout in /aws/lambda/orders since 09:43 UTC; stopped after 612 MB',
    )
  })

  test.each([
    ['2026-11-27T09:58:00.123Z ERROR 8f507cfc-3d4a-4b7e-9a71-2f0f4d2c6b11 failed', '… ERROR … failed'],
    ['connect 10.0.3.4:5432 refused', 'connect …refused'],
    ['at 0x1f2e3d trace 1-5759e988-bd862e3fe1be46a994272793', 'at … trace …'],
    ['java.lang.NullPointerException', 'java.lang.NullPointerException'],
  ])('%s is %s', (line, pattern) => {
    expect(patternOf(line)).toBe(pattern)
  })
})

describe('the log groups of an alert', () => {
  const platform: Platform = shippedPlatform()
  test.each<[string, Partial<Alert>, Platform | undefined, string[]]>([
    ['of a Lambda function', {}, undefined, ['/aws/lambda/orders']],
    ['of a build', { dimensions: { ProjectName: 'site' } }, undefined, ['/aws/codebuild/site']],
    [
      'of a service of the platform',
      { dimensions: { ServiceName: 'streaming' } },
      platform,
      ['/ecs/platform/streaming'],
    ],
    [
      'of a metric that a log of the platform gives',
      { namespace: 'Platform/Quality', metric: 'DataQualityScore', dimensions: {} },
      platform,
      ['/aws/lambda/data-processor'],
    ],
    ['of what is not known', { dimensions: { DBInstanceIdentifier: 'db' } }, platform, []],
  ])('%s', (_, change, of, groups) => {
    expect(logGroupsOf({ ...alert, ...change }, of)).toEqual(groups)
  })
})

describe('what changed', () => {
  const event = (what: string, of: string, by = 'ada@example.com') => ({ at: FIRED, by, what, of })
  const changed = (answers: Answers) => saying([changesBefore(known())], answers)[0]
  const nothing = { stacks: [], pipelines: { runs: [], asked: 0, all: 0 }, changes: { events: [], hasMore: false } }

  test('is asked of the hour before it fired, up to now', () => {
    expect(changesBefore(known()).asks).toEqual([
      { kind: 'stacks', since: '2026-11-27T08:58:00.000Z' },
      { kind: 'pipelines', since: '2026-11-27T08:58:00.000Z' },
      { kind: 'changes', from: '2026-11-27T08:58:00.000Z', to: NOW.toISOString() },
    ])
  })

  test('of an alert that is out only hours later, is that of the hour after, too', () => {
    const held = { ...alert, changedAt: '2026-11-27T01:00:00.000Z' }
    const question = changesBefore(known({ alert: held }))
    expect(question.asks[2]).toMatchObject({ from: '2026-11-27T00:00:00.000Z', to: '2026-11-27T02:00:00.000Z' })
    const stacks = ['01:30', '03:00'].map((at) => ({ name: at, status: 'OK', at: `2026-11-27T${at}:00.000Z` }))
    expect(saying([question], { ...nothing, stacks })[0]?.lines).toEqual(['stack 01:30: OK, 01:30 UTC'])
  })

  test('names what was done to its resource first, and leaves out what services do all the time', () => {
    const events = [event('CreateLogStream', 'x'), event('PutRule', 'other'), event('UpdateFunctionCode', 'orders')]
    expect(changed({ ...nothing, changes: { events, hasMore: false } })?.lines).toEqual([
      'ada: UpdateFunctionCode of orders, 09:58 UTC',
      'ada: PutRule of other, 09:58 UTC',
    ])
  })

  test('names what did not answer, and the rest stands', () => {
    const stacks = [{ name: 'shop', status: 'UPDATE_COMPLETE', at: FIRED }]
    expect(changed({ stacks })?.lines).toEqual([
      'stack shop: UPDATE_COMPLETE, 09:58 UTC',
      'CodePipeline: no answer within 20 s: all',
      'CloudTrail: no answer within 20 s: all',
    ])
    expect(changed({})?.says).toBe('not known')
  })

  test('says how many pipelines were asked', () => {
    const pipelines = { runs: [], asked: 10, all: 43 }
    expect(changed({ ...nothing, pipelines })?.lines).toEqual([
      'of 43 pipelines, the 10 that were changed last were asked',
    ])
  })
})

describe('other alarms that fire', () => {
  test('come with how they are related, the nearest first', () => {
    const alarms: FiringAlarm[] = [
      { name: 'far', hasActions: true, namespace: 'AWS/RDS', dimensions: { DBInstanceIdentifier: 'x' } },
      { name: 'sibling', hasActions: true, namespace: 'AWS/Lambda', dimensions: { FunctionName: 'pay' } },
      { name: 'same', since: FIRED, hasActions: true, namespace: 'AWS/Lambda', dimensions: { FunctionName: 'orders' } },
      { name: 'named', hasActions: true, namespace: 'Shop', dimensions: { Service: 'orders' } },
      { name: 'parent', hasActions: true, rule: 'ALARM("orders-errors") OR ALARM("y")' },
      { name: 'orders-errors', hasActions: true },
    ]
    expect(saying([neighboursOf(known())], { alarms })[0]).toMatchObject({
      says: '5 in this account and region, 4 near it',
      lines: [
        'parent (is made of it)',
        'same since 09:58 UTC (same FunctionName)',
        'named (same name)',
        'sibling (also AWS/Lambda)',
        'and 1 more',
      ],
    })
  })

  test.each([
    ['ALARM(orders-errors)', 'is made of it'],
    ['AT_LEAST(2, ALARM, ("x", "orders-errors", y))', 'is made of it'],
    ['ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-errors")', 'is made of it'],
    ['ALARM("orders-errors-2") OR ALARM("not orders-errors")', undefined],
  ])('a composite with the rule %s', (rule, relation) => {
    const [part] = saying([neighboursOf(known())], { alarms: [{ name: 'parent', hasActions: true, rule }] })
    expect(part?.lines).toEqual(relation === undefined ? [] : [`parent (${relation})`])
  })

  test('or there is none', () => {
    expect(saying([neighboursOf(known())], { alarms: [] })[0]?.says).toBe('none in this account and region')
  })
})

describe('the last time', () => {
  const change = (at: string, status: Alert['status'], more: { reason?: string; outcome?: string } = {}): Change => ({
    alert: { ...alert, changedAt: at, status, ...(more.reason && { reason: more.reason }) },
    ...{ severity: 'critical', rule: 'x', because: [], channels: [], deliveries: [], keys: [] },
    messages: [{ messageId: '', outcome: more.outcome ?? 'sent', recordedAt: '' }],
  })
  const changes = [
    change('2026-11-20T10:00:00.000Z', 'firing'),
    change('2026-11-20T10:05:00.000Z', 'firing', { outcome: 'duplicate' }),
    change('2026-11-20T10:30:00.000Z', 'resolved'),
    change('2026-11-26T09:00:00.000Z', 'firing'),
    change('2026-11-26T09:14:00.000Z', 'resolved', { reason: 'Resolved by hand: ada' }),
    change(FIRED, 'firing'),
  ]

  test('is when it fired before this one, for how long, and how it ended', () => {
    const episodes = episodesIn(changes, alert)
    expect(episodes).toEqual([
      { from: '2026-11-20T10:00:00.000Z', to: '2026-11-20T10:30:00.000Z' },
      { from: '2026-11-26T09:00:00.000Z', to: '2026-11-26T09:14:00.000Z', by: 'ada' },
    ])
    const question = lastTimeOf(known({ lastTime: { days: 30, episodes, hasEarlier: false } }))
    expect(question.asks).toEqual([
      { kind: 'changes', from: '2026-11-26T09:00:00.000Z', to: '2026-11-26T09:14:00.000Z' },
    ])
    const events = [{ at: '2026-11-26T09:10:00.000Z', by: 'ada', what: 'UpdateAlias', of: 'orders' }]
    expect(saying([question], { changes: { events, hasMore: false } })[0]).toEqual({
      title: 'Last time',
      says: '2026-11-26 09:00 UTC, for 14 min, until ada resolved it; 2 times in 30 days',
      lines: ['ada: UpdateAlias of orders, 2026-11-26 09:10 UTC'],
    })
  })

  test.each<[string, Known['lastTime'], string]>([
    ['it never was', { days: 30, episodes: [], hasEarlier: false }, 'it has not fired in 30 days'],
    [
      'the table does not answer',
      { refused: { why: 'no answer in time to dynamodb:Query' } },
      'no answer within 20 s: dynamodb:Query',
    ],
  ])('%s', (_, lastTime, says) => {
    expect(saying([lastTimeOf(known({ lastTime }))], {})[0]?.says).toBe(says)
  })
})

test.each<[string, Partial<Alert>, string | undefined]>([
  ['errors', { metric: 'Errors' }, 'high-error-rate'],
  ['5xx', { metric: 'HTTPCode_Target_5XX_Count', name: 'x' }, 'high-error-rate'],
  ['availability', { metric: 'SystemAvailability', name: 'x' }, 'system-down'],
  ['unhealthy hosts', { metric: 'UnHealthyHostCount', name: 'x' }, 'system-down'],
  ['quality', { metric: 'DataQualityScore', name: 'x' }, 'data-quality'],
  ['a name, where the metric says nothing', { metric: 'm1', name: 'orders-data-loss' }, 'data-quality'],
  ['age', { metric: 'ApproximateAgeOfOldestMessage', name: 'x' }, 'high-error-rate'],
  ['IteratorAge', { metric: 'IteratorAge', name: 'x' }, 'high-error-rate'],
  ['a CPU', { metric: 'CPUUtilization', name: 'x' }, 'high-error-rate'],
  ['a failed check', { metric: 'StatusCheckFailed_System', name: 'x' }, 'system-down'],
  ['running tasks', { metric: 'RunningTaskCount', name: 'x' }, 'system-down'],
  ['something down', { metric: 'm1', name: 'orders-db-down' }, 'system-down'],
  ['storage, which is no age', { metric: 'FreeStorageSpace', name: 'x' }, undefined],
  ['messages, which are no age', { metric: 'ApproximateNumberOfMessagesVisible', name: 'x' }, undefined],
  ['usage, which is no age', { metric: 'DiskUsage', name: 'x' }, undefined],
  ['downloads, which are not down', { metric: 'BytesDownloaded', name: 'download-bytes' }, undefined],
  ['nothing', { metric: 'm1', name: 'orders' }, undefined],
  ['what is no alarm', { kind: 'finding', metric: 'Errors' }, undefined],
])('the playbook for %s', (_, change, playbook) => {
  expect(playbookFor({ ...alert, ...change })).toBe(playbook)
})
