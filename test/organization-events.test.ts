import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { parse } from '../shared/parse/parse.ts'
import { type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/*
 * Alarms of another account and region, as its rule and the router's bus hand them to the alarms topic; beside the message
 * that the alarm's own action publishes.
 */

/** Of account 123456789012, in eu-west-1. The topic is of another account, in us-east-1. */
const event = JSON.parse(readFileSync('samples/envelope-eventbridge.json', 'utf8'))
const SUBJECT = 'orders-db-connections: orders-db (DBInstanceIdentifier)'

const at = (time: string) => `2026-11-03T${time}+0000`

const byBus = (value: string, timestamp: string) => ({
  ...event,
  detail: { ...event.detail, state: { ...event.detail.state, value, timestamp } },
})

/** The same change, as the alarm's SNS action publishes it. */
const byAction = (NewStateValue: string, StateChangeTime: string) => ({
  ...{ AlarmName: 'orders-db-connections', AlarmArn: event.resources[0], AWSAccountId: '123456789012' },
  AlarmDescription: event.detail.configuration.description,
  ...{ NewStateValue, StateChangeTime, NewStateReason: event.detail.state.reason, OldStateValue: 'OK' },
  Region: 'EU (Ireland)',
  Trigger: {
    ...{ MetricName: 'DatabaseConnections', Namespace: 'AWS/RDS', Statistic: 'AVERAGE', Period: 60 },
    Dimensions: [{ name: 'DBInstanceIdentifier', value: 'orders-db' }],
    ...{ ComparisonOperator: 'GreaterThanThreshold', Threshold: 180, EvaluationPeriods: 1, DatapointsToAlarm: 1 },
    TreatMissingData: 'notBreaching',
  },
})

test('says the same by the bus as by the alarm’s action, but for how many periods it takes, and what missing data is', () => {
  const [byEvent, byMessage] = [byBus('ALARM', at('14:11:30.412')), byAction('ALARM', at('14:11:30.412'))].map(
    (one) => parse(one)[0],
  )
  const { evaluationPeriods, datapointsToAlarm, missingData, ...known } = byMessage?.threshold ?? {}
  expect([evaluationPeriods, datapointsToAlarm, missingData]).toEqual([1, 1, 'notBreaching'])
  // Tags come either way, where the alarm passes them on.
  expect({ ...byEvent, tags: {} }).toEqual({ ...byMessage, threshold: known, tags: {} })
  expect(byEvent).toMatchObject({ account: '123456789012', region: 'eu-west-1' })
})

describe('one alarm by both ways', () => {
  let router: RouterByHand

  beforeAll(async () => {
    const everywhere = { channels: ['mail'] }
    router = await startRouterByHand(
      checkConfig({
        channels: { mail: { type: 'email', addresses: ['team@example.com'] } },
        severities: { critical: everywhere, warning: everywhere, info: everywhere },
        default: { severity: 'warning' },
        rules: [],
      }),
    )
  })
  afterAll(() => router.stop())
  beforeEach(async () => {
    await router.startAnew()
    await router.emails()
  })

  const sent = async (one: object) => {
    await router.come(one)
    await router.work()
    return router.emails()
  }

  test.each([
    ['the event first', byBus, byAction],
    ['the message first', byAction, byBus],
  ])('is sent once, and resolved once: %s', async (_which, first, second) => {
    expect(await sent(first('ALARM', at('14:11:30.412')))).toEqual([`[WARNING] ${SUBJECT}`])
    expect(await sent(second('ALARM', at('14:11:30.412')))).toEqual([])
    expect(await sent(first('OK', at('14:21:30.412')))).toEqual([`[RESOLVED] ${SUBJECT}`])
    expect(await sent(second('OK', at('14:21:30.412')))).toEqual([])
  })

  test('is sent again if their times differ: AWS does not document that they are the same', async () => {
    expect(await sent(byBus('ALARM', at('14:11:30.412')))).toEqual([`[WARNING] ${SUBJECT}`])
    expect(await sent(byAction('ALARM', at('14:11:30.413')))).toEqual([`[WARNING] ${SUBJECT}`])
  })
})
