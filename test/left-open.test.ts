import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import { here, named } from './command.ts'
import { Living, SOURCE } from './living.ts'

/**
 * An alert has an incident open in PagerDuty, and the rules change: if nothing can close it any more, a person is asked to.
 */
const fast = { perMinute: 60_000 }
const { pager, chat } = SOURCE.channels
const own = { pager: { ...pager, type: 'pagerduty' }, day: { type: 'pagerduty', secret: 'day', ...fast }, chat }
const shared = { ...own, pager: { ...own.pager, groupBy: ['kind'] } }
const rules = (channels: object, critical = ['pager']) => ({
  channels,
  severities: { critical: { channels: critical }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  rules: [],
  default: { severity: 'critical' },
})
/** Any key that a test leads to is known from the beginning. */
const life = new Living(rules({ ...own, spare: { ...own.day, secret: 'other' } }))

beforeAll(() => {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'left-open-'))
  announceRouter(life.router.engine.environment)
})

/** The message to a person. */
async function notified() {
  return (await life.router.deadLetters('alarms')).map(({ reason }) => reason)
}

/** The incidents that PagerDuty was asked to open, and not to close; in whatever service. */
function open() {
  const last = life.router.engine.pagerduty.requests
    .filter(({ status }) => status === 202)
    .map(({ body }) => body as { dedup_key: string; event_action: string })
  const actions = new Map(last.map(({ dedup_key, event_action }) => [dedup_key, event_action]))
  return [...actions.keys()].filter((key) => actions.get(key) === 'trigger')
}

/** The alarm fires, the rules change one after the other, and it resolves. */
async function fireThenPush(first: object, ...next: object[]): Promise<void> {
  await life.push(first)
  await life.come('ALARM 10:00')
  for (const [index, source] of next.entries()) {
    await life.passUntil(`10:${10 + 20 * index}`)
    await life.push(source)
  }
  await life.come('OK 11:00')
  await life.passUntil('11:30')
}

const CLOSE = /^channel "pager" may have left an incident open in PagerDuty: .* Close it by hand$/
const CLOSE_SHARED = /^channel "pager" may have left the shared incident ".*: critical, kind alarm" open .* still fire$/
const otherKey = { ...own, pager: { ...own.pager, secret: 'other' } }
const slack = { ...own, pager: chat }
const { pager: _pager, ...without } = own

describe('a person is notified of an incident that nothing closes', () => {
  test.each([
    ['its channel has another key', rules(own), [rules(otherKey)], CLOSE],
    [
      'it shares it, and its channel has another key',
      rules(shared),
      [rules({ ...otherKey, pager: { ...shared.pager, secret: 'other' } })],
      CLOSE_SHARED,
    ],
    ['its channel is of another type', rules(own), [rules(slack)], CLOSE],
    ['its channel is gone', rules(own), [rules(without, ['day'])], CLOSE],
    [
      'its channel became one with another',
      rules(own, ['pager', 'day']),
      [rules({ chat, day: { ...own.day, formerly: ['pager'] } }, ['day'])],
      CLOSE,
    ],
  ])('%s', async (_what, first, next, text) => {
    await fireThenPush(first, ...next)
    expect(await notified()).toEqual([expect.stringMatching(text)])
    const { stdout } = await here(named('history'), [life.alarm, '--all'])
    expect(stdout).toMatch(/left open: channel "pager" may have left/)
  })

  test('it may be open: PagerDuty’s answer was an error, and its channel has another key', async () => {
    life.pagerAnswers(503)
    await life.push(rules(own))
    await life.come('ALARM 10:00')
    await life.push(rules(otherKey))
    life.pagerAnswers()
    await life.come('OK 10:01')
    await life.passUntil('10:30')
    expect(await notified()).toEqual([expect.stringMatching(CLOSE)])
  })

  test('an attempt to add it to a shared incident was refused, and its channel has another key', async () => {
    await life.push(rules(shared))
    const mine = life.alarm
    life.alarm = `other-${mine}`
    await life.come('ALARM 10:00')
    life.alarm = mine
    life.pagerAnswers(429, { 'retry-after': '60' })
    await life.come('ALARM 10:05')
    life.pagerAnswers()
    life.alarm = `other-${mine}`
    await life.come('OK 10:05')
    await life.push(rules({ ...otherKey, pager: { ...shared.pager, secret: 'other' } }))
    life.alarm = mine
    await life.passUntil('10:10')
    await life.come('OK 11:00')
    await life.passUntil('11:30')
    expect(await notified()).toContainEqual(expect.stringMatching(CLOSE_SHARED))
  })

  test.each([
    ['PagerDuty refuses the resolve at another key', otherKey, 'pagerduty'],
    ['Slack refuses the resolve, which its channel leads to now', slack, 'slack'],
  ] as const)('%s', async (_what, next, type) => {
    await life.push(rules(own))
    await life.come('ALARM 10:00')
    await life.push(rules(next))
    life.pagerAnswers(400)
    life.slackAnswers(404)
    await life.come('OK 10:10')
    await life.passUntil('10:40')
    expect(await life.router.deadLetters(type)).toHaveLength(1)
    expect(await notified()).toEqual([expect.stringMatching(CLOSE)])
    life.slackAnswers()
  })

  test('once, though it fires again, and though the dead letter is redriven without being read', async () => {
    await fireThenPush(rules(own), rules(otherKey))
    await life.come('ALARM 12:00', 'OK 12:10')
    await life.passUntil('12:30')
    expect(await notified()).toHaveLength(1)
    await life.router.redrive('alarms')
    await life.passUntil('12:40')
    expect(await notified()).toEqual([expect.stringMatching(CLOSE)])
  })

  test('also if its channel gets its key back after the alert has ended', async () => {
    await fireThenPush(rules(own), rules(otherKey))
    await life.push(rules(own))
    await life.passUntil('12:00')
    expect(await notified()).toEqual([expect.stringMatching(CLOSE)])
  })
})

describe('nobody is asked to close what the router closes', () => {
  test.each([
    ['the rules stay as they are', rules(own), []],
    [
      'its channel has another name',
      rules(own),
      [rules({ ...without, oncall: { ...own.pager, formerly: ['pager'] } }, ['oncall'])],
    ],
    [
      'its channel has another name, and its own again',
      rules(own),
      [rules({ ...without, oncall: { ...own.pager, formerly: ['pager'] } }, ['oncall']), rules(own)],
    ],
    ['its channel has another key for a while', rules(own), [rules(otherKey), rules(own)]],
    ['it is in no shared incident any more', rules(shared), [rules(own)]],
    ['another channel leads there', rules(own), [rules({ ...without, oncall: own.pager }, ['oncall'])]],
  ])('%s', async (_what, first, next) => {
    await fireThenPush(first, ...next)
    expect(await notified()).toEqual([])
    expect(open()).toEqual([])
  })

  test('nor what PagerDuty has refused, and was never open', async () => {
    life.pagerAnswers(400)
    await life.push(rules(own))
    await life.come('ALARM 10:00')
    await life.push(rules(otherKey))
    await life.come('OK 10:10')
    await life.passUntil('10:40')
    expect(await notified()).toEqual([])
    expect(open()).toEqual([])
  })

  test('nor what was not an incident: PagerDuty got a deployment as a change', async () => {
    const deployment = { title: 'deploy orders', id: life.alarm, class: 'deployment', state: 'succeeded' }
    const happens = async (status: string, time: string) => {
      life.at(time)
      await life.router.come({ ...deployment, status, severity: 'info', time: life.iso(time) })
      await life.router.work()
    }
    const toPager = (channels: object) => {
      const of = rules(channels)
      return { ...of, severities: { ...of.severities, info: { channels: ['pager'] } }, default: { severity: 'info' } }
    }
    await life.push(toPager(own))
    await happens('firing', '10:00')
    expect(life.router.engine.pagerduty.requests).toHaveLength(1)
    expect(open()).toEqual([])
    await life.passUntil('10:20')
    await life.push(toPager(otherKey))
    await happens('resolved', '11:00')
    await life.passUntil('11:30')
    expect(await notified()).toEqual([])
  })

  test('nor what a dead letter of the channel reports already', async () => {
    await life.push(rules(own))
    await life.come('ALARM 10:00')
    life.pagerAnswers(400)
    await life.come('OK 10:10')
    await life.passUntil('10:40')
    expect(await notified()).toEqual([])
    expect(await life.router.deadLetters('pagerduty')).toHaveLength(1)
    life.pagerAnswers()
    await life.router.redrive('pagerduty')
    await life.passUntil('10:50')
    expect(await notified()).toEqual([])
    expect(open()).toEqual([])
  })
})
