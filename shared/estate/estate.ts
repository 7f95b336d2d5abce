import type { AlarmChange, Refused } from '../questions/ask.ts'
import type { EstateAlarm } from './alarm.ts'
import type { Policy } from './policy.ts'

/** What was asked, or why there is no answer: nobody may take that for a good one. */
export type Part<Data> = { data: Data } | { refused: Refused }

/** Every alarm of an account in a region, and what else says whether they work. Plain data. */
export interface Estate {
  /** `account`, or the name of a file. */
  from: { kind: 'account' } | { kind: 'file'; name: string }
  /** When it was asked, ISO 8601. */
  at: string
  alarms: EstateAlarm[]
  /** Why composite alarms may be missing. */
  composites: Part<'seen'>
  history: Part<History>
  muteRules: Part<MuteRule[]>
  /** By the alarm's ARN; one without tags may be missing. */
  tags: Part<Record<string, Record<string, string>>>
  /** By ARN: those that alarms name. */
  topics: Record<string, Part<Topic>>
  eventRules: Part<EventRule[]>
  /** Where alarms should go: absent when nobody said. */
  router?: Router
}

/** A stage's router, or its topic alone. */
export interface Router {
  stage?: string
  topic?: string
}

export interface History {
  /** Of their states, in any order. */
  changes: AlarmChange[]
  /** What CloudWatch ran for them, in any order. */
  actions: Ran[]
  /** It goes back so far, ISO 8601. */
  since: string
}

/** An action of an alarm that CloudWatch ran, or tried to. */
export interface Ran {
  /** Of the alarm. */
  name: string
  /** When its state changed, ISO 8601. */
  at: string
  /** ARN. */
  action: string
  /** It did not work: what CloudWatch says of it, which may be nothing. */
  failure?: string
}

/** In which CloudWatch runs no action of some alarms. */
export interface MuteRule {
  name: string
  /** Names. */
  alarms: string[]
  /** `cron(0 2 * * *)`, with five fields, or `at(2026-11-27T06:00)`. */
  expression: string
  durationS: number
  timezone: string
  from?: string
  until?: string
}

export interface Topic {
  /** Absent: there is none of this ARN. */
  isThere: boolean
  confirmed: number
  pending: number
  /** ARNs and addresses of confirmed subscriptions, where they could be read. */
  endpoints: string[]
  /** Who may publish there; absent where nobody says. */
  policy?: Policy
  /** What it is encrypted with, if it is. */
  key?: Part<Key>
}

export interface Key {
  /** As the topic names it. */
  name: string
  arn?: string
  /** Nobody can change the policy of one of AWS's, and it lets no service use it. */
  isOfAws: boolean
  /** `Enabled`, `PendingDeletion` */
  state?: string
  policy?: Policy
}

/** A rule of EventBridge that receives state changes of alarms. */
/** All alarms, these by name, or all whose names do not begin so; a pattern of another kind may match any. */
export type Covers = 'all' | 'maybe' | string[] | { allBut: string }

/** Does a rule of EventBridge cover an alarm of this name? Pure. */
export function isCovered(covers: Covers, name: string): boolean | 'maybe' {
  if (covers === 'all' || covers === 'maybe') return covers === 'all' || covers
  return Array.isArray(covers) ? covers.includes(name) : !name.startsWith(covers.allBut)
}

/** Is there any alarm that it may cover? Pure. */
export const coversAny = (covers: Covers): boolean => !Array.isArray(covers) || covers.length > 0

export interface EventRule {
  name: string
  covers: Covers
  /** ARNs. */
  targets: string[]
}
