import type { EventKind, Platform } from '../../schemas/platform.ts'
import { FAILED_JOBS } from '../../shared/questions/ask.ts'
import type { TemplateResource } from '../email-topics.ts'
import { idOf, PREFIX } from './names.ts'

/** What EventBridge passes on: an event that has these values. */
export type Pattern = { source?: string[]; 'detail-type'?: string[]; detail?: object }

/** The events of each kind; what they mean is up to the rules in config/alerts.yml. */
export const PATTERNS: Record<EventKind, { what: string; patterns: Record<string, Pattern> }> = {
  guardduty: {
    what: 'Threats: findings of medium severity and higher',
    patterns: {
      guardduty: {
        source: ['aws.guardduty'],
        'detail-type': ['GuardDuty Finding'],
        detail: { severity: [{ numeric: ['>=', 4] }] },
      },
    },
  },
  'security-hub': {
    what: 'Security Hub: new findings of high and critical severity',
    patterns: {
      'security-hub': {
        source: ['aws.securityhub'],
        'detail-type': ['Security Hub Findings - Imported'],
        detail: {
          findings: {
            Severity: { Label: ['HIGH', 'CRITICAL'] },
            RecordState: ['ACTIVE'],
            Workflow: { Status: ['NEW'] },
          },
        },
      },
    },
  },
  config: {
    what: 'Config rules: a resource is no longer compliant, or is again',
    patterns: {
      config: {
        source: ['aws.config'],
        'detail-type': ['Config Rules Compliance Change'],
        detail: { newEvaluationResult: { complianceType: ['NON_COMPLIANT', 'COMPLIANT'] } },
      },
    },
  },
  health: {
    what: 'AWS Health: trouble with an AWS service, and planned changes',
    patterns: { health: { source: ['aws.health'], 'detail-type': ['AWS Health Event'] } },
  },
  backup: {
    what: 'Backups and restores that failed',
    patterns: {
      backup: {
        source: ['aws.backup'],
        'detail-type': ['Backup Job State Change'],
        detail: { state: [...FAILED_JOBS] },
      },
      restore: {
        source: ['aws.backup'],
        'detail-type': ['Restore Job State Change'],
        detail: { status: [...FAILED_JOBS] },
      },
    },
  },
  deployments: {
    what: 'Deployments that ended, well or not',
    patterns: {
      stacks: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        detail: { 'status-details': { status: [{ suffix: '_COMPLETE' }, { suffix: '_FAILED' }] } },
      },
      codedeploy: {
        source: ['aws.codedeploy'],
        'detail-type': ['CodeDeploy Deployment State-change Notification'],
        detail: { state: ['SUCCESS', 'FAILURE', 'STOP'] },
      },
      pipelines: {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['SUCCEEDED', 'FAILED'] },
      },
      containers: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        detail: { eventName: ['SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED'] },
      },
    },
  },
  certificates: {
    what: 'Certificates that expire, or that somebody has to renew',
    patterns: {
      certificates: {
        source: ['aws.acm'],
        'detail-type': [
          'ACM Certificate Approaching Expiration',
          'ACM Certificate Expired',
          'ACM Certificate Renewal Action Required',
        ],
      },
    },
  },
  'root-login': {
    what: 'Somebody has signed in as root; AWS reports it in us-east-1 alone',
    patterns: {
      'root-login': {
        'detail-type': ['AWS Console Sign In via CloudTrail'],
        detail: { userIdentity: { type: ['Root'] } },
      },
    },
  },
}

/** A rule for each: EventBridge publishes what matches to the alarms topic, whose policy allows it. */
export function eventRules({ events }: Platform): Record<string, TemplateResource> {
  const rules = events.flatMap((kind) => {
    const { what, patterns } = PATTERNS[kind]
    return Object.entries(patterns).map(([name, EventPattern]) => [
      idOf(name, 'Events'),
      rule(name, what, EventPattern),
    ])
  })
  return Object.fromEntries(rules)
}

function rule(name: string, Description: string, EventPattern: Pattern): TemplateResource {
  const Properties = {
    Name: `${PREFIX}-${name}`,
    Description,
    EventPattern,
    Targets: [{ Id: 'alarms', Arn: { Ref: 'AlarmsTopic' } }],
  }
  return { Type: 'AWS::Events::Rule', Properties }
}
