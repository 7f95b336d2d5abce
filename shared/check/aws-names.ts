/**
 * Namespaces of AWS's own metrics, of which the case is easily missed: CloudWatch's user guide, "AWS services that publish
 * CloudWatch metrics". One that is not here is not doubted.
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

/** Metrics in those namespaces that most alarms watch. In one namespace no two differ in their case alone. */
const METRICS = namesIn(`
  ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesVisible CPUCreditBalance CPUUtilization ConcurrentExecutions
  DatabaseConnections Duration Errors EstimatedCharges ExecutionsFailed FreeStorageSpace FreeableMemory HealthyHostCount
  HTTPCode_ELB_5XX_Count HTTPCode_Target_5XX_Count Invocations IteratorAge MemoryUtilization ReplicaLag
  StatusCheckFailed StatusCheckFailed_Instance StatusCheckFailed_System TargetResponseTime ThrottledRequests Throttles
  UnHealthyHostCount
`)

const byLowerCase = (names: string[]) => new Map(names.map((name) => [name.toLowerCase(), name]))
const KNOWN = { namespace: byLowerCase(NAMESPACES), metric: byLowerCase(METRICS) }

/** The namespace or metric of AWS that differs from this in its case alone. */
export function inAwsCase(field: keyof typeof KNOWN, text: string): string | undefined {
  const known = KNOWN[field].get(text.toLowerCase())
  return known === text ? undefined : known
}

function namesIn(text: string): string[] {
  return text.trim().split(/\s+/)
}
