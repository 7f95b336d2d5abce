/**
 * Namespaces of AWS's own metrics, whose case is easy to get wrong: CloudWatch's user guide, "AWS services that publish
 * CloudWatch metrics". Other namespaces are not checked.
 */
const NAMESPACES = namesIn(`
  ACMPrivateCA AmazonMQ AmplifyHosting ApiGateway AppRunner AppStream AppSync ApplicationELB Athena AutoScaling Backup
  Bedrock Billing Cassandra CertificateManager CloudFront CloudHSM CloudSearch CloudTrail CodeBuild Cognito Connect DAX
  DDoSProtection DMS DX DataSync DocDB DynamoDB EBS EC2 EC2Spot ECR ECS EFS EKS ELB ES ElastiCache ElasticBeanstalk
  ElasticMapReduce Events FSx Firehose GameLift GatewayELB GlobalAccelerator Inspector IoT KMS Kafka Kinesis
  KinesisAnalytics KinesisVideo Lambda Logs MediaConvert MediaLive MediaPackage MemoryDB NATGateway Neptune NetworkELB
  NetworkFirewall NetworkManager OpsWorks Polly PrivateLinkEndpoints PrivateLinkServices RDS Redshift Route53
  Route53Resolver S3 SES SMSVoice SNS SQS SSM-RunCommand SageMaker Scheduler SecretsManager States StorageGateway SWF
  Textract TransitGateway TrustedAdvisor Usage VPN WAFV2 WorkMail WorkSpaces X-Ray
`).map((service) => `AWS/${service}`)

/** The metrics of those namespaces that most alarms watch. No two in one namespace differ only in case. */
const METRICS = namesIn(`
  ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesVisible CPUCreditBalance CPUUtilization ConcurrentExecutions
  DatabaseConnections Duration Errors EstimatedCharges ExecutionsFailed FreeStorageSpace FreeableMemory HealthyHostCount
  HTTPCode_ELB_5XX_Count HTTPCode_Target_5XX_Count Invocations IteratorAge MemoryUtilization ReplicaLag
  StatusCheckFailed StatusCheckFailed_Instance StatusCheckFailed_System TargetResponseTime ThrottledRequests Throttles
  UnHealthyHostCount
`)

const byLowerCase = (names: string[]) => new Map(names.map((name) => [name.toLowerCase(), name]))
const KNOWN = { namespace: byLowerCase(NAMESPACES), metric: byLowerCase(METRICS) }

/** AWS's namespace or metric that differs from the text only in case. */
export function inAwsCase(field: keyof typeof KNOWN, text: string): string | undefined {
  const known = KNOWN[field].get(text.toLowerCase())
  return known === text ? undefined : known
}

function namesIn(text: string): string[] {
  return text.trim().split(/\s+/)
}
