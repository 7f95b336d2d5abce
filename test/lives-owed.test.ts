import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { standingOf } from '../cli/dead-letters/standing.ts'
import { Living, SOURCE } from './living.ts'

/** A channel that is owed several things at once: now and later, dead letters among them. */
const chat = { channels: ['chat'] }
/** At night, a loss of data waits for the morning; a firing is sent at once. */
const LOSS_WAITS = {
  ...SOURCE,
  severities: { critical: chat, warning: chat, info: { ...chat, mute: 'nights' } },
  rules: [{ name: 'no data', when: { status: 'insufficient-data' }, severity: 'info' }],
}
const quiet = { channels: ['quiet'] }
/** Everything goes to one channel, which is quiet at night. */
const ALL_WAIT = { ...SOURCE, severities: { critical: quiet, warning: quiet, info: quiet }, rules: [] }
const life = new Living(LOSS_WAITS)
const client = new DynamoDBClient({ region: 'us-east-1' })
afterAll(() => client.destroy())
beforeEach(() => life.push(LOSS_WAITS))
const letters = () => life.router.deadLetters('slack')

describe('an owed change, while a newer one is held', () => {
  test.each([
    ['still fires', [], []],
    ['ends before the morning', ['OK 22:30'] as const, ['quiet: RESOLVED']],
  ])('is sent now, when Slack accepts again, if it %s', async (_, changes, after) => {
    await life.push(ALL_WAIT)
    life.at('21:59:30')
    life.slackAnswers(503)
    await life.come('ALARM 21:59:30', 'ALARM 22:00:05')
    life.slackAnswers()
    await life.passUntil('22:20')
    expect(life.sentToSlack()).toEqual(['quiet: CRITICAL'])
    await life.come(...changes)
    await life.passUntil('29:50')
    expect(life.sentToSlack()).toEqual(['quiet: CRITICAL', ...after])
  })

  test.each([
    [['OK 22:10', 'ALARM 22:00', 'INSUFFICIENT_DATA 22:05']],
    [['OK 22:10', 'INSUFFICIENT_DATA 22:05', 'ALARM 22:00']],
    [['INSUFFICIENT_DATA 22:05', 'OK 22:10', 'ALARM 22:00']],
    [['INSUFFICIENT_DATA 22:05', 'ALARM 22:00', 'OK 22:10']],
  ] as const)('is delivered, in whatever order it arrives: %s', async (order) => {
    life.at('22:11')
    await life.come(...order)
    await life.passUntil('32:00')
    expect(life.sentToSlack().at(-1)).toBe('chat: RESOLVED')
    expect(await letters()).toEqual([])
  })
})

describe('a dead letter beside a held change', () => {
  async function refused(): Promise<void> {
    life.at('22:30')
    life.slackAnswers(404)
    await life.come('ALARM 22:30')
    life.slackAnswers()
    await life.come('INSUFFICIENT_DATA 22:31')
  }

  test('is sent when a person redrives it, and so is its resolve', async () => {
    await refused()
    await life.router.redrive('slack')
    await life.router.work()
    await life.passUntil('22:50')
    expect(life.sentToSlack()).toEqual(['chat: CRITICAL'])
    await life.come('OK 23:00')
    await life.passUntil('32:00')
    expect(life.sentToSlack()).toEqual(['chat: CRITICAL', 'chat: RESOLVED'])
  })

  test('of a resolve that is refused again while a firing is held is superseded by that, and history says so', async () => {
    await life.push(ALL_WAIT)
    await life.come('ALARM 21:40')
    life.slackAnswers(404)
    await life.come('OK 21:50', 'ALARM 22:30')
    await life.router.redrive('slack')
    await life.router.work()
    life.slackAnswers()
    const { owed, more = [], log = [] } = (await life.state())?.recipients.quiet ?? {}
    expect([owed?.status, more]).toEqual(['firing', []])
    expect(log.map(({ status, outcome }) => `${status} ${outcome}`)).toEqual([
      'resolved dead-lettered',
      'resolved overtaken',
    ])
  })

  test('is worth redriving, and says so', async () => {
    await refused()
    const [letter] = await letters()
    const wake = JSON.parse(letter?.record.body ?? '')
    const known = { client, table: process.env.TABLE_NAME ?? '' }
    expect(await standingOf({ wake } as never, known)).toMatchObject({ isOwed: true })
  })

  test.each([
    ['that it fired', 'ALARM 21:50', 'ALARM 22:31'],
    ['that its data is lost', 'INSUFFICIENT_DATA 21:50', 'INSUFFICIENT_DATA 22:31'],
  ] as const)('%s, is a duplicate once the held change says the same', async (_, before, after) => {
    await life.push(ALL_WAIT)
    life.at('21:50')
    life.slackAnswers(404)
    await life.come(before)
    life.slackAnswers()
    await life.come(after)
    await life.passUntil('32:00')
    const notified = life.sentToSlack()
    expect(notified).toHaveLength(1)
    await life.router.redrive('slack')
    await life.router.work()
    await life.passUntil('33:00')
    expect(life.sentToSlack()).toEqual(notified)
  })

  test('that nobody redrives is sent as one message about the whole when the alert ends', async () => {
    await refused()
    await life.come('OK 23:00')
    await life.passUntil('32:00')
    expect(life.sentToSlack()).toEqual(['chat: RESOLVED'])
  })
})

test('a missed episode that Slack has refused is sent when a person redrives it, though its data is lost since', async () => {
  await life.push({ ...LOSS_WAITS, severities: { critical: chat, warning: chat, info: chat } })
  life.at('10:11')
  life.router.engine.slack.answerBy(({ body }) =>
    JSON.stringify(body).includes('delayed') ? { status: 400, body: 'invalid_blocks' } : undefined,
  )
  await life.come('OK 10:06')
  await life.router.come(life.change('INSUFFICIENT_DATA', '10:10'), life.change('ALARM', '10:05'))
  await life.router.work()
  await life.passUntil('10:30')
  expect([life.sentToSlack(), (await letters()).length]).toEqual([['chat: NO'], 1])
  life.slackAnswers()
  await life.router.redrive('slack')
  await life.router.work()
  await life.passUntil('11:00')
  expect(life.sentToSlack()).toEqual(['chat: NO', 'chat: RESOLVED'])
})

describe('a fallback', () => {
  const pager = { ...SOURCE.channels.pager, fallback: 'chat', patience: '1m' }
  const toPager = { channels: ['pager'] }
  const BY_FALLBACK = {
    ...SOURCE,
    channels: { ...SOURCE.channels, pager },
    severities: { critical: toPager, warning: toPager, info: toPager },
    rules: [],
  }

  test('that received the loss of data gets the ALARM before it, too', async () => {
    await life.push(BY_FALLBACK)
    life.pagerAnswers(503)
    life.at('10:02')
    await life.come('INSUFFICIENT_DATA 10:02')
    await life.passUntil('10:20')
    expect(life.sentToSlack()).toEqual(['chat: NO'])
    await life.come('ALARM 10:01')
    await life.passUntil('13:00')
    expect(life.sentToSlack()).toEqual(['chat: NO', 'chat: CRITICAL'])
  })

  test('that can’t be reached for a while gets everything that its main channel was owed', async () => {
    await life.push(BY_FALLBACK)
    life.pagerAnswers(400)
    life.slackAnswers(503)
    await life.come('ALARM 10:00', 'INSUFFICIENT_DATA 10:01')
    await life.passUntil('10:03')
    life.slackAnswers()
    await life.passUntil('12:00')
    expect(life.sentToSlack()).toEqual(['chat: CRITICAL', 'chat: NO'])
  })
})

test('ten changes that were held together are sent one after the other when their time comes', async () => {
  await life.push(ALL_WAIT)
  life.at('23:00')
  const page = (n: number) => ({
    ...{ 'detail-type': 'AWS Health Event', source: 'aws.health', account: '123456789012', region: 'eu-west-1' },
    ...{ time: life.iso('23:00'), resources: [] },
    detail: {
      eventArn: `arn:aws:health:eu-west-1::event/EC2/X/${life.alarm}`,
      ...{ service: 'EC2', eventTypeCode: 'AWS_EC2_X', eventTypeCategory: 'issue', statusCode: 'open' },
      affectedEntities: [{ entityValue: `i-${life.alarm}-page-${n}` }],
    },
  })
  await life.router.come(...Array.from({ length: 10 }, (_, n) => page(n)))
  await life.router.work()
  expect(life.sentToSlack()).toEqual([])
  await life.passUntil('30:12')
  expect(life.sentToSlack()).toHaveLength(10)
})
