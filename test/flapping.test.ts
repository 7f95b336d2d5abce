import { expect, test } from 'vitest'
import { Living, SOURCE } from './living.ts'

/** An alarm that begins to fire and ends again and again, by the real functions. When it is sent: test/stories/. */
const flapping = { changes: 4, within: '30m', calmAfter: '15m' }
const life = new Living({ ...SOURCE, severities: { ...SOURCE.severities, warning: { channels: ['chat'], flapping } } })

/** All that Slack was sent, as its reader sees it. */
const texts = () => life.router.engine.slack.requests.map(({ body }) => JSON.stringify(body))
const notes = (number: number) => /\*(It flap[^*]*)\*/.exec(texts().at(number) ?? '')?.[1]

test('says that it flaps, then nothing, and then that it has calmed', async () => {
  life.called('api-warning')
  await life.come('ALARM 10:00', 'OK 10:03', 'ALARM 10:06', 'OK 10:09')
  expect(notes(-1)).toBe('It flaps: 4 changes since 10:00:00 UTC. It is sent again once it has fired for 15m.')
  await life.come('ALARM 10:12', 'OK 10:14', 'ALARM 10:20', 'OK 10:22')
  await life.passUntil('12:00')
  expect(notes(-1)).toBe('It flapped, and has calmed: 8 changes since 10:00:00 UTC. It has ended.')
  expect(texts().at(-1)).not.toContain('delivery was delayed')
  expect(life.sentToSlack()).toEqual([
    ...['chat: WARNING', 'chat: RESOLVED', 'chat: WARNING', 'chat: RESOLVED', 'chat: CALM'],
  ])
})

test('a firing that goes on is sent with how often it flapped before, and its end follows', async () => {
  life.called('api-warning-b')
  await life.come('ALARM 10:00', 'OK 10:03', 'ALARM 10:06', 'OK 10:09', 'ALARM 10:12')
  await life.passUntil('10:26')
  expect(texts()).toHaveLength(4)
  await life.passUntil('10:40')
  expect(notes(4)).toBe('It flapped before: 5 changes since 10:00:00 UTC.')
  await life.come('OK 10:50')
  expect((await life.end('12:00')).slack.slice(4)).toEqual(['chat: WARNING', 'chat: RESOLVED'])
})

test('new rules that know of no flapping send what was held by it', async () => {
  life.called('api-warning-c')
  await life.come('ALARM 10:00', 'OK 10:03', 'ALARM 10:06', 'OK 10:09', 'ALARM 10:12')
  await life.push(SOURCE)
  await life.passUntil('10:15')
  expect(life.sentToSlack()).toHaveLength(5)
  expect((await life.end('12:00')).slack.at(-1)).toBe('chat: CALM')
})
