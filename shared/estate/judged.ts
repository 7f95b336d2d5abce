import type { Config } from '../../schemas/config.ts'
import type { Named, Reach } from './actions.ts'
import type { EstateAlarm } from './alarm.ts'
import type { Estate } from './estate.ts'
import type { Finding } from './finding.ts'
import type { RoutedAlarm } from './routed.ts'

/** What every check knows. */
export interface Judged {
  estate: Estate
  config: Config
  at: Date
  reach: Reach
  /** Those that are judged: without Auto Scaling's own. */
  all: RoutedAlarm[]
  /** Those that send what they find, or should: not those that only a composite sends. */
  senders: RoutedAlarm[]
  /** Of all of the account, also Auto Scaling's. */
  named: Named
}

/** Looks for one kind of fault. Pure. */
export type Check = (judged: Judged) => Finding[]

/** A check that looks at each alarm alone. */
export const each =
  (check: (one: RoutedAlarm, judged: Judged) => Finding[], of: 'all' | 'senders' = 'all'): Check =>
  (judged) =>
    judged[of].flatMap((one) => check(one, judged))

export const isIn = ({ state }: EstateAlarm, wanted: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'): boolean => state === wanted
