import { expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { claimed, told } from '../shared/deliver/turn.ts'

/** What becomes of an alert's state, change by change, where it takes a moment that no other test can hold still. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  rules: [],
  default: { severity: 'critical' },
})

const iso = (time: string) => `2026-11-03T${time}:00.000Z`

function alert(status: Alert['status'], time: string): Alert {
  return {
    ...{ fingerprint: 'api', kind: 'event', status, changedAt: iso(time), name: 'api', title: 'api', resource: 'api' },
    ...{ source: 'test', dimensions: {}, tags: {}, children: [], details: {}, links: {} },
  }
}

function comes(state: AlertState | undefined, status: Alert['status'], time: string) {
  return nextByChange(state, { alert: alert(status, time), change: `${status} ${time}` }, config, new Date(iso(time)))
}

const isTelling = (state: AlertState, token: string, time: string) =>
  claimed(state, 'chat', { token, leaseMs: 30_000, incident: undefined, isRedriven: false }, new Date(iso(time)))

/** The channel says yes to what it was owed in a state. */
function says(now: AlertState, owing: AlertState, token: string, time: string): AlertState {
  const owed = owing.recipients.chat?.owed
  if (!owed) throw new Error('nothing is owed')
  const { change, status, at: changedAt } = owed
  return told(now, { fingerprint: 'api', recipient: 'chat', change, status, changedAt, token, toldAt: iso(time) })
}

test('a second OK, that comes while the first one is being told, is not told too', () => {
  const firing = comes(undefined, 'firing', '10:00').state
  const fired = says(isTelling(firing, 'a', '10:00'), firing, 'a', '10:00')
  const telling = isTelling(comes(fired, 'resolved', '10:05').state, 'b', '10:05')
  const second = comes(telling, 'resolved', '10:06')
  expect(second).toMatchObject({ outcome: 'nobody', wake: [] })
  expect(second.decision.because.at(-1)).toBe('whoever was told that it fired knows that it is over, or is being told')
  const over = says(second.state, telling, 'b', '10:06')
  expect(over.recipients.chat).toMatchObject({ told: { change: 'resolved 10:05' } })
  expect(over.recipients.chat?.owed).toBeUndefined()
  // What comes late, from before that second OK, is over.
  expect(comes(over, 'firing', '10:05').outcome).not.toBe('sent')
  expect(comes(over, 'firing', '10:07')).toMatchObject({ outcome: 'sent', wake: ['chat'] })
})
