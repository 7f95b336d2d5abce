import type { AlertStatus } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import type { QueueName } from '../topology.ts'
import type { Item } from './aws/expressions.ts'
import type { Message } from './aws/sqs-messages.ts'
import type { Debt } from './debts.ts'
import type { Counts } from './lambda.ts'
import type { Spell } from './spells.ts'
import type { Incident, Taken } from './taken.ts'

/**
 * A small world: everything that happens to a router from outside, as plain JSON. Times are milliseconds from
 * `startAt`. Its seed decides the rest: when each call takes effect, and which spells apply to it.
 */
export interface World {
  seed: number
  startAt: string
  config: Config
  inputs: Input[]
  spells: Spell[]
  /** Rules that are rolled out later, gradually. */
  pushes: { atMs: number; config: Config }[]
  /** A person redrives the dead letters: with our own command, or in the SQS console. */
  redrives: { atMs: number; how: 'command' | 'console' }[]
  /** When a new version of the functions is deployed: all containers are replaced. */
  deploys: number[]
  /** How many containers of a function run at once; default: 2. */
  most: Partial<Record<QueueName, number>>
  /** What people say of alerts. */
  reactions?: Reaction[]
  /** What people silence. */
  silences?: SilenceInWorld[]
  /** Who mutes whom, by their names; and what is sent only once enough fire. */
  others?: { mutes: [source: string, target: string][]; counts?: { atLeast: number; withinMs: number } }
  /** CloudWatch has its alarms, and `reconcile` compares them every five minutes. */
  reconciles?: true
  /** The same stack in two regions, of which one sends. */
  regions?: {
    lost: Lost[]
    /** A person wants the other one to send. */
    switches: { atMs: number; to: 0 | 1 }[]
  }
}

/**
 * What is lost of one of two regions, for a while. `all`: everything in it. `functions`: they do not run. `table`: its replica
 * answers nothing. `clock`: its `tick` does not run. `apart`: it is well, and nothing gets from one region to the other.
 * `replication`: the same, of the table alone.
 */
export interface Lost {
  region: 0 | 1
  how: 'all' | 'functions' | 'table' | 'clock' | 'apart' | 'replication'
  fromMs: number
  untilMs: number
}

/** A message to the alarms topic; or a person's command to the router. */
export interface Input {
  atMs: number
  /** The alert's name; the same name is the same alert. */
  alert: string
  status: AlertStatus
  /** When it changed, according to its sender. */
  changedAtMs: number
  severity: Severity
  /** A CloudWatch alarm's message, one of our own events, or a text: an event without a state. */
  form: 'alarm' | 'event' | 'text'
  /** An alarm that ended by its deletion, or that a person resolved. */
  by?: 'deletion' | 'hand'
  /** CloudWatch sends it, and it never arrives. */
  isLost?: true
  /** What happens to its alarm a moment later, of which CloudWatch sends nothing. */
  sequel?: 'muted' | 'without data' | 'created again'
  /** It is published in the second of two regions. */
  isInSecond?: true
  /** A text that only this message contains, and everything about it. */
  mark: string
}

/** A person acknowledges an alert, or takes that back: an order on the alarms' queue. */
export interface Reaction {
  atMs: number
  /** When it was said; the order may come later. */
  saidAtMs: number
  alert: string
  form: Input['form']
  by: string
  untilMs?: number
  isTakenBack?: true
}

/** A person silences an alert, by its name, and extends or ends that silence: orders on the alarms' queue. */
export interface SilenceInWorld {
  id: string
  alert: string
  by: string
  atMs: number
  untilMs: number
  /** An end is one whose time has come. */
  changes: { atMs: number; untilMs: number }[]
  isCritical?: true
}

/** The outcome of an input. */
export interface Published {
  input: Input
  at: number
  /** Whether the topic accepted it; otherwise its sender received an error. */
  isTaken: boolean
}

/** A message in the dead letters. */
export interface OpenedMessage {
  queue: QueueName
  at: number
  id: string
  body: string
  attributes: Message['attributes']
  /** When a person redrove it. */
  redrivenAt?: number
}

/** One step of a run, as text. */
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
  /** Everything that vendors accepted, as people notice it (slack-app.ts), in the order of effect. */
  taken: Taken[]
  /** Each post and each edit of a Slack app. */
  byApp: Taken[]
  incidents: Incident[]
  refused: { at: number; target: string; why: string }[]
  letters: OpenedMessage[]
  /** Messages that SQS dropped at the end of their retention. */
  expired: (Message & { queue: string })[]
  /** Messages that looped until Lambda stopped them. */
  loops: Message[]
  /** What is left in the functions' queues at the end. */
  left: (Message & { queue: string })[]
  items: Item[]
  /** Of the second of two regions. */
  secondItems?: Item[]
  /** Violations in alerts' items when they were written. */
  wrongItems: string[]
  /** Everything that was owed at some time. */
  debts: Debt[]
  counts: Counts & { calls: number; steps: number; lostNotes: number; notes: number }
  /** How often each spell was cast. */
  cast: Record<string, number>
  /** Whether nothing was left to do; otherwise it was stopped. */
  isAtRest: boolean
  trace: Line[]
}

/** The marks of inputs in a message to a vendor, or in a queue. */
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
