import { describe, expect, test } from 'vitest'
import type { AlarmChange, RoutedAlert } from '../shared/questions/ask.ts'
import { firedAlarms, incidentReport, lastIncident, meant } from '../shared/questions/incident.ts'
import type { Context } from '../shared/questions/question.ts'
import { reportMarkdown } from '../shared/reports/markdown.ts'
import { answersOf, notChecked, todosOf } from '../shared/reports/report.ts'
import { askedReport, FRIDAY } from './asked-report.ts'

const at = (hour: number) => `2026-11-26T${String(hour).padStart(2, '0')}:00:00.000Z`

const change = (hour: number, to: string, name = 'cpu'): AlarmChange => ({
  ...{ name, at: at(hour), to },
  from: to === 'ALARM' ? 'OK' : 'ALARM',
})

const alert = (title: string, ...changes: [hour: number, status: 'firing' | 'resolved'][]): RoutedAlert => ({
  ...{ fingerprint: title, title },
  changes: changes.map(([hour, status]) => ({
    ...{ at: at(hour), status, severity: 'critical', rule: 'r', isRepeated: false, matched: [], deliveries: [] },
  })),
})

describe('the last firing of an alarm', () => {
  test.each<[string, { history?: AlarmChange[]; alerts?: RoutedAlert[] }, object | undefined]>([
    ['has ended', { history: [change(1, 'ALARM'), change(3, 'OK')] }, { firedAt: at(1), endedAt: at(3) }],
    ['still fires', { history: [change(1, 'ALARM')] }, { firedAt: at(1) }],
    [
      'is the last of several',
      { history: [change(1, 'ALARM'), change(2, 'OK'), change(5, 'ALARM'), change(6, 'OK')] },
      { firedAt: at(5), endedAt: at(6) },
    ],
    [
      'begins with its first change, where it fired again without an end',
      { history: [change(1, 'ALARM'), change(2, 'ALARM'), change(6, 'OK')] },
      { firedAt: at(1), endedAt: at(6) },
    ],
    [
      'ends with missing data, too',
      { history: [change(1, 'ALARM'), change(2, 'INSUFFICIENT_DATA')] },
      { firedAt: at(1), endedAt: at(2) },
    ],
    [
      'is the router’s, where CloudWatch has none',
      { alerts: [alert('cpu', [1, 'firing'], [4, 'resolved'])] },
      { firedAt: at(1), endedAt: at(4) },
    ],
    ['is of this alarm', { history: [change(1, 'ALARM', 'disk')] }, undefined],
    ['is none', {}, undefined],
  ])('%s', (_what, { history = [], alerts = [] }, wanted) => {
    const found = lastIncident('cpu', { history, alerts })
    expect(found).toEqual(wanted && { alarm: 'cpu', ...wanted })
  })
})

describe('a name means', () => {
  const recorded = {
    history: [change(1, 'ALARM', 'prod-cpu'), change(1, 'ALARM', 'prod-cpu-high'), change(1, 'OK', 'quiet')],
    alerts: [alert('Backup failed', [1, 'firing'])],
  }
  const names = firedAlarms(recorded)
  test.each<[string, string[]]>([
    ['prod-cpu', ['prod-cpu']],
    ['PROD-CPU', ['prod-cpu']],
    ['cpu', ['prod-cpu', 'prod-cpu-high']],
    ['high', ['prod-cpu-high']],
    ['backup', ['Backup failed']],
    ['quiet', []],
  ])('%s: %j', (name, wanted) => {
    expect(meant(name, names)).toEqual(wanted)
  })
})

const searched = { from: new Date(Date.parse(FRIDAY) - 30 * 86_400_000).toISOString(), to: FRIDAY }
const review = (alarm: string, firedAt: string, endedAt?: string, how: Parameters<typeof askedReport>[2] = {}) => {
  const incident = { alarm, firedAt, ...(endedAt !== undefined && { endedAt }) }
  return askedReport('incident', incidentReport(incident, searched, { now: new Date(FRIDAY), hasArchive: false }), how)
}

describe('the review of the demo’s outage', () => {
  const OUTAGE = [
    'alert-router-prod-system-availability',
    '2026-11-22T06:40:00.000Z',
    '2026-11-22T08:10:00.000Z',
  ] as const

  test('shows when it fired, who was notified, when it ended, and what it cost', async () => {
    const { report } = await review(...OUTAGE)
    const [line] = answersOf(report)
    expect(line).toMatchObject({ verdict: 'good' })
    expect(line?.says).toMatch(/^fired Sun 2026-11-22 07:40, ended after 1 h 30 min; first notified after \d s$/)
    const what = line?.table?.rows.map((row) => row[2])
    expect(what?.slice(0, 3)).toEqual([
      'CloudWatch: OK → ALARM',
      'the router: firing, critical, by rule "says its severity"',
      'pagerduty: delivered (firing)',
    ])
    expect(what).toContain('pagerduty: delivered (resolved)')
    const budget = answersOf(report).find(({ id }) => id === 'budget availability')
    expect(budget?.says).toMatch(/^10\d % of the budget of 30 days was spent$/)
    expect(todosOf(report).map(({ title }) => title)).toEqual(['The platform answers', 'portal, api: answered'])
    const answered = answersOf(report).find(({ id }) => id === 'availability availability')
    expect(answered?.says).toBe('not all of them in 1 h 30 min of 2 h')
  })

  test('as Markdown, it ends with what people have to fill in', async () => {
    const { report } = await review(...OUTAGE)
    const text = reportMarkdown(report)
    expect(text).toMatch(/^# Incident review: alert-router-prod-system-availability\n/)
    expect(text).toContain('| at | after | what |\n|---|---|---|\n| 07:40:00 | 0 s | CloudWatch: OK → ALARM |')
    for (const title of ['Impact', 'Root cause', 'What helped', 'Where we were lucky', 'Actions']) {
      expect(text).toContain(`\n### ${title}\n`)
    }
  })

  test('without the router’s history, nobody knows who was notified: it is not checked', async () => {
    const { report } = await review(...OUTAGE, { prepare: (aws) => aws.mode('Scan', { isDenied: true }) })
    expect(notChecked(report).map(({ title, says }) => `${title}: ${says}`)).toEqual([
      'Time line: needs dynamodb:ListTables, dynamodb:Scan (this role may not)',
    ])
  })
})

describe('an incident of which nobody was notified', () => {
  const incident = { alarm: 'cpu', firedAt: at(1), endedAt: at(3) }
  const recorded = { history: [change(1, 'ALARM'), change(3, 'OK')], alerts: [alert('cpu', [1, 'firing'])] }
  const lineBy = (rule: object) => {
    const report = incidentReport(incident, searched, { now: new Date(FRIDAY), hasArchive: false })
    const context = { platform: { timezone: 'UTC' }, rules: { rules: [{ name: 'r', ...rule }] }, now: new Date(FRIDAY) }
    const [line] = report.sections[0]?.questions(context as unknown as Context) ?? []
    return line?.answer(recorded as never)
  }

  test('is a fault of the router, or of its rules', () => {
    const line = lineBy({})
    expect(line).toMatchObject({ verdict: 'bad', says: expect.stringContaining('nobody was notified by this router') })
  })

  test('is none, where a rule says so', () => {
    const line = lineBy({ notify: { nobody: 'harmless' } })
    expect(line).toMatchObject({ verdict: 'good', says: expect.stringContaining('rule "r" notifies nobody: harmless') })
    expect(line?.todo).toBeUndefined()
  })
})

test('deployment: what changed before the errors rose is named', async () => {
  const { report } = await review('alert-router-prod-errors-burns-slowly', '2026-11-25T04:30:00.000Z')
  const of = Object.fromEntries(answersOf(report).map((answer) => [answer.id, answer]))
  expect(of.stacks?.table?.rows[0]?.[0]).toBe('data-platform')
  expect(of.changes?.table?.rows.map((row) => row.slice(1))).toEqual([
    ['github-actions', 'UpdateFunctionCode20150331v2', 'data-processor'],
    ['github-actions', 'ExecuteChangeSet', 'data-platform'],
  ])
  expect(todosOf(report).map(({ title }) => title)).toEqual([
    'Fewer than one in a thousand invocations fails',
    'Errors of data-processor',
  ])
})

test('text of AWS is text in Markdown, too', async () => {
  const odd = '<img src=x> | `a` [b](c)\n# d'
  const source = { query: odd, asOf: FRIDAY }
  const answer = {
    id: 'a',
    title: odd,
    verdict: 'bad' as const,
    says: odd,
    todo: odd,
    source,
    table: { head: [odd], rows: [[odd]] },
  }
  const about = { name: 'daily', title: odd, stage: odd, at: FRIDAY, timezone: 'UTC', headline: odd }
  const text = reportMarkdown({ ...about, sections: [{ title: odd, answers: [answer] }] })
  expect(text).not.toContain('<img')
  expect(text).not.toMatch(/^# d/m)
  expect(text).toContain('\\[b\\](c)')
})
