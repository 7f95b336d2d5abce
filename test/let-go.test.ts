import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, test } from 'vitest'
import { unpacked } from '../shared/aws/packed.ts'
import { table } from '../shared/aws/table.ts'
import { Living, SOURCE } from './living.ts'
import { alarmChange, arnOf } from './router-by-hand.ts'

/** What must wait for long waits in the table, with no message in flight: SQS gives out nothing more when too many are. */
const CHANNELS = { ...SOURCE.channels, pager: { ...SOURCE.channels.pager, fallback: 'chat', patience: '12m' } }
const life = new Living({ ...SOURCE, channels: CHANNELS })

let isWriting = (_doc: string) => true
table.middlewareStack.add(
  (next, { commandName }) =>
    async (args) => {
      const { Item } = args.input as { Item?: Record<string, AttributeValue> }
      const isState = commandName === 'PutItemCommand' && Item?.sk?.S === 'state.2'
      if (isState && !isWriting(unpacked(Item?.doc) ?? '')) throw new Error('no write')
      return next(args)
    },
  { step: 'initialize' },
)
afterEach(() => {
  isWriting = () => true
})

const asksFor = (seconds: number) =>
  life.router.engine.slack.answerBy(() => ({ status: 429, headers: { 'retry-after': String(seconds) } }))
const calls = () => life.router.engine.slack.requests.length

describe('an alert that must wait', () => {
  test.each([
    [119, 1],
    [120, 0],
    [600, 0],
  ])('%d seconds has %d messages in flight', async (seconds, messages) => {
    life.called('api-warning')
    asksFor(seconds)
    await life.come('ALARM 10:00')
    expect(life.router.waiting('slack')).toBe(messages)
  })

  test('is sent at its time, once, and so is its end', async () => {
    life.called('api-warning')
    asksFor(600)
    await life.come('ALARM 10:00')
    life.slackAnswers()
    await life.passUntil('10:09:55')
    expect(calls()).toBe(1)
    await life.passUntil('10:11')
    expect(life.sentToSlack()).toEqual(['chat: WARNING'])
    await life.come('OK 10:12')
    expect((await life.end()).slack).toEqual(['chat: WARNING', 'chat: RESOLVED'])
  })

  test('keeps its message, if the table could not be written', async () => {
    life.called('api-warning')
    asksFor(600)
    isWriting = (doc) => !doc.includes('"waits":1')
    await life.come('ALARM 10:00')
    expect(life.router.waiting('slack')).toBe(1)
    isWriting = () => true
    life.slackAnswers()
    expect((await life.end('10:30')).slack).toEqual(['chat: WARNING'])
  })

  test('says since when it has waited, whatever woke it', async () => {
    life.pagerAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:40')
    const { failingSince, tries } = (await life.state())?.recipients.pager ?? {}
    expect(failingSince?.slice(0, 19)).toBe(life.iso('10:00').slice(0, 19))
    expect(tries).toBeGreaterThan(8)
    expect(life.router.waiting('pagerduty')).toBe(0)
  })

  test('goes to the fallback when its patience ends, though nothing of it is in flight', async () => {
    life.pagerAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:11')
    expect(life.sentToSlack().filter((one) => one.startsWith('chat:'))).toEqual([])
    await life.passUntil('10:14')
    expect(life.sentToSlack().filter((one) => one.startsWith('chat:'))).toHaveLength(1)
  })

  test('becomes a dead letter after its attempts; redriven, it waits in the table again', async () => {
    life.pagerAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('34:00')
    const [letter] = await life.router.deadLetters('pagerduty')
    expect(letter?.reason).toContain('failed 30 attempts')
    await life.router.redrive('pagerduty')
    await life.passUntil('34:40')
    expect(life.router.waiting('pagerduty')).toBe(0)
    life.pagerAnswers()
    expect((await life.end('35:10')).incidents).toEqual(['open'])
    expect(await life.router.deadLetters('pagerduty')).toEqual([])
  })
})

test('alerts of a digest that waits for long are one digest again', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `api-warning-${name}-${Math.random()}`)
  life.slackAnswers(503)
  await life.router.come(...names.map((name) => alarmChange(name, 'ALARM', life.iso('10:00'))))
  await life.router.work()
  await life.passUntil('10:25')
  expect(life.router.waiting('slack')).toBe(0)
  const times = await Promise.all(names.map(async (name) => (await life.router.state(arnOf(name)))?.recipients.chat))
  expect(new Set(times.map((one) => one?.lookAt)).size).toBe(1)
  life.slackAnswers()
  life.router.engine.slack.requests.length = 0
  await life.passUntil('10:50')
  expect(life.sentToSlack()).toHaveLength(1)
})
