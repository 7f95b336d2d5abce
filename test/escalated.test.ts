import { expect, test } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { changeOf, config, Life, timeOf } from './life.ts'

/** Whoever an escalation reached gets the end, whatever failed on the way. */
const rules = checkConfig({
  ...config,
  severities: {
    ...config.severities,
    critical: { channels: ['critical'], escalate: [{ after: '10m', to: ['chat'] }] },
  },
})

/** It fires, and is escalated: the message reaches its channel, or not. Then somebody acknowledges, or nobody. */
function escalated(outcome: 'yes' | 'no' | 'lost' | 'crash', isAcknowledged: boolean): Life {
  const life = new Life(rules)
  life.now = new Date(timeOf(0))
  life.comes(changeOf('firing', 0))
  life.deliver('critical')
  life.now = new Date(timeOf(15))
  life.looks()
  life.deliver('chat', outcome)
  if (isAcknowledged) life.acknowledged()
  life.now = new Date(timeOf(30))
  life.comes(changeOf('resolved', 30))
  life.deliverAll()
  return life
}

test.each<['yes' | 'no' | 'lost' | 'crash', boolean, string[]]>([
  ['yes', false, ['chat: firing', 'chat: resolved']],
  ['yes', true, ['chat: firing', 'chat: resolved']],
  ['no', false, []],
  ['no', true, []],
  ['lost', false, ['chat: firing', 'chat: missed']],
  ['lost', true, ['chat: firing', 'chat: missed']],
  ['crash', false, ['chat: firing', 'chat: missed']],
  ['crash', true, ['chat: firing', 'chat: missed']],
])('its message: %s; acknowledged: %s', (outcome, isAcknowledged, messages) => {
  const { messages: all } = escalated(outcome, isAcknowledged)
  expect(all.filter((one) => one.startsWith('chat'))).toEqual(messages)
})
