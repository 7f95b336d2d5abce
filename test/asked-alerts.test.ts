import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTable } from '../local/table.ts'
import { TABLE_NAME } from '../local/topology.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Rule } from '../schemas/config.ts'
import { askAlerts } from '../shared/asking/alerts.ts'
import { byRules } from '../shared/decide/by-rules.ts'
import type { RoutedAlert } from '../shared/questions/ask.ts'
import { episodesS } from '../shared/questions/routed.ts'
import { itemOfChange, keyOfChange } from '../shared/store/changes.ts'
import { SHIPPED_RULES } from './some-platform.ts'

/*
 * What the report reads of the router's own table: an alert that fired before the week and ended in it, by two rules.
 */

const [FIRED, SINCE, ENDED] = ['2026-11-18T10:00:00.000Z', '2026-11-20T06:30:00.000Z', '2026-11-24T10:00:00.000Z']
const RULES: Rule[] = [
  { name: 'say who owns it', when: {}, continue: true, labels: { team: 'data' } },
  { name: 'system down', when: {}, severity: 'critical' },
]

const itemOf = (status: Alert['status'], at: string, firingSince?: string) => {
  const alert = { fingerprint: 'cpu', title: 'cpu', status, changedAt: at, links: {}, tags: {} } as Alert
  const kept = {
    ...{ alert, change: keyOfChange(alert, 'm1', 0), outcome: 'nobody' as const, firingSince, earlier: {} },
    ...{ decision: { ...byRules(alert, RULES, SHIPPED_RULES), held: [] }, messageId: 'm1', version: 1 },
  }
  return itemOfChange('cpu', kept, new Date(at))
}

let table: Awaited<ReturnType<typeof startTable>>
let alerts: RoutedAlert[]
beforeAll(async () => {
  table = await startTable([itemOf('firing', FIRED), itemOf('resolved', ENDED, FIRED)])
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  const client = new DynamoDBClient({ endpoint: table.url, region: 'eu-west-1', credentials })
  alerts = await askAlerts(client, TABLE_NAME, { since: SINCE }, AbortSignal.timeout(5_000))
})
afterAll(() => table.stop())

test('the end says since when it fired', () => {
  expect(alerts).toMatchObject([{ title: 'cpu', changes: [{ at: ENDED, status: 'resolved', firingSince: FIRED }] }])
  expect(alerts.map(episodesS)).toEqual([[6 * 86_400]])
})

test('all rules that matched are known, not only the one that set the severity', () => {
  expect(alerts[0]?.changes[0]).toMatchObject({ rule: 'system down', matched: ['say who owns it', 'system down'] })
})
