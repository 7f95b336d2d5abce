import { gzipSync } from 'node:zlib'
import type { Config } from '../schemas/config.ts'
import { pushedConfigSchema } from '../schemas/pushed-config.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { jsonSchemaOf } from '../shared/config/json-schema.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { idOf } from './deliverers.ts'
import type { TemplatePart } from './email-topics.ts'
import { arnOf } from './policy.ts'
import { watchedTypes } from './watch.ts'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const NAME = '${self:service}-${sls:stage}'
const STAGE = '${sls:stage}'
const ROLLOUT_MINUTES = '${param:rulesRolloutMinutes}'
const BAKE_MINUTES = '${param:rulesBakeMinutes}'
const PLACE = '${ConfigApplication}/${ConfigEnvironment}/${ConfigProfile}'
const PLACE_ARN =
  'arn:${AWS::Partition}:appconfig:${AWS::Region}:${AWS::AccountId}:application/${ConfigApplication}/environment/${ConfigEnvironment}/configuration/${ConfigProfile}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** The profiles, by name: the active rules, and those that the stack was deployed with. */
export const PROFILES = { rules: 'rules', deployed: 'deployed' } as const

/**
 * The alarms that stop a roll-out of rules and roll it back: errors of the functions that read rules, and rules that
 * they can't load. AppConfig watches five at most.
 */
const MAX_MONITORS = 5
function monitorsOf(channels: Config['channels']): string[] {
  const deliverers = watchedTypes(channels).map((type) => `${idOf(type)}ErrorsAlarm`)
  return ['AlarmsErrorsAlarm', 'ConfigStaleAlarm', ...deliverers].slice(0, MAX_MONITORS)
}

/**
 * Where an account protects its configurations, AppConfig deletes none that was read within an hour: the functions poll
 * each minute, and the stack could not be removed (AppConfig User Guide, Deletion protection).
 */
const MAY_BE_DELETED = 'BYPASS'

/** AppConfig's limit for a validator's text (API Reference, Validator). */
const MAX_SCHEMA = 32_768

/** Where a function finds the active rules. */
export const liveConfigPlace = { 'Fn::Sub': PLACE }
export const liveConfigArn = { 'Fn::Sub': PLACE_ARN }

/** Rules as data: `rules push` puts them into AppConfig, which validates them and rolls them out. */
export function liveConfig(config: Config): TemplatePart {
  const application = {
    Type: 'AWS::AppConfig::Application',
    Properties: { Name: NAME, Description: 'Rules of alert-router' },
  }
  return {
    Resources: {
      ConfigApplication: application,
      ...environment(monitorsOf(config.channels)),
      ...activeRules(),
      ...strategies(),
      ...deployedRules(documentOf(config)),
    },
    Outputs: {},
  }
}

function environment(monitors: string[]) {
  return {
    ConfigEnvironment: {
      Type: 'AWS::AppConfig::Environment',
      Properties: {
        ApplicationId: { Ref: 'ConfigApplication' },
        Name: STAGE,
        DeletionProtectionCheck: MAY_BE_DELETED,
        Monitors: monitors.map((alarm) => ({ AlarmArn: arnOf(alarm), AlarmRoleArn: arnOf('ConfigMonitorRole') })),
      },
    },
    ConfigMonitorRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'appconfig.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'watch-the-alarms',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                // As AppConfig documents it; whether it asks by name or for all alarms, it does not say (AppConfig
                // User Guide, Configure permissions for automatic rollback).
                { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' },
              ],
            },
          },
        ],
      },
    },
  }
}

function activeRules() {
  return {
    ConfigProfile: {
      Type: 'AWS::AppConfig::ConfigurationProfile',
      // AppConfig may call the validator as soon as a profile names it.
      DependsOn: 'ConfigMayBeValidated',
      Properties: {
        ApplicationId: { Ref: 'ConfigApplication' },
        Name: PROFILES.rules,
        DeletionProtectionCheck: MAY_BE_DELETED,
        Description: 'The active rules',
        LocationUri: 'hosted',
        Type: 'AWS.Freeform',
        Validators: [
          { Type: 'JSON_SCHEMA', Content: pushedConfigJsonSchema() },
          { Type: 'LAMBDA', Content: arnOf('ValidateDashconfigLambdaFunction') },
        ],
      },
    },
    // AppConfig does not document whether it sends an account or a resource when it calls a validator: a condition
    // could block it. The function only reads its input.
    ConfigMayBeValidated: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { Ref: 'ValidateDashconfigLambdaFunction' },
        Action: 'lambda:InvokeFunction',
        Principal: 'appconfig.amazonaws.com',
      },
    },
  }
}

function strategies() {
  return {
    ConfigRollout: {
      Type: 'AWS::AppConfig::DeploymentStrategy',
      Properties: {
        Name: NAME,
        Description: 'A fifth of the functions at a time, then a bake time; an alarm rolls the rules back',
        DeploymentDurationInMinutes: ROLLOUT_MINUTES,
        GrowthType: 'LINEAR',
        GrowthFactor: 20,
        FinalBakeTimeInMinutes: BAKE_MINUTES,
        ReplicateTo: 'NONE',
      },
    },
    // The first push deploys the stack's own rules before the pushed ones, so that there is a version to roll back
    // to.
    ConfigAtOnce: {
      Type: 'AWS::AppConfig::DeploymentStrategy',
      Properties: {
        Name: `${NAME}-at-once`,
        Description: 'For rules that are active already',
        DeploymentDurationInMinutes: 0,
        GrowthType: 'LINEAR',
        GrowthFactor: 100,
        FinalBakeTimeInMinutes: 0,
        ReplicateTo: 'NONE',
      },
    },
  }
}

function deployedRules(document: string) {
  return {
    DeployedConfigProfile: {
      Type: 'AWS::AppConfig::ConfigurationProfile',
      Properties: {
        ApplicationId: { Ref: 'ConfigApplication' },
        Name: PROFILES.deployed,
        DeletionProtectionCheck: MAY_BE_DELETED,
        Description: `Rules that the stack was deployed with; "${commandLine('rules push')}" compares with them. Never rolled out`,
        LocationUri: 'hosted',
        Type: 'AWS.Freeform',
      },
    },
    DeployedConfig: {
      Type: 'AWS::AppConfig::HostedConfigurationVersion',
      Properties: {
        ApplicationId: { Ref: 'ConfigApplication' },
        ConfigurationProfileId: { Ref: 'DeployedConfigProfile' },
        Description: `Version ${versionOf(document)}, compressed (gzip, base64)`,
        ContentType: 'text/plain',
        // A template holds 1 MB at most, and rules compress well.
        Content: gzipSync(document).toString('base64'),
      },
    },
  }
}

/** The schema of a pushed config, in the version of JSON Schema that AppConfig reads. */
export function pushedConfigJsonSchema(): string {
  const schema = JSON.stringify(jsonSchemaOf(pushedConfigSchema, 'draft-4'))
  if (schema.length > MAX_SCHEMA) {
    throw new Error(`the JSON Schema has ${schema.length} characters: AppConfig accepts at most ${MAX_SCHEMA}`)
  }
  return schema
}
