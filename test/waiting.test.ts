import type { SQSEvent } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import { readEmf, written } from './emf.ts'
import { contextOf } from './hand.ts'
import { Living, SOURCE } from './living.ts'

/** The operator's alarm on WaitingMs: SQS's own metric does not include messages being retried. */
const life = new Living(SOURCE, { awsMayFail: true })
const MINUTE = 60_000

/** The longest that anything has waited while `work` runs, in whole minutes, by its queue. */
async function waited(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const { lines } = await written(work)
  const longest: Record<string, number> = {}
  for (const line of lines) {
    const { Queue = '' } = JSON.parse(line)
    const waiting = readEmf(line).find(({ metric }) => metric === 'WaitingMs')
    if (!waiting) continue
    const { unit, value } = waiting
    expect(unit).toBe('Milliseconds')
    longest[Queue] = Math.max(longest[Queue] ?? 0, Math.floor(value / MINUTE))
  }
  return longest
}

test('nothing waits while all is well', async () => {
  expect(await waited(() => life.come('ALARM 10:00', 'OK 10:20'))).toEqual({})
})

describe('a channel that is down', () => {
  test.each([
    ['Slack', 'slack', () => life.slackAnswers(503), 'api-warning'],
    ['PagerDuty', 'pagerduty', () => life.pagerAnswers(503), 'api'],
    ['Slack, which asks to be left alone,', 'slack', () => life.slackAnswers(429), 'api-warning'],
  ])('%s shows how long an alert has waited for it', async (_what, queue, breakIt, name) => {
    life.called(name)
    breakIt()
    const first = await waited(() => life.come('ALARM 10:00').then(() => life.passUntil('10:14')))
    expect(first[queue]).toBeLessThan(15)
    expect(first[queue]).toBeGreaterThan(2)
    const then = await waited(() => life.passUntil('10:40'))
    expect(then).toEqual({ [queue]: expect.toSatisfy((minutes) => minutes >= 15 && minutes <= 40) })
  })

  test('shows nothing any more once it has recovered', async () => {
    life.called('api-warning')
    life.slackAnswers(503)
    await life.come('ALARM 10:00')
    await life.passUntil('10:20')
    life.slackAnswers()
    await life.passUntil('10:50')
    expect(life.sentToSlack()).toHaveLength(1)
    expect(await waited(() => life.come('OK 11:00'))).toEqual({})
  })
})

test('an alert that was held for a night has not waited: a failed first attempt fires no alarm', async () => {
  life.called('api-quiet')
  await life.come('ALARM 22:30')
  life.slackAnswers(503)
  const { slack } = await waited(() => life.passUntil('30:02'))
  expect(slack).toBeLessThan(5)
})

/** The SDK does not retry, as it does when the table is busy. */
const DENIED = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'no' },
}

describe('while the table does not answer', () => {
  test.each(['alarms', 'slack'] as const)('what waits in the queue %s shows', async (queue) => {
    life.called('api-warning')
    await life.router.come(life.change('ALARM', '10:00'))
    if (queue === 'slack') await life.router.work('alarms')
    life.router.aws.table.answerBy(() => DENIED)
    await life.router.work(queue)
    // The emulator redelivers what was not deleted after ten.
    life.at('10:09')
    const longest = await waited(() => life.router.work(queue))
    life.router.aws.table.answerBy()
    expect(longest).toEqual({ [queue]: 9 })
  })
})

test('an order that waits for rules being rolled out delays no alert', async () => {
  const order = { due: 'nothing', at: new Date().toISOString(), rules: 'of-tomorrow' }
  const record = {
    messageId: 'm',
    body: JSON.stringify(order),
    attributes: { SentTimestamp: String(Date.now() - 20 * MINUTE) },
    eventSource: 'aws:sqs',
  }
  const event = { Records: [record] } as unknown as SQSEvent
  let answer: unknown
  const longest = await waited(async () => {
    answer = await life.router.handler('alarms')(event, contextOf(15_000))
  })
  expect(longest).toEqual({})
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] })
})
