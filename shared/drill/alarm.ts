import { setTimeout as sleep } from 'node:timers/promises'
import { type CloudWatchClient, paginateDescribeAlarms, paginateListAlarmMuteRules } from '@aws-sdk/client-cloudwatch'
import { parseArn } from '../parse/arn.ts'
import { awaitingEnd } from './outcome.ts'
import { describeAlarm, firingChildren, setBack, setState } from './set-back.ts'
import { type Drill, type Drilled, type DrillOutcome, follow } from './story.ts'

/*
 * A drill of a real alarm: SetAlarmState sets it to ALARM, which runs its actions, and back to OK, so that a real breach
 * is a transition again. "Metric alarms return to their actual state quickly, often within seconds"; a composite only
 * when one of its children changes (CloudWatch API Reference, SetAlarmState).
 */

/** An alarm before it is drilled. */
export interface DrillableAlarm {
  name: string
  arn: string
  kind: 'metric' | 'composite' | 'log'
  state: string
  reason: string | undefined
  actionsEnabled: boolean
  /** Of ALARM and of OK: both are set. */
  actions: string[]
  alarmActions: string[]
  /** Composite alarms that combine it. */
  parents: string[]
  /** Of a composite: its children that are in ALARM. */
  firingChildren: string[]
  /** Whether a mute rule is active; `undefined`: that was refused. */
  isMuted: boolean | undefined
}

/** @returns `undefined` when there is none of that name. */
export async function readAlarm(client: CloudWatchClient, name: string): Promise<DrillableAlarm | undefined> {
  const described = await describeAlarm(client, name)
  if (!described) return undefined
  const { alarm, kind } = described
  const { AlarmArn: arn = '', StateValue: state = '', ActionsEnabled = true, AlarmActions = [], OKActions = [] } = alarm
  return {
    ...{
      name,
      arn,
      kind,
      state,
      reason: alarm.StateReason,
      actionsEnabled: ActionsEnabled,
      alarmActions: AlarmActions,
    },
    actions: [...new Set([...AlarmActions, ...OKActions])],
    parents: await parentsOf(client, name),
    firingChildren: kind === 'composite' ? await firingChildren(client, name) : [],
    isMuted: await isMuted(client, name),
  }
}

async function parentsOf(client: CloudWatchClient, name: string): Promise<string[]> {
  const parents: string[] = []
  for await (const { CompositeAlarms = [] } of paginateDescribeAlarms({ client }, { ParentsOfAlarmName: name })) {
    parents.push(...CompositeAlarms.map(({ AlarmName = '' }) => AlarmName))
  }
  return parents
}

async function isMuted(client: CloudWatchClient, name: string): Promise<boolean | undefined> {
  try {
    const input = { AlarmName: name, Statuses: ['ACTIVE' as const] }
    for await (const { AlarmMuteRuleSummaries = [] } of paginateListAlarmMuteRules({ client }, input)) {
      if (AlarmMuteRuleSummaries.length > 0) return true
    }
    return false
  } catch (error) {
    if (!(error as Error).name.startsWith('AccessDenied')) throw error
    return undefined
  }
}

/** Actions that change something: they stop an instance, scale, or start an automation. */
const ACTS = new Set(['automate', 'swf', 'autoscaling', 'application-autoscaling', 'ssm', 'ssm-incidents', 'aiops'])

/** Which of an alarm's actions do something beside notifying. Pure. */
export function actingOf({ actions }: Pick<DrillableAlarm, 'actions'>): string[] {
  return actions.filter((arn) => ACTS.has(parseArn(arn)?.service ?? ''))
}

/** Its other actions: other topics, and functions. Pure. */
export function othersOf(
  alarm: Pick<DrillableAlarm, 'actions'>,
  router: { topicArn: string; stage: string },
): string[] {
  const acting = actingOf(alarm)
  return alarm.actions.filter((arn) => !acting.includes(arn) && !isOurs(arn, router))
}

function isOurs(arn: string, { topicArn, stage }: { topicArn: string; stage: string }): boolean {
  const { service, resource = '' } = parseArn(arn) ?? {}
  return arn === topicArn || (service === 'lambda' && resource.split(':')[1] === `alert-router-${stage}-route`)
}

/** Why an alarm is not drilled; `undefined`: it may be. Pure. */
export function whyNot(
  alarm: DrillableAlarm,
  router: { topicArn: string; stage: string },
  { withActions }: { withActions: boolean },
): string | undefined {
  const { name, state, actionsEnabled, alarmActions, firingChildren, isMuted: muted } = alarm
  if (state !== 'OK') {
    return `${name} is in ${state}, not OK: a drill would not be a change, or would hide what is wrong.`
  }
  if (firingChildren.length > 0) {
    return `Children of ${name} are in ALARM: ${firingChildren.join(', ')}. A drill would hide it if ${name} fires, too.`
  }
  if (!actionsEnabled) return `The actions of ${name} are disabled: nothing would arrive.`
  if (!alarmActions.some((arn) => isOurs(arn, router))) {
    return `${name} has no action for ALARM that leads to ${router.topicArn}: nothing would arrive.`
  }
  if (muted) return `A mute rule mutes ${name} now: its actions do not run.`
  const acting = actingOf(alarm)
  if (acting.length > 0 && !withActions) {
    return `${name} does more than notify: ${acting.join(', ')}. With --with-actions, that is done, too.`
  }
  return undefined
}

/** DescribeAlarms shows what was set by then. */
const SHOWN_MS = 10_000
/** A composite in ALARM by a drill would not speak of a real one: it is set back, whoever has not accepted it yet. */
const COMPOSITE_MS = 15_000

/** How an alarm is drilled. */
export interface AlarmDrill {
  id: string
  by: string
  timeoutMs: number
  /** What is really in ALARM when the drill ends, and CloudWatch sends nothing about. */
  reallyFires(names: string[]): void
}

/** Sets it to ALARM, follows that, and sets it back to OK. */
export async function drillAlarm(
  alarm: DrillableAlarm,
  { id, by, timeoutMs, reallyFires }: AlarmDrill,
  client: CloudWatchClient,
  router: Drilled,
): Promise<DrillOutcome> {
  const { name, arn, reason } = alarm
  const drill: Drill = {
    ...{ subject: `alarm ${name}`, alarm: arn },
    ...{ id, key: `${arn}#drill-${id}`, publishedAt: router.now() },
  }
  const shownMs = drill.publishedAt.getTime() + SHOWN_MS
  const before = {
    reason,
    isShown: () => router.now().getTime() < shownMs,
    // Interrupted: it waits anyway.
    wait: () => router.wait(500).catch(() => sleep(500)),
  }
  const fire = () => setState(client, name, { state: 'ALARM', id, words: `by ${by}` })
  const end = async () => {
    const { isSet, firing } = await setBack(client, { name, id, by, before })
    if (firing.length > 0) reallyFires(firing)
    // If it was back to OK by then, that is no change, and CloudWatch sends nothing.
    if (!isSet || !(await isEnded(drill, router))) await router.order({ resolve: drill.key, by })
  }
  const followMs = alarm.kind === 'composite' ? { recordedMs: COMPOSITE_MS } : {}
  return follow(drill, { fire, end, timeoutMs, isOnce: false, ...followMs }, router)
}

const END_MS = 20_000

async function isEnded({ key }: Drill, router: Drilled): Promise<boolean> {
  const endMs = router.now().getTime() + END_MS
  try {
    while (router.now().getTime() < endMs) {
      const state = await router.state(key)
      if (!state || (state.status === 'resolved' && awaitingEnd(state).length === 0)) return state !== undefined
      await router.wait(500)
    }
  } catch {
    // Interrupted: it is resolved at once.
  }
  return false
}
