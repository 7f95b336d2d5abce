import { describe, expect, test } from 'vitest'
import { evidence } from '../deploy/evidence.ts'
import { shippedPlatform } from './some-platform.ts'
import { all, type Check, differs, isHeld, type Json, roleStatements, statementFor } from './stack.ts'

/*
 * What follows an alert stands beside the alert's path, and can't reach into it.
 */

const ROLE = 'EvidenceIamRoleLambdaExecution'
/** What changes nothing. */
const READS = /^(Describe|Get|List|Lookup|Query|BatchGet|StartQuery$|StopQuery$|Receive)/

describe.each<Check>([
  {
    name: 'what follows alerts writes no item that an alert’s function reads: neither its state, nor a channel’s pace',
    problems: (t) => {
      const writes = roleStatements(t, ROLE).filter((s) =>
        [s.Action].flat().some((one) => one.startsWith('dynamodb:') && !READS.test(one.slice('dynamodb:'.length))),
      )
      const only = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['evidence#*', 'target#evidence *'] } }
      return [
        ...differs(
          'writes',
          writes.map(({ Action, Condition }) => [Action, Condition]),
          [[['dynamodb:PutItem', 'dynamodb:UpdateItem'], only]],
        ),
      ]
    },
    notices: [
      (r) => {
        statementFor(r[ROLE], 'dynamodb:PutItem').Condition = undefined
      },
      (r) => {
        statementFor(r[ROLE], 'dynamodb:Query').Action.push('dynamodb:DeleteItem')
      },
    ],
  },
  {
    name: 'what follows alerts changes nothing in the account: of all resources, it may only read',
    problems: (t) =>
      roleStatements(t, ROLE)
        .filter(({ Resource }) => Resource === '*')
        .flatMap(({ Action }) => [Action].flat())
        .filter((one) => !READS.test(one.split(':')[1])),
    notices: [(r) => statementFor(r[ROLE], 'logs:StartQuery').Action.push('logs:DeleteLogGroup')],
  },
  {
    name: 'what follows alerts is dropped soon, is no dead letter, and wakes no operator about an alert',
    problems: (t) => {
      const queue = t.Resources.EvidenceQueue?.Properties
      const alarms = all(t, 'AWS::CloudWatch::Alarm').filter(([id]) => id.startsWith('Evidence'))
      return [
        ...differs('kept', [queue?.MessageRetentionPeriod, queue?.RedrivePolicy], [300, undefined]),
        ...differs(
          'alarms',
          alarms.map(([id, a]) => [id, a.Threshold, a.Period, a.AlarmDescription.includes('Every alert is delivered')]),
          [
            ['EvidenceDroppedAlarm', 5, 3_600, true],
            ['EvidenceErrorsAlarm', 5, 3_600, true],
          ],
        ),
        ...(JSON.stringify(t.Resources.ConfigEnvironment).includes('Evidence') ? ['it rolls rules back'] : []),
      ]
    },
    notices: [
      (r) => {
        r.EvidenceQueue.Properties.MessageRetentionPeriod = 345_600
      },
      (r) => {
        r.EvidenceQueue.Properties.RedrivePolicy = r.SlackQueue.Properties.RedrivePolicy
      },
      (r) => {
        r.EvidenceErrorsAlarm.Properties.AlarmDescription = 'The function failed'
      },
    ],
  },
  {
    name: 'nothing on an alert’s path waits for what follows it, or knows of it',
    problems: (t) => {
      const path = [
        'Route',
        'DeliverDashpagerduty',
        'DeliverDashslack',
        'DeliverDashslackDashapp',
        'DeliverDashemail',
        'Tick',
      ]
      return path.flatMap((name) => {
        const parts = [`${name}LambdaFunction`, `${name}IamRoleLambdaExecution`].map((id) => t.Resources[id])
        return JSON.stringify(parts).includes('Evidence') ? [`${name} names it`] : []
      })
    },
    notices: [
      (r) => {
        r.RouteLambdaFunction.DependsOn = ['EvidenceLambdaFunction']
      },
    ],
  },
])('in the stack, $name', isHeld)

test('it may take the roles of the platform’s accounts, where there are some', () => {
  const platform = { ...shippedPlatform(), accounts: { shop: { role: 'arn:aws:iam::222222222222:role/reads' } } }
  const statements = (of: Json) => (evidence(of).evidence as Json).iamRoleStatements
  const takes = (of: Json) => statements(of).filter(({ Action }: Json) => Action === 'sts:AssumeRole')
  expect(takes(platform)).toMatchObject([{ Resource: ['arn:aws:iam::222222222222:role/reads'] }])
  expect(takes(undefined)).toEqual([])
})
