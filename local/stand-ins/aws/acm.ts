import {
  type CertificateDetail,
  type CertificateSummary,
  DescribeCertificate$,
  type DescribeCertificateCommandInput,
  type DescribeCertificateCommandOutput,
  ListCertificates$,
  type ListCertificatesCommandInput,
  type ListCertificatesCommandOutput,
} from '@aws-sdk/client-acm'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const ARN = /^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/
const DEFAULT_KEYS = ['RSA_1024', 'RSA_2048']
const DEFAULT_ORIGINS = ['AWS_MANAGED', 'CUSTOMER_PROVIDED']

/** What of Certificate Manager is asked (ACM API Reference). */
export const ACM: Operation[] = [
  operation<ListCertificatesCommandInput, ListCertificatesCommandOutput>('acm', ListCertificates$, listCertificates, {
    bounds: { MaxItems: [1, 1_000] },
  }),
  operation<DescribeCertificateCommandInput, DescribeCertificateCommandOutput>(
    'acm',
    DescribeCertificate$,
    describeCertificate,
  ),
]

/** Without filters, only those of RSA keys up to 2048 bits: others are silently left out. */
function listCertificates(
  input: ListCertificatesCommandInput,
  asked: Asked,
): Omit<ListCertificatesCommandOutput, '$metadata'> {
  const { CertificateStatuses, Includes, CertificateKeyPairOrigins = DEFAULT_ORIGINS, SortBy, SortOrder } = input
  if ((SortBy === undefined) !== (SortOrder === undefined)) {
    throw new Refusal('InvalidArgsException', 'SortBy and SortOrder must be given together')
  }
  const keyTypes: readonly string[] = Includes?.keyTypes ?? DEFAULT_KEYS
  const found = asked.data
    .certificates(asked.region)
    .filter(
      ({ KeyAlgorithm = 'RSA_2048', Status = 'ISSUED', CertificateKeyPairOrigin = 'AWS_MANAGED' }) =>
        keyTypes.includes(KeyAlgorithm) &&
        (CertificateStatuses?.includes(Status) ?? true) &&
        CertificateKeyPairOrigins.includes(CertificateKeyPairOrigin),
    )
  const sorted = SortBy ? found.sort((a, b) => timeOf(a) - timeOf(b)) : found
  if (SortOrder === 'DESCENDING') sorted.reverse()
  const { items, next } = page(sorted, { token: input.NextToken, size: input.MaxItems ?? 1_000, of: input }, asked)
  return { CertificateSummaryList: items.map(summaryOf), NextToken: next }
}

function timeOf({ CreatedAt, ImportedAt }: CertificateDetail): number {
  return (CreatedAt ?? ImportedAt)?.getTime() ?? 0
}

function summaryOf(certificate: CertificateDetail): CertificateSummary {
  const { SubjectAlternativeNames = [], InUseBy = [], KeyUsages, ExtendedKeyUsages, ...rest } = certificate
  return {
    ...rest,
    SubjectAlternativeNameSummaries: SubjectAlternativeNames.slice(0, 100),
    HasAdditionalSubjectAlternativeNames: SubjectAlternativeNames.length > 100,
    InUse: InUseBy.length > 0,
  }
}

function describeCertificate(
  { CertificateArn = '' }: DescribeCertificateCommandInput,
  { data, region }: Asked,
): Omit<DescribeCertificateCommandOutput, '$metadata'> {
  if (!ARN.test(CertificateArn)) throw new Refusal('InvalidArnException', `Invalid ARN: ${CertificateArn}`)
  const Certificate = data.certificates(region).find((one) => one.CertificateArn === CertificateArn)
  if (Certificate) return { Certificate }
  const message = `Could not find certificate ${CertificateArn} in account ${data.account}.`
  throw new Refusal('ResourceNotFoundException', message)
}
