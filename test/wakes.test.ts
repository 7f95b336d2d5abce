import { expect, test } from 'vitest'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { wakesOf } from '../shared/route/wakes.ts'

const owed = (status: string) => ({ change: 'change#1', at: '2026-11-03T10:00:00.000Z', status })
const one = (channel: string, status?: string) => ({
  channel,
  tries: 0,
  waits: 0,
  log: [],
  ...(status && { owed: owed(status) }),
})

test('a wake-up says by its attributes what it is for: what follows an alert is woken by firings alone', () => {
  const recipients = {
    chat: one('chat', 'resolved'),
    mail: one('mail', 'firing'),
    idle: one('chat'),
    gone: one('gone', 'firing'),
  }
  const state = { fingerprint: 'a', recipients } as unknown as AlertState
  const channels = {
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', addresses: ['a@example.com'] },
  } as const
  const about = (name: string, type: string) => ({
    fingerprint: 'a',
    recipient: name,
    channel: name,
    type,
    change: 'change#1',
  })
  expect(wakesOf(state, ['chat', 'mail', 'idle', 'gone'], { channels: channels as never })).toEqual([
    { wake: about('chat', 'slack'), status: 'resolved' },
    { wake: about('mail', 'email'), status: 'firing' },
  ])
})
