import {
  type ACMClient,
  CertificateKeyPairOrigin,
  type CertificateSummary,
  DescribeCertificateCommand,
  KeyAlgorithm,
  paginateListCertificates,
} from '@aws-sdk/client-acm'
import type { Certificate, Certificates } from '../questions/ask.ts'

/** ACM begins to renew 60 days before the end (ACM User Guide, Managed certificate renewal). */
const RENEWS_MS = 60 * 86_400_000

/** All certificates of a region: without these filters, ACM leaves out those with other keys. */
export async function askCertificates(client: ACMClient, now: Date, abortSignal: AbortSignal): Promise<Certificates> {
  const pages = paginateListCertificates(
    { client, pageSize: 1_000 },
    {
      Includes: { keyTypes: Object.values(KeyAlgorithm) },
      CertificateKeyPairOrigins: Object.values(CertificateKeyPairOrigin),
    },
    { abortSignal },
  )
  const listed: CertificateSummary[] = []
  for await (const { CertificateSummaryList = [] } of pages) listed.push(...CertificateSummaryList)
  return {
    region: await client.config.region(),
    all: await Promise.all(listed.map((one) => certificateOf(client, one, now, abortSignal))),
  }
}

async function certificateOf(
  client: ACMClient,
  { CertificateArn: arn = '', DomainName: domain = '', ...summary }: CertificateSummary,
  now: Date,
  signal: AbortSignal,
): Promise<Certificate> {
  const { Status, Type, InUse = false, Exported = false, NotBefore, NotAfter } = summary
  // Where an exported one is used, ACM does not know.
  const isInUse = InUse || Exported
  const isRenewed = Type === 'AMAZON_ISSUED' || Type === 'PRIVATE'
  const isDue = NotAfter !== undefined && NotAfter.getTime() - now.getTime() < RENEWS_MS
  const renewal = isRenewed && isDue && isInUse ? await renewalOf(client, arn, signal) : undefined
  return {
    ...{ arn, domain, isRenewed, isInUse, status: Status ?? '' },
    ...(NotBefore && { from: NotBefore.toISOString() }),
    ...(NotAfter && { to: NotAfter.toISOString() }),
    ...(renewal && { renewal }),
  }
}

/** How far its renewal is; nothing of one that was deleted meanwhile. */
async function renewalOf(client: ACMClient, arn: string, abortSignal: AbortSignal): Promise<Certificate['renewal']> {
  const command = new DescribeCertificateCommand({ CertificateArn: arn })
  const found = await client.send(command, { abortSignal }).catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException') return undefined
    throw error
  })
  const { RenewalSummary } = found?.Certificate ?? {}
  if (RenewalSummary?.RenewalStatus === undefined) return undefined
  const { RenewalStatus: status, RenewalStatusReason: why, DomainValidationOptions = [] } = RenewalSummary
  const domains = DomainValidationOptions.flatMap(({ DomainName = '', ValidationStatus }) =>
    ValidationStatus === 'SUCCESS' ? [] : [DomainName],
  )
  return { status, domains, ...(why !== undefined && { why }) }
}
