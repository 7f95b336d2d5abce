import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { heartbeat } from '../deploy/heartbeat.ts'
import { FOLLOW_AN_ALERT } from '../deploy/saved-query.ts'
import type { Engine } from '../local/engine.ts'
import { CHANNEL_QUEUES } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import { changeIdOf, identityOf } from '../shared/alert/identity.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { notificationsOf } from '../shared/decide/notifications.ts'
import { HEARTBEAT, withHeartbeat } from '../shared/observe/heartbeat.ts'
import { parse } from '../shared/parse/parse.ts'
import { written } from './emf.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The message that EventBridge's rule publishes at a time, by the deployed template; in SNS's envelope. */
function beat(time: string, change: object = {}): string {
  // biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
  const rule = heartbeat().Resources.HeartbeatRule?.Properties as any
  const event = JSON.parse(rule.Targets[0].InputTransformer.InputTemplate.replace('<time>', time))
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:alert-router-prod-alarms'
  return JSON.stringify({ Type: 'Notification', TopicArn, Message: JSON.stringify({ ...event, ...change }) })
}

function parsed(body: string) {
  const [alert] = parse({ Records: [{ messageId: 'm', body, eventSource: 'aws:sqs' }] })
  if (!alert) throw new Error('no alert')
  return alert
}

const shipped = readConfig('config/alerts.yml')
/** A config that would have the heartbeat if it could. */
const greedy: Config = checkConfig({
  channels: { pager: { type: 'pagerduty', secret: 'pager' }, chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  nonProduction: { when: { name: '*' }, highest: 'info' },
  default: { severity: 'critical' },
  rules: [{ name: 'all', when: { source: '*' }, severity: 'critical' }],
})

describe('with any config, a heartbeat', () => {
  test.each([
    ['the shipped one', shipped],
    ['one that claims every alert', greedy],
    ['one without rules', { ...greedy, rules: [] }],
  ])('goes to the sink alone: %s', (_which, config) => {
    const full = withHeartbeat(config)
    const alert = parsed(beat('2024-11-05T10:05:00Z'))
    const decision = decide(alert, full)
    expect(decision).toMatchObject({ rule: 'heartbeat', severity: 'info', channels: ['heartbeat'] })
    expect(notificationsOf(alert, decision, full, undefined)).toMatchObject([{ channel: 'heartbeat', type: 'sink' }])
  })

  test('is the same alert each time, and each time a new change', () => {
    const [one, again, next] = ['10:05', '10:05', '10:10'].map((at) => parsed(beat(`2024-11-05T${at}:00Z`)))
    expect(one?.changedAt).toBe('2024-11-05T10:05:00.000Z')
    expect(again).toEqual(one)
    expect(next?.fingerprint).toBe(one?.fingerprint)
    expect(next?.changedAt).not.toBe(one?.changedAt)
  })

  test('fires, and never ends: each is a newer change of one alert', () => {
    const [one, next] = ['10:05', '10:10'].map((at) => parsed(beat(`2024-11-05T${at}:00Z`)))
    if (!one || !next) throw new Error('no alert')
    expect(one).toMatchObject({ status: 'firing', fingerprint: 'event:alert-router.heartbeat:heartbeat' })
    expect([identityOf(one), identityOf(next)]).toEqual([one.fingerprint, one.fingerprint])
    expect(changeIdOf(next)).not.toBe(changeIdOf(one))
  })

  test('is not counted: one is enough, whatever is counted', () => {
    const alert = parsed(beat('2024-11-05T10:05:00Z'))
    const counting = { ...greedy, count: { atLeast: 3, within: '10m' } }
    expect(decide(alert, withHeartbeat(counting)).count).toBeUndefined()
  })

  test('hides nothing: another event of its source is sent to people', () => {
    const alert = parsed(beat('2024-11-05T10:05:00Z', { id: 'other', title: 'Something else' }))
    expect(decide(alert, withHeartbeat(greedy)).channels).not.toContain('heartbeat')
  })
})

describe('a config that people write', () => {
  test('can have no channel of that name, with an explanation', () => {
    const channels = { ...greedy.channels, [HEARTBEAT.channel]: { type: 'slack', secret: 'x' } }
    expect(() => checkConfig({ ...greedy, channels })).toThrow(/heartbeat.*own channel.*another name/)
  })

  test('can send nothing to the sink', () => {
    expect(() => checkConfig({ ...greedy, channels: { ...greedy.channels, hole: { type: 'sink' } } })).toThrow(/sink/)
    expect(() => checkConfig({ ...greedy, default: { severity: 'info', channels: ['heartbeat'] } })).toThrow(
      /unknown channel "heartbeat"/,
    )
  })
})

describe('on the whole path', () => {
  let engine: Engine
  let sqs: SQSClient
  beforeAll(async () => {
    engine = await startLocalEngine(shipped)
    sqs = new SQSClient({})
  })
  afterAll(() => engine.stop())

  const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'request' } as Context
  const url = (queue: string) => process.env[`${queueVariable(queue)}_QUEUE_URL`]

  test('it reaches the sink, is delivered once, and is measured there and nowhere else', async () => {
    const route = await loadHandler('route')
    const deliver = await loadHandler('deliver-sink')
    const time = new Date(Date.now() - 2_000).toISOString()
    const Records = [{ messageId: 'm', body: beat(time), eventSource: 'aws:sqs' }]
    const routed = await written(() => route({ Records } as unknown as SQSEvent, context))
    expect(routed.metrics).toEqual([])

    const depths = await Promise.all(
      CHANNEL_QUEUES.map(async (queue) => {
        const { Attributes } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: url(queue), AttributeNames: ['ApproximateNumberOfMessages'] }),
        )
        return [queue, Number(Attributes?.ApproximateNumberOfMessages)]
      }),
    )
    expect(depths).toEqual(CHANNEL_QUEUES.map((queue) => [queue, queue === 'sink' ? 1 : 0]))

    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url('sink'), MessageSystemAttributeNames: ['All'] }),
    )
    const record = {
      messageId: message?.MessageId,
      receiptHandle: message?.ReceiptHandle,
      body: message?.Body,
      attributes: message?.Attributes,
    }
    const invoke = () => deliver({ Records: [record] } as unknown as SQSEvent, context)
    const answers: unknown[] = []
    const first = await written(async () => answers.push(await invoke()))
    const second = await written(async () => answers.push(await invoke()))
    expect(answers).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }])
    const dimensions = { Channel: 'heartbeat' }
    expect(first.metrics).toMatchObject([{ metric: 'LatencyMs', dimensions }])
    expect(first.metrics[0]?.value).toBeGreaterThanOrEqual(2_000)
    expect(second.metrics).toMatchObject([{ metric: 'Suppressed', value: 1, dimensions: {} }])

    // What the saved query looks for, in the log lines on the way.
    const { fingerprint } = JSON.parse(message?.Body ?? '')
    const asked = [...FOLLOW_AN_ALERT.matchAll(/message\.(\w+) (?:=|like)/g)].map(([, field = '']) => field)
    expect(asked).toEqual(['fingerprint', 'notificationId', 'digestId'])
    for (const { logged } of [routed, first, second]) expect(logged).toMatchObject([{ fingerprint }])
    expect(first.logged).toMatchObject([{ notificationId: expect.stringMatching(/./) }])
  })
})
