import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { email } from '../shared/channels/email/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import type { Answer } from '../shared/questions/answer.ts'
import { type Page, reportEvent } from '../shared/reports/event.ts'
import { type AskedReport, askedReport } from '../shared/reports/report.ts'
import { SHIPPED_RULES } from './some-platform.ts'

/*
 * A report as an event: what the rules make of it, and what people read.
 */

const AT = '2026-11-27T06:30:00.000Z'
const URL_OF_PAGE =
  'https://eu-west-1.console.aws.amazon.com/s3/object/archive?region=eu-west-1&prefix=reports%2Fa.html'
const PAGE: Page = { url: URL_OF_PAGE }

const answer = (over: Partial<Answer>): Answer => ({
  ...{ id: 'a', title: 'Data quality', verdict: 'good', says: '97 %', source: { query: 'q', asOf: AT } },
  ...over,
})
const todo = (title: string, what = `Look into ${title}`): Answer =>
  answer({ title, verdict: 'bad', says: '3', todo: what })
const unknown = (title: string, says: string): Answer => answer({ title, verdict: 'not checked', says })

function report(answers: Answer[], over: Partial<AskedReport> = {}): AskedReport {
  const about = { name: 'daily', title: 'Daily check', stage: 'prod', at: AT, timezone: 'Europe/Berlin' }
  return { ...askedReport({ ...about, sections: [{ title: 'All', answers }] }), ...over }
}

function alertOf(of: AskedReport, page = PAGE): Alert {
  const [alert, ...others] = parse(reportEvent(of, page), { now: new Date(AT) })
  expect(others).toEqual([])
  return alert as Alert
}

describe('the shipped rules', () => {
  test.each([
    ['daily', 'Daily check', 'health check'],
    ['maintenance', 'Maintenance', 'maintenance'],
    ['performance', 'Performance review', 'usage report'],
    ['weekly', 'Weekly report', 'usage report'],
    ['capacity', 'Capacity review', 'usage report'],
  ])('%s: information, by its own rule', (name, title, rule) => {
    const decided = decide(alertOf(report([todo('Errors')], { name, title })), SHIPPED_RULES)
    expect(decided).toMatchObject({ rule, severity: 'info', channels: ['email'] })
  })

  // Words that make an alarm of any other event.
  test.each([
    '3 failed, data loss, 2 not checked.',
    'the system is down: outage, breach, compliance violation.',
    'high error rate, latency, cpu, disk, quota, cost and budget.',
    'deployment complete, maintenance, no data.',
  ])('whatever words its headline has: "%s"', (headline) => {
    const decided = decide(alertOf(report([], { headline })), SHIPPED_RULES)
    expect(decided).toMatchObject({ severity: 'info', channels: ['email'] })
  })

  test('of a stage that is no production, it is information, too', () => {
    const decided = decide(alertOf(report([todo('Errors')], { stage: 'staging' })), SHIPPED_RULES)
    expect(decided).toMatchObject({ rule: 'health check', severity: 'info' })
  })

  test('a rule may ask whether there is something to do', () => {
    const rules = checkConfig({
      channels: { chat: { type: 'slack', secret: 'chat' }, mail: { type: 'email', addresses: ['a@example.com'] } },
      severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['mail'] } },
      default: { severity: 'warning' },
      rules: [
        {
          name: 'report with something to do',
          when: { source: 'alert-router-report', 'details.toDo': '>= 1' },
          severity: 'info',
          channels: { add: ['chat'] },
        },
        { name: 'report', when: { source: 'alert-router-report' }, severity: 'info' },
      ],
    })
    expect(decide(alertOf(report([todo('Errors')])), rules).channels).toEqual(['mail', 'chat'])
    expect(decide(alertOf(report([answer({})])), rules).channels).toEqual(['mail'])
  })
})

test('it happens once: nothing stays open', () => {
  expect(alertOf(report([]))).toMatchObject({ once: true, status: 'firing', changedAt: AT, notes: undefined })
})

const LINE = {
  ...{ unit: 'Percent' as const, periodS: 3_600 },
  points: [1, 2, 4, 8].map((value, hour): [number, number] => [hour * 3_600, value]),
}

describe('what people read', () => {
  const ALL = report([
    { ...todo('Errors of orders', 'Look into the errors'), line: LINE },
    answer({ verdict: 'bad', says: '92 %', todo: 'Data quality is 92 %, and should be at least 95 %' }),
    answer({}),
    unknown('Cost', 'needs ce:GetCostAndUsage (this role may not)'),
    unknown('Backup of warehouse', 'needs backup:ListBackupJobs (this role may not)'),
    answer({ title: 'Streaming latency', verdict: 'no data', says: 'nothing was published' }),
  ])
  const notification = (of: AskedReport, page?: Page): Notification => ({
    ...{ id: 'n', channel: 'email', type: 'email', severity: 'info', rule: 'health check' },
    alert: alertOf(of, page),
  })

  test('by email', () => {
    const { subject, text } = email.render(notification(ALL))
    expect(subject).toBe('[INFO] Daily check, prod: 2 to do, 2 not checked, 1 without data.')
    expect(text).toContain(`Console:\n${URL_OF_PAGE}\n`)
    expect(text).toContain(
      `Description:
To do
1. Look into the errors
   Errors of orders: 3
   ▂▃▅█
2. Data quality is 92 %, and should be at least 95 %

Not checked
- Cost: needs ce:GetCostAndUsage (this role may not)
- Backup of warehouse: needs backup:ListBackupJobs (this role may not)

Without data: Streaming latency
`,
    )
  })

  test('in Slack, where its title is a link to the page', () => {
    const { text, attachments } = slack.render({ ...notification(ALL), type: 'slack' })
    expect(text).toBe('INFO: Daily check, prod: 2 to do, 2 not checked, 1 without data.')
    const [title, body] = attachments[0].blocks as { text: { text: string } }[]
    expect(title?.text.text).toContain('|Daily check, prod: 2 to do, 2 not checked, 1 without data.>*')
    expect(body?.text.text).toMatch(/^To do\n1\. Look into the errors\n/)
  })

  test('of many, the first are named and the others counted', () => {
    const many = report([
      ...Array.from({ length: 20 }, (_, at) => todo(`Service ${at}`)),
      ...Array.from({ length: 7 }, (_, at) => unknown(`Figure ${at}`, `reason ${at}`)),
    ])
    const { description = '' } = alertOf(many)
    expect(description.match(/^\d+\. /gm)).toHaveLength(8)
    expect(description.match(/^…and .*$/gm)).toEqual(['…and 12 more', '…and 2 more'])
  })

  test.each([
    [[answer({}), answer({})], 'All 2 answers are good.'],
    [[answer({}), answer({ verdict: 'shown' })], '1 of 2 answers are good, and the others have no bound.'],
  ])('nothing to do: it says so', (answers, description) => {
    expect(alertOf(report(answers))).toMatchObject({ title: 'Daily check, prod: nothing to do.', description })
  })

  test('without its page, why', () => {
    const alert = alertOf(report([todo('Errors')]), { missing: 'it needs s3:PutObject (this role may not)' })
    expect(alert.description).toMatch(/\n\nIts page could not be written: it needs s3:PutObject \(this role may not\)$/)
    expect(alert.links).toEqual({})
  })
})
