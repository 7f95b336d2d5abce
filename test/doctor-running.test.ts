import { beforeAll, describe, test } from 'vitest'
import {
  type FaultInAws,
  type FaultInTemplate,
  isFoundInAws,
  isFoundInTemplate,
  shippedService,
} from './doctor-faults.ts'
import { lambda, mappingOf, queue, schedule, set } from './doctor-parts.ts'

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    [
      'a queue that no function reads',
      (r) => delete r.DeliverDashslackEventSourceMappingSQSSlackQueue,
      'queue-not-read',
      'alert-router-prod-slack',
    ],
    [
      'a mapping that is disabled',
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue.Properties.Enabled = false
      },
      'mapping-disabled',
      'alert-router-prod-route',
    ],
    [
      'a function that may not run',
      (r) => {
        r.TickLambdaFunction.Properties.ReservedConcurrentExecutions = 0
      },
      'function-stopped',
      'alert-router-prod-tick',
    ],
    [
      'a function with too little reserved concurrency',
      (r) => {
        r.RouteLambdaFunction.Properties.ReservedConcurrentExecutions = 2
      },
      'concurrency-short',
      'alert-router-prod-route',
    ],
    [
      'a disabled tick rule',
      (r) => {
        r.TickEventsRuleSchedule1.Properties.State = 'DISABLED'
      },
      'rule-disabled',
      'alert-router-prod-tick',
    ],
    [
      'a heartbeat without a target',
      (r) => {
        r.HeartbeatRule.Properties.Targets = []
      },
      'rule-without-target',
      'alert-router-prod-heartbeat',
    ],
    [
      'a tick rule that may not invoke',
      (r) => delete r.TickLambdaPermissionEventsRuleSchedule1,
      'rule-may-not-invoke',
      'alert-router-prod-tick',
    ],
    [
      'a table without its index',
      (r) => {
        r.AlertTable.Properties.GlobalSecondaryIndexes = []
      },
      'index-not-active',
      'alert-router-prod-AlertTable',
    ],
    [
      'a mapping for another function',
      set('DeliverDashslackEventSourceMappingSQSSlackQueue', 'FunctionName', {
        'Fn::GetAtt': ['DeliverDashemailLambdaFunction', 'Arn'],
      }),
      'queue-not-read',
      'alert-router-prod-slack',
    ],
    [
      'a tick rule that invokes another function',
      set('TickEventsRuleSchedule1', 'Targets', [
        { Id: 'a', Arn: 'arn:aws:lambda:eu-central-1:111122223333:function:a' },
      ]),
      'rule-without-target',
      'alert-router-prod-tick',
    ],
  ])('%s', isFoundInTemplate)
})

describe('of a stage in AWS', () => {
  test.each<FaultInAws>([
    [
      'the account may run few functions',
      ({ is }) => {
        is.unreservedConcurrency = 10
      },
      'concurrency-short',
      /111122223333/,
      /^aws service-quotas /,
    ],
    [
      'a mapping is disabled',
      ({ is }) => {
        mappingOf(is, 'deliver-slack').state = 'Disabled'
      },
      'mapping-disabled',
      'alert-router-prod-deliver-slack',
      /^aws lambda update-event-source-mapping --uuid [0-9a-f-]{36} --enabled/,
    ],
    [
      'the tick rule is disabled',
      ({ is }) => {
        schedule(is, 'tick').isEnabled = false
      },
      'rule-disabled',
      'alert-router-prod-tick',
      'aws events enable-rule --name alert-router-prod-tick --region eu-central-1',
    ],
    [
      'the heartbeat is disabled',
      ({ is }) => {
        schedule(is, 'heartbeat').isEnabled = false
      },
      'rule-disabled',
      'alert-router-prod-heartbeat',
      /enable-rule/,
    ],
    [
      'the heartbeat has no target',
      ({ is }) => {
        schedule(is, 'heartbeat').targets = []
      },
      'rule-without-target',
      'alert-router-prod-heartbeat',
      /REVERT_DRIFT/,
    ],
    [
      'the tick rule may not invoke',
      ({ is }) => {
        lambda(is, 'tick').policy = null
      },
      'rule-may-not-invoke',
      'alert-router-prod-tick',
      /^aws lambda add-permission /,
    ],
    [
      'a function has failed',
      ({ is }) => {
        Object.assign(lambda(is, 'route'), { state: 'Failed', reason: 'InvalidRuntime' })
      },
      'function-failed',
      'alert-router-prod-route',
      'npx alert-router deploy --stage prod --region eu-central-1',
    ],
    [
      'a function was not updated',
      ({ is }) => {
        lambda(is, 'route').lastUpdate = 'Failed'
      },
      'function-failed',
      'alert-router-prod-route',
      /npx alert-router deploy/,
    ],
    [
      'a function is stopped',
      ({ is }) => {
        lambda(is, 'deliver-email').reservedConcurrency = 0
      },
      'function-stopped',
      'alert-router-prod-deliver-email',
      /delete-function-concurrency/,
    ],
    [
      'the table is not active',
      ({ is }) => {
        for (const one of is.tables) one.status = 'ARCHIVED'
      },
      'table-not-active',
      /AlertTable/,
      /dynamodb/,
    ],
    [
      'the index is being created',
      ({ is }) => {
        for (const { indexes } of is.tables) for (const one of indexes) one.status = 'CREATING'
      },
      'index-not-active',
      /AlertTable/,
      /dynamodb/,
    ],
    [
      'dead letters wait',
      ({ is }) => {
        queue(is, 'pagerduty-dead-letters').waiting = 3
      },
      'dead-letters-waiting',
      'alert-router-prod-pagerduty-dead-letters',
      /npx alert-router dead-letters list --stage prod/,
    ],
  ])('%s', isFoundInAws)
})
