import { expect, test } from 'vitest'
import { type Asked, judge, type Statement, type Verdict } from '../shared/estate/policy.ts'

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:alarms'
const allow: Statement = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: TOPIC,
}
const deny: Statement = { ...allow, Effect: 'Deny', Principal: '*' }
const asked: Asked = {
  who: 'cloudwatch.amazonaws.com',
  action: 'sns:Publish',
  resource: TOPIC,
  context: {
    'aws:SourceAccount': '111122223333',
    'aws:SourceArn': 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a',
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': null,
  },
}
const if_ = (operator: string, key: string, value: unknown): Statement => ({
  ...allow,
  Condition: { [operator]: { [key]: value } },
})

test.each<[what: string, statements: Statement[], Verdict]>([
  ['one that allows it', [allow], 'allowed'],
  ['none', [], 'not allowed'],
  ['another service', [{ ...allow, Principal: { Service: ['events.amazonaws.com'] } }], 'not allowed'],
  ['everybody', [{ ...allow, Principal: '*' }], 'allowed'],
  ['everybody, as AWS', [{ ...allow, Principal: { AWS: '*' } }], 'allowed'],
  ['another action', [{ ...allow, Action: ['sns:Subscribe'] }], 'not allowed'],
  ['the action in other case, with a wildcard', [{ ...allow, Action: 'SNS:Pub*' }], 'allowed'],
  ['all actions but this', [{ ...allow, Action: undefined, NotAction: 'sns:publish' }], 'not allowed'],
  ['another resource', [{ ...allow, Resource: `${TOPIC}-other` }], 'not allowed'],
  ['the resource with a wildcard', [{ ...allow, Resource: 'arn:aws:sns:*:111122223333:alarm?' }], 'allowed'],
  ['a dot that is no wildcard', [{ ...allow, Resource: TOPIC.replace('sns', 's.s') }], 'not allowed'],
  ['a denial as well', [allow, deny], 'denied'],
  ['a denial without TLS', [allow, { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }], 'allowed'],
  [
    'a denial for all but a role',
    [allow, { ...deny, Condition: { ArnNotEquals: { 'aws:PrincipalArn': 'arn:x' } } }],
    'denied',
  ],
  ['its account', [if_('StringEquals', 'AWS:SourceAccount', ['999999999999', '111122223333'])], 'allowed'],
  ['another account', [if_('StringEquals', 'aws:SourceAccount', '999999999999')], 'not allowed'],
  ['its alarms', [if_('ArnLike', 'aws:SourceArn', 'arn:aws:cloudwatch:*:111122223333:alarm:*')], 'allowed'],
  ['a key that the request lacks', [if_('StringLike', 'aws:PrincipalArn', '*')], 'not allowed'],
  ['a key that the request lacks, if it exists', [if_('StringLikeIfExists', 'aws:PrincipalArn', 'x')], 'allowed'],
  ['a condition that the key is absent', [if_('Null', 'aws:PrincipalArn', 'true')], 'allowed'],
  ['an unknown key', [if_('StringEquals', 'aws:PrincipalOrgID', 'o-1')], 'unclear'],
  ['an unknown operator', [if_('DateLessThan', 'aws:SourceAccount', '2026')], 'unclear'],
  ['an unknown key, or without', [if_('StringEquals', 'aws:PrincipalOrgID', 'o-1'), allow], 'allowed'],
  [
    'a denial by an unknown key',
    [allow, { ...deny, Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } }],
    'unclear',
  ],
  ['all but some', [{ ...allow, Principal: undefined, NotPrincipal: { AWS: 'arn:x' } }], 'unclear'],
])('a policy with %s', (_what, Statement, verdict) => {
  expect(judge({ Statement }, asked)).toBe(verdict)
})

test('a role also matches by its account', () => {
  const account = 'arn:aws:iam::111122223333:root'
  const statement = { ...allow, Principal: { AWS: [account] } }
  expect(judge({ Statement: statement }, { ...asked, who: 'arn:aws:iam::111122223333:role/r', alias: [account] })).toBe(
    'allowed',
  )
})
