import type { CostLine } from '../stand-ins/aws/data.ts'
import { dayAfter, dayOf, monthsBefore } from '../stand-ins/aws/days.ts'
import type { FaultTimes } from './faults.ts'
import { noiseOf } from './noise.ts'

export type CostOf = (day: string) => CostLine[]

/** US dollars of a working day; `idle`: the share of it on a day off. */
const SERVICES = [
  { service: 'Amazon Relational Database Service', usageType: 'EUW1-InstanceUsage:db.r6g.2xl', dollars: 95, idle: 1 },
  { service: 'Amazon Elastic Container Service', usageType: 'EUW1-Fargate-vCPU-Hours', dollars: 62, idle: 0.8 },
  { service: 'Amazon Simple Storage Service', usageType: 'EUW1-TimedStorage-ByteHrs', dollars: 48, idle: 1 },
  { service: 'AWS Lambda', usageType: 'EUW1-Lambda-GB-Second', dollars: 41, idle: 0.5 },
  { service: 'EC2 - Other', usageType: 'EUW1-NatGateway-Bytes', dollars: 22, idle: 0.7 },
  { service: 'AmazonCloudWatch', usageType: 'EUW1-DataProcessing-Bytes', dollars: 18, idle: 0.6 },
]
/** Of the last two days. */
const RISE = { service: 'AmazonCloudWatch', by: 1.38 }
/** From before the first month that Cost Explorer keeps whole. */
const MONTHS = 14

/** The cost of each day, with the rise of the last two. What today cost, grows with its hours. */
export function costOf({ now }: FaultTimes, seed: number, region: string): { costOf: CostOf; costSince: string } {
  const today = dayOf(now)
  const costSince = monthsBefore(today, MONTHS)
  const base = (day: string) => usual(day, seed, region, now)
  const of: CostOf = (day) => {
    if (day < costSince || day > today) return []
    if (day === today) return scaled(base(day), (now - Date.parse(day)) / 86_400_000)
    if (day !== dayAfter(today, -1) && day !== dayAfter(today, -2)) return base(day)
    const wanted = RISE.by * total(base(dayAfter(day, -7)))
    const more = wanted - total(base(day))
    return base(day).map((line) => (line.service === RISE.service ? { ...line, amount: line.amount + more } : line))
  }
  return { costOf: of, costSince }
}

function usual(day: string, seed: number, region: string, now: number): CostLine[] {
  const time = Date.parse(day)
  const weekday = new Date(time).getUTCDay()
  const growth = 1 - (0.15 * (now - time)) / (365 * 86_400_000)
  return SERVICES.map(({ service, usageType, dollars, idle }) => {
    const share = weekday === 0 || weekday === 6 ? idle : 1
    const amount = dollars * share * growth * (0.98 + 0.04 * noiseOf(seed, service)(time))
    return { service, usageType, region, tags: { team: 'platform' }, amount, quantity: amount * 20 }
  })
}

function scaled(lines: CostLine[], by: number): CostLine[] {
  return lines.map((line) => ({ ...line, amount: line.amount * by, quantity: line.quantity * by }))
}

function total(lines: CostLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0)
}
