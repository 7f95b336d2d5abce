/**
 * List prices of us-east-1, in US dollars, without the free tier and without discounts: each with the page that says so. Other
 * regions cost up to a quarter more.
 */
export const PRICES = {
  snsPublish: { usd: 0.5e-6, per: 'a million messages published', page: 'https://aws.amazon.com/sns/pricing/' },
  snsToFirehose: { usd: 0.19e-6, per: 'a million messages to Firehose', page: 'https://aws.amazon.com/sns/pricing/' },
  sqsRequest: { usd: 0.4e-6, per: 'a million requests, standard queue', page: 'https://aws.amazon.com/sqs/pricing/' },
  lambdaRequest: { usd: 0.2e-6, per: 'a million requests', page: 'https://aws.amazon.com/lambda/pricing/' },
  lambdaSecond: { usd: 0.0000133334, per: 'a GB-second, arm64', page: 'https://aws.amazon.com/lambda/pricing/' },
  dynamoWrite: {
    usd: 0.625e-6,
    per: 'a million write units',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  dynamoRead: {
    usd: 0.125e-6,
    per: 'a million read units',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  dynamoGb: { usd: 0.25, per: 'a GB stored, and month', page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  dynamoRecoveryGb: {
    usd: 0.2,
    per: 'a GB of point-in-time recovery, and month',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  logGb: { usd: 0.5, per: 'a GB taken in', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  metric: { usd: 0.3, per: 'a metric and month', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  alarmMetric: { usd: 0.1, per: 'a metric of an alarm and month', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  dashboard: { usd: 3, per: 'a dashboard and month', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  cloudWatchCall: { usd: 0.01e-3, per: 'a thousand calls', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  key: { usd: 1, per: 'a key and month', page: 'https://aws.amazon.com/kms/pricing/' },
  keyCall: { usd: 0.03e-4, per: '10,000 calls', page: 'https://aws.amazon.com/kms/pricing/' },
  secret: { usd: 0.4, per: 'a secret and month', page: 'https://aws.amazon.com/secrets-manager/pricing/' },
  firehoseGb: {
    usd: 0.029,
    per: 'a GB, each record rounded up to 5 KB',
    page: 'https://aws.amazon.com/firehose/pricing/',
  },
  s3Put: { usd: 0.005e-3, per: 'a thousand objects written', page: 'https://aws.amazon.com/s3/pricing/' },
  s3Gb: { usd: 0.023, per: 'a GB stored, and month', page: 'https://aws.amazon.com/s3/pricing/' },
} as const satisfies Record<string, { usd: number; per: string; page: string }>

/** When these pages were read last. */
export const PRICES_OF = '2026-11-25'

/** So many dashboards of an account are free, with so many metrics each. */
export const FREE_DASHBOARDS = { count: 3, metrics: 50 }
