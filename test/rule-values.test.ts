import { expect, test } from 'vitest'
import { render as emailOf } from '../shared/channels/email/render.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { render as slackOf } from '../shared/channels/slack/render.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { extrasOf } from '../shared/decide/extras.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { notificationsOf } from '../shared/decide/notifications.ts'
import { firing } from './alert-samples.ts'

/** What a rule sets besides severity and channels reaches the readers. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'info' },
  rules: [
    {
      name: 'orders',
      when: { name: 'orders-*' },
      severity: 'warning',
      groupBy: ['account'],
      runbook: 'https://wiki.example.com/orders',
      labels: { owner: 'orders-team' },
    },
  ],
})
const alert = { ...firing.alert, name: 'orders-db', links: {} }
const decision = decide(alert, config)
const [notification] = notificationsOf(alert, decision, config, undefined)
if (!notification) throw new Error('nobody is notified')

test('its runbook is the alert’s if the alert has none', () => {
  expect(notification.alert.links.runbook).toBe('https://wiki.example.com/orders')
  const own = { ...alert, links: { runbook: 'https://wiki.example.com/own' } }
  expect(notificationsOf(own, decision, config, undefined)[0]?.alert.links.runbook).toBe('https://wiki.example.com/own')
})

test('its labels are shown in every channel', () => {
  for (const payload of [slackOf(notification), emailOf(notification), pagerduty.render(notification)]) {
    expect(JSON.stringify(payload)).toContain('orders-team')
  }
})

test('the resolve has them too, and is grouped like its firing', () => {
  const now = new Date(alert.changedAt)
  const { state } = nextByChange(undefined, { alert, change: 'fires' }, config, now)
  const over = { ...alert, status: 'resolved' as const, changedAt: '2026-09-14T12:00:00.000Z' }
  const { decision } = nextByChange(state, { alert: over, change: 'its end' }, config, new Date(over.changedAt))
  expect(decision).toMatchObject({
    channels: ['chat'],
    groupBy: ['account'],
    runbook: 'https://wiki.example.com/orders',
    labels: { owner: 'orders-team' },
  })
})

test('a resolve has the same values from a rule; values that it does not set are absent', () => {
  const all = { groupBy: ['account'], runbook: '', labels: { owner: 'x' }, title: '', text: '' }
  expect(extrasOf(all)).toStrictEqual(all)
  expect(extrasOf({})).toStrictEqual({})
})
