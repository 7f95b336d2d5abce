import { describe } from 'vitest'
import { MAX_BUFFER_MS, PREFIX } from '../cli/archive/s3.ts'
import {
  all,
  asList,
  type Check,
  differs,
  isHeld,
  type Json,
  on,
  roleStatements,
  statementFor,
  target,
} from './stack.ts'

describe.each<Check>([
  {
    name: 'what the alarms topic gets is kept: compressed, encrypted, for 90 days, and for nobody else to see',
    problems: (t) => {
      const bucket = t.Resources.ArchiveBucket
      const { BucketEncryption, PublicAccessBlockConfiguration, OwnershipControls, LifecycleConfiguration } =
        bucket.Properties
      const stream = t.Resources.ArchiveStream.Properties
      const s3 = stream.ExtendedS3DestinationConfiguration
      const subscriptions = all(t, 'AWS::SNS::Subscription').filter(([, s]) => s.Protocol === 'firehose')
      return [
        ...differs(
          'subscriptions',
          // Raw, a message would have lost its time, and its line.
          subscriptions.map(([, s]) => [
            target(s.TopicArn),
            target(s.Endpoint),
            target(s.SubscriptionRoleArn),
            s.RawMessageDelivery ?? false,
            s.FilterPolicy ?? 'all',
          ]),
          [['AlarmsTopic', 'ArchiveStream', 'ArchiveSubscriptionRole', false, 'all']],
        ),
        ...differs(
          'stream',
          [target(s3.BucketARN), target(s3.RoleARN), s3.Prefix, s3.CompressionFormat],
          ['ArchiveBucket', 'ArchiveStreamRole', PREFIX, 'GZIP'],
        ),
        ...differs('key', stream.DeliveryStreamEncryptionConfigurationInput, { KeyType: 'AWS_OWNED_CMK' }),
        // How far back from a moment its object may be named.
        ...(s3.BufferingHints.IntervalInSeconds * 1_000 <= MAX_BUFFER_MS
          ? []
          : ['it waits longer than is looked back']),
        ...differs(
          'encryption',
          BucketEncryption.ServerSideEncryptionConfiguration.map(
            (c: Json) => c.ServerSideEncryptionByDefault.SSEAlgorithm,
          ),
          ['AES256'],
        ),
        ...differs('public access', Object.values(PublicAccessBlockConfiguration ?? {}), [true, true, true, true]),
        ...differs('ownership', OwnershipControls.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }]),
        ...differs(
          'expiry',
          LifecycleConfiguration.Rules.map((rule: Json) => [rule.Status, rule.Prefix ?? 'all', rule.ExpirationInDays]),
          [['Enabled', 'all', 90]],
        ),
        // CloudFormation can't delete one that is not empty.
        ...differs('kept', bucket.DeletionPolicy, 'RetainExceptOnCreate'),
        ...differs('name', bucket.Properties.BucketName ?? 'given', 'given'),
      ]
    },
    notices: [
      (r) => {
        r.ArchiveSubscription.Properties.RawMessageDelivery = true
      },
      (r) => {
        r.ArchiveSubscription.Properties.TopicArn = { Ref: 'NotificationsTopic' }
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.Prefix = 'events/'
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.CompressionFormat = undefined
      },
      (r) => {
        r.ArchiveStream.Properties.DeliveryStreamEncryptionConfigurationInput = undefined
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds = 7_200
      },
      (r) => {
        r.ArchiveBucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false
      },
      (r) => {
        r.ArchiveBucket.Properties.LifecycleConfiguration.Rules[0].Status = 'Disabled'
      },
      (r) => {
        r.ArchiveBucket.Properties.LifecycleConfiguration.Rules[0].ExpirationInDays = undefined
      },
      (r) => {
        r.ArchiveBucket.DeletionPolicy = 'Delete'
      },
    ],
  },
  {
    name: 'the archive is written by Firehose alone, and Firehose is given by SNS alone',
    problems: (t) =>
      ['ArchiveStreamRole', 'ArchiveSubscriptionRole'].flatMap((id) => {
        const [trust, ...others] = t.Resources[id].Properties.AssumeRolePolicyDocument.Statement
        const service = id === 'ArchiveStreamRole' ? 'firehose' : 'sns'
        return [
          ...differs(`${id} is assumed by`, [trust.Principal, others], [{ Service: `${service}.amazonaws.com` }, []]),
          ...differs(
            `${id} may`,
            roleStatements(t, id).map((s) => `${asList(s.Action).join(' ')}: ${on(s.Resource)}`),
            id === 'ArchiveStreamRole'
              ? [
                  's3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads: ArchiveBucket',
                  `s3:AbortMultipartUpload s3:GetObject s3:PutObject: \${ArchiveBucket.Arn}/*`,
                  `logs:PutLogEvents: arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${ArchiveLogGroup}:log-stream:\${ArchiveLogStream}`,
                ]
              : [
                  'firehose:DescribeDeliveryStream firehose:ListDeliveryStreams firehose:ListTagsForDeliveryStream firehose:PutRecord firehose:PutRecordBatch: ArchiveStream',
                ],
          ),
        ]
      }),
    notices: [
      (r) => {
        r.ArchiveStreamRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = '*'
      },
      (r) => {
        r.ArchiveSubscriptionRole.Properties.AssumeRolePolicyDocument.Statement.push({ Effect: 'Allow' })
      },
      (r) => {
        statementFor(r.ArchiveStreamRole, 's3:PutObject').Action.push('s3:DeleteObject')
      },
      (r) => {
        statementFor(r.ArchiveSubscriptionRole, 'firehose:PutRecord').Resource = { Ref: 'ArchiveBucket' }
      },
    ],
  },
])('in the stack, $name', isHeld)
