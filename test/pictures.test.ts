import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { digestOf, PICTURES, takenOf } from './pictures.ts'

test.each(Object.entries(PICTURES))('%s shows what people see now', (file, { page }) => {
  const outOfDate = `${file} was taken of another page: npm run pictures, and look at it`
  expect(takenOf(readFileSync(file)), outOfDate).toBe(digestOf(page()))
})

test('a picture that does not say of which page it was taken is out of date', () => {
  expect(takenOf(readFileSync('docs/channels.png'))).toBeUndefined()
})

test('the page of an alert’s life in Slack says what the messages say, in their order', () => {
  const text = (PICTURES['docs/slack-life.png']?.page() ?? '').replace(/<[^>]*>/g, '\n')
  const said = [
    ...['CRITICAL: checkout-unavailable', 'Acknowledge\n', 'Silence 1h'],
    ...['Reminder 1: it still fires after 15 min, and nobody has acknowledged it.'],
    ...['ACKNOWLEDGED: checkout-unavailable', '(edited)', 'Acknowledged by bob at 05:11:00 UTC in Slack.'],
    ...['RESOLVED: checkout-unavailable: checkout-5xx (fired for 55 min)', '(edited)'],
  ]
  let from = 0
  for (const one of said) {
    const at = text.indexOf(one, from)
    expect(at, one).toBeGreaterThan(-1)
    from = at
  }
})
