import { gunzipSync } from 'node:zlib'
import { describe } from 'vitest'
import { pushedConfigJsonSchema } from '../deploy/live-config.ts'
import { readConfig } from '../shared/config/read.ts'
import {
  all,
  asList,
  type Check,
  differs,
  FUNCTIONS,
  isHeld,
  type Json,
  roleStatements,
  statementFor,
  target,
  VALIDATOR,
} from './stack.ts'

const config = readConfig('config')

describe.each<Check>([
  {
    name: 'rules that are pushed are checked by their schema and by the validator, which AppConfig may invoke',
    problems: (t) => [
      ...differs(
        'profiles',
        all(t, 'AWS::AppConfig::ConfigurationProfile').map(([, p]) => [
          p.Name,
          p.LocationUri,
          p.Validators?.map((v: Json) => [v.Type, v.Type === 'LAMBDA' ? target(v.Content) : v.Content]),
        ]),
        [
          [
            'rules',
            'hosted',
            [
              ['JSON_SCHEMA', pushedConfigJsonSchema()],
              ['LAMBDA', VALIDATOR],
            ],
          ],
          ['deployed', 'hosted', undefined],
        ],
      ),
      ...differs(
        'permissions',
        all(t, 'AWS::Lambda::Permission').flatMap(([, p]) =>
          target(p.FunctionName) === VALIDATOR ? [[p.Action, p.Principal]] : [],
        ),
        [['lambda:InvokeFunction', 'appconfig.amazonaws.com']],
      ),
    ],
    notices: [
      (r) => {
        r.ConfigProfile.Properties.Validators.pop()
      },
      (r) => {
        r.ConfigProfile.Properties.Validators[1].Content = r.ConfigEnvironment.Properties.Monitors[0].AlarmArn
      },
      (r) => {
        r.ConfigProfile.Properties.Validators[0].Content = '{}'
      },
      (r) => {
        r.ConfigMayBeValidated.Properties.Principal = '*'
      },
      (r) => {
        r.ConfigMayBeValidated = { Type: 'none' }
      },
    ],
  },
  {
    name: 'rules that the functions have just asked for hold up no removal of the stack',
    problems: (t) =>
      ['AWS::AppConfig::Environment', 'AWS::AppConfig::ConfigurationProfile'].flatMap((type) =>
        all(t, type).flatMap(([id, p]) => differs(id, p.DeletionProtectionCheck, 'BYPASS')),
      ),
    notices: [
      (r) => {
        r.ConfigEnvironment.Properties.DeletionProtectionCheck = undefined
      },
      (r) => {
        r.ConfigProfile.Properties.DeletionProtectionCheck = 'ACCOUNT_DEFAULT'
      },
    ],
  },
  {
    name: "rules are rolled out gradually, and the router's own alarms bring back those before",
    problems: (t) => {
      const alarms = ['AlarmsErrors', 'ConfigStale', 'PagerdutyErrors', 'SlackErrors', 'EmailErrors'].map(
        (a) => `${a}Alarm`,
      )
      const role = t.Resources.ConfigMonitorRole?.Properties
      return [
        ...differs(
          'strategies',
          all(t, 'AWS::AppConfig::DeploymentStrategy').map(([, s]) => [
            s.Name,
            s.DeploymentDurationInMinutes,
            s.GrowthType,
            s.GrowthFactor,
            s.FinalBakeTimeInMinutes,
          ]),
          [
            ['alert-router-prod', 10, 'LINEAR', 20, 10],
            ['alert-router-prod-at-once', 0, 'LINEAR', 100, 0],
          ],
        ),
        ...differs(
          'monitors',
          all(t, 'AWS::AppConfig::Environment').map(([, e]) =>
            e.Monitors.map((m: Json) => [target(m.AlarmArn), target(m.AlarmRoleArn)]),
          ),
          [alarms.map((alarm) => [alarm, 'ConfigMonitorRole'])],
        ),
        ...differs('trust', role?.AssumeRolePolicyDocument.Statement, [
          { Effect: 'Allow', Principal: { Service: 'appconfig.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
        ...differs(
          'may',
          roleStatements(t, 'ConfigMonitorRole').map((s) => [s.Action, s.Resource]),
          [['cloudwatch:DescribeAlarms', '*']],
        ),
        // AppConfig takes missing data for a fault, and watches no alarm that does nothing.
        ...alarms.flatMap((id) => {
          const { TreatMissingData, AlarmActions, ActionsEnabled } = t.Resources[id]?.Properties ?? {}
          return differs(id, [TreatMissingData, AlarmActions?.length, ActionsEnabled], ['notBreaching', 1, undefined])
        }),
      ]
    },
    notices: [
      (r) => {
        r.ConfigRollout.Properties.FinalBakeTimeInMinutes = 0
      },
      (r) => {
        r.ConfigRollout.Properties.GrowthFactor = 100
      },
      (r) => {
        r.ConfigEnvironment.Properties.Monitors.pop()
      },
      (r) => {
        r.ConfigEnvironment.Properties.Monitors[0].AlarmRoleArn = undefined
      },
      (r) => {
        r.ConfigMonitorRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = '*'
      },
      (r) => {
        r.ConfigMonitorRole.Properties.Policies[0].PolicyDocument.Statement[0].Action = 'cloudwatch:*'
      },
      (r) => {
        r.ConfigStaleAlarm.Properties.TreatMissingData = 'missing'
      },
    ],
  },
  {
    name: 'the functions that follow the rules know where they are, and may read these alone',
    problems: (t) => {
      const place = `\${ConfigApplication}/\${ConfigEnvironment}/\${ConfigProfile}`
      const arn =
        `arn:\${AWS::Partition}:appconfig:\${AWS::Region}:\${AWS::AccountId}:application/\${ConfigApplication}` +
        `/environment/\${ConfigEnvironment}/configuration/\${ConfigProfile}`
      const followers = [
        ...['route', 'deliver-pagerduty', 'deliver-slack', 'deliver-slack-app', 'deliver-email', 'evidence', 'tick'],
      ]
      const found = all(t, 'AWS::Lambda::Function').map(([, f]) => [
        f.FunctionName.replace('alert-router-prod-', ''),
        f.Environment.Variables.LIVE_CONFIG?.['Fn::Sub'],
        roleStatements(t, target(f.Role)).flatMap((s) => {
          const actions = asList(s.Action).filter((action) => action.startsWith('appconfig:'))
          return actions.length > 0 ? [[actions, s.Resource?.['Fn::Sub']]] : []
        }),
      ])
      const read = ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration']
      return differs(
        'functions',
        found,
        FUNCTIONS.map((name) => (followers.includes(name) ? [name, place, [[read, arn]]] : [name, undefined, []])),
      )
    },
    notices: [
      (r) => {
        r.RouteLambdaFunction.Properties.Environment.Variables.LIVE_CONFIG = undefined
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'appconfig:GetLatestConfiguration').Resource = '*'
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'appconfig:GetLatestConfiguration').Action.pop()
      },
      (r) => {
        statementFor(r.ValidateDashconfigIamRoleLambdaExecution, 'logs:PutLogEvents').Action.push(
          'appconfig:ListApplications',
        )
      },
    ],
  },
  {
    name: 'what it was deployed with is kept for a push to compare with',
    problems: (t) =>
      differs(
        'deployed',
        all(t, 'AWS::AppConfig::HostedConfigurationVersion').map(([, v]) => [
          target(v.ConfigurationProfileId),
          String(gunzipSync(Buffer.from(v.Content, 'base64'))),
        ]),
        [['DeployedConfigProfile', JSON.stringify(config)]],
      ),
    notices: [
      (r) => {
        r.DeployedConfig.Properties.ConfigurationProfileId.Ref = 'ConfigProfile'
      },
      (r) => {
        r.DeployedConfig = { Type: 'none' }
      },
    ],
  },
])('in the stack, $name', isHeld)
