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
      ['unknown key "staus": did you mean "status"?'],
    ],
    [
      'letters that have changed places',
      { title: 'x', source: 's', satus: 'ok', tiem: 1 },
      ['unknown key "satus": did you mean "status"?', 'unknown key "tiem": did you mean "time"?'],
    ],
    ['nothing of a key with two other letters', { title: 'x', source: 's', region2x: 1, runbaak: 'x' }, undefined],
    ['nothing of a severity of null', { title: 'x', source: 's', severity: null }, undefined],
    [
      'a key in other letters',
      { title: 'x', source: 's', Severity: 'info' },
      ['unknown key "Severity": did you mean "severity"?'],
    ],
    [
      'nothing of a key of one’s own',
      { title: 'x', source: 's', stage: 'prod', tag: 'a', links2: 1 },
      ['unknown key "links2": did you mean "links"?'],
    ],
    [
      'a severity that means none',
      { title: 'x', severity: 'catastrophic' },
      ['unknown severity "catastrophic" (use critical, warning, info)'],
    ],
    ...['severity', 'status'].map((field): [string, object, string[]] => [
      `a ${field} that is no word`,
      { title: 'x', source: 's', [field]: ['critical'] },
      [`"${field}" is a list, so it is ignored: write one word`],
    ]),
    [
      'a severity that is an object',
      { title: 'x', source: 's', severity: { level: 1 } },
      ['"severity" is an object, so it is ignored: write one word'],
    ],
    ...['Fireing', 'fixed', 'on'].map((status): [string, object, string[]] => [
      `a status that means none: ${status}`,
      { title: 'x', source: 's', id: 'a', status },
      [`unknown status "${status}", treated as firing (use firing or resolved)`],
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
      ['unknown severity "top" (use critical, warning, info)'],
    ],
    ['nothing of a level of one’s own', { alert: 'x', level: 'trace' }, undefined],
    [
      'a severity of Prometheus that means none',
      {
        alerts: [
          { status: 'firing', labels: { alertname: 'Down', severity: 'top' }, startsAt: '2026-10-05T07:00:00Z' },
        ],
      },
      ['unknown severity "top" (use critical, warning, info)'],
    ],
    [
      'a severity that is a number',
      { title: 'x', severity: 5 },
      ['unknown severity "5" (use critical, warning, info)'],
    ],
    [
      'that it was routed as a text, and why',
      { titel: 'x', severity: 'critical' },
      [
        'unknown key "titel": did you mean "title"?',
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ],
    ...['severty', 'Severity', 'sevreity', 'severity_', 'sourc', 'SOURCE'].map((key): [string, object, string[]] => [
      `that it was routed as a text, for ${key}`,
      { title: 'x', [key]: 'critical', tags: { team: 'orders' } },
      [
        `unknown key "${key}": did you mean "${/sev/i.test(key) ? 'severity' : 'source'}"?`,
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ]),
    [
      'both keys that are misspelt',
      { titel: 'x', severty: 'critical' },
      [
        'unknown key "titel": did you mean "title"?',
        'unknown key "severty": did you mean "severity"?',
        'routed as plain text: an event has a "title", and a "severity" or a "source"',
      ],
    ],
    [
      'that it is an event anyway, if its source says so',
      { title: 'x', source: 's', severty: 'critical' },
      ['unknown key "severty": did you mean "severity"?'],
    ],
    ['nothing of somebody else’s list', { title: 'x', sources: ['a', 'b'] }, undefined],
    ['nothing of JSON with a title, and no key like one of an event', { title: 'x', priority: 'P1' }, undefined],
    ['nothing of JSON that is no event of ours', { headline: 'x', level: 'error' }, undefined],
  ])('%s', (_, event, notes) => {
    expect(notesOf(event)).toEqual(notes)
  })
})

test('each channel shows a note once, at the end', () => {
  const notes = ['unknown key "staus": did you mean "status"?']
  const notification = { ...firing, alert: { ...firing.alert, notes } }
  const { text, rich } = email(notification)
  const shown = [slack(notification), text, rich.document, pagerduty(notification)].map((one) => JSON.stringify(one))
  for (const text of shown) expect(text.split('did you mean').length - 1).toBe(1)
})
