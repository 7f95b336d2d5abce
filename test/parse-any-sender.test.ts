import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alertSchema, LIMITS } from '../schemas/alert.ts'
import type { ChannelType } from '../schemas/channel.ts'
import { notificationSchema } from '../schemas/notification.ts'
import { parse } from '../shared/parse/parse.ts'
import { anyCharacter } from './any-character.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'
import { CHANNELS, expectHarmless, expectNoStrangersLink } from './harmless.ts'

/**
 * Each sender's own form, with anything in its fields: it is read, in normal form, and says nothing that only a program would.
 */
const WORDS = [
  'firing',
  'resolved',
  'FAILED',
  'SUCCEEDED',
  'Root',
  '2026-09-14T11:18:52Z',
  'arn:aws:iam::111122223333:user/ana',
  '{"errorMessage": 1}',
  'severity: critical',
  '<!channel>',
  '@here <!here|x> <@U1>',
  '<https://evil.example.com|Runbook>',
  'constructor',
  '',
]
const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom(...WORDS))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('name', 'reason', 'exitCode', 'type', '__proto__')),
      tie('tree'),
      { maxKeys: 4 },
    ),
  ),
}))
/** Some of these fields, with anything in them. */
const some = (...keys: string[]) => fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: keys.length })

const entry = fc
  .tuple(
    fc.constantFrom('firing', 'resolved'),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('alertname', 'severity', 'pod')), tree),
    some(
      'annotations',
      'startsAt',
      'endsAt',
      'fingerprint',
      'values',
      'valueString',
      'silenceURL',
      'panelURL',
      'generatorURL',
    ),
  )
  .map(([status, labels, rest]) => ({ ...rest, status, labels }))
const EVENTS: [string, string, string[]][] = [
  [
    'aws.trustedadvisor',
    'Trusted Advisor Check Item Refresh Notification',
    ['check-name', 'check-item-detail', 'status', 'resource_id'],
  ],
  [
    'aws.devops-guru',
    'DevOps Guru New Insight Open',
    ['insightId', 'InsightId', 'insightDescription', 'resourceCollection', 'insightSeverity'],
  ],
  [
    'aws.signin',
    'AWS Console Sign In via CloudTrail',
    ['userIdentity', 'additionalEventData', 'responseElements', 'sourceIPAddress'],
  ],
  ['aws.ec2', 'EC2 Spot Instance Interruption Warning', ['instance-id', 'instance-action']],
  [
    'aws.ecs',
    'ECS Task State Change',
    ['lastStatus', 'clusterArn', 'group', 'containers', 'stoppedReason', 'stopCode', 'taskArn'],
  ],
  ['aws.ecs', 'ECS Deployment State Change', ['eventName', 'eventType', 'reason']],
  [
    'aws.states',
    'Step Functions Execution Status Change',
    ['status', 'stateMachineArn', 'error', 'cause', 'executionArn'],
  ],
  [
    'aws.batch',
    'Batch Job State Change',
    ['status', 'jobName', 'container', 'statusReason', 'jobQueue', 'eksAttempts', 'ecsProperties'],
  ],
  ['aws.synthetics', 'Synthetics Canary TestRun Failure', ['canary-name', 'message', 'test-run-status']],
  ['aws.rds', 'RDS DB Instance Event', ['SourceIdentifier', 'EventID', 'Message', 'Date']],
  ['aws.glue', 'Glue Job State Change', ['jobName', 'state', 'message', 'severity']],
  ['aws.emr', 'EMR Cluster State Change', ['name', 'state', 'stateChangeReason', 'severity']],
  ['aws.sagemaker', 'SageMaker Endpoint State Change', ['EndpointName', 'EndpointStatus', 'FailureReason']],
  ['aws.dms', 'DMS Replication Task State Change', ['eventId', 'detailMessage', 'resourceLink', 'category', 'type']],
  ['aws.ec2', 'EBS Volume Notification', ['event', 'result', 'cause']],
  [
    'aws.autoscaling',
    'EC2 Instance Launch Unsuccessful',
    ['AutoScalingGroupName', 'EC2InstanceId', 'StatusMessage', 'Cause'],
  ],
  ['aws.networkmanager', 'Network Manager Status Update', ['changeType', 'vpnConnectionArn', 'outsideIpAddress']],
  ['aws.acm', 'ACM Certificate Approaching Expiration', ['DaysToExpiry', 'CommonName']],
  ['aws.s3', 'AWS API Call via CloudTrail', ['userIdentity', 'eventName', 'requestParameters', 'errorCode']],
  [
    'aws.inspector2',
    'Inspector2 Coverage',
    ['scanStatus', 'scan-status', 'repository-name', 'finding-severity-counts'],
  ],
  [
    'aws.inspector2',
    'Inspector2 Finding',
    ['title', 'resources', 'severity', 'packageVulnerabilityDetails', 'networkReachabilityDetails', 'status'],
  ],
  ['aws.access-analyzer', 'Access Analyzer Finding', ['resource', 'principal', 'action', 'isPublic', 'findingType']],
  ['aws.health', 'AWS Health Event', ['eventArn', 'affectedAccount', 'page', 'totalPages', 'affectedEntities']],
  ['aws.es', 'Amazon OpenSearch Service Notification', ['event', 'status', 'severity', 'description']],
  ['aws.elasticbeanstalk', 'Health status change', ['EnvironmentName', 'Message', 'Severity', 'EventDate']],
  ['aws.ses', 'Email Bounced', ['eventType', 'mail', 'bounce', 'failure', 'notificationType']],
  ['aws.ses', 'Advisor Recommendation Status Open', ['data', 'metadata']],
  ['lambda', 'Lambda Function Invocation Result - Failure', ['requestContext', 'responsePayload', 'requestPayload']],
  ['aws.securityhub', 'Findings Imported V2', ['findings']],
  ['aws.glue-dataquality', 'Data Quality Evaluation Results Available', ['context', 'state', 'rulesFailed']],
  ['aws.ssm', 'OpsItem Create', ['ops-item-id', 'title', 'severity', 'status', 'description']],
  ['aws.medialive', 'MediaLive Channel Alert', ['alarm_state', 'alert_type', 'alarm_id', 'message', 'title', 'error']],
  ['aws.partner/datadog.com/x', 'Datadog Alert Notification', ['meta', 'tags', 'alert_type']],
]
const bridged = fc.constantFrom(...EVENTS).chain(([source, type, keys]) =>
  fc.record({
    'detail-type': fc.constant(type),
    source: fc.constant(source),
    detail: some(...keys),
    resources: fc.array(tree, { maxLength: 2 }),
  }),
)
const sent = fc.oneof(
  fc
    .tuple(fc.array(entry, { minLength: 1, maxLength: 3 }), some('receiver', 'orgId', 'truncatedAlerts'))
    .map(([alerts, rest]) => ({ ...rest, alerts })),
  fc
    .tuple(some('evalMatches', 'tags', 'message', 'ruleUrl', 'orgId'), fc.constantFrom('alerting', 'ok', 'no_data'))
    .map(([rest, state]) => ({ ...rest, ruleId: 1, ruleName: 'x', state })),
  bridged,
  some('owner', 'logStream', 'logEvents', 'subscriptionFilters').map((rest) => ({
    ...rest,
    messageType: 'DATA_MESSAGE',
    logGroup: '/x',
  })),
  some('responsePayload', 'requestPayload', 'responseContext', 'KinesisBatchInfo', 'timestamp').map((rest) => ({
    ...rest,
    requestContext: { functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:f', condition: 'RetriesExhausted' },
  })),
  some('mail', 'bounce', 'complaint').map((rest) => ({ mail: {}, bounce: {}, ...rest, notificationType: 'Bounce' })),
  some('InsightDescription', 'InsightSeverity', 'ResourceCollection', 'AccountId').map((rest) => ({
    ...rest,
    MessageType: 'NEW_INSIGHT',
    InsightId: 'i',
  })),
  fc.tuple(fc.string(), tree).map(([key, value]) => ({ [`ElastiCache:${key}`]: value })),
  some('behavior', 'metricValue', 'violationEventTime', 'securityProfileName').map((rest) => ({
    ...rest,
    violationEventType: 'in-alarm',
    thingName: 'x',
  })),
  some('Event Source', 'Source ID', 'Event ID', 'Severity', 'Tags').map((rest) => ({ ...rest, 'Event Message': 'x' })),
  some('AlarmDescription', 'Trigger', 'StateChangeTime').map((rest) => ({
    ...rest,
    AlarmName: 'x',
    NewStateValue: 'ALARM',
  })),
)
const written = fc
  .array(
    fc.constantFrom(
      'Alerts Firing:',
      '**Resolved**',
      'Labels:',
      'Annotations:',
      ' - alertname = X',
      ' - a = b',
      'Value: 1',
      'Source: https://x.example.com',
      'Silence: x',
      'text',
      '',
    ),
    { maxLength: 14 },
  )
  .map((lines) => lines.join('\n'))

function notify(Message: string, attributes: unknown): unknown {
  const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:t'
  return {
    Type: 'Notification',
    TopicArn,
    Subject: '[FIRING:1] x',
    Message,
    MessageAttributes: attributes,
    Timestamp: '2026-09-14T11:18:52Z',
  }
}

test(
  'whatever is in a sender’s form, an alert in normal form comes of it, and the same of the same',
  () => {
    fc.assert(
      fc.property(
        fc.oneof(
          sent.map((one) => JSON.stringify(one)),
          written,
        ),
        some('severity', 'team', 'alertname'),
        (message, attributes) => {
          const input = notify(message, attributes)
          const alerts = parse(input)
          expect(alerts.length).toBeGreaterThan(0)
          for (const alert of alerts) {
            expect(alertSchema.parse(alert)).toEqual(alert)
            expect(Buffer.byteLength(alert.fingerprint)).toBeLessThanOrEqual(LIMITS.fingerprintBytes)
            expect(alert.title.trim()).not.toBe('')
            for (const [type, channel] of Object.entries(CHANNELS)) {
              const sent = { id: 'n', channel: 'a', type, alert, severity: 'critical', rule: 'it' }
              const payload = channel.render(notificationSchema.parse(sent))
              expectHarmless(type as ChannelType, payload)
              expectNoStrangersLink(type as ChannelType, payload, alert)
            }
          }
          if (!/undefined|object Object|NaN/.test(JSON.stringify(input))) {
            expect(JSON.stringify(alerts)).not.toMatch(/undefined|\[object Object\]|NaN/)
          }
          expect(parse(structuredClone(input))).toEqual(alerts)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  },
  FUZZ_TIMEOUT_MS,
)
