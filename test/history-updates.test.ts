import { expect, test } from 'vitest'
import { deliveryLines } from '../cli/history/delivery-text.ts'
import { checkConfig } from '../shared/config/check.ts'
import { failed } from '../shared/decide/failure.ts'
import { deliveriesTo } from '../shared/history/deliveries.ts'
import { firing } from './alert-samples.ts'
import { changeOf, Life, timeOf } from './life.ts'

/** What the history shows of reminders and escalations. */
const rules = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat' },
    boss: { type: 'slack', secret: 'boss' },
  },
  severities: {
    critical: { channels: ['chat'], remind: '1h', escalate: [{ after: '30m', to: ['boss'] }] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  rules: [],
  default: { severity: 'critical' },
})

/** It fires at 10:00, and `chat` is sent that. */
function fired(): Life {
  const life = new Life(rules)
  life.now = new Date(timeOf(0))
  life.comes(changeOf('firing', 0))
  life.deliver('chat')
  return life
}

function passTo(life: Life, minute: number): void {
  life.now = new Date(timeOf(minute))
  life.looks()
}

function shown({ state }: Life): string[] {
  const logs = Object.entries(state?.recipients ?? {})
  const entries = logs.flatMap(([recipient, { log }]) => log.map((entry) => ({ recipient, ...entry })))
  const concerned = { alert: firing.alert, keys: ['c0'], channels: ['chat'], held: [] }
  return deliveriesTo(concerned, entries, state as never).flatMap((delivery) =>
    deliveryLines(delivery).map(({ who, word, text = '' }) => [who, `${word}${text}`].filter(Boolean).join(': ')),
  )
}

test('a reminder that was refused is one of the reminders, not an attempt of the change', () => {
  const life = fired()
  passTo(life, 35)
  life.deliver('boss')
  passTo(life, 62)
  life.deliver('chat', 'no')
  expect(shown(life)).toEqual(['chat: delivered', 'failed (reminder): x', 'boss: escalated to'])
})

test('an escalation that is refused says so, and when it is attempted again', () => {
  const life = fired()
  passTo(life, 31)
  life.deliver('boss', 'no')
  expect(shown(life)).toEqual([
    'chat: delivered',
    expect.stringMatching(/^boss: waits for the next attempt, at .*: x$/),
    'failed (escalation): x',
  ])
})

test('an escalation that its end replaced was not sent, and nothing of it is unknown', () => {
  const life = fired()
  passTo(life, 31)
  life.comes(changeOf('resolved', 33))
  expect(shown(life)).toEqual(['chat: delivered', 'boss: not sent (escalation)'])
})

test('an escalation that was given up is a dead letter once', () => {
  const life = fired()
  passTo(life, 31)
  const owed = life.state?.recipients.boss?.owed
  if (!life.state || !owed) throw new Error('it is not escalated')
  const failure = { token: 't', owed, reason: 'x', waitMs: 0, isUncertain: false, isShown: true } as const
  life.state = failed(life.state, 'boss', { ...failure, kind: 'dead-lettered' }, life.now)
  expect(shown(life)).toEqual(['chat: delivered', 'boss: dead-lettered (escalation): x'])
})
