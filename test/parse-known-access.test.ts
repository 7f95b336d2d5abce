import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { advisor, bridge, signIn } from './known-events.ts'

const apiCall = (eventName: string, requestParameters: object, more: object = {}) =>
  bridge('AWS API Call via CloudTrail', 'aws.ec2', {
    ...{ userIdentity: { type: 'IAMUser', userName: 'ana' }, eventName, requestParameters, eventID: 'e', ...more },
  })

describe('an event says who and what happened', () => {
  test.each<[string, () => Alert, Partial<Alert>]>([
    [
      'a key that is exposed',
      () => advisor('Exposed Access Keys', { 'User Name (IAM or Root)': 'ci', 'Fraud Type': 'Exposed' }, 'ERROR'),
      { title: 'Exposed access key of ci', declaredSeverity: 'critical', reason: 'Exposed', status: 'firing' },
    ],
    [
      'an item of a check',
      () => advisor('IAM Access Key Rotation', { Reason: 'Old' }, 'WARN', 'arn:aws:iam::111122223333:user/ana'),
      { title: 'IAM Access Key Rotation: ana', declaredSeverity: 'warning', reason: 'Old' },
    ],
    [
      'an item of a check that names nothing',
      () => advisor('MFA on Root Account', { Status: 'Red' }, 'ERROR'),
      { title: 'MFA on Root Account: action recommended', resource: 'MFA on Root Account (check)' },
    ],
    [
      'an item of a check that names something in a field of its own',
      () => advisor('Low Utilization', { 'Number of Days': '4', 'Instance ID': 'i-0a' }, 'WARN'),
      { title: 'Low Utilization: i-0a', resource: 'i-0a' },
    ],
    [
      'a limit of one check for all',
      () =>
        advisor(
          'Service Limits',
          { Service: 'VPC', 'Limit Name': 'VPCs', 'Limit Amount': '5', 'Current Usage': '5' },
          'ERROR',
        ),
      { title: 'Service Limits of VPC VPCs: 5 of 5 in a region', resource: 'VPC VPCs' },
    ],
    ['what is all right', () => advisor('Service Limits', { Service: 'EBS' }, 'OK'), { status: 'resolved' }],
    [
      'root, signed in',
      () => signIn({ type: 'Root' }),
      { title: 'Root signed in to the console without MFA from 203.0.113.7', declaredSeverity: 'critical', once: true },
    ],
    [
      'a user who could not sign in',
      () =>
        signIn(
          { type: 'IAMUser', userName: 'ana' },
          {
            responseElements: { ConsoleLogin: 'Failure' },
            errorMessage: 'Failed authentication',
          },
        ),
      {
        ...{ title: 'ana failed to sign in to the console without MFA from 203.0.113.7', declaredSeverity: 'info' },
        reason: 'Failed authentication',
      },
    ],
    [
      'a user whose name nobody has',
      () => signIn({ userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' }, { responseElements: { ConsoleLogin: 'Failure' } }),
      { title: 'Somebody failed to sign in to the console without MFA from 203.0.113.7', resource: 'Somebody' },
    ],
    [
      'root, asked for MFA: nobody is in yet',
      () => signIn({ type: 'Root' }, { eventName: 'CheckMfa', responseElements: { CheckMfa: 'Success' } }),
      { title: 'Root was asked for MFA at sign-in from 203.0.113.7', declaredSeverity: 'info' },
    ],
    [
      'somebody who asks for a new password of root',
      () => signIn({ type: 'Root' }, { eventName: 'PasswordRecoveryRequested' }),
      { title: 'Root asked for a new password from 203.0.113.7', declaredSeverity: 'warning' },
    ],
    [
      'somebody who has got it',
      () => signIn({ type: 'Root' }, { eventName: 'PasswordRecoveryCompleted' }),
      { title: 'Root set a new password by recovery from 203.0.113.7', declaredSeverity: 'critical' },
    ],
    [
      'a role that a user takes, by the account of the user',
      () =>
        signIn(
          { type: 'IAMUser', userName: 'ana' },
          { eventName: 'SwitchRole', additionalEventData: { SwitchTo: 'arn:aws:iam::444455556666:role/Admin' } },
        ),
      { title: 'ana switched to the role Admin from 203.0.113.7', declaredSeverity: 'info' },
    ],
    [
      'a role that a user takes, by the account of the role',
      () =>
        signIn(
          { type: 'AssumedRole', arn: 'arn:aws:sts::444455556666:assumed-role/Admin/ana' },
          { eventName: 'SwitchRole', additionalEventData: { SwitchFrom: 'arn:aws:iam::111122223333:user/ana' } },
        ),
      { title: 'ana switched to the role Admin from 203.0.113.7', resource: 'ana' },
    ],
    [
      'what a sign-in may say that nobody has described',
      () => signIn({ type: 'Root' }, { eventName: 'MfaDeviceReset', responseElements: { MfaDeviceReset: 'Failure' } }),
      { title: 'Root failed at sign-in: mfa device reset from 203.0.113.7', declaredSeverity: 'warning' },
    ],
    [
      'a call by what names its subject',
      () => apiCall('DeleteBucket', { bucketName: 'invoices' }),
      { title: 'ana called DeleteBucket on invoices', resource: 'invoices' },
    ],
    [
      'a call by nothing else: it may be a secret',
      () => apiCall('RunInstances', { userData: 'c2VjcmV0' }, { errorCode: 'Client.UnauthorizedOperation' }),
      { title: 'ana was refused RunInstances: Client.UnauthorizedOperation', resource: 'ec2 (service)' },
    ],
    [
      'a call by no secret, however that is named',
      () => apiCall('PutSecret', { sessionId: 'abcdefgh' }),
      { title: 'ana called PutSecret', resource: 'ec2 (service)' },
    ],
  ])('%s', (_, read, expected) => {
    expect(read()).toMatchObject(expected)
  })
})
