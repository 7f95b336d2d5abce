import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { bounce, mailed, publish, sender } from './known-events.ts'

describe('an event says who and what happened', () => {
  test.each<[string, () => Alert, Partial<Alert>]>([
    [
      'a mail that came back',
      () =>
        publish({
          ...{ notificationType: 'Bounce', mail: { source: 'a@example.com', messageId: 'm' } },
          bounce: {
            ...{ bounceType: 'Permanent', feedbackId: 'f' },
            bouncedRecipients: [{ emailAddress: 'b@example.net', diagnosticCode: 'smtp; 550 5.1.1 unknown' }],
          },
        }),
      { title: 'SES permanent bounce: b@example.net', reason: '550 5.1.1 unknown', source: 'aws.ses' },
    ],
    [
      'a mail that a stranger’s server has refused: what that says is no headline',
      () => bounce('ana@example.net'),
      {
        title: 'SES permanent bounce: ana@example.net (5.1.1)',
        reason: '550 <!channel> @here URGENT call http://evil.example.com/?token=(hidden)',
      },
    ],
    [
      'a mail by its address, without a name that somebody gave it',
      () => bounce('"URGENT: call +1 900" <ana@example.net>'),
      { title: 'SES permanent bounce: ana@example.net (5.1.1)' },
    ],
    ['a mail without an address', () => bounce('@here'), { title: 'SES permanent bounce: ana@example.net (5.1.1)' }],
    [
      'a mail that came back, by EventBridge',
      () => bounce('ana@example.net', 'Email Bounced'),
      {
        ...{ title: 'SES permanent bounce: ana@example.net (5.1.1)', resource: 'shop.example (identity)', once: true },
        ...{ declaredSeverity: 'info', fingerprint: 'ses:f', changedAt: '2026-09-14T11:18:50.000Z' },
      },
    ],
    [
      'a mail that was complained of, by EventBridge',
      () =>
        mailed(
          'Complaint',
          'complaint',
          { complaintFeedbackType: 'call +1 900', complainedRecipients: [{ emailAddress: 'bob@example.net' }] },
          'Email Complaint Received',
        ),
      { title: 'SES complaint: bob@example.net', reason: 'call +1 900' },
    ],
    [
      'a mail that is late, by EventBridge',
      () =>
        mailed(
          'DeliveryDelay',
          'deliveryDelay',
          { delayType: 'MailboxFull', delayedRecipients: [{ emailAddress: 'bob@example.net', status: '4.2.2' }] },
          'Email Delivery Delayed',
        ),
      { title: 'SES delivery delay: bob@example.net (mailbox full, 4.2.2)' },
    ],
    [
      'a mail that SES did not send',
      () => mailed('Reject', 'reject', { reason: 'Bad content' }, 'Email Rejected'),
      { title: 'SES reject: ana@example.net (Bad content)', reason: 'Bad content' },
    ],
    [
      'a mail that could not be written',
      () => mailed('Rendering Failure', 'failure', { errorMessage: 'No attribute' }, 'Email Rendering Failed'),
      { title: 'SES rendering failure: ana@example.net (No attribute)' },
    ],
    [
      'a mail that came in: no word of what is in it',
      () => {
        const commonHeaders = { subject: 'URGENT: call +1 900' }
        const mail = { messageId: 'm', destination: ['help@example.com'], commonHeaders }
        return publish({
          notificationType: 'Received',
          mail,
          receipt: { recipients: ['help@example.com'] },
          content: 'x',
        })
      },
      { title: 'SES received: help@example.com', reason: undefined, description: undefined },
    ],
    [
      'what SES found about a tenant',
      () =>
        sender(
          'Advisor Recommendation Status Open',
          { data: 'The bounce rate exceeded 15.0%.', metadata: { impact: 'HIGH', type: 'BOUNCE' } },
          'tenant/acme/tn-1',
        ),
      {
        title: 'SES recommendation for acme (BOUNCE): The bounce rate exceeded 15.0%.',
        ...{ resource: 'acme', reason: 'The bounce rate exceeded 15.0%.', declaredSeverity: 'high' },
      },
    ],
    [
      'a tenant that may not send',
      () =>
        sender(
          'Sending Status Disabled',
          { data: { origin: 'AWS_MANAGED', record: { status: 'DISABLED', cause: 'High bounce rate.' } } },
          'tenant/acme/tn-1',
        ),
      { title: 'SES sending of acme is disabled: High bounce rate.', declaredSeverity: 'error', status: 'firing' },
    ],
    [
      'a mail that somebody complained of',
      () =>
        publish({
          ...{ eventType: 'Complaint', mail: { messageId: 'm' } },
          complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: 'b@example.net' }] },
        }),
      { title: 'SES complaint: b@example.net (abuse)' },
    ],
  ])('%s', (_, read, expected) => {
    expect(read()).toMatchObject(expected)
  })
})
