import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import {
  advisor,
  bounce,
  bridge,
  canary,
  execution,
  invocation,
  job,
  ORDERS,
  opsItem,
  publish,
  quality,
  rds,
  sender,
} from './known-events.ts'

const service = (eventName: string, eventType: string) =>
  bridge('ECS Service Action', 'aws.ecs', { eventName, eventType, reason: 'RESOURCE:CPU' }, [
    'arn:aws:ecs:eu-west-1:111122223333:service/live/checkout',
  ])

function warehouse(what: string) {
  return {
    'Event Source': 'cluster',
    SourceId: 'w',
    'Event ID': '#REDSHIFT-EVENT-1',
    'Event Message': `Cluster w: ${what}`,
  }
}

function migration(id: string) {
  const link = 'https://console.aws.amazon.com/dms/v2/home?region=eu-west-1#taskDetails/t'
  return { SourceId: 't', 'Identifier Link': link, 'Event ID': `x#${id}`, 'Event Message': id }
}

test.each([
  ...['complete', 'completed', 'finished', 'succeeded', 'successful', 'successfully done', 'canceled', 'cancelled'],
])('a restart of a warehouse is over: %s', (word) => {
  expect(publish(warehouse(`restart ${word}`)).status).toBe('resolved')
})

test('nothing of a warehouse that is over, but never began, resolves anything', () => {
  expect(publish(warehouse('snapshot completed'))).toMatchObject({ status: 'firing', once: true })
})

describe('an event resolves', () => {
  test.each<[string, Alert, Alert]>([
    [
      'of a service that is steady again',
      service('SERVICE_TASK_PLACEMENT_FAILURE', 'ERROR'),
      service('SERVICE_STEADY_STATE', 'INFO'),
    ],
    [
      'of a set of its tasks that is',
      service('SERVICE_TASK_START_IMPAIRED', 'WARN'),
      service('TASKSET_STEADY_STATE', 'INFO'),
    ],
    ['of a deployment', service('SERVICE_DEPLOYMENT_FAILED', 'ERROR'), service('SERVICE_DEPLOYMENT_COMPLETED', 'INFO')],
    ['of a state machine', execution('FAILED'), execution('SUCCEEDED')],
    ['of a job', job('FAILED'), job('SUCCEEDED')],
    ['of a canary', canary('Failure'), canary('Successful')],
    ['of a failover', rds('RDS-EVENT-0073', 'Started failover'), rds('RDS-EVENT-0071', 'Completed failover')],
    ['of a failover within a zone', rds('RDS-EVENT-0072', 'Started'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a failover that had failed', rds('RDS-EVENT-0069', 'Failed'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a storage that was full', rds('RDS-EVENT-0221', 'Full'), rds('RDS-EVENT-0218', 'Finished autoscaling')],
    ['of a restart', rds('RDS-EVENT-0004', 'DB instance shutdown'), rds('RDS-EVENT-0006', 'DB instance restarted')],
    [
      'of what SES recommends',
      sender('Advisor Recommendation Status Open', { data: { type: 'DKIM', description: 'x', impact: 'HIGH' } }),
      sender('Advisor Recommendation Status Resolved', { data: { type: 'DKIM', description: 'x', impact: 'HIGH' } }),
    ],
    [
      'of what SES found about a tenant',
      sender('Advisor Recommendation Status Open', { data: 'x', metadata: { type: 'BOUNCE' } }, 'tenant/acme/1'),
      sender('Advisor Recommendation Status Closed', { data: 'y', metadata: { type: 'BOUNCE' } }, 'tenant/acme/1'),
    ],
    [
      'of mails that may not be sent',
      sender('Sending Status Disabled', {}, 'configuration-set/live'),
      sender('Sending Status Enabled', {}, 'configuration-set/live'),
    ],
    ['of a table', quality('FAILED', ORDERS), quality('SUCCEEDED', ORDERS)],
    ['of an OpsItem', opsItem('Create', { status: 'Open' }), opsItem('Update', { status: 'Resolved' })],
    [
      'of an item of a check',
      advisor('A', { Reason: 'x' }, 'ERROR', 'arn:aws:iam::111122223333:user/ana'),
      advisor('A', { Reason: 'y' }, 'OK', 'arn:aws:iam::111122223333:user/ana'),
    ],
    [
      'of an insight',
      publish({ MessageType: 'NEW_INSIGHT', InsightId: 'i', InsightSeverity: 'high', InsightDescription: 'Slow' }),
      publish({ MessageType: 'CLOSED_INSIGHT', InsightId: 'i', InsightSeverity: 'high', InsightDescription: 'Slow' }),
    ],
  ])('%s', (_, begun, over) => {
    expect([begun.status, over.status]).toEqual(['firing', 'resolved'])
    expect([begun.once, over.fingerprint]).toEqual([undefined, begun.fingerprint])
  })

  test.each<[string, object, object]>([
    ['a warehouse', warehouse('resize started'), warehouse('resize was completed')],
    ['a warehouse that was restored', warehouse('restore was initiated'), warehouse('restore finished')],
    ['a cache', { 'ElastiCache:NodeReplacementScheduled': 'c' }, { 'ElastiCache:CacheNodeReplaceComplete': 'c' }],
    [
      'a cache that could not grow',
      { 'ElastiCache:AddCacheNodeFailed': 'c' },
      { 'ElastiCache:AddCacheNodeComplete': 'c' },
    ],
    ['a task of DMS', migration('DMS-EVENT-0078'), migration('DMS-EVENT-0069')],
    ['a task of DMS that paused', migration('DMS-EVENT-0092'), migration('DMS-EVENT-0093')],
    ['a replication instance without room', migration('DMS-EVENT-0007'), migration('DMS-EVENT-0017')],
    [
      'a group that could not start an instance',
      { AutoScalingGroupName: 'g', Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR' },
      { AutoScalingGroupName: 'g', Event: 'autoscaling:EC2_INSTANCE_LAUNCH' },
    ],
  ])('of %s, from its topic', (_, begun, over) => {
    const alerts = [publish(begun), publish(over)]
    expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved'])
    expect(alerts[0]?.fingerprint).toBe(alerts[1]?.fingerprint)
  })

  test('and no other resource', () => {
    const items = ['ana', 'bob'].map((name) => advisor('A', {}, 'ERROR', `arn:aws:iam::111122223333:user/${name}`))
    const keys = ['AKIA1', 'AKIA2'].map((id) => advisor('Exposed Access Keys', { 'Access Key ID': id }, 'ERROR'))
    const runs = ['r', 's'].map((id) => bridge('Lambda Function Invocation Result - Failure', 'lambda', invocation(id)))
    const mails = ['1', '2'].map((id) => bounce(`${id}@example.net`, 'Email Bounced', id))
    const databases = ['CLUSTER', 'DB_INSTANCE'].map((SourceType) =>
      bridge('RDS DB Event', 'aws.rds', { SourceType, SourceIdentifier: 'orders', EventID: 'RDS-EVENT-0049' }),
    )
    const byArn = ['cluster', 'db'].map((kind) =>
      bridge('RDS DB Event', 'aws.rds', {
        ...{ SourceIdentifier: 'orders', EventID: 'RDS-EVENT-0049' },
        SourceArn: `arn:aws:rds:eu-west-1:111122223333:${kind}:orders`,
      }),
    )
    const byTopic = ['db-cluster', 'db-instance'].map((kind) =>
      publish({ 'Event Source': kind, 'Source ID': 'orders', 'Event ID': '#RDS-EVENT-0049', 'Event Message': 'over' }),
    )
    const tables = ['orders', 'users'].map((tableName) => quality('FAILED', { ...ORDERS, tableName }))
    for (const [one, other] of [items, keys, runs, mails, databases, byArn, byTopic, tables]) {
      expect(one?.fingerprint).not.toBe(other?.fingerprint)
    }
  })

  test('a refresh that is cancelled, or whose rollback failed, does not resolve a failed one', () => {
    const [failed, cancelled, vain, over] = ['Failed', 'Cancelled', 'Rollback Failed', 'Succeeded'].map((how) =>
      bridge(`EC2 Auto Scaling Instance Refresh ${how}`, 'aws.autoscaling', { AutoScalingGroupName: 'web' }),
    )
    expect(failed).toMatchObject({ status: 'firing', declaredSeverity: 'error' })
    expect(cancelled).toMatchObject({ status: 'firing', once: true, declaredSeverity: 'info' })
    expect(vain).toMatchObject({ status: 'firing', declaredSeverity: 'error', fingerprint: failed?.fingerprint })
    expect(over).toMatchObject({ status: 'resolved', fingerprint: failed?.fingerprint })
  })

  test.each([
    ...['SERVICE_DESIRED_COUNT_UPDATED', 'TASKS_STOPPED', 'CAPACITY_PROVIDER_STEADY_STATE'],
    ...['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SOMETHING_NEW'],
  ])('but %s does not resolve a service’s problem', (name) => {
    const [failure, news] = [service('SERVICE_TASK_PLACEMENT_FAILURE', 'ERROR'), service(name, 'INFO')]
    expect(news).toMatchObject({ status: 'firing', once: true, declaredSeverity: 'info' })
    expect(news.fingerprint).not.toBe(failure.fingerprint)
  })
})
