import type { AlertStatus } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import type { QueueName } from '../topology.ts'
import type { Item } from './aws/expressions.ts'
import type { Message } from './aws/sqs-messages.ts'
import type { Debt } from './debts.ts'
import type { Counts } from './lambda.ts'
import type { Spell } from './spells.ts'
import type { Incident, Taken } from './vendors.ts'

/**
 * A small world: all that happens to a router from outside, as plain JSON. Times are milliseconds from `startAt`. What
 * it does not say, its seed decides: when each call has its effect, which of the spells befall it.
 */
export interface World {
  seed: number
  startAt: string
  config: Config
  inputs: Input[]
  spells: Spell[]
  /** Rules that go live later, by and by. */
  pushes: { atMs: number; config: Config }[]
  /** A person brings back the dead letters: as our own command does, or as SQS's console does. */
  redrives: { atMs: number; how: 'command' | 'console' }[]
  /** When a next version of the functions is deployed: each starts afresh. */
  deploys: number[]
  /** How many of a function run at once; 2 where it says nothing. */
  most: Partial<Record<QueueName, number>>
}

/** A message to the alarms topic; or an order of a person to the router. */
export interface Input {
  atMs: number
  /** The alert's name; the same name is the same alert. */
  alert: string
  status: AlertStatus
  /** When it changed, as its sender says. */
  changedAtMs: number
  severity: Severity
  /** A CloudWatch alarm's message, one of our own events, or a text that is no alert with a life: a one-off. */
  form: 'alarm' | 'event' | 'text'
  /** An alarm that is over as it was deleted; or of which a person says so. */
  by?: 'deletion' | 'hand'
  /** In this message alone, and in whatever tells of it. */
  mark: string
}

/** What became of an input. */
export interface Published {
  input: Input
  at: number
  /** Whether the topic took it: else its sender knows that it did not. */
  isTaken: boolean
}

/** A message in the dead letters. */
export interface OpenedMessage {
  queue: QueueName
  at: number
  id: string
  body: string
  attributes: Message['attributes']
  /** When a person has brought it back. */
  redrivenAt?: number
}

/** One thing that happened, in a few words. */
export interface Line {
  ms: number
  /** The container, or `-`. */
  who: string
  what: string
}

/** All that happened in a world. */
export interface Run {
  world: World
  startedAt: number
  endedAt: number
  published: Published[]
  /** All that vendors took, in the order of effect. */
  taken: Taken[]
  incidents: Incident[]
  refused: { at: number; target: string; why: string }[]
  letters: OpenedMessage[]
  /** Messages that lay in a queue until SQS dropped them. */
  expired: (Message & { queue: string })[]
  /** Messages that went round until Lambda stopped them. */
  loops: Message[]
  /** What lies in the queues that feed functions at the end. */
  left: (Message & { queue: string })[]
  items: Item[]
  /** What was wrong with an alert's item as it was written. */
  wrongItems: string[]
  /** All that was owed at some time. */
  debts: Debt[]
  counts: Counts & { calls: number; steps: number; lostNotes: number; notes: number }
  /** How often each spell was cast. */
  cast: Record<string, number>
  /** Whether nothing was left to do; else it was stopped. */
  isAtRest: boolean
  trace: Line[]
}

/** The marks of inputs in whatever a vendor was told, or lies in a queue. */
export function marksIn(body: unknown): string[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return [...new Set(text.match(/mark-\d+-\d+/g))]
}

const DAY_MS = 86_400_000

/** `1d 02:03:04.005` from the world's start. */
export function timeOf(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const time = new Date(ms - days * DAY_MS).toISOString().slice(11, 23)
  return days === 0 ? time : `${days}d ${time}`
}
