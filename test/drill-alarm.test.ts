import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
  type SetAlarmStateCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { drillOneAlarm } from '../cli/drill/alarm.ts'
import { NO_ESTATE } from '../local/stand-ins/aws/estate-data.ts'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { askAlarmHistory } from '../shared/asking/alarm-history.ts'
import { askAlarms } from '../shared/asking/alarms.ts'
import { checkConfig } from '../shared/config/check.ts'
import { type DrillableAlarm, drillAlarm, readAlarm } from '../shared/drill/alarm.ts'
import { openDrilled, type RouterPlace } from '../shared/drill/open.ts'
import { readDrills } from '../shared/drill/records.ts'
import { endOpen } from '../shared/drill/story.ts'
import { findAlerts } from '../shared/history/find.ts'
import { here } from './command.ts'
import { drilledByHand } from './drilling.ts'
import { type RouterByHand, startRouterByHand } from './router-by-hand.ts'
import { SOME_AWS } from './some-aws.ts'

/** `drill --alarm`: SetAlarmState as AWS documents it, and the whole way from there to a channel. */

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms'
const alarm = (AlarmName: string, more: Partial<MetricAlarm> = {}): MetricAlarm => ({
  ...{ AlarmName, AlarmArn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${AlarmName}`, StateValue: 'OK' },
  ...{ StateReason: 'Threshold Crossed: fine', ActionsEnabled: true, AlarmActions: [TOPIC], OKActions: [TOPIC] },
  ...{
    MetricName: 'Errors',
    Namespace: 'AWS/Lambda',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
  },
  ...{ ComparisonOperator: 'GreaterThanThreshold' as const, Dimensions: [{ Name: 'FunctionName', Value: 'orders' }] },
  ...more,
})
const ASG = 'arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:autoScalingGroupName/a:policyName/b'
const STOP = 'arn:aws:automate:eu-west-1:ec2:stop'
const data = {
  ...SOME_AWS,
  account: '123456789012',
  metricAlarms: [
    alarm('errors'),
    alarm('breaches', { StateValue: 'ALARM' }),
    alarm('no-data', { StateValue: 'INSUFFICIENT_DATA' }),
    alarm('elsewhere', { AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:others'] }),
    alarm('disabled', { ActionsEnabled: false }),
    alarm('muted'),
    alarm('stops', { AlarmActions: [TOPIC, STOP] }),
    alarm('scales', { AlarmActions: [TOPIC], OKActions: [TOPIC, ASG] }),
    alarm('also', { AlarmActions: [TOPIC, 'arn:aws:lambda:eu-west-1:123456789012:function:restart'] }),
  ],
  compositeAlarms: [
    {
      ...{ AlarmName: 'over', AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:over' },
      ...{ StateValue: 'OK' as const, ActionsEnabled: true, AlarmActions: [TOPIC], OKActions: [TOPIC] },
      AlarmRule: 'ALARM("breaches") AND ALARM("errors")',
    },
    {
      ...{
        AlarmName: 'above',
        AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:above',
        StateValue: 'OK' as const,
      },
      ...{
        AlarmRule: 'ALARM("errors") OR ALARM("also")',
        AlarmActions: [TOPIC],
        OKActions: [TOPIC],
        ActionsEnabled: true,
      },
    },
  ],
  estate: {
    ...NO_ESTATE,
    muteRules: [{ Name: 'm', Status: 'ACTIVE' as const, MuteTargets: { AlarmNames: ['muted'] } }],
  },
}

let aws: AwsStandIn
let router: RouterByHand
let drilled: ReturnType<typeof drilledByHand>
let sent: { state: string; was: string; subject: string }[]
let pending: Promise<void>[]
beforeAll(async () => {
  router = await startRouterByHand(
    checkConfig({
      channels: { chat: { type: 'slack', secret: 'chat', perMinute: 60_000 } },
      severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
      default: { severity: 'warning' },
      rules: [],
    }),
  )
  drilled = drilledByHand(router)
})
let days = 0
beforeEach(async () => {
  vi.setSystemTime(Date.parse('2026-11-25T10:00:00.000Z') + days++ * 86_400_000)
  ;[sent, pending] = [[], []]
  await router.startAnew()
  router.engine.slack.requests.length = 0
  aws = await startAws({
    data,
    now: () => Date.now(),
    publish(_arn, message, subject) {
      const { NewStateValue: state, OldStateValue: was } = JSON.parse(message)
      sent.push({ state, was, subject })
      pending.push(router.publish({ message, subject }, {}))
    },
  })
})
afterEach(() => aws.close())
afterAll(async () => {
  drilled.close()
  await router.stop()
})

const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
const client = () => new CloudWatchClient({ endpoint: aws.url, region: 'eu-west-1', credentials, maxAttempts: 1 })
const set = (input: Partial<SetAlarmStateCommandInput>) =>
  client().send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'a test', ...input }))
const stateOf = async (AlarmName: string) => {
  const input = { AlarmNames: [AlarmName], AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] }
  const { MetricAlarms = [], CompositeAlarms = [] } = await client().send(new DescribeAlarmsCommand(input))
  return [...MetricAlarms, ...CompositeAlarms][0]?.StateValue
}
const table = () => new DynamoDBClient({})
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe('SetAlarmState', () => {
  test('runs the actions of a state that is a change, and of no other', async () => {
    await set({})
    await set({})
    expect(sent).toEqual([{ state: 'ALARM', was: 'OK', subject: 'ALARM: "errors" in eu-west-1' }])
    await set({ StateValue: 'OK' })
    expect(sent.map(({ state }) => state)).toEqual(['ALARM', 'OK'])
  })

  test('is seen a moment later, and is temporary: the alarm returns to its own state, which is sent too', async () => {
    await set({})
    expect(await stateOf('errors')).toBe('OK')
    later(2_000)
    expect(await stateOf('errors')).toBe('ALARM')
    later(10_000)
    await stateOf('errors')
    expect(sent.map(({ state }) => state)).toEqual(['ALARM', 'OK'])
    later(2_000)
    expect(await stateOf('errors')).toBe('OK')
  })

  test('one that really breaches stays in ALARM without a word, and speaks once it was set to OK', async () => {
    await set({ AlarmName: 'breaches' })
    expect(sent).toEqual([])
    await set({ AlarmName: 'breaches', StateValue: 'OK' })
    later(12_000)
    await stateOf('breaches')
    expect(sent.map(({ state }) => state)).toEqual(['OK', 'ALARM'])
  })

  test('of a composite stays', async () => {
    await set({ AlarmName: 'above' })
    later(3_600_000)
    expect(await stateOf('above')).toBe('ALARM')
  })

  test.each(['disabled', 'muted'])('of one that is %s runs no actions', async (AlarmName) => {
    await set({ AlarmName })
    expect(sent).toEqual([])
  })

  test.each<[string, Partial<SetAlarmStateCommandInput>, string]>([
    ['no such alarm', { AlarmName: 'nothing' }, 'ResourceNotFound'],
    ['no such state', { StateValue: 'BAD' as 'OK' }, 'Validation'],
    ['a name that is too long', { AlarmName: 'a'.repeat(256) }, 'Validation'],
    ['a reason that is too long', { StateReason: 'a'.repeat(1_024) }, 'Validation'],
    ['data that is too long', { StateReasonData: `"${'a'.repeat(4_000)}"` }, 'Validation'],
    ['data that is no JSON', { StateReasonData: '{' }, 'InvalidFormat'],
  ])('refuses %s', async (_what, input, name) => {
    await expect(set(input)).rejects.toMatchObject({ name: expect.stringMatching(name) })
    expect(sent).toEqual([])
  })

  test('takes the longest reason and data', async () => {
    await set({ StateReason: 'a'.repeat(1_023), StateReasonData: `"${'a'.repeat(3_998)}"` })
    expect(sent).toHaveLength(1)
  })

  test('is throttled above three in a second, and needs its right on the alarm', async () => {
    const many = await Promise.allSettled(Array.from({ length: 5 }, () => set({})))
    expect(many.filter(({ status }) => status === 'rejected')).toHaveLength(2)
    aws.mode('SetAlarmState', { isNarrow: true })
    await expect(set({ AlarmName: 'above' })).rejects.toThrow(/cloudwatch:SetAlarmState/)
    await set({})
    aws.mode('SetAlarmState', { isDenied: true })
    await expect(set({})).rejects.toThrow(/not authorized to perform: cloudwatch:SetAlarmState/)
  })

  test('DescribeAlarms names the composites that combine it, unless the right is narrow', async () => {
    const ask = () => client().send(new DescribeAlarmsCommand({ ParentsOfAlarmName: 'errors' }))
    expect((await ask()).CompositeAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['over', 'above'])
    aws.mode('DescribeAlarms', { isNarrow: true })
    expect((await ask()).CompositeAlarms).toEqual([])
  })
})

describe('DescribeAlarms', () => {
  test('names the children of a composite, and their states', async () => {
    const { MetricAlarms = [] } = await client().send(new DescribeAlarmsCommand({ ChildrenOfAlarmName: 'over' }))
    expect(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue])).toEqual([
      ['errors', 'OK'],
      ['breaches', 'ALARM'],
    ])
  })
})

describe('drill --alarm', () => {
  /** What else happens, once, while it waits. */
  let meanwhile: () => unknown = () => {}
  const drilling = () => ({
    drilled: {
      ...drilled,
      setAlarmBack: openDrilled({ cloudWatch: client(), topicArn: TOPIC } as RouterPlace).setAlarmBack,
      async wait(ms: number) {
        await Promise.all(pending)
        await drilled.wait(ms)
        const now = meanwhile
        meanwhile = () => {}
        await now()
      },
    },
    router: { prefix: '', where: 'stage prod', option: ' --stage prod', tableName: async () => '' },
    place: {} as never,
    isInterrupted: () => false,
    close: () => {},
  })
  const run = (name: string, more: object = {}) => {
    const options = {
      stage: 'prod',
      'with-actions': false,
      yes: true,
      json: false,
      timeout: '10s',
      limitMs: 10_000,
      ...more,
    }
    const { AWS_ENDPOINT_URL_CLOUDWATCH } = aws.env
    const env = { AWS_ENDPOINT_URL_CLOUDWATCH, AWS_REGION: 'eu-west-1' }
    return here(() => drillOneAlarm(name, options, drilling()), [], { env })
  }
  const texts = () => router.engine.slack.requests.map(({ body }) => (body as { text: string }).text)

  test('sets it, follows it to the channel, and sets it back, which is followed, too', async () => {
    const { code, stdout, stderr } = await run('errors')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.replace(/\d{4}-\d\d-\d\d-\w{6}/, 'ID')).toBe(
      ['alarm errors (drill ID)', '  chat  arrived after 0.5 s', '1 of 1 drill arrived.', ''].join('\n'),
    )
    expect(sent.map(({ state }) => state)).toEqual(['ALARM', 'OK'])
    expect(texts()).toEqual([
      expect.stringMatching(/^\[Drill\] WARNING: errors/),
      expect.stringMatching(/^\[Drill\] RESOLVED: errors/),
    ])
  })

  test.each<[string, RegExp]>([
    ['nothing', /^No alarm is named nothing\.$/m],
    ['breaches', /^breaches is in ALARM, not OK: /m],
    ['no-data', /^no-data is in INSUFFICIENT_DATA, not OK: /m],
    [
      'elsewhere',
      /^elsewhere has no action for ALARM that leads to arn:aws:sns:eu-west-1:123456789012:alarms: nothing would arrive\.$/m,
    ],
    ['disabled', /^The actions of disabled are disabled: nothing would arrive\.$/m],
    ['over', /^Children of over are in ALARM: breaches\. A drill would hide it if over fires, too\.$/m],
    ['muted', /^A mute rule mutes muted now: its actions do not run\.$/m],
    [
      'stops',
      /^stops does more than notify: arn:aws:automate:eu-west-1:ec2:stop\. With --with-actions, that is done, too\.$/m,
    ],
    ['scales', /^scales does more than notify: arn:aws:autoscaling:.*With --with-actions/m],
  ])('%s is refused, with the reason, and nothing is set', async (name, why) => {
    const { code, stderr } = await run(name)
    expect([code, stderr]).toEqual([1, expect.stringMatching(why)])
    expect(aws.count('SetAlarmState')).toBe(0)
  })

  test('that really breaches meanwhile is not set to OK: that is said, with what to do', async () => {
    meanwhile = async () => {
      await set({ StateReason: 'Threshold Crossed: 1 datapoint' })
      later(1_500)
    }
    const { code, stderr } = await run('errors')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^errors IS REALLY IN ALARM, for a reason/m)])
    expect(stderr).toMatch(/^aws cloudwatch set-alarm-state --alarm-name errors --state-value OK --state-reason /m)
    expect(sent.map(({ state }) => state)).toEqual(['ALARM'])
    // It is resolved as a drill: no page of it stays open.
    expect((await findAlerts(table(), process.env.TABLE_NAME ?? '', 'errors')).matches).toEqual([
      expect.objectContaining({ status: 'resolved', drill: expect.any(String) }),
    ])
  })

  test('a composite is set back, though a channel has not accepted it yet', async () => {
    router.engine.slack.answerBy(() => ({ status: 503 }))
    const from = Date.now()
    const { code, stderr } = await run('above', { timeout: '10m', limitMs: 600_000 })
    router.engine.slack.answerBy()
    expect([code, stderr]).toEqual([1, expect.not.stringContaining('REALLY')])
    expect(Date.now() - from).toBeLessThan(60_000)
    expect(sent.map(({ state }) => state)).toEqual(['ALARM', 'OK'])
    later(2_000)
    expect(await stateOf('above')).toBe('OK')
  })

  test('a composite whose child fires meanwhile: that is said, with what to do', async () => {
    meanwhile = async () => {
      await set({ StateReason: 'Threshold Crossed: 1 datapoint' })
      later(1_500)
    }
    const { code, stderr, stdout } = await run('above', { json: true })
    expect([code, JSON.parse(stdout).drills[0].firing]).toEqual([1, ['errors']])
    expect(stderr).toMatch(/^CHILDREN OF above ARE IN ALARM: errors\. /m)
    expect(stderr).toMatch(/^aws cloudwatch set-alarm-state --alarm-name above --state-value ALARM --state-reason /m)
  })

  describe('that was killed', () => {
    /** The alarm is in ALARM by it, and on record. */
    async function killed(name: string) {
      const dying = client()
      const one = (await readAlarm(dying, name)) as DrillableAlarm
      const send = dying.send.bind(dying)
      dying.send = (async (command: never) => {
        const answer = await send(command)
        dying.send = () => Promise.reject(new Error('killed'))
        return answer
      }) as never
      const how = { id: '2026-11-27-00dead', by: 'ana', timeoutMs: 1_000, reallyFires: () => {} }
      const { drilled: at } = drilling()
      const dead = { ...at, forgetOpen: async () => {} }
      await expect(drillAlarm(one, how, dying, dead)).rejects.toThrow('killed')
      later(600_000)
    }
    const openNow = async () => (await readDrills(table(), process.env.TABLE_NAME ?? '')).open

    test('leaves an alarm in ALARM, which the next run sets back', async () => {
      await killed('above')
      expect([await stateOf('above'), (await openNow()).map(({ alarm: arn }) => arn)]).toEqual([
        'ALARM',
        ['arn:aws:cloudwatch:eu-west-1:123456789012:alarm:above'],
      ])
      const { ended, firing, failed } = await endOpen(await openNow(), drilling().drilled)
      expect([ended.map(({ subject }) => subject), firing, failed]).toEqual([['alarm above'], [], []])
      later(2_000)
      expect([await stateOf('above'), await openNow()]).toEqual(['OK', []])
    })

    test('and which has really fired since, is left in ALARM, and that is said', async () => {
      await killed('above')
      await set({ AlarmName: 'above', StateReason: 'ALARM("errors") is true' })
      later(2_000)
      const { firing } = await endOpen(await openNow(), drilling().drilled)
      expect(firing).toEqual([{ alarm: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:above', names: ['above'] }])
      expect(await stateOf('above')).toBe('ALARM')
    })

    test('and which may not be set, stays on record, with the reason', async () => {
      await killed('above')
      aws.mode('SetAlarmState', { isDenied: true })
      const { failed } = await endOpen(await openNow(), drilling().drilled)
      expect(failed.map(({ why }) => why)).toEqual([expect.stringContaining('cloudwatch:SetAlarmState')])
      expect(await openNow()).toHaveLength(1)
    })

    test('in another account is not looked for by its name here', async () => {
      const alarm = 'arn:aws:cloudwatch:eu-west-1:999999999999:alarm:above'
      const one = { id: '2026-11-27-00dead', subject: 'alarm above', key: `${alarm}#drill-x`, until: '2020', alarm }
      const { failed } = await endOpen([one], drilling().drilled)
      expect(failed.map(({ why }) => why)).toEqual([expect.stringContaining('not in the account and region')])
    })
  })

  test('with --with-actions it does more than notify', async () => {
    expect((await run('stops', { 'with-actions': true })).code).toBe(0)
  })

  test('without the right, it names that', async () => {
    aws.mode('SetAlarmState', { isDenied: true })
    await expect(run('errors')).rejects.toThrow(/cloudwatch:SetAlarmState/)
  })

  test('asks first, and does nothing without a terminal', async () => {
    await expect(run('errors', { yes: false })).rejects.toThrow(
      'drill asks for confirmation, but there is no terminal: add --yes',
    )
    expect(aws.count('SetAlarmState')).toBe(0)
  })

  test('no report has it: neither as an alarm that fires, nor as one that has fired', async () => {
    const signal = AbortSignal.timeout(5_000)
    const span = () => ({ from: '2026-11-20T00:00:00Z', to: new Date(Date.now() + 60_000).toISOString() })
    const history = async () =>
      (await askAlarmHistory(client(), span(), signal)).filter(({ name }) => name === 'errors')
    const firing = async () => (await askAlarms(client(), signal)).map(({ name }) => name)
    await set({ StateReason: 'alert-router drill 2026-11-27-0000d1: by ana' })
    later(2_000)
    expect([await firing(), await history()]).toEqual([['breaches'], []])
    // CloudWatch sets it back.
    later(12_000)
    expect([await firing(), await history()]).toEqual([['breaches'], []])
    await set({ StateReason: 'Threshold Crossed' })
    later(2_000)
    expect([await firing(), (await history()).map(({ to }) => to)]).toEqual([['errors', 'breaches'], ['ALARM']])
  })

  test('a refused list of mute rules does not stop it', async () => {
    aws.mode('ListAlarmMuteRules', { isDenied: true })
    expect((await run('errors')).code).toBe(0)
  })
})
