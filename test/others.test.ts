import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** What other alerts explain, through the whole router, and what may go wrong on the way. Over time: test/stories/. */
const rules = {
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: {
    critical: { channels: ['chat'] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  inhibit: [
    {
      name: 'system down',
      when: { name: '*-down' },
      mutes: { name: ['*-latency', 'slow-*'] },
      equal: ['account', 'region'],
    },
    { name: 'twins', when: { name: 'twin-*' }, mutes: { name: 'twin-*' } },
  ],
  rules: [
    {
      name: 'several',
      when: { name: 'many-*' },
      severity: 'warning',
      count: { atLeast: 3, within: '10m', by: ['account'] },
    },
  ],
  default: { severity: 'warning' },
}

let router: RouterByHand
let table: DynamoDBClient
let sqs: SQSClient
beforeAll(async () => {
  router = await startRouterByHand(checkConfig(rules))
  table = new DynamoDBClient({})
  sqs = new SQSClient({})
})
afterAll(async () => {
  table.destroy()
  sqs.destroy()
  await router.stop()
})
beforeEach(async () => {
  day++
  at('08:59')
  await router.push(checkConfig(rules))
  await router.startAnew()
  at('09:00')
  await router.tick()
  await router.work()
  messages()
})

/** Each test has a day of its own: time never goes back. */
let day = 0
const iso = (time: string) => `2026-12-${String(day).padStart(2, '0')}T${time}:00.000Z`
const at = (time: string) => vi.setSystemTime(new Date(iso(time)))
type Value = Parameters<typeof alarmChange>[1]
const come = async (time: string, ...changes: [name: string, value: Value][]) => {
  at(time)
  await router.come(...changes.map(([name, value]) => alarmChange(name, value, iso(time))))
  await router.work()
}
const order = async (what: object) => {
  const MessageBody = JSON.stringify({ ...what, Records: [] })
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody }))
  await router.work()
}
const tick = async (time: string) => {
  at(time)
  await router.tick()
  await router.work()
}

/** What came since: `shop-down firing`. */
function messages(): string[] {
  const { requests } = router.engine.slack
  const texts = requests.map(({ body }) => (body as { text: string }).text)
  requests.length = 0
  return texts.flatMap((text) => {
    const name = /[a-z]+-(?:down|latency|one|other|two|three)/.exec(text)?.[0]
    return name === undefined ? text : `${name} ${/resolved/i.test(text) ? 'resolved' : 'firing'}`
  })
}

async function itemsOf(pk: string, sk = '') {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: process.env.TABLE_NAME,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
    }),
  )
  return Items
}

async function statesOf(title: string) {
  const { Items = [] } = await table.send(new ScanCommand({ TableName: process.env.TABLE_NAME }))
  const keys = Items.flatMap(({ title: of, pk }) => (of?.S === title ? (pk?.S ?? '') : []))
  return (await Promise.all(keys.map((key) => router.state(key)))).filter((state) => state !== undefined)
}

async function forget(pk: string, sk: string): Promise<void> {
  for (const item of await itemsOf(pk, sk)) {
    const Key = { pk: item.pk ?? { S: '' }, sk: item.sk ?? { S: '' } }
    await table.send(new DeleteItemCommand({ TableName: process.env.TABLE_NAME, Key }))
  }
}

const groupOf = async (name: string) => (await router.state(arnOf(name)))?.mutedBy?.group ?? ''

describe('what a firing explains', () => {
  test('is held, says why, and is sent within a minute of its end', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    expect(messages()).toEqual(['shop-down firing'])
    const [change] = await router.changes(arnOf('shop-latency'))
    expect(change?.outcome).toBe('held')
    expect(change?.because.at(-1)).toBe('chat waits: inhibited by "system down" while "shop-down" fires')
    await come('09:30', ['shop-down', 'OK'])
    expect(messages()).toEqual(['shop-down resolved'])
    await tick('09:31')
    expect(messages()).toEqual(['shop-latency firing'])
    await come('09:40', ['shop-latency', 'OK'])
    expect(messages()).toEqual(['shop-latency resolved'])
  })

  test('leaves nothing behind once both have ended', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    const group = await groupOf('shop-latency')
    expect(await itemsOf(`group#${group}`)).toHaveLength(2)
    await come('09:03', ['shop-latency', 'OK'], ['shop-down', 'OK'])
    await tick('09:04')
    expect(messages()).toEqual(['shop-down firing', 'shop-down resolved'])
    expect(await itemsOf(`group#${group}`)).toEqual([])
    expect(await itemsOf('freed')).toEqual([])
  })

  test('is sent though the function died before it had said that the source ended: its message is retried', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    const [source] = await itemsOf(`group#${await groupOf('shop-latency')}`, 'source#')
    await come('09:03', ['shop-down', 'OK'])
    // As it was when the function died: the end is written, and nobody knows of it.
    await forget('freed', '')
    expect(source).toBeDefined()
    await router.comeAgain()
    await router.work()
    await tick('09:04')
    expect(messages()).toContain('shop-latency firing')
  })

  test('is sent though every word of the end was lost, some minutes later', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    await come('09:03', ['shop-down', 'OK'])
    await forget('freed', '')
    messages()
    await router.passUntil(iso('09:13'))
    expect(messages()).toEqual(['shop-latency firing'])
  })

  test('is sent though it was written as held after its source had ended and everybody had been freed', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    // A slow function: it has read that the source fires, and writes once that has ended.
    const muted = await router.state(arnOf('shop-latency'))
    await come('09:03', ['shop-down', 'OK'])
    await tick('09:04')
    expect(messages()).toContain('shop-latency firing')
    const { freeOthers } = await import('../shared/route/others.ts')
    await freeOthers(undefined, muted)
    expect((await itemsOf('freed')).map(({ sk }) => sk?.S)).toEqual([muted?.mutedBy?.group])
  })

  test('is sent as a whole if it ended long after its source, and the clock was down', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    await come('09:10', ['shop-down', 'OK'])
    messages()
    // Nothing ticks.
    await come('09:40', ['shop-latency', 'OK'])
    const [, end] = await router.changes(arnOf('shop-latency'))
    expect(end?.outcome).toBe('sent')
    expect(messages()).toEqual(['shop-latency resolved'])
  })

  test('is not sent if it ended soon after its source', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    await come('09:10', ['shop-down', 'OK'])
    messages()
    await come('09:12', ['shop-latency', 'OK'])
    await tick('09:13')
    expect(messages()).toEqual([])
  })

  test('is not sent, though a silence of it was over by its end', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    const said = { by: 'ann', via: 'cli', at: iso('09:01') }
    await order({
      silence: {
        ...{
          id: 'test',
          when: { name: 'shop-latency' },
          about: 'name: shop-latency',
          until: iso('09:30'),
          why: 'test',
        },
        ...said,
      },
    })
    await come('09:02', ['shop-latency', 'ALARM'])
    messages()
    await come('09:31', ['shop-latency', 'OK'])
    expect(messages()).toEqual([])
  })

  test('is found though twenty others were announced, and never came to be', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    const [announced] = await itemsOf(`group#${await groupOf('shop-latency')}`, 'source#')
    await router.startAnew()
    for (let number = 0; number < 25; number++) {
      const sk = { S: `source#gone-${number}` }
      const Item = { ...announced, sk, alert: { S: `gone-${number}` }, at: { S: iso('09:00') } }
      await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }))
    }
    await come('09:10', ['shop-down', 'ALARM'])
    await come('09:11', ['other-latency', 'ALARM'])
    await come('09:12', ['shop-latency', 'ALARM'])
    expect((await router.state(arnOf('shop-latency')))?.mutedBy?.title).toBe('shop-down')
  })

  test('is held again by a source that fires again at once', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    at('09:03')
    await router.come(
      alarmChange('shop-down', 'OK', iso('09:03')),
      alarmChange('shop-down', 'ALARM', iso('09:03').replace(':00.', ':01.')),
    )
    await router.work()
    await tick('09:04')
    expect(messages()).not.toContain('shop-latency firing')
    await come('09:20', ['shop-down', 'OK'])
    await tick('09:21')
    expect(messages()).toContain('shop-latency firing')
  })

  test('an old end of the source that is retried frees nothing', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-down', 'OK'])
    await come('09:03', ['shop-down', 'ALARM'])
    await come('09:04', ['shop-latency', 'ALARM'])
    messages()
    await router.come(alarmChange('shop-down', 'OK', iso('09:02')))
    await router.work()
    await tick('09:05')
    await router.passUntil(iso('09:30'))
    expect(messages()).toEqual([])
    await come('09:31', ['shop-down', 'OK'])
    await tick('09:32')
    expect(messages()).toEqual(['shop-down resolved', 'shop-latency firing'])
  })

  test('is sent once new rules no longer say so', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    messages()
    const { inhibit: _inhibit, ...without } = rules
    await router.push(checkConfig(without))
    await tick('09:10')
    expect(messages()).toEqual(['shop-latency firing'])
  })

  test('is sent once a person resolves the source', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    messages()
    at('09:03')
    await order({ resolve: arnOf('shop-down'), by: 'ann' })
    await tick('09:04')
    expect(messages()).toEqual(['shop-down resolved', 'shop-latency firing'])
  })

  test('is held by a source that is being written at that moment; and sent, if that never is', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    await come('09:02', ['shop-latency', 'ALARM'])
    const [announced] = await itemsOf(`group#${await groupOf('shop-latency')}`, 'source#')
    await router.startAnew()
    await tick('09:10')
    messages()
    // Its function dies after this.
    const Item = { ...announced, at: { S: iso('09:11') } }
    await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }))
    await come('09:11', ['shop-latency', 'ALARM'])
    expect((await router.state(arnOf('shop-latency')))?.mutedBy?.title).toBe('shop-down')
    expect(messages()).toEqual([])
    await tick('09:12')
    expect(messages()).toEqual(['shop-latency firing'])
  })

  test('an event that never ends is sent at its end', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    const { account, region } = alarmChange('', 'OK', iso('09:02'))
    at('09:02')
    await router.come({ title: 'report-latency', source: 'reports', severity: 'info', account, region })
    await router.work()
    expect(messages()).toEqual(['shop-down firing'])
    await come('09:03', ['shop-down', 'OK'])
    await tick('09:04')
    expect(messages()).toEqual(['shop-down resolved', 'report-latency firing'])
  })

  test('is held, and sent, however long its name is', async () => {
    const { account, region } = alarmChange('', 'OK', iso('09:02'))
    const id = `slow-${'x'.repeat(1_500)}`
    await come('09:01', ['shop-down', 'ALARM'])
    at('09:02')
    await router.come({ title: 'report-latency', source: 'reports', id, severity: 'info', account, region })
    await router.work()
    expect(messages()).toEqual(['shop-down firing'])
    expect(await statesOf('report-latency')).toHaveLength(1)
    await come('09:03', ['shop-down', 'OK'])
    await tick('09:04')
    expect(messages()).toEqual(['shop-down resolved', 'report-latency firing'])
  })

  test('a drill is not held, and holds nothing', async () => {
    await come('09:01', ['shop-down', 'ALARM'])
    at('09:02')
    await order({ send: 'chat', text: 'try-latency', id: 'abc', by: 'ann', at: iso('09:02') })
    expect(messages()).toHaveLength(2)
  })
})

describe('two that mute each other', () => {
  test('and fire at the same moment: one is sent, and the other once that ends', async () => {
    await come('09:01', ['twin-one', 'ALARM'], ['twin-other', 'ALARM'])
    await tick('09:02')
    await tick('09:03')
    const [first, ...others] = messages()
    expect(others).toEqual([])
    const [sent, held] = first === 'twin-one firing' ? ['twin-one', 'twin-other'] : ['twin-other', 'twin-one']
    await router.passUntil(iso('09:40'))
    expect(messages()).toEqual([])
    await come('09:41', [sent, 'OK'])
    await tick('09:42')
    expect(messages()).toEqual([`${sent} resolved`, `${held} firing`])
  })
})

describe('what is sent already', () => {
  test('is not muted by what it mutes, whatever their names', async () => {
    await come('09:01', ['twin-other', 'ALARM'])
    await come('09:02', ['twin-one', 'ALARM'])
    await come('09:03', ['twin-other', 'ALARM'])
    await router.passUntil(iso('09:30'))
    const all = messages()
    expect(all).not.toContain('twin-one firing')
    expect((await router.state(arnOf('twin-other')))?.mutedBy).toBeUndefined()
    await come('09:31', ['twin-other', 'OK'])
    await tick('09:32')
    expect(messages()).toEqual(['twin-other resolved', 'twin-one firing'])
  })
})

describe('what is sent only once several fire', () => {
  test('is held until then; the last is sent at once, and the others within a minute', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await come('09:02', ['many-two', 'ALARM'])
    expect(messages()).toEqual([])
    const [change] = await router.changes(arnOf('many-two'))
    expect(change?.because.at(-1)).toBe('chat waits: sent once 3 fire within 10m with the same account: 2 so far')
    await come('09:05', ['many-three', 'ALARM'])
    expect(messages()).toEqual(['many-three firing'])
    await tick('09:06')
    expect(messages().sort()).toEqual(['many-one firing', 'many-two firing'])
    await come('09:07', ['many-one', 'OK'])
    expect(messages()).toEqual(['many-one resolved'])
  })

  test('is sent though the function died before it had said that they are enough: its message is retried', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await come('09:02', ['many-two', 'ALARM'])
    await come('09:03', ['many-three', 'ALARM'])
    // As it was when the function died: it is written that they are, and nobody knows of it.
    await forget('freed', '')
    await router.comeAgain()
    await router.work()
    await tick('09:04')
    expect(messages().sort()).toEqual(['many-one firing', 'many-three firing', 'many-two firing'])
  })

  test('waits on though it loses its data', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await come('09:02', ['many-one', 'INSUFFICIENT_DATA'])
    await come('09:03', ['many-two', 'ALARM'])
    messages()
    await come('09:04', ['many-three', 'ALARM'])
    await tick('09:05')
    expect(messages().sort()).toEqual(['many-one firing', 'many-three firing', 'many-two firing'])
  })

  test('waits on though an older end of it arrives late', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    at('09:02')
    await router.come(alarmChange('many-one', 'OK', iso('09:00')))
    await router.work()
    await come('09:03', ['many-two', 'ALARM'])
    await come('09:04', ['many-three', 'ALARM'])
    await tick('09:05')
    expect(messages().sort()).toEqual(['many-one firing', 'many-three firing', 'many-two firing'])
  })

  test('and that is counted however long its name is', async () => {
    const { account, region } = alarmChange('', 'OK', iso('09:01'))
    at('09:01')
    const events = ['one', 'two', 'three'].map((name) => ({
      ...{
        title: `many-${name}`,
        source: 'logins',
        id: `many-${name}${'x'.repeat(1_500)}`,
        severity: 'info',
        account,
        region,
      },
    }))
    await router.come(...events)
    await router.work()
    await tick('09:02')
    expect(messages().sort()).toEqual(['many-one firing', 'many-three firing', 'many-two firing'])
  })

  test('is sent though three arrive at once', async () => {
    await come('09:01', ['many-one', 'ALARM'], ['many-two', 'ALARM'], ['many-three', 'ALARM'])
    await tick('09:02')
    expect(messages().sort()).toEqual(['many-one firing', 'many-three firing', 'many-two firing'])
  })

  test('is sent at the end of the time at the latest, though every wake-up was lost', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await come('09:02', ['many-two', 'ALARM'])
    await come('09:05', ['many-three', 'ALARM'])
    await forget('freed', '')
    messages()
    await router.passUntil(iso('09:13'))
    expect(messages().sort()).toEqual(['many-one firing', 'many-two firing'])
  })

  test('and so is the tenth, a while after nine others', async () => {
    const nine = [...'abcdefghi'].map((letter): [string, 'ALARM'] => [`many-${letter}`, 'ALARM'])
    await come('09:01', ...nine)
    await tick('09:02')
    messages()
    await come('09:05', ['many-one', 'ALARM'])
    expect(messages()).toEqual(['many-one firing'])
  })

  test('says how many there are within the time of each other', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await come('09:14', ['many-three', 'ALARM'])
    await come('09:09', ['many-two', 'ALARM'])
    const [change] = await router.changes(arnOf('many-two'))
    expect(change?.because.at(-1)).toContain('2 so far')
  })

  test('and of which too few fire, is not sent; a retried message counts once', async () => {
    await come('09:01', ['many-one', 'ALARM'])
    await router.comeAgain(3)
    await router.work()
    await come('09:02', ['many-two', 'ALARM'])
    await router.passUntil(iso('11:00'))
    expect(messages()).toEqual([])
    await come('11:01', ['many-one', 'OK'], ['many-two', 'OK'])
    expect(messages()).toEqual([])
  })

  test('an event that never ends is dropped once too few came in its time', async () => {
    const { account, region } = alarmChange('', 'OK', iso('09:01'))
    at('09:01')
    await router.come({ title: 'many-one', source: 'logins', severity: 'info', account, region })
    await router.work()
    await router.passUntil(iso('09:30'))
    expect(messages()).toEqual([])
    const { requests } = router.engine.slack
    expect(requests).toEqual([])
    const states = await statesOf('many-one')
    expect(states.map(({ recipients }) => recipients.chat?.owed)).toEqual([undefined])
  })

  test('and so is one that came when its time was over', async () => {
    const { account, region } = alarmChange('', 'OK', iso('09:01'))
    at('09:30')
    await router.come({ title: 'many-one', source: 'logins', severity: 'info', account, region, time: iso('09:01') })
    await router.work()
    await tick('09:41')
    const states = await statesOf('many-one')
    expect(states.map(({ recipients }) => recipients.chat?.owed)).toEqual([undefined])
  })
})
