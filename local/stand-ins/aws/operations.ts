import { ACM } from './acm.ts'
import { ALARM_MUTE_RULES } from './alarm-mute-rules.ts'
import type { Publish } from './alarm-states.ts'
import { BACKUP } from './backup.ts'
import { CLOUDFORMATION } from './cloudformation.ts'
import { CLOUDTRAIL } from './cloudtrail.ts'
import { cloudWatchOperations } from './cloudwatch.ts'
import { CODEPIPELINE } from './code-pipeline.ts'
import { COMPUTE_OPTIMIZER } from './compute-optimizer.ts'
import { COST_EXPLORER } from './cost-explorer.ts'
import { DYNAMODB } from './dynamodb.ts'
import { EVENTS } from './events.ts'
import { GUARDDUTY } from './guardduty.ts'
import { HEALTH } from './health.ts'
import { KMS } from './kms.ts'
import { LAMBDA } from './lambda.ts'
import { logsOperations } from './logs.ts'
import type { Operation } from './operation.ts'
import { SECURITY_HUB } from './security-hub.ts'
import { SERVICE_QUOTAS } from './service-quotas.ts'
import { SNS } from './sns.ts'
import { SSM } from './ssm.ts'
import { STS } from './sts.ts'
import { TAGGING } from './tagging.ts'

/** All that there is a stand-in for. What has state, is new with each. `publish`: where alarms' actions lead. */
export function operationsOf(publish?: Publish): Operation[] {
  return [
    ...[
      ...cloudWatchOperations(publish),
      ...logsOperations(),
      ...COST_EXPLORER,
      ...ACM,
      ...BACKUP,
      ...GUARDDUTY,
      ...SECURITY_HUB,
    ],
    ...[
      ...CLOUDTRAIL,
      ...HEALTH,
      ...SERVICE_QUOTAS,
      ...LAMBDA,
      ...COMPUTE_OPTIMIZER,
      ...CLOUDFORMATION,
      ...DYNAMODB,
      ...SSM,
      ...STS,
    ],
    ...[...ALARM_MUTE_RULES, ...CODEPIPELINE, ...TAGGING, ...SNS, ...KMS, ...EVENTS],
  ]
}
