import type { SQSEvent } from 'aws-lambda'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { snsFailedEntries, snsFailure } from '../local/faults/aws-proxies.ts'
import { table } from '../shared/aws/table.ts'
import { contextOf } from './hand.ts'
import { Living, SOURCE } from './living.ts'

/** An alert's life when things break: every recipient is notified, and once where that can be known. */
const life = new Living(SOURCE, { awsMayFail: true })

/** Replaces a call of the table's client; `undefined`: the real call is made. */
let answerOfTable: (command: string, input: object) => object | undefined = () => undefined
table.middlewareStack.add(
  (next, { commandName }) =>
    async (args) => {
      const output = answerOfTable(commandName ?? '', args.input)
      return output ? ({ output, response: {} } as never) : next(args)
    },
  { step: 'initialize' },
)
afterEach(() => {
  answerOfTable = () => undefined
  life.router.aws.sns.answerBy()
})

describe('an unreachable channel', () => {
  test('a waiting resolve is sent, whatever came after it for other channels', async () => {
    await life.come('ALARM 10:00')
    life.pagerAnswers(503)
    await life.come('OK 10:05', 'INSUFFICIENT_DATA 10:06')
    life.pagerAnswers()
    expect((await life.end()).incidents).toEqual(['resolved'])
  })

  test('a waiting resolve is sent, though the alert fires again as a warning, for other channels', async () => {
    await life.come('ALARM 10:00')
    life.pagerAnswers(503)
    await life.come('OK 10:05')
    await life.router.come(life.change('ALARM', '10:06', { reason: 'a warning now' }))
    await life.router.work()
    life.pagerAnswers()
    await life.come('OK 10:20')
    const { incidents, slack } = await life.end()
    expect(incidents).toEqual(['resolved'])
    expect(slack.filter((one) => one.startsWith('chat:'))).toEqual(['chat: WARNING', 'chat: RESOLVED'])
  })

  test('an episode that started and ended meanwhile opens nothing in PagerDuty, and is one message in Slack', async () => {
    life.slackAnswers(500)
    life.pagerAnswers(429)
    await life.come('ALARM 10:00', 'OK 10:05')
    life.slackAnswers()
    life.pagerAnswers()
    expect(await life.end()).toEqual({ incidents: [], slack: ['chat-critical: RESOLVED'] })
  })

  test('that asks to wait again and again, each time with another text, is notified when it accepts; the record of that stays small', async () => {
    let asked = 0
    life.router.engine.pagerduty.answerBy(() => {
      asked++
      return {
        status: 429,
        headers: { 'retry-after': '11' },
        body: { message: `${asked}: ${'slow down '.repeat(40)}` },
      }
    })
    await life.come('ALARM 10:00')
    await life.passUntil('10:40')
    expect(asked).toBeGreaterThan(30)
    expect(JSON.stringify(await life.state()).length).toBeLessThan(12_000)
    life.pagerAnswers()
    expect((await life.end('11:00')).incidents).toEqual(['open'])
  })

  test('a delivery whose answer got lost is resolved for certain', async () => {
    life.router.engine.pagerduty.answerNext('cut-before-answer')
    await life.come('ALARM 10:00')
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    await life.come('OK 10:00:01')
    expect((await life.end()).incidents).toEqual(['resolved'])
  })

  test('two firings that could not be sent are counted in the message about the third', async () => {
    life.slackAnswers(500)
    await life.come('ALARM 10:00', 'OK 10:01', 'ALARM 10:02', 'OK 10:03', 'ALARM 10:04')
    life.slackAnswers()
    await life.passUntil('10:40')
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
    const text = JSON.stringify(life.router.engine.slack.requests.at(-1)?.body)
    expect(text).toContain('Fired 2 times before, since 10:00:00 UTC; not delivered here.')
  })
})

describe('a dead letter', () => {
  test.each(['35:30', '178:00'])(
    'redriven at %s, days later, has all its attempts again, and is delivered',
    async (time) => {
      life.pagerAnswers(400)
      await life.come('ALARM 10:00')
      expect(await life.router.deadLetters('pagerduty')).toHaveLength(1)
      life.at(time)
      // The first attempt is put off: that is no reason to give up again.
      life.pagerAnswers(429, { 'retry-after': '30' })
      expect(await life.router.redrive('pagerduty')).toBe(1)
      await life.router.work()
      expect(await life.router.deadLetters('pagerduty')).toEqual([])
      life.pagerAnswers()
      const [hours = 0, minutes = 0] = time.split(':').map(Number)
      await life.passUntil(`${hours}:${minutes + 10}`)
      expect(life.incidents()).toMatchObject([{ state: 'open' }])
    },
  )

  test('redriven after the alert has ended is no longer owed: nothing is sent', async () => {
    life.pagerAnswers(400)
    await life.come('ALARM 10:00')
    life.pagerAnswers()
    await life.come('OK 10:10')
    life.at('35:00')
    expect(await life.router.redrive('pagerduty')).toBe(1)
    await life.router.work()
    expect(life.incidents()).toEqual([])
    expect(await life.router.deadLetters('pagerduty')).toEqual([])
  })
})

describe('the wake-up of a deliverer', () => {
  test('may get lost: owed changes are followed up', async () => {
    await life.router.come(life.change('ALARM', '10:00'))
    await life.router.work('alarms')
    expect(await life.router.lose('pagerduty')).toBe(1)
    expect(await life.router.lose('slack')).toBe(1)
    await life.passUntil('10:04')
    expect(life.incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
  })

  test('may never have been sent, because the function died after writing the table: all are notified anyway', async () => {
    life.router.aws.sns.answerBy(() => snsFailure)
    await life.come('ALARM 10:00')
    life.router.aws.sns.answerBy()
    expect(await life.router.lose('alarms')).toBe(1)
    expect(life.incidents()).toEqual([])
    await life.passUntil('10:04')
    expect(life.incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
  })

  test('may be refused in an answer of 200: the change is retried, and all are notified once', async () => {
    life.router.aws.sns.answerBy((request, n) => (n === 0 ? snsFailedEntries(request) : undefined))
    life.router.aws.sns.requests.length = 0
    await life.come('ALARM 10:00')
    expect(life.incidents()).toEqual([])
    life.at('10:01')
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
  })
})

describe('the table', () => {
  test('may return only a part of the requested items: the rest is requested again', async () => {
    let times = 0
    answerOfTable = (command, input) =>
      command === 'BatchGetItemCommand' && times++ < 3
        ? { Responses: {}, UnprocessedKeys: (input as { RequestItems: object }).RequestItems }
        : undefined
    await life.come('ALARM 10:00')
    expect(times).toBeGreaterThan(3)
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
  })

  test('may fail after a channel has accepted: that is recorded later, through the alarms’ queue, and nothing is sent twice', async () => {
    await life.router.come(life.change('ALARM', '10:00'))
    await life.router.work('alarms')
    const isSent = () => life.sentToSlack().length > 0
    answerOfTable = (command) => {
      if (command === 'PutItemCommand' && isSent()) throw new Error('the table is away')
      return undefined
    }
    await life.router.work('slack')
    expect((await life.state())?.recipients['chat-critical']).toMatchObject({ owed: { status: 'firing' } })
    answerOfTable = () => undefined
    await life.router.work()
    expect((await life.state())?.recipients['chat-critical']?.owed).toBeUndefined()
    await life.passUntil('10:20')
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
  })
})

describe('two containers', () => {
  async function wakes(copies: number): Promise<SQSEvent[]> {
    await life.router.come(life.change('ALARM', '10:00'))
    await life.router.work('alarms')
    const [record] = await life.router.take('slack')
    if (!record) throw new Error('nobody is woken')
    return Array.from({ length: copies }, (_, n) => ({ Records: [{ ...record, messageId: `copy-${n}` }] }))
  }

  test('that get copies of one message concurrently send it once', async () => {
    const [one, two] = await wakes(2)
    const other = await life.router.anotherContainer('slack')
    const answers = await Promise.all([
      life.router.handler('slack')(one as SQSEvent, contextOf(30_000)),
      other(two as SQSEvent, contextOf(30_000)),
    ])
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
    expect(answers.flatMap((answer) => answer?.batchItemFailures ?? []).length).toBeLessThanOrEqual(1)
  })

  test('one of which dies while sending: the other takes over when the claim has expired', async () => {
    const [one, two] = await wakes(2)
    const other = await life.router.anotherContainer('slack')
    life.router.engine.slack.answerNext('hang')
    const hanging = life.router.handler('slack')(one as SQSEvent, contextOf(4_200))
    await vi.waitFor(() => expect(life.router.engine.slack.requests).toHaveLength(1))
    expect((await other(two as SQSEvent, contextOf(30_000)))?.batchItemFailures).toHaveLength(1)
    expect(life.sentToSlack()).toEqual([])
    life.at('10:01')
    expect((await other(two as SQSEvent, contextOf(30_000)))?.batchItemFailures).toEqual([])
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
    await hanging
    expect((await life.state())?.recipients['chat-critical']).toMatchObject({ notified: { status: 'firing' } })
    await life.passUntil('10:20')
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
  })

  test('that route two changes of one alert concurrently lose no recipient', async () => {
    const other = await life.router.anotherContainer('alarms')
    await life.router.come(life.change('ALARM', '10:00'))
    const warning = life.change('ALARM', '10:00:05', { reason: 'a warning now' })
    await life.router.come(warning)
    const records = await life.router.take('alarms')
    await Promise.all(
      records.map((record, n) =>
        [life.router.handler('alarms'), other][n]?.({ Records: [record] } as SQSEvent, contextOf(15_000)),
      ),
    )
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    await life.come('OK 10:10')
    expect((await life.end()).incidents).toEqual(['resolved'])
  })
})
