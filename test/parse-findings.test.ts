import { describe, expect, test } from 'vitest'
import { bridge, publish } from './events.ts'

describe('findings', () => {
  test.each([
    [9.1, 'critical'],
    [8, 'high'],
    [5, 'medium'],
    [2, 'low'],
    [0, 'informational'],
  ])('GuardDuty severity %d is %s', (severity, label) => {
    const arn = 'arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f'
    const [alert] = bridge('GuardDuty Finding', 'aws.guardduty', {
      id: 'f',
      arn,
      accountId: '111122223333',
      type: 'Recon:EC2/PortProbeUnprotectedPort',
      title: 'A port is probed',
      severity,
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc' } },
      updatedAt: '2026-09-14T11:00:00.123Z',
    })
    expect(alert).toMatchObject({
      kind: 'finding',
      fingerprint: arn,
      declaredSeverity: label,
      title: 'A port is probed',
      resource: 'i-0abc (Instance)',
      changedAt: '2026-09-14T11:00:00.123Z',
      details: { type: 'Recon:EC2/PortProbeUnprotectedPort' },
    })
  })

  test('GuardDuty names what its title names, if it says no more', () => {
    const [alert] = bridge('GuardDuty Finding', 'aws.guardduty', { title: 'Somebody reads arn:aws:s3:::logs of us' })
    expect(alert?.resource).toBe('logs')
  })

  test('Security Hub: one alert per finding, resolved when it passes, or a person archives, suppresses or resolves it', () => {
    const finding = (Id: string, more: object) => ({ Id: `arn:aws:securityhub:x:y:${Id}`, Title: Id, ...more })
    const alerts = bridge('Security Hub Findings - Imported', 'aws.securityhub', {
      findings: [
        finding('a', { Severity: { Label: 'HIGH' }, Resources: [{ Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::logs' }] }),
        finding('b', { Severity: { Normalized: 40 }, RecordState: 'ARCHIVED' }),
        finding('c', { Compliance: { Status: 'PASSED' } }),
        finding('d', { Workflow: { Status: 'SUPPRESSED' } }),
        finding('e', { Workflow: { Status: 'RESOLVED' } }),
        finding('f', { Workflow: { Status: 'NOTIFIED' } }),
      ],
    })
    expect(alerts).toMatchObject([
      { title: 'a', status: 'firing', declaredSeverity: 'high', resource: 'logs' },
      { title: 'b', status: 'resolved', declaredSeverity: 'medium' },
      { title: 'c', status: 'resolved' },
      { title: 'd', status: 'resolved' },
      { title: 'e', status: 'resolved' },
      { title: 'f', status: 'firing' },
    ])
  })

  test('Security Hub, in OCSF: has the account and region of the finding', () => {
    const cloud = { account: { uid: '444455556666' }, region: 'eu-north-1' }
    const finding = (more: object) => ({ cloud, finding_info: { uid: 'u', title: 'Root has keys' }, ...more })
    const alerts = bridge('Findings Imported V2', 'aws.securityhub', {
      findings: [
        finding({ severity: 'Critical', status: 'New', activity_name: 'Create' }),
        finding({ status: 'Suppressed' }),
        finding({ status: 'New', activity_name: 'Close' }),
        finding({ cloud: undefined }),
      ],
    })
    const [, , , elsewhere] = alerts
    expect(alerts).toMatchObject([
      { title: 'Root has keys', account: '444455556666', region: 'eu-north-1', status: 'firing' },
      { status: 'resolved' },
      { status: 'resolved', account: '444455556666' },
      {},
    ])
    expect([elsewhere?.account, elsewhere?.region]).toEqual(['111122223333', 'eu-west-1'])
  })

  test('Config: a resource breaks a rule, and complies again', () => {
    const [broken, kept] = ['NON_COMPLIANT', 'COMPLIANT'].flatMap((complianceType) =>
      bridge('Config Rules Compliance Change', 'aws.config', {
        configRuleName: 'no-public-buckets',
        resourceId: 'logs',
        resourceType: 'AWS::S3::Bucket',
        newEvaluationResult: { complianceType },
      }),
    )
    expect(broken).toMatchObject({ kind: 'finding', status: 'firing', resource: 'logs (AWS::S3::Bucket)' })
    expect(kept).toMatchObject({ status: 'resolved', fingerprint: broken?.fingerprint })
  })

  test.each([
    [{ configRuleName: 'no-public', resourceId: 'logs' }, 'Config rule no-public: logs is non compliant'],
    [{ configRuleName: 'no-public' }, 'Config rule no-public: non compliant'],
    [{ resourceId: 'logs' }, 'Config rule: logs is non compliant'],
  ])('Config says which rule is broken, and by what, as far as its message does: %j', (named, title) => {
    const newEvaluationResult = { complianceType: 'NON_COMPLIANT' }
    const alert = publish({ messageType: 'ComplianceChangeNotification', ...named, newEvaluationResult })
    expect(alert).toMatchObject({ kind: 'finding', status: 'firing', title })
    const kept = publish({
      ...{ messageType: 'ComplianceChangeNotification', ...named },
      newEvaluationResult: { complianceType: 'COMPLIANT' },
    })
    expect(kept.status).toBe('resolved')
  })
})

describe('AWS Health', () => {
  const detail = {
    eventArn: 'arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    startTime: 'Mon, 14 Sep 2026 10:00:00 GMT',
    eventDescription: [{ language: 'en_US', latestDescription: 'First line\\nsecond line' }],
    affectedEntities: [{ entityValue: 'i-0abc', tags: { team: 'orders' } }],
  }

  test.each([
    [{ statusCode: 'open' }, 'firing'],
    [{ statusCode: 'closed' }, 'resolved'],
    [{ endTime: 'Mon, 14 Sep 2026 11:00:00 GMT' }, 'resolved'],
    [{ endTime: 'Mon, 14 Sep 2026 23:00:00 GMT' }, 'firing'],
    [{ endTime: 'Mon, 14 Sep 2026 11:00:00 GMT', eventTypeCategory: 'scheduledChange' }, 'firing'],
  ])('%j is %s', (more, status) => {
    const [alert] = bridge('AWS Health Event', 'aws.health', { ...detail, ...more })
    expect(alert).toMatchObject({
      kind: 'health',
      status,
      fingerprint: detail.eventArn,
      title: 'AWS Health: EC2 operational issue',
      description: 'First line\nsecond line',
      resource: 'i-0abc',
      tags: { team: 'orders' },
      details: { service: 'EC2' },
    })
  })

  test.each<[string, string, string | undefined]>([
    ['eu-west-1', 'eu-central-1', 'eu-central-1'],
    ['eu-west-1', 'global', undefined],
    ['cn-north-1', 'cn-north-1', 'cn-north-1'],
  ])('delivered in %s, of %s', (region, eventRegion, expected) => {
    const [alert] = bridge('AWS Health Event', 'aws.health', { ...detail, eventRegion }, { region })
    expect(alert?.region).toBe(expected)
    // China has a console of its own.
    expect(alert?.links.console === undefined).toBe(region === 'cn-north-1')
  })

  test('without a region names none, whatever region its topic is in', () => {
    const event = { 'detail-type': 'AWS Health Abuse Event', source: 'aws.health', region: 'global', detail }
    expect(publish(event).region).toBeUndefined()
  })
})

describe('money', () => {
  test("a budget's email", () => {
    const letter = [
      'AWS Budget Notification July 05, 2026',
      'AWS Account 111122223333',
      '',
      'Budget Name: platform',
      'Budgeted Amount: $100.00',
      'Alert Type: ACTUAL',
      'Alert Threshold: > $80.00',
      'ACTUAL Amount: $91.45',
    ].join('\n')
    expect(publish(letter, { Subject: 'AWS Budgets: platform has exceeded your alert threshold' })).toMatchObject({
      kind: 'budget',
      fingerprint: 'budget:111122223333:platform',
      title: 'Budget platform: ACTUAL $91.45 (threshold > $80.00)',
      resource: 'platform (budget)',
      details: { amount: '$91.45', budgeted: '$100.00' },
    })
    expect(publish('AWS Budget Notification: over 80%').kind).toBe('budget')
  })

  test.each<[unknown, string]>([
    [184.37295018, '$184.37'],
    ['184.37295018', '$184.37'],
    [1001, '$1001'],
    [12.5, '$12.50'],
    [0.004, '$0.00'],
  ])('an anomaly of %s is shown to the cent', (totalImpact, amount) => {
    const [alert] = bridge('Anomaly Detected', 'aws.ce', { anomalyId: 'a', impact: { totalImpact } })
    expect(alert?.title).toBe(`Cost anomaly, ${amount} more than expected`)
  })

  test('a budget and a cost anomaly as JSON', () => {
    expect(publish({ budgetName: 'platform', accountId: '111122223333' })).toMatchObject({
      kind: 'budget',
      fingerprint: 'budget:111122223333:platform',
    })
    expect(publish({ anomalyId: 'a1', impact: { totalImpact: 12.5 }, dimensionalValue: 'Amazon S3' })).toMatchObject({
      kind: 'budget',
      title: 'Cost anomaly: Amazon S3, $12.50 more than expected',
      resource: 'Amazon S3 (service)',
    })
  })
})
