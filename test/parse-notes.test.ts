import { describe, expect, test } from 'vitest'
import { render as email } from '../shared/channels/email/render.ts'
import { render as pagerduty } from '../shared/channels/pagerduty/render.ts'
import { render as slack } from '../shared/channels/slack/render.ts'
import { parse } from '../shared/parse/parse.ts'
import { firing } from './alert-samples.ts'

/** What a sender of our own event has probably got wrong is said to whoever reads the alert. */
const notesOf = (event: object) => parse(event)[0]?.notes

describe('a note says', () => {
  test.each<[string, object, string[] | undefined]>([
    ['nothing of what is right', { title: 'x', severity: 'warning', source: 's', extra: 1 }, undefined],
    [
      'a key that is misspelt',
      { title: 'x', source: 's', staus: 'ok' },
      ['"staus" is not known: did you mean "status"?'],
    ],
    [
      'letters that have changed places',
      { title: 'x', source: 's', satus: 'ok', tiem: 1 },
      ['"satus" is not known: did you mean "status"?', '"tiem" is not known: did you mean "time"?'],
    ],
    [
      'a key in other letters',
      { title: 'x', source: 's', Severity: 'info' },
      ['"Severity" is not known: did you mean "severity"?'],
    ],
    [
      'nothing of a key of one’s own',
      { title: 'x', source: 's', stage: 'prod', tag: 'a', links2: 1 },
      ['"links2" is not known: did you mean "links"?'],
    ],
    [
      'a severity that means none',
      { title: 'x', severity: 'catastrophic' },
      ['severity "catastrophic" means nothing here: critical, warning, info do'],
    ],
    [
      'a severity that is a number',
      { title: 'x', severity: 5 },
      ['severity "5" means nothing here: critical, warning, info do'],
    ],
    [
      'that it was routed as a text, and why',
      { titel: 'x', severity: 'critical' },
      [
        '"titel" is not known: did you mean "title"?',
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ],
    ['nothing of JSON that is no event of ours', { headline: 'x', level: 'error' }, undefined],
  ])('%s', (_, event, notes) => {
    expect(notesOf(event)).toEqual(notes)
  })
})

test('each channel shows it once, at the end', () => {
  const notes = ['"staus" is not known: did you mean "status"?']
  const notification = { ...firing, alert: { ...firing.alert, notes } }
  const shown = [slack(notification), email(notification), pagerduty(notification)].map((one) => JSON.stringify(one))
  for (const text of shown) expect(text.split('did you mean').length - 1).toBe(1)
})
