import { beforeAll, describe, test } from 'vitest'
import type { Stage } from '../cli/doctor/stage.ts'
import {
  type FaultInAws,
  type FaultInTemplate,
  isFoundInAws,
  isFoundInTemplate,
  shippedService,
} from './doctor-faults.ts'
import { alarm, OTHER, push, set, statement } from './doctor-parts.ts'

const MINUTE = 60_000

/** So many, this one's first. */
function accounts(count: number): string[] {
  return ['111122223333', ...Array.from({ length: count - 1 }, (_, n) => String(200_000_000_000 + n))]
}

function setSecret(is: Stage, state: 'absent' | 'empty' | 'pending deletion'): void {
  const [first] = is.secrets ?? []
  if (first) first.state = state
}

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    [
      'an alarm with disabled actions',
      (r) => {
        r.HeartbeatAlarm.Properties.ActionsEnabled = false
      },
      'alarm-disabled',
      'alert-router-prod-no-heartbeat',
    ],
    [
      'an alarm without an action',
      (r) => delete r.SlackAgeAlarm.Properties.AlarmActions,
      'alarm-without-action',
      'alert-router-prod-slack-oldest-message',
    ],
    [
      'a policy that is nearly too large',
      (r) => {
        statement(r.AlarmsTopicPolicy.Properties.PolicyDocument, 'ListedAccountsMayPublish').Principal.AWS =
          accounts(2_400)
      },
      'policy-too-large',
      'alert-router-prod-alarms',
    ],
    [
      'too many filters',
      (r) => {
        for (let n = 0; n < 200; n++)
          r[`Own${n}`] = {
            ...r.SlackSubscription,
            Properties: {
              ...r.SlackSubscription.Properties,
              Endpoint: `arn:aws:sqs:eu-central-1:111122223333:own-${n}`,
              FilterPolicy: { channelType: [{ exists: false }, 'a'] },
            },
          }
      },
      'too-many-filters',
      'alert-router-prod-notifications',
    ],
    ['no rules to compare pushes with', (r) => delete r.DeployedConfig, 'rules-absent', 'rules of stage prod'],
    [
      'an alarm about the router that is sent through the router',
      set('HeartbeatAlarm', 'AlarmActions', [{ Ref: 'AlarmsTopic' }]),
      'alarm-through-router',
      'alert-router-prod-no-heartbeat',
    ],
  ])('%s', isFoundInTemplate)
})

describe('of a stage in AWS', () => {
  test.each<FaultInAws>([
    [
      'an alarm’s actions are disabled',
      ({ is }) => {
        alarm(is, 'no-heartbeat').actionsEnabled = false
      },
      'alarm-disabled',
      'alert-router-prod-no-heartbeat',
      'aws cloudwatch enable-alarm-actions --alarm-names alert-router-prod-no-heartbeat --region eu-central-1',
    ],
    [
      'an alarm lost its action',
      ({ is }) => {
        alarm(is, 'late').actions = []
      },
      'alarm-without-action',
      'alert-router-prod-late',
      /REVERT_DRIFT/,
    ],
    [
      'an alarm fires',
      ({ is }) => {
        alarm(is, 'slack-errors').state = 'ALARM'
      },
      'alarm-firing',
      'alert-router-prod-slack-errors',
      /describe-alarm-history/,
    ],
    [
      'an alarm has no data',
      ({ is }) => {
        alarm(is, 'stale-rules').state = 'INSUFFICIENT_DATA'
      },
      'alarm-blind',
      'alert-router-prod-stale-rules',
      /describe-alarms/,
    ],
    [
      'an alarm was deleted',
      ({ is }) => {
        is.alarms.splice(is.alarms.indexOf(alarm(is, 'tick-throttles')), 1)
      },
      'resource-gone',
      'alert-router-prod-tick-throttles',
      /REVERT_DRIFT/,
    ],
    [
      'a secret is absent',
      ({ is }) => {
        setSecret(is, 'absent')
      },
      'secret-absent',
      'alert-router/prod/pagerduty',
      /^aws secretsmanager create-secret --name alert-router\/prod\/pagerduty /,
    ],
    [
      'a secret is empty',
      ({ is }) => {
        setSecret(is, 'empty')
      },
      'secret-empty',
      'alert-router/prod/pagerduty',
      /put-secret-value/,
    ],
    [
      'a secret is scheduled for deletion',
      ({ is }) => {
        setSecret(is, 'pending deletion')
      },
      'secret-deleted',
      'alert-router/prod/pagerduty',
      /restore-secret/,
    ],
    [
      'no heartbeat for a long time',
      (one) => {
        one.beats = [Date.now() - 50 * MINUTE]
      },
      'heartbeat-stopped',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'no heartbeat at all',
      (one) => {
        one.beats = []
      },
      'heartbeat-stopped',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'a heartbeat is late',
      (one) => {
        one.beats = [Date.now() - 15 * MINUTE]
      },
      'heartbeat-late',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'tick is silent',
      (one) => {
        one.tickLines = []
      },
      'tick-silent',
      'alert-router-prod-tick',
      /logs tail .*-tick /,
    ],
    [
      'tick fails',
      (one) => {
        one.tickLines.push([
          Date.now() - MINUTE,
          '{"level":"ERROR","message":{"event":"tick.failed","message":"failed; left to the next run","reason":"Error: no"}}',
        ])
      },
      'tick-failed',
      'alert-router-prod-tick',
      /logs tail/,
    ],
    [
      'tick runs out of time',
      (one) => {
        one.tickLines.push([Date.now() - MINUTE, '{"type":"platform.report","record":{"status":"timeout"}}'])
      },
      'tick-failed',
      'alert-router-prod-tick',
      /logs tail/,
    ],
    [
      'the last deployment was rolled back',
      ({ is }) => {
        is.stackStatus = 'UPDATE_ROLLBACK_COMPLETE'
      },
      'stack-rolled-back',
      'alert-router-prod',
      /npx alert-router deploy/,
    ],
    [
      'a push was rolled back',
      (one) => {
        push(one, OTHER)
        Object.assign(one.appConfig.deployments[0] as object, { rolledBackAt: Date.now() })
      },
      'rules-rolled-back',
      'rules of stage prod',
      /rules push --stage prod/,
    ],
    [
      'a push was stored but not rolled out',
      ({ appConfig }) => {
        appConfig.store('rules', '{}')
      },
      'rules-not-rolled-out',
      'rules of stage prod',
      /rules push/,
    ],
    [
      'the active rules differ from those here',
      (one) => {
        push(one, OTHER)
      },
      'rules-outdated',
      'rules of stage prod',
      /rules push/,
    ],
  ])('%s', isFoundInAws)
})
