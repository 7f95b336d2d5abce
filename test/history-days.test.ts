import { afterEach, expect, test, vi } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Timed } from '../shared/decide/decision.ts'
import { itemOfChange, type NewChange } from '../shared/store/changes.ts'

afterEach(() => vi.unstubAllEnvs())

const NOW = new Date('2026-11-03T10:00:00Z')
const sent: Timed = { severity: 'critical', rule: 'default', channels: ['pager'], because: [], held: [] }
const held = [{ channel: 'pager', until: '2026-12-24T10:00:00Z', why: 'silenced' }]

/** How many days a change is kept. */
function days(decision: Partial<Timed>, status: Alert['status'] = 'firing'): number {
  const alert = { fingerprint: 'a', title: 'a', status, changedAt: NOW.toISOString() } as Alert
  const kept = { alert, change: 'change#1', decision: { ...sent, ...decision }, outcome: 'sent', earlier: {} }
  const item = itemOfChange('a', { ...kept, messageId: 'm', version: 0 } as unknown as NewChange, NOW)
  return (Number(item.expiresAt.N) - NOW.getTime() / 1_000) / 86_400
}

test.each<[string, Partial<Timed>, Alert['status'], number]>([
  ['what was sent', {}, 'firing', 30],
  ['what is held: it is sent when the hold ends', { held }, 'firing', 90],
  ['what people are reminded of', { remind: ['1h'] }, 'firing', 90],
  ['what is escalated', { escalate: [{ after: '1h', to: ['email'] }] }, 'firing', 90],
  ['what a rule reminds nobody of', { remind: 'none' }, 'firing', 30],
  ['a resolve', { held, remind: ['1h'] }, 'resolved', 30],
])('%s is kept for its days', (_what, decision, status, expected) => {
  expect(days(decision, status)).toBe(expected)
})

test('the stack says for how many days', () => {
  vi.stubEnv('HISTORY_DAYS', '400')
  expect([days({}), days({ held })]).toEqual([400, 400])
})
