import { expect, test } from 'vitest'
import { isEnvelope, parsePublished } from '../shared/parse/published.ts'

/** What somebody publishes: a topic takes any text, so none that it would take is refused. */

const now = new Date('2026-10-01T00:00:00Z')

test.each<[unknown, string]>([
  ['Disk full', 'Disk full'],
  [{ title: 'Disk full', severity: 'critical' }, 'Disk full'],
  ['42', '42'],
  ['{}', 'Message without content'],
  [{}, 'Message without content'],
  [{ Records: 'x', Type: 'Notification' }, ''],
  [{ Type: 'Notification', Message: 7 }, ''],
  ['{broken', ''],
  ['[1, 2', ''],
  [' \n', ''],
])('%j is shown, or refused as a broken envelope: %j', (published, title) => {
  if (title === '') expect(() => parsePublished(published, { now })).toThrow()
  else expect(parsePublished(published, { now })).toMatchObject([{ title, changedAt: '2026-10-01T00:00:00.000Z' }])
})

test.each<[string, boolean]>([
  ['{"Records":[]}', true],
  [' \n[{"a":1}', true],
  ['{"Type":"Notification"}', true],
  ['{"Type":"SubscriptionConfirmation"}', true],
  ['{"Type":"UnsubscribeConfirmation"}', true],
  ['{"Type":"MyNotification"}', false],
  ['{"Type":"Notifications"}', false],
  ['{"a":1}', false],
  ['[{"Records":[]}]', false],
  ['see {"Records":[]}', false],
  ['"{"', false],
])('%j is of an envelope: %s', (text, expected) => {
  expect(isEnvelope(text)).toBe(expected)
})
