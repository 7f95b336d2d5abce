import { describe, expect, test } from 'vitest'
import { reportText } from '../cli/report/terminal.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { incidentReport } from '../shared/questions/incident.ts'
import { PLAYBOOKS } from '../shared/questions/playbooks.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { lastMs } from '../shared/questions/spans.ts'
import { reportPage } from '../shared/reports/html.ts'
import { reportMarkdown } from '../shared/reports/markdown.ts'
import { type AskedReport, answersOf, notChecked } from '../shared/reports/report.ts'
import { askedReport, FRIDAY } from './asked-report.ts'

/*
 * Whatever AWS does, and on whatever day: each report says it in plain words.
 */

const DAY_MS = 86_400_000

/** Each, as it is asked at a time. */
function reportsAt(at: string): Record<string, Report> {
  const now = new Date(at)
  const incident = {
    alarm: 'alert-router-prod-errors-burns-slowly',
    firedAt: new Date(now.getTime() - 2 * DAY_MS).toISOString(),
  }
  const searched = lastMs(now, 30 * DAY_MS)
  const playbooks = Object.entries(PLAYBOOKS).map(([name, { title, sinceMs, steps }]): [string, Report] => [
    name,
    { title, sections: steps(lastMs(now, sinceMs)) },
  ])
  return {
    ...REPORTS,
    incident: incidentReport(incident, searched, { now, hasArchive: false }),
    ...Object.fromEntries(playbooks),
  }
}

const asked = async (name: string, at = FRIDAY, how: Omit<Parameters<typeof askedReport>[2], 'at'> = {}) => {
  const { report } = await askedReport(name, reportsAt(at)[name] as Report, { at, ...how })
  return report
}

const forAll = (mode: Parameters<AwsStandIn['mode']>[1]) => (aws: AwsStandIn) => {
  for (const operation of aws.operations) aws.mode(operation, { ...mode })
}

/** In every form: no value that is none. */
function expectPlain(report: AskedReport): void {
  for (const text of [reportText(report, 100), reportMarkdown(report), reportPage(report)]) {
    expect(text.replace(/<style>.*<\/style>/s, '')).not.toMatch(/\bNaN\b|undefined|Invalid|Infinity|\[object/)
  }
  const wide = reportText(report, 80)
    .split('\n')
    .filter((line) => [...line].length > 80)
  expect(wide).toEqual([])
}

describe.each(Object.keys(reportsAt(FRIDAY)))('%s', (name) => {
  test('with every right denied: each answer says what it needs, none is good, and none is 0', async () => {
    const report = await asked(name, FRIDAY, { prepare: forAll({ isDenied: true }), hasProject: false })
    const answers = answersOf(report)
    expect(answers.filter(({ verdict }) => verdict === 'good')).toEqual([])
    for (const { says } of notChecked(report)) expect(says).toMatch(/^needs .*:\w+|^needs a checkout/)
    expect(notChecked(report)).toHaveLength(answers.length)
    expect(report.headline).toBe(`Nothing to do among what was checked, ${answers.length} not checked.`)
    expectPlain(report)
  })

  test('throttled, it is tried again', async () => {
    const report = await asked(name, FRIDAY, { prepare: forAll({ throttled: 1 }) })
    expect(notChecked(report).filter(({ says }) => says.includes('throttled'))).toEqual([])
  })

  test('in a new account there is no data, and no figure is made of it', async () => {
    const report = await asked(name, FRIDAY, { prepare: forAll({ hasNoData: true }) })
    expectPlain(report)
    expect(answersOf(report).filter(({ line }) => line !== undefined && line.points.length > 0)).toEqual([])
  })

  test.each([
    ['the 29th of February', '2028-02-29T06:30:00Z'],
    ['the first of a month', '2026-12-01T06:30:00Z'],
    ['the last hour of a year', '2026-12-31T23:30:00Z'],
    ['the night in which the clocks go forward', '2027-03-28T01:30:00Z'],
    ['the night in which they go back', '2027-10-31T00:30:00Z'],
  ])('on %s', async (_what, at) => {
    const report = await asked(name, at)
    expect(notChecked(report).map(({ title, says }) => `${title}: ${says}`)).toEqual([])
    expectPlain(report)
  })
})
