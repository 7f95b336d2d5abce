import type { Platform, Service } from '../../schemas/platform.ts'
import type { Proposal } from './answer.ts'
import type { Quotas, QuotaUse } from './ask.ts'
import { CONCURRENT_EXECUTIONS, moreOf } from './concurrency.ts'
import { figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { lastDays } from './spans.ts'

const DAYS = 7
/** In percent of a quota. */
const MOST_USED = 70
/** Of its quota, what is asked for leaves so much free. */
const WANTED = 0.5
const SHOWN = 20

/** Service Quotas' names of services: of what the file has, and of what nearly every account uses, the router too. */
const ALWAYS = ['ec2', 'vpc', 'elasticloadbalancing', 'lambda', 'sqs', 'sns', 'dynamodb', 'logs', 'monitoring']
const CODES: Record<Service['type'], string[]> = {
  ...{ lambda: ['lambda'], ecs: ['ecs', 'fargate'], rds: ['rds'], s3: ['s3'], queue: ['sqs'], http: [] },
}

/** Which quotas of AWS are nearly used up, of those that name the metric by which they are used. */
export function quotas({ platform, now }: Context): Question[] {
  return [
    question({
      id: 'quotas',
      title: 'Service quotas',
      asks: { quotas: { kind: 'quotas', services: servicesOf(platform), ...lastDays(now, DAYS) } },
      answer: ({ quotas: found }) => judged(found),
    }),
  ]
}

function servicesOf({ services }: Platform): string[] {
  return [...new Set([...ALWAYS, ...Object.values(services).flatMap(({ type }) => CODES[type])])].sort()
}

const percentOf = ({ used, limit }: QuotaUse) => (100 * used) / limit

function judged({ used, unknown }: Quotas) {
  // The concurrency of functions has its own question.
  const own = used.filter(({ serviceCode, code }) => !(serviceCode === 'lambda' && code === CONCURRENT_EXECUTIONS))
  const sorted = own.toSorted((one, other) => percentOf(other) - percentOf(one))
  const over = sorted.filter((one) => percentOf(one) > MOST_USED)
  const incomplete = `nobody publishes how much of ${unknown} other quotas is used: AWS has no metric for them, or nothing of them is used`
  const source = unknown > 0 ? { source: { incomplete } } : {}
  if (sorted.length === 0) {
    return { ...{ verdict: 'no data' as const, says: `none of ${unknown} can be judged` }, ...source }
  }
  const [first] = sorted
  return {
    verdict: over.length > 0 ? ('bad' as const) : ('good' as const),
    says: `${over.length} of ${sorted.length} above ${MOST_USED} %${over.length === 0 && first ? `, the fullest at ${figure(percentOf(first), 'Percent')}` : ''}; ${unknown} can't be judged`,
    bound: `at most ${MOST_USED} % in a week`,
    ...source,
    ...(over.length > 0 && {
      todo: todoOf(over),
      proposals: over.filter(({ isAdjustable }) => isAdjustable).map(proposalOf),
    }),
    table: {
      head: ['quota', 'of', 'used', 'limit', ''],
      rows: sorted
        .slice(0, SHOWN)
        .map((one) => [
          one.name,
          one.service,
          `${figure(one.used, 'Count')}${one.isRate ? ' over 5 min' : ''}`,
          figure(one.limit, 'Count'),
          figure(percentOf(one), 'Percent'),
        ]),
    },
  }
}

function todoOf(over: QuotaUse[]): string {
  const named = (of: QuotaUse[]) => of.map((one) => `${one.name} (${figure(percentOf(one), 'Percent')})`).join(', ')
  const { more = [], fixed = [] } = Object.groupBy(over, ({ isAdjustable }) => (isAdjustable ? 'more' : 'fixed'))
  const parts = [
    ...(more.length > 0 ? [`Ask for more: ${named(more)}`] : []),
    ...(fixed.length > 0 ? [`Use less, as AWS gives no more: ${named(fixed)}`] : []),
  ]
  return parts.join('. ')
}

function proposalOf({ serviceCode, code, name, limit, used }: QuotaUse): Proposal {
  // Twice what is used, in round numbers.
  const step = 10 ** Math.max(0, Math.floor(Math.log10(limit)) - 1)
  const wanted = Math.max(limit + step, Math.ceil(used / WANTED / step) * step)
  return {
    command: moreOf(serviceCode, code, wanted),
    effect: `${name}: AWS decides about ${figure(wanted, 'Count')} in place of ${figure(limit, 'Count')}, in this region`,
    risk: 'none for what runs. More of it may cost more',
    back: 'withdraw the request in the Service Quotas console, or leave the quota unused',
  }
}
