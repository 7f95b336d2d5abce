import { beforeAll, describe, test } from 'vitest'
import type { Subscription } from '../cli/doctor/stage.ts'
import {
  type FaultInAws,
  type FaultInTemplate,
  isFoundInAws,
  isFoundInTemplate,
  shippedService,
} from './doctor-faults.ts'
import { set, subscribed, to, topic } from './doctor-parts.ts'

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    [
      'a queue without a subscription',
      (r) => delete r.SlackSubscription,
      'queue-not-subscribed',
      'alert-router-prod-slack',
    ],
    [
      'a queue that is subscribed to another topic',
      (r) => {
        r.AlarmsSubscription.Properties.TopicArn = { Ref: 'OperatorTopic' }
      },
      'queue-not-subscribed',
      'alert-router-prod-alarms',
    ],
    [
      'a filter for another channel',
      (r) => {
        r.EmailSubscription.Properties.FilterPolicy = { channelType: ['mail'] }
      },
      'filter-drops',
      'alert-router-prod-email',
    ],
    [
      'a filter on an attribute that CloudWatch does not send',
      (r) => {
        r.AlarmsSubscription.Properties.FilterPolicy = { severity: [{ exists: true }] }
      },
      'filter-drops',
      'alert-router-prod-alarms',
    ],
    [
      'a filter on the body',
      (r) => {
        r.PagerdutySubscription.Properties.FilterPolicyScope = 'MessageBody'
      },
      'filter-drops',
      'alert-router-prod-pagerduty',
    ],
    [
      'an email channel without addresses',
      (r) => {
        for (const id of Object.keys(r)) if (/^EmailTopicemailAddress/.test(id)) delete r[id]
      },
      'email-reaches-nobody',
      'alert-router-prod-email-email',
    ],
    ['no operator', (r) => delete r.OperatorSubscription, 'email-reaches-nobody', 'alert-router-prod-operator'],
    [
      'a queue subscribed as an address',
      set('AlarmsSubscription', 'Protocol', 'email'),
      'queue-not-subscribed',
      'alert-router-prod-alarms',
    ],
    [
      'an address subscribed as a queue',
      set('OperatorSubscription', 'Protocol', 'sqs'),
      'email-reaches-nobody',
      'alert-router-prod-operator',
    ],
  ])('%s', isFoundInTemplate)
})

describe('of a stage in AWS', () => {
  test.each<FaultInAws>([
    [
      'a queue’s subscription was deleted',
      ({ is }) => {
        topic(is, 'notifications').subscriptions = to(is, 'notifications').filter(
          ({ endpoint }) => !endpoint.endsWith('-slack'),
        )
      },
      'queue-not-subscribed',
      'alert-router-prod-slack',
      /^aws sns subscribe .*-slack --attributes '.*channelType.*' --region eu-central-1$/,
    ],
    [
      'nobody has confirmed an email channel',
      ({ is }) => {
        for (const one of to(is, 'email-email')) one.state = 'pending'
      },
      'email-reaches-nobody',
      'alert-router-prod-email-email',
      /^aws sns subscribe .* --protocol email --notification-endpoint platform-team@example.com --region/,
    ],
    [
      'the operator has unsubscribed',
      ({ is }) => {
        for (const one of to(is, 'operator')) one.state = 'deleted'
      },
      'email-reaches-nobody',
      'alert-router-prod-operator',
      /^aws sns subscribe /,
    ],
    [
      'one address has not confirmed',
      ({ is }) => {
        ;(to(is, 'email-email')[1] as Subscription).state = 'pending'
      },
      'subscription-pending',
      'alert-router-prod-email-email',
      /oncall@example.com/,
    ],
    [
      'one address is gone',
      ({ is }) => {
        to(is, 'email-email').pop()
      },
      'subscription-deleted',
      'alert-router-prod-email-email',
      /^aws sns subscribe /,
    ],
    [
      'the archive’s subscription is gone',
      ({ is }) => {
        topic(is, 'alarms').subscriptions = to(is, 'alarms').filter(({ protocol }) => protocol !== 'firehose')
      },
      'subscription-deleted',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
    [
      'a filter was changed',
      ({ is }) => {
        subscribed(is, 'notifications', 'pagerduty').filterPolicy = { channelType: ['pager'] }
      },
      'filter-drops',
      'alert-router-prod-pagerduty',
      /FilterPolicy --attribute-value '\{"channelType":\["pagerduty"\]\}'/,
    ],
    [
      'a filter was added to an email subscription',
      ({ is }) => {
        for (const one of to(is, 'operator')) one.filterPolicy = { team: ['a'] }
      },
      'filter-drops',
      'platform-team@example.com',
      /--attribute-value '\{\}'/,
    ],
  ])('%s', isFoundInAws)
})
