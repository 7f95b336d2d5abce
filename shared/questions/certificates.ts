import { durationMs } from '../decide/duration.ts'
import type { Proposal } from './answer.ts'
import type { Certificate, Certificates } from './ask.ts'
import { duration } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { regionOf } from './runtimes.ts'
import { shell } from './shell.ts'

/** Of a short certificate, the last third: 30 days of 47 would be most of its life. */
const SHARE = 1 / 3

/** Whether certificates are renewed in time: of the own region, and of those of the file, as CloudFront's are in us-east-1. */
export function certificates({ platform, now }: Context): Question[] {
  const { regions, warnBelow } = platform.certificates
  const warnMs = durationMs(warnBelow)
  return [
    question({
      id: 'certificates',
      title: 'Certificates of this region',
      asks: { found: { kind: 'certificates' } },
      answer: ({ found }) =>
        regions.includes(found.region)
          ? { verdict: 'shown', says: `in ${found.region}: see there` }
          : judged(found, warnMs, now),
    }),
    ...regions.map((region) =>
      question({
        id: `certificates ${region}`,
        title: `Certificates in ${region}`,
        asks: { found: { kind: 'certificates', region } },
        answer: ({ found }) => judged(found, warnMs, now),
      }),
    ),
  ]
}

interface Dated extends Certificate {
  leftMs: number
  todo?: string
}

function judged({ all, region }: Certificates, warnMs: number, now: Date) {
  const bound = `renewed ${duration(warnMs / 1_000)} before its end`
  const dated = all
    .flatMap((one): Dated[] => (one.to === undefined ? [] : [{ ...one, leftMs: Date.parse(one.to) - now.getTime() }]))
    .map((one) => ({ ...one, ...(one.isInUse && todoOf(one, warnMs)) }))
    .sort((one, other) => one.leftMs - other.leftMs)
  const used = dated.filter(({ isInUse }) => isInUse)
  const due = used.filter(({ todo }) => todo !== undefined)
  const [first] = used
  if (dated.length === 0) return { verdict: 'shown' as const, says: `none in ${region}` }
  return {
    verdict: due.length > 0 ? ('bad' as const) : used.length > 0 ? ('good' as const) : ('shown' as const),
    says: first
      ? `${used.length} in use; the first ends ${ends(first)}: ${first.domain}`
      : `${dated.length}, none of them in use`,
    bound,
    ...(due.length > 0 && {
      todo: due.map(({ todo = '' }) => todo).join('; '),
      proposals: due.flatMap((one) => (one.isRenewed ? [] : [importOf(one)])),
    }),
    table: {
      head: ['certificate', 'ends', 'in use', 'renewed by'],
      rows: dated.map((one) => [
        one.domain,
        ends(one),
        one.isInUse ? 'yes' : 'no',
        one.isRenewed ? `AWS${one.renewal ? `: ${one.renewal.status}` : ''}` : 'you: it was imported',
      ]),
    },
  }
}

const ends = ({ leftMs, to = '' }: Dated): string =>
  leftMs < 0 ? `ended on ${to.slice(0, 10)}` : `in ${duration(leftMs / 1_000)}, on ${to.slice(0, 10)}`

/** What a person has to do about a certificate that is in use. */
function todoOf({ domain, leftMs, isRenewed, renewal, from, to = '' }: Dated, warnMs: number): { todo?: string } {
  if (leftMs < 0) return { todo: `Replace the certificate of ${domain}: it has ended` }
  if (renewal?.status === 'PENDING_VALIDATION') {
    const names = renewal.domains.length > 0 ? renewal.domains.join(', ') : domain
    return { todo: `Prove to ACM that ${names} is yours (the CNAME record that it names): it waits for that to renew` }
  }
  if (renewal?.status === 'FAILED') {
    return { todo: `Find out why ACM could not renew ${domain}${renewal.why ? ` (${renewal.why})` : ''}` }
  }
  const lifeMs = from === undefined ? Number.POSITIVE_INFINITY : Date.parse(to) - Date.parse(from)
  if (leftMs >= Math.min(warnMs, SHARE * lifeMs)) return {}
  const left = duration(leftMs / 1_000)
  return {
    todo: isRenewed
      ? `Find out why ACM has not renewed ${domain}: ${left} are left`
      : `Import a new certificate for ${domain}: ${left} are left, and ACM does not renew what was imported`,
  }
}

function importOf({ arn, domain }: Certificate): Proposal {
  const files = (prefix: string) => ({
    'certificate-arn': arn,
    certificate: `fileb://${prefix}certificate.pem`,
    'private-key': `fileb://${prefix}key.pem`,
    'certificate-chain': `fileb://${prefix}chain.pem`,
    ...regionOf(arn),
  })
  return {
    command: shell('aws acm import-certificate', files('')),
    effect: `what uses the certificate of ${domain} has the new one within minutes, under the same ARN`,
    risk: 'with other names, or an incomplete chain, clients refuse it: check both with openssl first',
    back: shell('aws acm import-certificate', files('old/')),
  }
}
