import type { CertificateDetail } from '@aws-sdk/client-acm'
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub'
import type { AwsData, GuardDutyFinding } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import type { Place } from './place.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Severe findings of GuardDuty and Security Hub; a certificate that nobody renews, and one that AWS does. */
export function securityOf(
  times: FaultTimes,
  place: Place,
): Pick<AwsData, 'detector' | 'securityFindings' | 'certificates'> {
  const [findings, hub, certificates] = [guardDuty(times), securityHub(times, place), certificatesOf(times, place)]
  return {
    detector: (region) => ({
      id: `d-${region}`,
      findings: region === place.region ? findings : [],
    }),
    securityFindings: (region) => (region === place.region ? hub : []),
    certificates: (region) => certificates[region] ?? [],
  }
}

function guardDuty({ now }: FaultTimes): GuardDutyFinding[] {
  const finding = (id: string, severity: number, type: string, agoMs: number, isArchived = false) => ({
    ...{ id, type, severity, isArchived, updatedAt: new Date(now - agoMs) },
    ...{ resourceType: 'AccessKey', resourceId: `key-${id}` },
  })
  return [
    finding('1', 8, 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS', 30 * HOUR_MS),
    finding('2', 7.5, 'Exfiltration:S3/AnomalousBehavior', 52 * HOUR_MS),
    finding('3', 5, 'Recon:IAMUser/MaliciousIPCaller', 4 * DAY_MS),
    finding('4', 2, 'Policy:S3/BucketBlockPublicAccessDisabled', 6 * DAY_MS),
    finding('5', 8, 'CryptoCurrency:EC2/BitcoinTool.B', 25 * DAY_MS, true),
  ]
}

function securityHub({ now }: FaultTimes, { account, region, arn }: Place): AwsSecurityFinding[] {
  const finding = (
    id: string,
    Title: string,
    Label: NonNullable<AwsSecurityFinding['Severity']>['Label'],
    Status: NonNullable<AwsSecurityFinding['Workflow']>['Status'],
  ): AwsSecurityFinding => ({
    ...{ SchemaVersion: '2018-10-08', Id: id, ProductArn: `arn:aws:securityhub:${region}::product/aws/securityhub` },
    ...{ ProductName: 'Security Hub', GeneratorId: 'security-control', AwsAccountId: account, Region: region },
    ...{ CreatedAt: new Date(now - 6 * DAY_MS).toISOString(), UpdatedAt: new Date(now - 9 * HOUR_MS).toISOString() },
    ...{ Title, Description: Title, Severity: { Label }, Workflow: { Status }, RecordState: 'ACTIVE' },
    ...{ Compliance: { Status: 'FAILED' }, Resources: [{ Type: 'AwsS3Bucket', Id: arn('s3', 'bucket') }] },
  })
  return [
    finding('S3.2', 'S3 general purpose buckets should block public read access', 'CRITICAL', 'NEW'),
    finding('IAM.6', 'Hardware MFA should be enabled for the root user', 'CRITICAL', 'SUPPRESSED'),
    finding('RDS.5', 'RDS DB instances should be configured with multiple Availability Zones', 'MEDIUM', 'NEW'),
    finding('Lambda.2', 'Lambda functions should use supported runtimes', 'MEDIUM', 'NOTIFIED'),
  ]
}

/** By region: CloudFront takes its certificates from us-east-1. */
function certificatesOf({ now }: FaultTimes, { region, arn }: Place): Record<string, CertificateDetail[]> {
  const fine: CertificateDetail = {
    ...{ CertificateArn: arn('acm', 'certificate/fine'), DomainName: 'api.example.com', KeyAlgorithm: 'RSA_2048' },
    ...{
      Type: 'AMAZON_ISSUED',
      Status: 'ISSUED',
      RenewalEligibility: 'ELIGIBLE',
      InUseBy: [arn('elasticloadbalancing', 'loadbalancer/app/api')],
    },
    ...{
      CreatedAt: new Date(now - 100 * DAY_MS),
      IssuedAt: new Date(now - 100 * DAY_MS),
      NotBefore: new Date(now - 100 * DAY_MS),
    },
    ...{ NotAfter: new Date(now + 98 * DAY_MS), CertificateKeyPairOrigin: 'AWS_MANAGED' },
  }
  const renewing: CertificateDetail = {
    ...fine,
    ...{ CertificateArn: arn('acm', 'certificate/renewing'), DomainName: 'login.example.com' },
    ...{ NotBefore: new Date(now - 350 * DAY_MS), NotAfter: new Date(now + 45 * DAY_MS + HOUR_MS) },
    RenewalSummary: {
      ...{ RenewalStatus: 'PENDING_AUTO_RENEWAL', UpdatedAt: new Date(now - 15 * DAY_MS) },
      DomainValidationOptions: [{ DomainName: 'login.example.com', ValidationStatus: 'SUCCESS' }],
    },
  }
  const ending: CertificateDetail = {
    ...{ CertificateArn: arn('acm', 'certificate/ending', 'us-east-1'), DomainName: 'portal.example.com' },
    ...{ KeyAlgorithm: 'EC_prime256v1', Type: 'IMPORTED', Status: 'ISSUED', RenewalEligibility: 'INELIGIBLE' },
    ...{ InUseBy: ['arn:aws:cloudfront::123456789012:distribution/E1'], CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED' },
    ...{
      ImportedAt: new Date(now - 353 * DAY_MS),
      NotBefore: new Date(now - 353 * DAY_MS),
      NotAfter: new Date(now + 12 * DAY_MS + HOUR_MS),
    },
  }
  return {
    ...(region === 'us-east-1' ? {} : { [region]: [fine, renewing] }),
    'us-east-1': region === 'us-east-1' ? [fine, renewing, ending] : [ending],
  }
}
