/** How a service spells on the wire what all services say. */
export interface Service {
  /** `AWS_ENDPOINT_URL_<this>` leads its client here. */
  endpoint: string
  /** In the credential scope of a signed request (Signature Version 4). */
  signedAs: string
  /** In IAM's names of actions. */
  iam: string
  /**
   * JSON by target, or by path and method; CloudWatch repeats its old Query codes in a header. CloudFormation still has
   * Query: a form by `Action`, answered in XML.
   */
  wire: 'json-1.0' | 'json-1.1' | 'rest' | 'query-compatible' | 'query'
  /** The prefix of x-amz-target. */
  target?: string
  denied: [code: string, status: number]
  throttled: [code: string, status: number]
  /** A field that is missing, or outside its bounds. */
  invalid: string
  /** A page's token that it has not given. */
  invalidToken: string
}

const DENIED: Service['denied'] = ['AccessDeniedException', 403]
const DENIED_JSON: Service['denied'] = ['AccessDeniedException', 400]
const THROTTLED: Service['throttled'] = ['ThrottlingException', 400]
const TOO_MANY: Service['throttled'] = ['TooManyRequestsException', 429]

/** By the clients' own models: `runtimeConfig.shared`, the traits of errors; what is in none, by the API references. */
export const SERVICES = {
  cloudwatch: {
    ...{ endpoint: 'CLOUDWATCH', signedAs: 'monitoring', iam: 'cloudwatch', wire: 'query-compatible' },
    ...{ target: 'GraniteServiceVersion20100801', denied: ['AccessDenied', 403], throttled: ['Throttling', 400] },
    ...{ invalid: 'ValidationError', invalidToken: 'InvalidNextToken' },
  },
  logs: {
    ...{ endpoint: 'CLOUDWATCH_LOGS', signedAs: 'logs', iam: 'logs', wire: 'json-1.1', target: 'Logs_20140328' },
    ...{ denied: DENIED_JSON, throttled: THROTTLED, invalid: 'InvalidParameterException' },
    invalidToken: 'InvalidParameterException',
  },
  costExplorer: {
    ...{ endpoint: 'COST_EXPLORER', signedAs: 'ce', iam: 'ce', wire: 'json-1.1', target: 'AWSInsightsIndexService' },
    ...{ denied: DENIED_JSON, throttled: ['LimitExceededException', 400], invalid: 'ValidationException' },
    invalidToken: 'InvalidNextTokenException',
  },
  acm: {
    ...{ endpoint: 'ACM', signedAs: 'acm', iam: 'acm', wire: 'json-1.1', target: 'CertificateManager' },
    ...{ denied: DENIED, throttled: THROTTLED, invalid: 'ValidationException', invalidToken: 'ValidationException' },
  },
  backup: {
    ...{ endpoint: 'BACKUP', signedAs: 'backup', iam: 'backup', wire: 'rest', denied: DENIED, throttled: THROTTLED },
    ...{ invalid: 'InvalidParameterValueException', invalidToken: 'InvalidParameterValueException' },
  },
  guardDuty: {
    ...{ endpoint: 'GUARDDUTY', signedAs: 'guardduty', iam: 'guardduty', wire: 'rest', denied: DENIED },
    ...{ throttled: TOO_MANY, invalid: 'BadRequestException', invalidToken: 'BadRequestException' },
  },
  securityHub: {
    ...{ endpoint: 'SECURITYHUB', signedAs: 'securityhub', iam: 'securityhub', wire: 'rest', denied: DENIED },
    ...{ throttled: ['LimitExceededException', 429], invalid: 'InvalidInputException' },
    invalidToken: 'InvalidInputException',
  },
  cloudTrail: {
    ...{ endpoint: 'CLOUDTRAIL', signedAs: 'cloudtrail', iam: 'cloudtrail', wire: 'json-1.1' },
    ...{ target: 'CloudTrail_20131101', denied: DENIED_JSON, throttled: ['ThrottlingException', 429] },
    ...{ invalid: 'InvalidParameterException', invalidToken: 'InvalidNextTokenException' },
  },
  health: {
    ...{ endpoint: 'HEALTH', signedAs: 'health', iam: 'health', wire: 'json-1.1', target: 'AWSHealth_20160804' },
    ...{ denied: DENIED_JSON, throttled: THROTTLED, invalid: 'ValidationException' },
    invalidToken: 'InvalidPaginationToken',
  },
  serviceQuotas: {
    ...{ endpoint: 'SERVICE_QUOTAS', signedAs: 'servicequotas', iam: 'servicequotas', wire: 'json-1.1' },
    ...{ target: 'ServiceQuotasV20190624', denied: DENIED, throttled: TOO_MANY, invalid: 'IllegalArgumentException' },
    invalidToken: 'InvalidPaginationTokenException',
  },
  lambda: {
    ...{ endpoint: 'LAMBDA', signedAs: 'lambda', iam: 'lambda', wire: 'rest', denied: DENIED, throttled: TOO_MANY },
    ...{ invalid: 'InvalidParameterValueException', invalidToken: 'InvalidParameterValueException' },
  },
  computeOptimizer: {
    ...{ endpoint: 'COMPUTE_OPTIMIZER', signedAs: 'compute-optimizer', iam: 'compute-optimizer', wire: 'json-1.0' },
    ...{ target: 'ComputeOptimizerService', denied: DENIED, throttled: ['ThrottlingException', 429] },
    ...{ invalid: 'InvalidParameterValueException', invalidToken: 'InvalidParameterValueException' },
  },
  sts: {
    ...{ endpoint: 'STS', signedAs: 'sts', iam: 'sts', wire: 'query' },
    ...{ denied: ['AccessDenied', 403], throttled: ['Throttling', 400], invalid: 'ValidationError' },
    invalidToken: 'ValidationError',
  },
  dynamoDb: {
    ...{ endpoint: 'DYNAMODB', signedAs: 'dynamodb', iam: 'dynamodb', wire: 'json-1.0', target: 'DynamoDB_20120810' },
    ...{ denied: DENIED_JSON, throttled: THROTTLED, invalid: 'ValidationException' },
    invalidToken: 'ValidationException',
  },
  ssm: {
    ...{ endpoint: 'SSM', signedAs: 'ssm', iam: 'ssm', wire: 'json-1.1', target: 'AmazonSSM', denied: DENIED_JSON },
    ...{ throttled: THROTTLED, invalid: 'ValidationException', invalidToken: 'InvalidNextToken' },
  },
  cloudFormation: {
    ...{ endpoint: 'CLOUDFORMATION', signedAs: 'cloudformation', iam: 'cloudformation', wire: 'query' },
    ...{ denied: ['AccessDenied', 403], throttled: ['Throttling', 400], invalid: 'ValidationError' },
    invalidToken: 'ValidationError',
  },
  codePipeline: {
    ...{ endpoint: 'CODEPIPELINE', signedAs: 'codepipeline', iam: 'codepipeline', wire: 'json-1.1' },
    ...{ target: 'CodePipeline_20150709', denied: DENIED_JSON, throttled: THROTTLED, invalid: 'ValidationException' },
    invalidToken: 'InvalidNextTokenException',
  },
  tagging: {
    ...{ endpoint: 'RESOURCE_GROUPS_TAGGING_API', signedAs: 'tagging', iam: 'tag', wire: 'json-1.1' },
    ...{ target: 'ResourceGroupsTaggingAPI_20170126', denied: DENIED_JSON, throttled: ['ThrottledException', 400] },
    ...{ invalid: 'InvalidParameterException', invalidToken: 'PaginationTokenExpiredException' },
  },
  sns: {
    ...{ endpoint: 'SNS', signedAs: 'sns', iam: 'SNS', wire: 'query', denied: ['AuthorizationError', 403] },
    ...{ throttled: ['Throttled', 429], invalid: 'InvalidParameter', invalidToken: 'InvalidParameter' },
  },
  kms: {
    ...{ endpoint: 'KMS', signedAs: 'kms', iam: 'kms', wire: 'json-1.1', target: 'TrentService' },
    ...{ denied: DENIED_JSON, throttled: THROTTLED, invalid: 'ValidationException' },
    invalidToken: 'InvalidMarkerException',
  },
  events: {
    ...{ endpoint: 'EVENTBRIDGE', signedAs: 'events', iam: 'events', wire: 'json-1.1', target: 'AWSEvents' },
    ...{ denied: DENIED_JSON, throttled: THROTTLED, invalid: 'ValidationException' },
    invalidToken: 'ValidationException',
  },
} as const satisfies Record<string, Service>

export type ServiceName = keyof typeof SERVICES
