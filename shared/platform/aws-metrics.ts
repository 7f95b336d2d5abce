import type { Service, Unit } from '../../schemas/platform.ts'

/** A metric that AWS publishes for a service, and how to look at it. */
interface AwsMetric {
  unit: Unit
  statistic: string
  /** So often there is a value, in seconds: 60 when absent. */
  everyS?: number
}

interface AwsService {
  namespace: string
  metrics: Record<string, AwsMetric>
}

const COUNT = { unit: 'Count', statistic: 'Sum' } as const
const PERCENT = { unit: 'Percent', statistic: 'Average' } as const
/** Amazon S3 reports storage once a day (Amazon S3 User Guide, Metrics and dimensions). */
const DAILY = { statistic: 'Average', everyS: 86_400 } as const

/** What AWS publishes for each type of service. */
export const AWS_SERVICES: Record<Exclude<Service['type'], 'http'>, AwsService> = {
  lambda: {
    namespace: 'AWS/Lambda',
    metrics: {
      Invocations: COUNT,
      Errors: COUNT,
      Throttles: COUNT,
      Duration: { unit: 'Milliseconds', statistic: 'p95' },
      ConcurrentExecutions: { unit: 'Count', statistic: 'Maximum' },
      IteratorAge: { unit: 'Milliseconds', statistic: 'Maximum' },
    },
  },
  ecs: {
    namespace: 'AWS/ECS',
    metrics: { CPUUtilization: PERCENT, MemoryUtilization: PERCENT },
  },
  rds: {
    namespace: 'AWS/RDS',
    metrics: {
      CPUUtilization: PERCENT,
      DatabaseConnections: { unit: 'Count', statistic: 'Average' },
      FreeStorageSpace: { unit: 'Bytes', statistic: 'Minimum' },
      FreeableMemory: { unit: 'Bytes', statistic: 'Minimum' },
      ReadLatency: { unit: 'Seconds', statistic: 'Average' },
    },
  },
  s3: {
    namespace: 'AWS/S3',
    metrics: { BucketSizeBytes: { unit: 'Bytes', ...DAILY }, NumberOfObjects: { unit: 'Count', ...DAILY } },
  },
  queue: {
    namespace: 'AWS/SQS',
    metrics: {
      ApproximateAgeOfOldestMessage: { unit: 'Seconds', statistic: 'Maximum' },
      ApproximateNumberOfMessagesVisible: { unit: 'Count', statistic: 'Maximum' },
      NumberOfMessagesSent: COUNT,
    },
  },
}

/** The dimensions of a service's metrics; of a bucket's, the storage type is missing. */
export function dimensionsOf(service: Service): Record<string, string> {
  switch (service.type) {
    case 'lambda':
      return { FunctionName: service.function }
    case 'ecs':
      return { ClusterName: service.cluster, ServiceName: service.service }
    case 'rds':
      return { DBInstanceIdentifier: service.instance }
    case 's3':
      return { BucketName: service.bucket }
    case 'queue':
      return { QueueName: service.queue }
    case 'http':
      return {}
  }
}

/** The dimensions that a metric of these namespaces always has: without them, a graph or an alarm has no data. */
export const NEEDED_DIMENSIONS: Record<string, string[]> = {
  'AWS/S3': ['BucketName', 'StorageType'],
  'AWS/ECS': ['ClusterName'],
  'AWS/SQS': ['QueueName'],
  'AWS/ApplicationELB': ['LoadBalancer'],
  'AWS/DynamoDB': ['TableName'],
}
