import { CHANNEL_QUEUES } from '../../local/topology.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import type { Queue, Stage, Topic } from './stage.ts'

/** Something that prevents an alert from being delivered, or may, or that could not be checked. */
export interface Finding {
  /** Its kind, as in queue-not-subscribed. */
  id: string
  /**
   * `error`: alerts are not delivered. `warning`: some may not be delivered, or a failure goes unnoticed. `unknown`:
   * it could not be read or evaluated.
   */
  severity: 'error' | 'warning' | 'unknown'
  /** The name of the resource in AWS. */
  about: string
  /** Its id in the template, if it has one. */
  resource?: string
  /** What was found. */
  what: string
  /** What it prevents from being delivered. */
  keeps: string
  /** The commands to run, in this order. */
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

export function repackage({ name, place }: Stage): string {
  return commandLine(`package --stage ${name} --region ${place.region}`)
}

/** Has CloudFormation restore resources that were changed or deleted by hand, from the stack's template. */
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

/** The prefix of the names of a stage's resources. */
export function prefixOf({ name }: Stage): string {
  return `alert-router-${name}-`
}

/** The name without the stage's prefix; empty if it has another prefix. */
export function shortName(stage: Stage, name: string): string {
  const prefix = prefixOf(stage)
  return name.startsWith(prefix) ? name.slice(prefix.length) : ''
}

/** The topic that feeds a queue; none for a dead-letter queue. */
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
  tick: 'everything scheduled: held alerts, retries, the end of a maintenance',
  heartbeat: 'the heartbeat, so that nobody is notified when the router stops',
  'validate-config': 'pushed rules',
  reconcile: 'alarms whose message gets lost on its way: nobody looks for them',
  probe: 'whether the services of config/platform.yml answer',
  report: 'the reports that are sent at the times of config/platform.yml',
}

/** What passes through a resource with this name. */
export function passing(stage: Stage, name: string): string {
  const short = shortName(stage, name)
  if (short.endsWith('-dead-letters')) return 'messages that keep failing: they are lost, unnoticed'
  const channel = /^email-(.+)$/.exec(short)?.[1]
  if (channel) return `every alert to the email channel "${channel}"`
  return BY_NAME[short.replace(/^deliver-/, '')] ?? `what passes through ${name}`
}
