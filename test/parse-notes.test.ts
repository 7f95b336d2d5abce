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
    ...['severity', 'status'].map((field): [string, object, string[]] => [
      `a ${field} that is no word`,
      { title: 'x', source: 's', [field]: ['critical'] },
      [`"${field}" is a list, and counts as absent: write one word`],
    ]),
    [
      'a severity that is an object',
      { title: 'x', source: 's', severity: { level: 1 } },
      ['"severity" is an object, and counts as absent: write one word'],
    ],
    ...['Fireing', 'fixed', 'on'].map((status): [string, object, string[]] => [
      `a status that means none: ${status}`,
      { title: 'x', source: 's', id: 'a', status },
      [`status "${status}" means nothing here, so it fires: firing, resolved do`],
    ]),
    ['nothing of a status that means one', { title: 'x', source: 's', status: 'OK' }, undefined],
    [
      'nothing of a deployment’s own status',
      { title: 'x', source: 's', class: 'deployment', status: 'half way' },
      undefined,
    ],
    [
      'a severity of a text that means none',
      { alert: 'x', severity: 'top' },
      ['severity "top" means nothing here: critical, warning, info do'],
    ],
    ['nothing of a level of one’s own', { alert: 'x', level: 'trace' }, undefined],
    [
      'a severity of Prometheus that means none',
      {
        alerts: [
          { status: 'firing', labels: { alertname: 'Down', severity: 'top' }, startsAt: '2026-10-05T07:00:00Z' },
        ],
      },
      ['severity "top" means nothing here: critical, warning, info do'],
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
    ...['severty', 'Severity', 'sevreity', 'severity_', 'sourc', 'SOURCE'].map((key): [string, object, string[]] => [
      `that it was routed as a text, for ${key}`,
      { title: 'x', [key]: 'critical', tags: { team: 'orders' } },
      [
        `"${key}" is not known: did you mean "${/sev/i.test(key) ? 'severity' : 'source'}"?`,
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ]),
    [
      'both keys that are misspelt',
      { titel: 'x', severty: 'critical' },
      [
        '"titel" is not known: did you mean "title"?',
        '"severty" is not known: did you mean "severity"?',
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ],
    [
      'that it is an event all the same, where its source says so',
      { title: 'x', source: 's', severty: 'critical' },
      ['"severty" is not known: did you mean "severity"?'],
    ],
    ['nothing of somebody else’s list', { title: 'x', sources: ['a', 'b'] }, undefined],
    ['nothing of JSON with a title, and no key like one of an event', { title: 'x', priority: 'P1' }, undefined],
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
