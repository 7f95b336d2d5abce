import { CHANNEL_QUEUES } from '../../local/topology.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import type { Queue, Stage, Topic } from './stage.ts'

/** Something that keeps an alert from arriving, or may, or that can't be known. */
export interface Finding {
  /** Its kind, as in queue-not-subscribed. */
  id: string
  /** `error`: alerts do not arrive. `warning`: some may not, or nobody hears of it. `unknown`: it could not be read or judged. */
  severity: 'error' | 'warning' | 'unknown'
  /** What it is about, by its name in AWS. */
  about: string
  /** Its id in the template, where it has one. */
  resource?: string
  /** What was found. */
  what: string
  /** What it keeps from arriving. */
  keeps: string
  /** What to run, in this order. */
  fix: string[]
}

export type Check = (stage: Stage) => Finding[]

/** A command for AWS's CLI, in the stage's region. */
export function aws(stage: Stage, command: string): string {
  return `aws ${command} --region ${stage.place.region}`
}

export function deploy({ name, place }: Stage): string {
  return commandLine(`deploy --stage ${name} --region ${place.region}`)
}

export function packageAgain({ name, place }: Stage): string {
  return commandLine(`package --stage ${name} --region ${place.region}`)
}

/** Has CloudFormation bring back what the stack's template says, of what was changed or deleted by hand. */
export function revertDrift(stage: Stage): string[] {
  const stack = `--stack-name alert-router-${stage.name} --change-set-name doctor`
  return [
    aws(
      stage,
      `cloudformation create-change-set ${stack} --use-previous-template --deployment-mode REVERT_DRIFT --capabilities CAPABILITY_NAMED_IAM`,
    ),
    aws(stage, `cloudformation wait change-set-create-complete ${stack}`),
    aws(stage, `cloudformation execute-change-set ${stack}`),
  ]
}

/** For a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** What is in front of the names of a stage's resources. */
export function prefixOf({ name }: Stage): string {
  return `alert-router-${name}-`
}

/** The name without the stage's prefix; nothing when it has another. */
export function shortName(stage: Stage, name: string): string {
  const prefix = prefixOf(stage)
  return name.startsWith(prefix) ? name.slice(prefix.length) : ''
}

/** The topic that a queue gets its messages from; none of a dead-letter queue. */
export function sourceOf(stage: Stage, queue: Queue): Topic | undefined {
  const short = shortName(stage, queue.name)
  const isOfChannel = CHANNEL_QUEUES.some((channel) => channel === short)
  const topic = short === 'alarms' ? 'alarms' : isOfChannel ? 'notifications' : undefined
  return stage.topics.find(({ name }) => topic !== undefined && shortName(stage, name) === topic)
}

const EVERY = 'every alert'
const BY_NAME: Record<string, string> = {
  ...Object.fromEntries(CHANNEL_QUEUES.map((type) => [type, FACTS[type].carries])),
  alarms: EVERY,
  notifications: EVERY,
  route: EVERY,
  operator: "the operator's emails about the router itself",
  tick: 'what waits for its time: held alerts, retries, the end of a maintenance',
  heartbeat: 'the heartbeat, so that nobody hears when the router stops',
  'validate-config': 'rules that are pushed',
}

/** What goes through something with this name. */
export function passing(stage: Stage, name: string): string {
  const short = shortName(stage, name)
  if (short.endsWith('-dead-letters')) return 'what fails again and again: it is lost, and nobody hears of it'
  const channel = /^email-(.+)$/.exec(short)?.[1]
  if (channel) return `every alert to the email channel "${channel}"`
  return BY_NAME[short.replace(/^deliver-/, '')] ?? `what passes through ${name}`
}
