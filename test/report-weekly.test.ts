import { beforeAll, describe, expect, test } from 'vitest'
import { REPORTS } from '../shared/questions/reports.ts'
import { answersOf, notChecked, todosOf } from '../shared/reports/report.ts'
import { type Asked, askedReport } from './asked-report.ts'

describe('the weekly report of the demo', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await askedReport('weekly', REPORTS.weekly)
  })

  test.each([
    ['outage', 'The platform answers', /^The budget is used up/],
    ['errors', 'data-processor', /^Find out why data-processor fails more often than in the week before$/],
    ['old alarm', 'Alarms that fire', /1 for more than a week/],
    ['flapping alarm', 'The noisiest alarms', /^Fix what flaps, .*streaming-cpu \(48 times\)$/],
    ['budget', 'Cost of this month, by AWS’s forecast', /^The budget is used up: AmazonCloudWatch has risen most/],
    ['oversized', 'Memory of functions', /^Give data-validator less memory$/],
    ['findings', 'Security findings of high severity: GuardDuty', /severity 8/],
    ['critical finding', 'Security findings of high severity: Security Hub', /^Look into the findings/],
    ['old backup, no restore', 'Backup of warehouse', /^Back it up: the last one is 40 h old/],
  ])('%s: says what to do', (_fault, title, todo) => {
    expect(todosOf(asked.report)).toContainEqual(expect.objectContaining({ title, todo: expect.stringMatching(todo) }))
  })

  test('what the router knows: alerts by rule and channel, the noisiest alarms, how long they last', () => {
    const of = Object.fromEntries(answersOf(asked.report).map((answer) => [answer.id, answer]))
    expect(of['alerts by rule']).toMatchObject({
      says: '53, of 6 alarms',
      table: { rows: [['resource limits', '48', 'warning', '48'], expect.anything()] },
      line: { points: { length: 7 } },
    })
    expect(of['notifications by channel']).toMatchObject({ verdict: 'good', says: '113 delivered, 0 not' })
    expect(of['noisiest alarms']?.table?.rows[0]).toEqual([
      'alert-router-prod-streaming-cpu',
      '48, flaps',
      '91 %',
      '20 min',
    ])
    expect(of['time to resolve']?.says).toBe('24 min on average, 20 min for half of them, of 50 that have ended')
    expect(of['rules that matched nothing']?.says).toBe('20 of 22')
  })

  test('beside the week before', () => {
    const compared = answersOf(asked.report).flatMap((answer) => answer.compared ?? [])
    expect(compared).toContainEqual(expect.stringMatching(/^errors: \+2,\d+ % against the week before \(0\.03\d* %\)$/))
    expect(compared).toContainEqual(expect.stringMatching(/^\+\d+ % against the week before \(\$1,\d+\)$/))
    expect(compared).toContainEqual('AmazonCloudWatch has risen most: by $110')
  })

  test('is three requests of Cost Explorer: three cents', () => {
    expect([asked.count('GetCostAndUsage'), asked.count('GetCostForecast')]).toEqual([2, 1])
    expect([asked.count('Scan'), asked.count('DescribeAlarms')]).toEqual([1, 1])
    expect(notChecked(asked.report)).toEqual([])
  })
})
