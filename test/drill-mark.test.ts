import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRecordedAlerts } from '../cli/rules/plan/recorded-alerts.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { identityOf } from '../shared/alert/identity.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import type { PagerDutyPayload } from '../shared/channels/pagerduty/render.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { newState } from '../shared/decide/alert-state.ts'
import { type Claimed, incidentKey, messagesFor } from '../shared/deliver/messages.ts'
import { parse } from '../shared/parse/parse.ts'
import { firing, message } from './alert-samples.ts'
import { anyNotification, anyStorm } from './any-notification.ts'

/** Only the publisher's own mark makes a drill; and every message about one says so first. */

const ALARM = { AlarmName: 'a', NewStateValue: 'ALARM', NewStateReason: 'x' }
const text = JSON.stringify(ALARM)
const attribute = (Value: string) => ({ 'alert-router-drill': { Type: 'String', Value } })
const sns = (Message: string, MessageAttributes: object = {}) => ({
  ...{ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms', Message, MessageAttributes },
})
const inQueue = (body: object) => ({
  Records: [
    {
      messageId: 'm',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:alarms',
      body: JSON.stringify(body),
    },
  ],
})
const drillOf = (event: unknown) => (parse(event)[0] as Alert).drill

describe('a drill is marked by', () => {
  test.each<[string, unknown, string | undefined]>([
    ['the message’s attribute', inQueue(sns(text, attribute('2026-11-27-3f9c2a'))), '2026-11-27-3f9c2a'],
    [
      'the same, where SNS calls a function',
      { Records: [{ EventSource: 'aws:sns', Sns: sns(text, attribute('2026-11-27-0000d1')) }] },
      '2026-11-27-0000d1',
    ],
    [
      'the reason with which an alarm was set',
      inQueue(sns(JSON.stringify({ ...ALARM, NewStateReason: 'alert-router drill 2026-11-27-0000d1: by ana' }))),
      '2026-11-27-0000d1',
    ],
    ['no attribute', inQueue(sns(text)), undefined],
    ...['Not an id', 'true', 'false', 'd1', '2026-11-27-3f9c2A', '2026-11-27-3f9c2a0', ''].map(
      (value): [string, unknown, undefined] => [
        `no attribute that is not an id: ${value}`,
        inQueue(sns(text, attribute(value))),
        undefined,
      ],
    ),
    [
      'no attribute of a sender’s own',
      inQueue(sns(text, { drill: { Type: 'String', Value: '2026-11-27-3f9c2a' } })),
      undefined,
    ],
    ['no field of the message', inQueue(sns(JSON.stringify({ ...ALARM, drill: '2026-11-27-0000d1' }))), undefined],
    [
      'no field of our own event',
      inQueue(sns(JSON.stringify({ title: 't', source: 's', drill: '2026-11-27-0000d1' }))),
      undefined,
    ],
    [
      'no attribute of a message inside it',
      inQueue(sns(JSON.stringify(sns(text, attribute('2026-11-27-0000d1'))))),
      undefined,
    ],
    [
      'no words elsewhere in a reason',
      inQueue(sns(JSON.stringify({ ...ALARM, NewStateReason: 'see alert-router drill 2026-11-27-0000d1: by ana' }))),
      undefined,
    ],
    [
      'no description',
      inQueue(sns(JSON.stringify({ ...ALARM, AlarmDescription: 'alert-router drill 2026-11-27-0000d1: by ana' }))),
      undefined,
    ],
    [
      'no attribute of a queue with raw delivery',
      {
        Records: [
          {
            ...inQueue(ALARM).Records[0],
            messageAttributes: { 'alert-router-drill': { dataType: 'String', stringValue: '2026-11-27-0000d1' } },
          },
        ],
      },
      undefined,
    ],
  ])('%s', (_what, event, drill) => {
    expect(drillOf(event)).toBe(drill)
  })

  test('the mark is no fact of the sender', () => {
    const [alert] = parse(
      sns('a text', { ...attribute('2026-11-27-0000d1'), team: { Type: 'String', Value: 'orders' } }),
    )
    expect(alert?.details).toEqual({ team: 'orders' })
  })
})

test('a drill is an alert of its own, which the rules know by the fingerprint of the real one', () => {
  const [real, drill] = [
    parse(inQueue(sns(text)))[0],
    parse(inQueue(sns(text, attribute('2026-11-27-0000d1'))))[0],
  ] as [Alert, Alert]
  expect(drill.fingerprint).toBe(real.fingerprint)
  expect(identityOf(drill)).toBe(`${identityOf(real)}#drill-2026-11-27-0000d1`)
})

test('rules plan leaves recorded drills out', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'drill-')), 'events.jsonl')
  const real = sns(JSON.stringify({ ...ALARM, AlarmName: 'real' }))
  writeFileSync(file, [real, sns(text, attribute('2026-11-27-0000d1'))].map((one) => JSON.stringify(one)).join('\n'))
  const { alerts } = await readRecordedAlerts({ against: [file], stage: undefined, since: undefined })
  expect(alerts.map(({ name }) => name)).toEqual(['real'])
})

const asDrill = (one: Notification, drill = '2026-11-27-0000d1'): Notification => ({
  ...one,
  alert: { ...one.alert, drill },
})
const MARK = /^\[Drill\] /
const SUMMARY = /^(\w+, \w+|change): \[Drill\] /

describe('every message of a drill says so first', () => {
  test.each([
    ['a firing', firing],
    ['with a title from the rules', { ...firing, title: '{{name}}' }],
    ['a message', message],
    ['late, by a fallback', { ...firing, fallbackFor: { channel: 'pager', reason: 'x' }, missed: true as const }],
  ])('%s', (_what, one) => {
    const drill = asDrill(one as Notification)
    expect(slack.firstLine(slack.render(drill))).toMatch(MARK)
    expect(email.firstLine(email.render(drill))).toMatch(MARK)
    expect(email.render(drill).text).toMatch(MARK)
    expect(pagerduty.firstLine(pagerduty.render(drill))).toMatch(SUMMARY)
    expect(pagerduty.render(drill).data.payload.custom_details.drill).toBe(
      'Drill 2026-11-27-0000d1: a test of the way to you. Nothing is wrong.',
    )
    expect(JSON.stringify(slack.render(drill))).toContain('Nothing is wrong')
  })

  test('any alert, and no real one', () => {
    const first = (one: Notification) => [slack.firstLine(slack.render(one)), email.firstLine(email.render(one))]
    fc.assert(
      fc.property(anyNotification, (one) => {
        for (const line of first(asDrill(one))) expect(line).toMatch(MARK)
        expect(pagerduty.firstLine(pagerduty.render(asDrill(one)))).toMatch(SUMMARY)
        for (const line of first(one)) expect(line).not.toMatch(MARK)
      }),
    )
  })

  test('any storm of drills and real alerts: no message has both, and each line of a drill is marked', () => {
    fc.assert(
      fc.property(
        anyStorm,
        fc.func(fc.constantFrom(undefined, '2026-11-27-0000d1', '2026-11-27-0000d2')),
        (storm, drillOf) => {
          const all = storm.map((one) => {
            const drill = drillOf(one.id)
            return drill === undefined ? one : asDrill(one, drill)
          })
          for (const channel of [slack, email]) {
            const messages = messagesFor<never>(all.map(claimedOf), channel as never, {
              groupBy: undefined,
              freeSlots: 3,
            })
            for (const { carries, content } of messages) {
              const drills = new Set(carries.map(({ notification }) => notification.alert.drill))
              expect(drills.size).toBe(1)
              const line = channel.firstLine((content as { payload: never }).payload)
              expect(MARK.test(line)).toBe(!drills.has(undefined))
            }
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  test('a digest names each', () => {
    const many = Array.from({ length: 5 }, (_, n) => asDrill({ ...firing, id: `${n}` }))
    const [slackDigest, emailDigest] = [slack.renderDigest?.(many)[0]?.payload, email.renderDigest?.(many)[0]?.payload]
    expect(slack.firstLine(slackDigest as never)).toMatch(/^\[Drill\] CRITICAL: 5 alerts/)
    expect(JSON.stringify(slackDigest).match(/• \*\[Drill\] |\|\[Drill\] /g)).toHaveLength(5)
    expect(emailDigest?.subject).toMatch(/^\[Drill\] \[CRITICAL\] 5 alerts/)
    expect(emailDigest?.text.match(/^\[Drill\] orders-db-cpu-high$/gm)).toHaveLength(5)
  })

  test('an incident that drills share, which is not that of real alerts', () => {
    const place = { stage: 'prod', region: 'eu-west-1' }
    const drill = asDrill(firing)
    expect(incidentKey(drill, ['account'], place)).not.toBe(incidentKey(firing, ['account'], place))
    const rendered = pagerduty.incidents?.render([drill, { ...drill, id: 'b' }], 'key', 2) as PagerDutyPayload
    const { payload } = rendered.data
    expect(payload.summary).toMatch(/^\[Drill\] 2 alerts: orders-db-cpu-high/)
    expect([payload.custom_details.alerts].flat().filter((line) => !MARK.test(String(line)))).toEqual([])
  })
})

function claimedOf(notification: Notification): Claimed {
  const { alert, id } = notification
  const owed = { change: id, at: alert.changedAt, status: alert.status }
  return {
    ...{
      notification,
      fingerprint: identityOf(alert),
      recipient: 'a',
      owed,
      state: newState(alert),
      token: id,
      tries: 0,
    },
    ...{ failingSince: undefined, isAlone: false, fallbackTo: undefined, incident: undefined, joinedAt: undefined },
    ...{ leaving: [], left: [], posted: undefined, inDoubtSince: undefined },
  }
}
