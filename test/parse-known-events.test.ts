import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { bridge, canary, ORDERS, opsItem, quality, rds, signIn } from './known-events.ts'

describe('an event says who and what happened', () => {
  test.each<[string, () => Alert, Partial<Alert>]>([
    [
      'a database without room',
      () => rds('RDS-EVENT-0007', 'The allocated storage has been consumed'),
      { title: 'orders: The allocated storage has been consumed', declaredSeverity: 'critical', status: 'firing' },
    ],
    [
      'a database whose name begins that of another',
      () => rds('RDS-EVENT-0072', 'Started failover to DB instance: orders-2'),
      { title: 'orders: Started failover to DB instance: orders-2' },
    ],
    [
      'a database that names itself',
      () => rds('RDS-EVENT-0222', 'DB instance orders-2 of orders is low'),
      { title: 'DB instance orders-2 of orders is low' },
    ],
    [
      'a table that breaks rules',
      () => quality('FAILED', ORDERS),
      {
        ...{ title: 'Data quality of sales.orders failed: 6 of 10 rules broken', resource: 'sales.orders' },
        declaredSeverity: 'error',
      },
    ],
    [
      'a table that breaks rules, in the words of the documentation',
      () => quality('FAILED', ORDERS, { numRulesFailed: undefined, numRulesSucceeded: undefined, rulesFailed: 2 }),
      { title: 'Data quality of sales.orders failed: 2 of 2 rules broken' },
    ],
    [
      'what a job reads that breaks rules',
      () => quality('FAILED', { contextType: 'GLUE_JOB', jobName: 'etl', evaluationContext: 'input' }),
      { title: 'Data quality of etl: input failed: 6 of 10 rules broken' },
    ],
    [
      'an OpsItem',
      () => opsItem('Create', { severity: '1', status: 'Open' }),
      {
        ...{ title: 'OpsItem oi-1: Disk filling', resource: 'oi-1 (OpsItem)', reason: 'on i-0a' },
        ...{ declaredSeverity: 'critical', status: 'firing' },
      },
    ],
    ['an OpsItem that claims nothing', () => opsItem('Create', {}), { declaredSeverity: undefined, status: 'firing' }],
  ])('%s', (_, read, expected) => {
    expect(read()).toMatchObject(expected)
  })

  test('and has the class that the shipped rules match', () => {
    expect(signIn({ type: 'Root' }).details.class).toBe('security breach')
    expect(canary('Failure').details.class).toBe('system down')
    expect(rds('RDS-EVENT-0007', 'x').details.class).toBe('resource limits')
  })
})

test.each<[string, Alert]>([
  [
    'Inspector',
    bridge('Inspector2 Finding', 'aws.inspector2', { title: 'CVE-1', severity: 'HIGH', epss: { score: 1 } }),
  ],
  ['Macie', bridge('Macie Finding', 'aws.macie', { title: 'Keys', severity: { description: 'High', score: 3 } })],
  [
    'Security Hub',
    bridge('Security Hub Findings - Imported', 'aws.securityhub', {
      findings: [{ Title: 'Public', Severity: { Label: 'HIGH' } }],
    }),
  ],
  [
    'DevOps Guru',
    bridge('DevOps Guru New Insight Open', 'aws.devops-guru', { insightId: 'i', insightSeverity: 'high' }),
  ],
])('a message shows the severity from %s among the first facts', (_, { details }) => {
  expect(Object.entries(details).slice(0, 2)).toContainEqual(['severity', expect.stringMatching(/^high$/i)])
})
