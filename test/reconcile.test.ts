import type { StateValue } from '@aws-sdk/client-cloudwatch'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AwsData } from '../local/stand-ins/aws/data.ts'
import { NO_ESTATE } from '../local/stand-ins/aws/estate-data.ts'
import { type LivingAlarms, livingAlarms } from '../local/stand-ins/aws/living-alarms.ts'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { orderText } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Reconcile, reconcile } from '../shared/reconcile/reconcile.ts'
import { written } from './emf.ts'
import { type RouterByHand, startRouterByHand } from './router-by-hand.ts'
import { SOME_AWS } from './some-aws.ts'

/*
 * What CloudWatch sent and never arrived: found by comparing, and delivered once. The real handlers on the local engine,
 * and CloudWatch behind its API.
 */

const ACCOUNT = '000000000000'
const OTHER = '222222222222'
const ROLE = `arn:aws:iam::${OTHER}:role/alert-router-read`
const [TOPIC, ELSEWHERE] = ['alarms', 'elsewhere'].map((name) => `arn:aws:sns:us-east-1:${ACCOUNT}:${name}`) as [
  string,
  string,
]
const arnOf = (name: string, account = ACCOUNT) => `arn:aws:cloudwatch:us-east-1:${account}:alarm:${name}`

const config = checkConfig({
  channels: { mail: { type: 'email', addresses: ['team@example.com'] } },
  severities: { critical: { channels: ['mail'] }, warning: { channels: ['mail'] }, info: { channels: ['mail'] } },
  default: { severity: 'warning' },
  rules: [],
})

let router: RouterByHand
let aws: AwsStandIn
let run: typeof reconcile
let store: typeof import('../shared/store/last-reconcile.ts') & typeof import('../shared/store/changes.ts')
let sqs: SQSClient
let alarms: LivingAlarms
let data: AwsData
const elsewhere: AwsData = { ...SOME_AWS, account: OTHER }

beforeAll(async () => {
  router = await startRouterByHand(config)
  data = { ...SOME_AWS, account: ACCOUNT, estate: { ...NO_ESTATE, muteRules: [] } }
  aws = await startAws({ data, accounts: { [ROLE]: elsewhere }, now: () => Date.now() })
  for (const service of ['CLOUDWATCH', 'EVENTBRIDGE', 'STS']) {
    process.env[`AWS_ENDPOINT_URL_${service}`] = aws.env[`AWS_ENDPOINT_URL_${service}`]
  }
  process.env.ALARMS_TOPIC_ARN = TOPIC
  run = (await import('../shared/reconcile/reconcile.ts')).reconcile
  store = { ...(await import('../shared/store/last-reconcile.ts')), ...(await import('../shared/store/changes.ts')) }
  sqs = new SQSClient({})
})
afterAll(async () => {
  await aws.close()
  await router.stop()
})

beforeEach(async () => {
  vi.setSystemTime('2026-11-25T10:00:00Z')
  await router.startAnew()
  await router.emails()
  alarms = livingAlarms({ account: ACCOUNT, region: 'us-east-1' })
  Object.assign(data, {
    metricAlarms: alarms.metricAlarms,
    alarmHistory: alarms.alarmHistory,
    compositeAlarms: [],
    estate: { ...NO_ESTATE },
  })
  for (const operation of ['DescribeAlarmHistory', 'ListAlarmMuteRules', 'DescribeAlarms']) aws.mode(operation)
})

const at = (time: string) => vi.setSystemTime(`2026-11-25T${time}Z`)

function put(name: string, more: Parameters<LivingAlarms['put']>[0] | object = {}): void {
  alarms.put({ AlarmName: name, AlarmActions: [TOPIC], OKActions: [TOPIC], ...more }, new Date())
}

/** Its state changes now. `isLost`: what CloudWatch sends does not arrive. @returns what it sends. */
async function changes(
  name: string,
  state: StateValue,
  { isLost = true, fails = false, isMuted = false } = {},
): Promise<string[]> {
  const sent = alarms.change(name, state, new Date(), { fails, isMuted })
  const messages = sent.flatMap(({ action, message }) => (action === TOPIC ? [message] : []))
  if (!isLost) await arrive(messages)
  return messages
}

async function arrive(messages: string[]): Promise<void> {
  await router.come(...messages)
  await router.work()
}

/** A run of the function; `meanwhile`: between its two looks. */
async function compare(meanwhile: () => unknown = () => {}, over: Partial<Reconcile> = {}): Promise<void> {
  const wait = async (ms: number) => {
    await USUAL.wait(ms)
    await meanwhile()
  }
  try {
    await run({ ...USUAL, wait, ...over })
  } finally {
    await router.work()
  }
}

const USUAL: Reconcile = {
  accounts: {},
  isUs: (action) => action === TOPIC,
  graceMs: 90_000,
  most: 500,
  wait: async (ms) => vi.setSystemTime(Date.now() + ms),
  signal: new AbortController().signal,
}

/** As the router, or a person's command, puts it into the alarms' queue. */
async function order(MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody }))
  await router.work()
}

const lastReason = async (name: string) => (await store.readLastChange(arnOf(name)))?.alert.reason
const isOpen = async (name: string) => (await router.state(arnOf(name)))?.firing !== undefined

describe('an ALARM that did not arrive', () => {
  test('is opened once, with the time and the reason that CloudWatch has, and says how it was found', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/^\[WARNING\].*errors/i)])
    expect(await router.state(arnOf('errors'))).toMatchObject({
      status: 'firing',
      changedAt: '2026-11-25T10:01:00.000Z',
    })
    const [change] = await router.changes(arnOf('errors'))
    expect(change?.because).toContain('found by reconcile: its message did not arrive')
    await compare()
    expect(await router.emails()).toEqual([])
  })

  test.each([
    ['its message comes after all', 0],
    ['its message comes with a time that differs a little', 40],
  ])('nobody is notified again when %s', async (_what, laterMs) => {
    put('errors')
    at('10:01:00')
    const [message = ''] = await changes('errors', 'ALARM')
    // Without its message: made of what DescribeAlarms says.
    for (const item of alarms.alarmHistory) if (item.HistoryItemType === 'Action') item.HistoryData = '{}'
    at('10:05:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
    at('10:30:00')
    const time = new Date(Date.parse('2026-11-25T10:01:00Z') + laterMs).toISOString()
    await arrive([JSON.stringify({ ...JSON.parse(message), StateChangeTime: time })])
    expect(await router.emails()).toEqual([])
    at('10:40:00')
    await changes('errors', 'OK', { isLost: false })
    expect(await router.emails()).toHaveLength(1)
  })

  test('is left to its message when that arrives between the two looks', async () => {
    put('errors')
    at('10:04:55')
    const messages = await changes('errors', 'ALARM')
    at('10:05:00')
    await compare(() => arrive(messages))
    expect(await router.emails()).toHaveLength(1)
    expect(await router.changes(arnOf('errors'))).toHaveLength(1)
  })

  test('is not sent again when its message arrives just before what was found, with a time that differs', async () => {
    put('errors')
    at('10:01:00')
    const [message = ''] = await changes('errors', 'ALARM')
    at('10:05:00')
    await run(USUAL)
    const onItsWay = await router.take('alarms')
    await arrive([JSON.stringify({ ...JSON.parse(message), StateChangeTime: '2026-11-25T10:00:59.960+0000' })])
    for (const { body } of onItsWay) await order(body)
    expect(onItsWay).toHaveLength(1)
    expect(await router.emails()).toHaveLength(1)
  })

  test('of an alarm that flaps faster than it is compared is still found', async () => {
    put('errors')
    for (let minute = 1; minute <= 6; minute++) {
      at(`10:0${minute}:00`)
      await changes('errors', minute % 2 === 1 ? 'ALARM' : 'OK')
    }
    at('10:06:30')
    await compare(async () => {
      vi.setSystemTime('2026-11-25T10:07:00Z')
      await changes('errors', 'ALARM')
      vi.setSystemTime('2026-11-25T10:08:00Z')
    })
    expect(await router.emails()).not.toEqual([])
  })

  test('that ended meanwhile is not opened', async () => {
    put('errors')
    at('10:04:55')
    const fired = await changes('errors', 'ALARM')
    at('10:05:00')
    await compare(async () => {
      const ended = await changes('errors', 'OK')
      await arrive(fired)
      await arrive(ended)
    })
    expect(await isOpen('errors')).toBe(false)
    expect(await router.emails()).toHaveLength(2)
  })

  test('two runs at once open it once', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    await Promise.all([compare(), compare()])
    expect(await router.emails()).toHaveLength(1)
  })

  test('a run that ends before it has handed anything over leaves it to the next', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    const dies = async () => {
      throw new Error('killed')
    }
    await expect(compare(dies)).rejects.toThrow('killed')
    at('10:10:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
  })

  test('of an alarm that leads elsewhere is none of the router’s', async () => {
    put('errors', { AlarmActions: [ELSEWHERE], OKActions: [] })
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([])
  })

  /** A rule of EventBridge hands alarms to the router. */
  const handsOver = (pattern: object): void => {
    const of = { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'], ...pattern }
    const Arn = `arn:aws:events:us-east-1:${ACCOUNT}:rule/hub`
    const rule = { Name: 'hub', Arn, State: 'ENABLED' as const, EventPattern: JSON.stringify(of) }
    data.estate = { ...NO_ESTATE, eventRules: [{ rule, targets: [{ Id: 'x', Arn: TOPIC }] }] }
  }

  test.each<[whose: string, isOpened: boolean, pattern: object]>([
    ['everybody', true, {}],
    ['this account', true, { account: [ACCOUNT, OTHER], region: ['us-east-1'] }],
    ['another account', false, { account: [OTHER] }],
    ['another region', false, { region: ['ap-southeast-2'] }],
    [
      'everybody but Auto Scaling',
      true,
      { detail: { alarmName: [{ 'anything-but': { prefix: 'TargetTracking-' } }] } },
    ],
    ['all but those that begin so', false, { detail: { alarmName: [{ 'anything-but': { prefix: 'err' } }] } }],
    ['some reasons', false, { detail: { state: { value: ['ALARM'], reason: [{ wildcard: '*prod*' }] } } }],
    ['all that do not fire', false, { detail: { state: { value: [{ 'anything-but': 'ALARM' }] } } }],
  ])(
    'of an alarm without an action, where EventBridge hands over those of %s: %j',
    async (_whose, isOpened, pattern) => {
      put('errors', { AlarmActions: [], OKActions: [] })
      handsOver(pattern)
      at('10:01:00')
      await changes('errors', 'ALARM')
      at('10:05:00')
      await compare()
      expect(await isOpen('errors')).toBe(isOpened)
    },
  )

  test('is opened, though the OK before it had the time of a clock that is ahead', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    const [ok = ''] = await changes('errors', 'OK')
    await arrive([JSON.stringify({ ...JSON.parse(ok), StateChangeTime: '2026-11-25T10:02:01.500+0000' })])
    await router.emails()
    at('10:02:01')
    const [message = ''] = await changes('errors', 'ALARM')
    at('10:05:00')
    await compare()
    expect([await router.emails(), await isOpen('errors')]).toEqual([[expect.stringMatching(/^\[WARNING\]/)], true])
    at('10:10:00')
    await compare()
    await arrive([message])
    expect([await router.emails(), (await store.readLastReconcile())?.found]).toEqual([[], 0])
  })

  test('that a person has resolved by hand stays resolved', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:20:00')
    await order(orderText({ resolve: arnOf('errors'), by: 'Ana' }))
    at('10:25:00')
    await compare()
    expect(await isOpen('errors')).toBe(false)
  })
})

describe('an end that did not arrive', () => {
  test.each<[what: string, more: object, why: string, reason: RegExp]>([
    ['its OK is lost', {}, 'lost', /Threshold Crossed/],
    ['it has no OK action', { OKActions: [] }, 'no-ok-action', /Threshold Crossed/],
  ])('resolves it: %s', async (_what, more, why, reason) => {
    put('errors', more)
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:03:00')
    await changes('errors', 'OK')
    await router.emails()
    at('10:05:00')
    const { metrics } = await written(() => compare())
    expect(metrics).toContainEqual(
      expect.objectContaining({ metric: 'Reconciled', value: 1, dimensions: { Reason: why } }),
    )
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect(await router.state(arnOf('errors'))).toMatchObject({ changedAt: '2026-11-25T10:03:00.000Z' })
    expect(await lastReason('errors')).toMatch(reason)
  })

  test('resolves an alarm that was deleted while it fired', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:03:00')
    alarms.remove('errors', new Date())
    await router.emails()
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect(await lastReason('errors')).toBe('The alarm was deleted.')
  })

  test.each<[what: string, since: () => unknown]>([
    ['its actions were disabled since', () => alarms.put({ AlarmName: 'errors', ActionsEnabled: false }, new Date())],
    ['nobody may ask for the mute rules', () => aws.mode('ListAlarmMuteRules', { isDenied: true })],
    ['it has lost its data since', () => changes('errors', 'INSUFFICIENT_DATA')],
  ])('resolves it: its OK was sent and is lost, and %s', async (_what, since) => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    await changes('errors', 'OK', { fails: true })
    at('10:03:00')
    await since()
    await router.emails()
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect(await router.state(arnOf('errors'))).toMatchObject({ ended: { at: '2026-11-25T10:02:00.000Z' } })
    at('10:10:00')
    await compare()
    expect((await store.readLastReconcile())?.left).toEqual([])
  })

  test('resolves an alarm that was deleted while it fired, and is there again without data', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    alarms.remove('errors', new Date())
    at('10:02:30')
    put('errors', { StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' })
    await router.emails()
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect(await lastReason('errors')).toBe('The alarm was deleted.')
  })

  test('is not the loss of its data: that ends nothing, and is listed', async () => {
    const asked = aws.count('ListAlarmMuteRules')
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    await changes('errors', 'INSUFFICIENT_DATA')
    at('10:05:00')
    await compare()
    expect(await isOpen('errors')).toBe(true)
    const why = 'firing here, and CloudWatch has no data of it'
    expect((await store.readLastReconcile())?.left).toEqual([{ name: 'errors', why }])
    // Muted or not: that is not asked each time.
    expect(aws.count('ListAlarmMuteRules')).toBe(asked)
  })

  test('is not that of a firing that CloudWatch has not seen: somebody else has published it', async () => {
    put('errors')
    at('10:01:00')
    const [message = ''] = await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    await changes('errors', 'OK', { isLost: false })
    at('10:03:00')
    await arrive([JSON.stringify({ ...JSON.parse(message), StateChangeTime: '2026-11-25T10:03:00.000+0000' })])
    await router.emails()
    at('10:05:00')
    await compare()
    expect(await isOpen('errors')).toBe(true)
    expect((await store.readLastReconcile())?.left).toEqual([
      { name: 'errors', why: 'OK since 2026-11-25T10:02:00.000Z, and firing here since a later time' },
    ])
  })

  test('is not a newer firing’s: that stays open', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:03:00')
    await changes('errors', 'OK')
    at('10:05:00')
    await run(USUAL)
    // The order is on its way when it fires again.
    at('10:06:40')
    const fired = await changes('errors', 'ALARM')
    const onItsWay = await router.take('alarms')
    await arrive(fired)
    for (const { body } of onItsWay) await order(body)
    expect(await isOpen('errors')).toBe(true)
  })
})

describe('what has fired and ended without a word', () => {
  test('is one message about the whole', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { fails: true })
    at('10:03:00')
    await changes('errors', 'OK', { fails: true })
    at('10:05:00')
    await compare()
    const emails = await router.emails()
    expect(emails).toHaveLength(1)
    expect(emails[0]).toMatch(/resolved/i)
    await compare()
    expect(await router.emails()).toEqual([])
    at('10:20:00')
    await compare()
    expect(await router.emails()).toEqual([])
  })

  test('is one message, too, if the alarm was deleted since', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:03:00')
    alarms.remove('errors', new Date())
    at('10:05:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
    expect((await router.state(arnOf('errors')))?.ended).toEqual({
      at: '2026-11-25T10:03:00.000Z',
      since: '2026-11-25T10:01:00.000Z',
    })
    at('10:10:00')
    await compare()
    expect(await router.emails()).toEqual([])
  })

  /** One that fires and ends, and of which nothing arrives. */
  const fireAndEnd = async (name: string, [from, to]: [string, string]) => {
    put(name)
    at(from)
    await changes(name, 'ALARM', { fails: true })
    at(to)
    await changes(name, 'OK', { fails: true })
  }

  test('is found a few seconds after an OK that arrived', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:02:00')
    await changes('errors', 'OK', { isLost: false })
    await router.emails()
    await fireAndEnd('errors', ['10:02:03', '10:02:40'])
    at('10:05:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
  })

  test.each<[what: string, since: () => unknown]>([
    [
      'was muted and fires again',
      () => {
        alarms.put({ AlarmName: 'errors', ActionsEnabled: false }, new Date())
        return changes('errors', 'ALARM')
      },
    ],
    [
      'a drill has set it and did not end',
      () => {
        alarms.change('errors', 'ALARM', new Date(), { reason: 'alert-router drill 2026-11-27-0000d1: by ana' })
      },
    ],
  ])('is found though the alarm %s', async (_what, since) => {
    await fireAndEnd('errors', ['10:01:00', '10:02:00'])
    at('10:03:00')
    await since()
    for (const time of ['10:05:00', '10:10:00', '10:25:00']) {
      at(time)
      await compare()
    }
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect((await store.readLastReconcile())?.left).toMatchObject([{ name: 'errors' }])
  })

  test.each(['DescribeAlarms', 'DescribeAlarmHistory'])(
    'is found after the second look was refused: %s',
    async (call) => {
      await compare()
      await fireAndEnd('errors', ['10:01:00', '10:02:00'])
      at('11:00:00')
      await compare(() => aws.mode(call, { isDenied: true })).catch(() => {})
      aws.mode(call)
      expect(await router.emails()).toEqual([])
      at('11:05:00')
      await compare()
      expect(await router.emails()).toHaveLength(1)
    },
  )

  test('of more alarms than one run hands over is found by the next', async () => {
    await compare()
    for (const name of ['one', 'two', 'three']) await fireAndEnd(name, ['10:01:00', '10:02:00'])
    const founds: unknown[] = []
    for (const time of ['11:00:00', '11:05:00', '11:10:00']) {
      at(time)
      await compare(undefined, { most: 2 })
      founds.push([(await store.readLastReconcile())?.found, (await router.emails()).length])
    }
    expect(founds).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
    ])
  })

  test('is nothing of an alarm whose actions were disabled then', async () => {
    put('errors', { ActionsEnabled: false })
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:03:00')
    await changes('errors', 'OK')
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([])
  })
})

describe('an alarm that CloudWatch keeps quiet is left alone, and listed', () => {
  const muted = (): void => {
    data.estate = {
      ...NO_ESTATE,
      muteRules: [
        {
          Name: 'nights',
          AlarmMuteRuleArn: `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm-mute-rule:nights`,
          Status: 'ACTIVE',
          MuteTargets: { AlarmNames: ['errors'] },
        } as never,
      ],
    }
  }
  test.each<[what: string, more: object, mute: () => void, why: string]>([
    ['its actions are disabled', { ActionsEnabled: false }, () => {}, 'ALARM, and its actions are disabled'],
    ['a mute rule mutes it', {}, muted, 'ALARM, and muted by the rule nights'],
    [
      'nobody may say whether it is muted',
      {},
      () => aws.mode('ListAlarmMuteRules', { isDenied: true }),
      'ALARM, and nothing says whether it is muted',
    ],
  ])('%s', async (_what, more, mute, why) => {
    put('errors', more)
    mute()
    at('10:01:00')
    await changes('errors', 'ALARM', { isMuted: true })
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([])
    expect((await store.readLastReconcile())?.left).toEqual([{ name: 'errors', why }])
  })
})

describe('an alarm that a drill has set is left alone', () => {
  const reason = 'alert-router drill 2026-11-27-0000d1: by ana'
  test.each<[string, boolean]>([
    ['while it is set', false],
    ['after it was set back', true],
  ])('%s', async (_when, isOver) => {
    put('drilled')
    at('10:01:00')
    alarms.change('drilled', 'ALARM', new Date(), { reason })
    at('10:01:30')
    if (isOver) alarms.change('drilled', 'OK', new Date())
    at('10:05:00')
    await compare()
    expect([await router.emails(), await router.state(arnOf('drilled'))]).toEqual([[], undefined])
  })

  test('and so is a drill that fires, of an alarm that CloudWatch does not know', async () => {
    const message = JSON.stringify({
      ...{ AlarmName: 'sample', AlarmArn: arnOf('sample'), NewStateValue: 'ALARM', OldStateValue: 'OK' },
      ...{ NewStateReason: 'x', StateChangeTime: new Date().toISOString() },
    })
    await router.publish({ message }, { 'alert-router-drill': { Type: 'String', Value: '2026-11-27-0000d1' } })
    await router.work()
    await router.emails()
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([])
    expect((await router.state(`${arnOf('sample')}#drill-2026-11-27-0000d1`))?.status).toBe('firing')
  })

  test('and is not, once it really fires', async () => {
    put('drilled')
    at('10:01:00')
    alarms.change('drilled', 'ALARM', new Date(), { reason })
    at('10:01:30')
    alarms.change('drilled', 'OK', new Date(), { reason })
    at('10:02:00')
    await changes('drilled', 'ALARM')
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/^\[WARNING\].*drilled/)])
  })

  test('and is not, once it really fires without a change: CloudWatch sends nothing then', async () => {
    put('drilled')
    at('10:01:00')
    await arrive(alarms.change('drilled', 'ALARM', new Date(), { reason }).map(({ message }) => message))
    await router.emails()
    at('10:02:00')
    const it = alarms.metricAlarms.find(({ AlarmName }) => AlarmName === 'drilled')
    Object.assign(it ?? {}, { StateReason: 'Threshold Crossed: 7', StateUpdatedTimestamp: new Date() })
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/^\[WARNING\].*drilled/)])
    expect([await isOpen('drilled'), await lastReason('drilled')]).toEqual([true, 'Threshold Crossed: 7'])
    at('10:10:00')
    await compare()
    expect([await router.emails(), (await store.readLastReconcile())?.found]).toEqual([[], 0])
  })

  test('but where it is set back while it really fires here, the real one ends, once', async () => {
    put('drilled')
    at('10:01:00')
    await changes('drilled', 'ALARM', { isLost: false })
    await router.emails()
    at('10:02:00')
    alarms.change('drilled', 'OK', new Date(), { reason })
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/^\[RESOLVED\].*drilled/)])
    at('10:10:00')
    await compare()
    expect([await router.emails(), (await store.readLastReconcile())?.found]).toEqual([[], 0])
  })
})

test('a composite alarm whose actions are suppressed is left alone, too', async () => {
  data.compositeAlarms = [
    {
      ...{ AlarmName: 'outage', AlarmArn: arnOf('outage'), AlarmRule: 'ALARM(errors)', ActionsEnabled: true },
      ...{ AlarmActions: [TOPIC], StateValue: 'ALARM', StateTransitionedTimestamp: new Date() },
      ActionsSuppressedBy: 'Alarm',
    },
  ]
  at('10:05:00')
  await compare()
  expect(await router.emails()).toEqual([])
  const why = 'ALARM, and its actions are suppressed (Alarm)'
  expect((await store.readLastReconcile())?.left).toEqual([{ name: 'outage', why }])
})

describe('an alarm with a time series for each function', () => {
  const series = (id: string, time: string) => ({
    ContributorId: id,
    ContributorAttributes: { FunctionName: `function-${id}` },
    StateReason: `${id} crossed it`,
    StateTransitionedTimestamp: new Date(`2026-11-25T${time}Z`),
  })
  const of = (id: string) => arnOf(`throttles#${id}`)

  /** One of them fires, and its message arrives. */
  const seriesFires = async (id: string, query = 'SELECT SUM(T) FROM "AWS/Lambda" GROUP BY F', hasArrived = true) => {
    put('throttles', { MetricName: undefined, Metrics: [{ Id: 'q', Expression: query }] })
    at('10:01:00')
    const [message = '{}'] = await changes('throttles', 'ALARM')
    const of = { AlarmContributorId: id, AlarmContributorAttributes: { FunctionName: `function-${id}` } }
    const own = { ...JSON.parse(message), ...of }
    if (hasArrived) await arrive([JSON.stringify(own)])
    await router.emails()
    return own
  }
  const firesNow = (...contributors: object[]): void => {
    data.estate = { ...NO_ESTATE, contributors: { throttles: contributors as never } }
  }

  test('whose query is written over several lines is compared, too', async () => {
    await seriesFires('a1', 'SELECT SUM(T)\nFROM "AWS/Lambda"\nGROUP\n  BY F')
    firesNow(series('a1', '10:01:00'), series('b2', '10:02:00'))
    at('10:05:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
    expect((await router.state(of('a1')))?.firing).toBeDefined()
    expect((await router.state(of('b2')))?.firing).toBeDefined()
    expect(await router.state(arnOf('throttles'))).toBeUndefined()
  })

  test.each<[what: string, since: () => unknown, why: string]>([
    [
      'its alarm has lost its data',
      () => changes('throttles', 'INSUFFICIENT_DATA'),
      'firing here, and CloudWatch has no data of it',
    ],
    [
      'CloudWatch evaluates other series alone',
      () => {
        alarms.put({ AlarmName: 'throttles', EvaluationState: 'PARTIAL_DATA' }, new Date())
        firesNow(series('b2', '10:01:00'))
      },
      'firing here, and CloudWatch does not evaluate all of its time series (PARTIAL_DATA)',
    ],
    [
      'nobody may ask for the series',
      () => aws.mode('DescribeAlarmContributors', { isDenied: true }),
      'firing here, and CloudWatch does not say which of its time series fire',
    ],
    [
      'CloudWatch names none of a firing alarm’s',
      () => firesNow(),
      'firing here, and CloudWatch does not say which of its time series fire',
    ],
  ])('does not resolve one that fires when %s, and lists it', async (_what, since, why) => {
    await seriesFires('a1')
    at('10:02:00')
    await since()
    at('10:05:00')
    await compare()
    aws.mode('DescribeAlarmContributors')
    expect((await router.emails()).filter((subject) => /resolved/i.test(subject))).toEqual([])
    expect((await router.state(of('a1')))?.firing).toBeDefined()
    expect(await router.state(arnOf('throttles'))).toBeUndefined()
    expect((await store.readLastReconcile())?.left).toEqual([{ name: 'throttles', why }])
  })

  test.each<[what: string, since: () => unknown]>([
    ['its alarm is well', () => changes('throttles', 'OK')],
    ['its alarm is deleted', () => alarms.remove('throttles', new Date())],
    [
      'its alarm was well, and has lost its data',
      async () => {
        await changes('throttles', 'OK')
        at('10:03:00')
        await changes('throttles', 'INSUFFICIENT_DATA')
      },
    ],
  ])('resolves one when %s', async (_what, since) => {
    await seriesFires('a1')
    at('10:02:00')
    await since()
    at('10:05:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
  })

  describe('of which CloudWatch does not say since when they fire', () => {
    const timeless = { ...series('b2', '10:00:00'), StateTransitionedTimestamp: undefined }

    test('notifies once, whatever the time of the message that comes after all', async () => {
      const message = await seriesFires('b2', undefined, false)
      firesNow(timeless)
      at('10:05:00')
      await compare()
      expect(await router.emails()).toHaveLength(1)
      at('10:30:00')
      await arrive([JSON.stringify({ ...message, StateChangeTime: '2026-11-25T10:04:00.000+0000' })])
      expect(await router.emails()).toEqual([])
    })

    test('finds one that fires again', async () => {
      await seriesFires('b2')
      firesNow(series('a1', '10:01:00'))
      for (const [time, ...contributors] of [
        ['10:05:00', series('a1', '10:01:00')],
        ['10:10:00', series('a1', '10:01:00'), timeless],
      ] as const) {
        firesNow(...contributors)
        at(time)
        await compare()
      }
      expect((await router.state(of('b2')))?.firing).toMatchObject({ found: 'about' })
      await router.emails()
      at('10:15:00')
      await compare()
      expect([await router.emails(), (await store.readLastReconcile())?.found]).toEqual([[], 0])
    })

    test('leaves one resolved that a person has resolved', async () => {
      await seriesFires('b2')
      firesNow(timeless)
      Object.assign(alarms.metricAlarms[0] ?? {}, { StateTransitionedTimestamp: undefined })
      at('10:20:00')
      await order(orderText({ resolve: of('b2'), by: 'Ana' }))
      Object.assign(alarms.metricAlarms[0] ?? {}, { StateUpdatedTimestamp: new Date('2026-11-25T10:24:00Z') })
      await router.emails()
      at('10:25:00')
      await compare()
      expect([await router.emails(), (await router.state(of('b2')))?.firing]).toEqual([[], undefined])
    })
  })

  test('opens each that fires, and resolves each that does not', async () => {
    put('throttles', {
      MetricName: undefined,
      Metrics: [{ Id: 'q', Expression: 'SELECT SUM(Throttles) FROM "AWS/Lambda" GROUP BY FunctionName' }],
    })
    at('10:01:00')
    await changes('throttles', 'ALARM')
    data.estate = { ...NO_ESTATE, contributors: { throttles: [series('a1', '10:01:00'), series('b2', '10:02:00')] } }
    at('10:05:00')
    await compare()
    expect(await router.emails()).toHaveLength(2)
    expect((await store.readLastChange(of('b2')))?.alert).toMatchObject({
      changedAt: '2026-11-25T10:02:00.000Z',
      reason: 'b2 crossed it',
      details: { contributor: 'b2' },
    })
    data.estate = { ...NO_ESTATE, contributors: { throttles: [series('b2', '10:02:00')] } }
    at('10:10:00')
    await compare()
    expect(await router.emails()).toEqual([expect.stringMatching(/resolved/i)])
    expect((await router.state(of('a1')))?.firing).toBeUndefined()
    expect((await router.state(of('b2')))?.firing).toBeDefined()
    expect(await router.state(arnOf('throttles'))).toBeUndefined()
  })
})

describe('names', () => {
  test('of 255 characters, with a contributor, are asked as AWS allows; one that is no name stops nothing', async () => {
    const long = 'n'.repeat(255)
    put(long, { Metrics: [{ Id: 'q', Expression: 'SELECT SUM(Errors) FROM "AWS/Lambda" GROUP BY FunctionName' }] })
    put('errors')
    at('10:01:00')
    await changes(long, 'ALARM')
    const series = { ContributorId: 'a1', ContributorAttributes: { FunctionName: 'f' }, StateReason: 'x' }
    data.estate = { ...NO_ESTATE, contributors: { [long]: [series] } }
    const [message = ''] = await changes('errors', 'ALARM')
    await arrive([JSON.stringify({ ...JSON.parse(message), AlarmArn: arnOf('x'.repeat(300)) })])
    at('10:05:00')
    await compare()
    expect((await router.state(arnOf(`${long}#a1`)))?.firing).toBeDefined()
    at('10:10:00')
    await compare()
    expect(await isOpen('errors')).toBe(true)
  })

  test('with a space at the end are one alert, however they are written', async () => {
    put('errors ')
    at('10:01:00')
    await changes('errors ', 'ALARM', { isLost: false })
    await router.emails()
    at('10:05:00')
    await compare()
    at('10:10:00')
    await compare()
    expect(await router.emails()).toEqual([])
  })
})

describe('what AWS refuses', () => {
  test('the contributors of one alarm: nothing is said of it, and the others are compared', async () => {
    put('throttles', { Metrics: [{ Id: 'q', Expression: 'SELECT SUM(T) FROM "AWS/Lambda" GROUP BY FunctionName' }] })
    put('errors')
    at('10:01:00')
    await changes('throttles', 'ALARM')
    await changes('errors', 'ALARM')
    aws.mode('DescribeAlarmContributors', { isDenied: true })
    at('10:05:00')
    await compare()
    aws.mode('DescribeAlarmContributors')
    expect(await isOpen('errors')).toBe(true)
    expect(await router.state(arnOf('throttles'))).toBeUndefined()
    expect((await store.readLastReconcile())?.refused).toEqual([
      'this account: cloudwatch:DescribeAlarmContributors: this role may not',
    ])
  })

  test('the history for an hour: what fired and ended then is found once it is read again', async () => {
    await compare()
    put('errors')
    aws.mode('DescribeAlarmHistory', { isDenied: true })
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:02:00')
    await changes('errors', 'OK')
    for (const time of ['10:05:00', '10:30:00', '10:55:00']) {
      at(time)
      await compare()
    }
    aws.mode('DescribeAlarmHistory')
    at('11:00:00')
    await compare()
    expect(await router.emails()).toHaveLength(1)
  })

  test('the alarms: the run fails, nothing is resolved, and the next one does it', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM', { isLost: false })
    at('10:03:00')
    await changes('errors', 'OK')
    await router.emails()
    at('10:05:00')
    aws.mode('DescribeAlarms', { isDenied: true })
    const { metrics } = await written(async () => {
      await expect(compare()).rejects.toThrow(/not authorized/)
    })
    expect(metrics).toEqual([])
    expect(await isOpen('errors')).toBe(true)
    aws.mode('DescribeAlarms')
    at('10:10:00')
    await compare()
    expect(await isOpen('errors')).toBe(false)
  })

  test('the history: what fires and what ended is still found', async () => {
    put('errors')
    aws.mode('DescribeAlarmHistory', { isDenied: true })
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    await compare()
    expect(await isOpen('errors')).toBe(true)
    expect((await store.readLastReconcile())?.refused).toEqual([
      'this account: cloudwatch:DescribeAlarmHistory: this role may not',
    ])
  })
})

test('five thousand alarms, of which ten fire, are compared in three calls', async () => {
  vi.setSystemTime('2026-11-20T10:00:00Z')
  for (let n = 0; n < 5_000; n++) put(`alarm-${n}`)
  at('10:01:00')
  for (let n = 0; n < 10; n++) await changes(`alarm-${n}`, 'ALARM', { isLost: false })
  at('10:05:00')
  const asked = ['DescribeAlarms', 'DescribeAlarmHistory', 'ListRules', 'ListAlarmMuteRules'].map(
    (operation) => [operation, aws.count(operation)] as const,
  )
  await compare()
  const calls = Object.fromEntries(asked.map(([operation, before]) => [operation, aws.count(operation) - before]))
  expect(calls).toEqual({ DescribeAlarms: 1, DescribeAlarmHistory: 1, ListRules: 1, ListAlarmMuteRules: 0 })
})

describe('another account', () => {
  const accounts = { data: { role: ROLE } }

  test('is compared with its own role', async () => {
    const others = livingAlarms({ account: OTHER, region: 'us-east-1' })
    Object.assign(elsewhere, { metricAlarms: others.metricAlarms, alarmHistory: others.alarmHistory })
    others.put({ AlarmName: 'loads', AlarmActions: [TOPIC], OKActions: [TOPIC] }, new Date())
    at('10:01:00')
    others.change('loads', 'ALARM', new Date())
    at('10:05:00')
    await compare(undefined, { accounts })
    expect((await router.state(arnOf('loads', OTHER)))?.firing).toBeDefined()
    // Another's role may see some alarms alone: what it does not see was deleted only where the history says so.
    others.metricAlarms.splice(0)
    at('10:10:00')
    await compare(undefined, { accounts })
    expect((await router.state(arnOf('loads', OTHER)))?.firing).toBeDefined()
  })

  test('of which an alarm was deleted, and fires since it was created again, unseen: it stays open', async () => {
    const others = livingAlarms({ account: OTHER, region: 'us-east-1' })
    Object.assign(elsewhere, { metricAlarms: others.metricAlarms, alarmHistory: others.alarmHistory })
    const alarm = { AlarmName: 'loads', AlarmActions: [TOPIC], OKActions: [TOPIC] }
    others.put(alarm, new Date())
    at('10:01:00')
    others.remove('loads', new Date())
    at('10:02:00')
    others.put(alarm, new Date())
    at('10:03:00')
    await arrive(others.change('loads', 'ALARM', new Date()).map(({ message }) => message))
    others.metricAlarms.splice(0)
    at('10:05:00')
    await compare(undefined, { accounts })
    expect((await router.state(arnOf('loads', OTHER)))?.firing).toBeDefined()
    const why = 'firing here, and this role does not see it'
    expect((await store.readLastReconcile())?.left).toEqual([{ name: 'loads', why }])
  })

  test('under two names is compared once', async () => {
    const others = livingAlarms({ account: OTHER, region: 'us-east-1' })
    Object.assign(elsewhere, { metricAlarms: others.metricAlarms, alarmHistory: others.alarmHistory })
    others.put({ AlarmName: 'loads', AlarmActions: [TOPIC], OKActions: [TOPIC] }, new Date())
    at('10:01:00')
    others.change('loads', 'ALARM', new Date())
    at('10:05:00')
    const twice = { data: { role: ROLE }, lake: { role: ROLE } }
    const { metrics } = await written(() => compare(undefined, { accounts: twice }))
    expect(metrics.filter(({ metric }) => metric === 'Reconciled')).toHaveLength(1)
  })

  test('that does not let the router in stops nothing else', async () => {
    put('errors')
    at('10:01:00')
    await changes('errors', 'ALARM')
    at('10:05:00')
    const role = ROLE.replace('read', 'none')
    const { metrics } = await written(async () => {
      await expect(compare(undefined, { accounts: { data: { role } } })).rejects.toThrow()
    })
    expect(await isOpen('errors')).toBe(true)
    // The stack's own was compared.
    expect(metrics.map(({ metric }) => metric)).toContain('ReconcileMs')
  })
})
