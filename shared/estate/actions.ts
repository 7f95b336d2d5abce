import { raisersIn } from '../parse/alarm-rule.ts'
import { parseArn } from '../parse/arn.ts'
import type { EstateAlarm } from './alarm.ts'
import { type Estate, type EventRule, isCovered, type Router } from './estate.ts'

/** They scale, restart or stop something, or open an OpsItem in a list (of a severity); none notifies anybody. */
const ACTS = /^arn:[^:]*:(autoscaling|automate|swf|application-autoscaling|ssm:[^:]*:[^:]*:opsitem):/
const OPS_ITEM = /:opsitem:([1-4])/

export const notifies = (arn: string): boolean => !ACTS.test(arn)
export const isTopic = (arn: string): boolean => parseArn(arn)?.service === 'sns'
/** `recover`, `scalingPolicy` or `OpsItem of severity 2` of an action that notifies nobody; else a topic's name. */
export function nameOf(arn: string): string {
  const [, severity] = OPS_ITEM.exec(arn) ?? []
  if (severity !== undefined) return `OpsItem of severity ${severity}`
  return parseArn(arn)?.resource.split(':').at(-1)?.slice(0, 80) ?? arn
}

/** Auto Scaling makes and removes these; nobody should be notified of them. */
export function isOfAutoScaling({ name, actions: { alarm } }: EstateAlarm): boolean {
  if (alarm.some(notifies)) return false
  return /^TargetTracking-/.test(name) || alarm.some((arn) => /:(application-)?autoscaling:/.test(arn))
}

/** The router's own alarms email its operator, by a topic that has no part of the router behind it. */
export function isOfRouter({ name, actions: { alarm } }: EstateAlarm): boolean {
  if (!name.startsWith('alert-router-') || alarm.length === 0) return false
  return alarm.every((arn) => /^alert-router-.+-operator$/.test(parseArn(arn)?.resource ?? ''))
}

/** Whom each alarm reaches: by its own actions, by a composite that combines it, by a rule of EventBridge. */
export interface Reach {
  /** Anybody. */
  isReached(alarm: EstateAlarm): boolean
  /** The router; nobody may ask without one. */
  isOurs(alarm: EstateAlarm): boolean
  /** Of one that combines it, and sends what it finds. */
  isSentByComposite(alarm: EstateAlarm): boolean
  /** The router receives each of its changes from EventBridge, OK too. */
  isSentByEvents(alarm: EstateAlarm): boolean
  leadsToUs(arn: string): boolean
  /** Rules of EventBridge that may send it, and may not: their patterns are not read whole. */
  maybeSentBy: string[]
}

export function reachOf(estate: Estate): Reach {
  const parents = parentsOf(estate.alarms)
  const rules = 'data' in estate.eventRules ? estate.eventRules.data : []
  const leadsToUs = (arn: string) => isRouter(arn, estate)
  const runs = ({ actionsEnabled, actions }: EstateAlarm, wanted: (arn: string) => boolean) =>
    actionsEnabled && actions.alarm.some(wanted)
  const byEvents = (alarm: EstateAlarm, wanted: (arn: string) => boolean) =>
    rules.some((rule) => doesCover(rule, alarm) && rule.targets.some(wanted))
  const isSent = (alarm: EstateAlarm, wanted: (arn: string) => boolean, seen: Set<EstateAlarm>): boolean => {
    if (seen.has(alarm)) return false
    seen.add(alarm)
    return (parents.get(alarm) ?? []).some(
      (parent) => runs(parent, wanted) || byEvents(parent, wanted) || isSent(parent, wanted, seen),
    )
  }
  const isAny = (alarm: EstateAlarm, wanted: (arn: string) => boolean) =>
    runs(alarm, wanted) || byEvents(alarm, wanted) || isSent(alarm, wanted, new Set())
  return {
    isReached: (alarm) => isAny(alarm, notifies),
    isOurs: (alarm) => isAny(alarm, leadsToUs),
    isSentByComposite: (alarm) => isSent(alarm, notifies, new Set()),
    isSentByEvents: (alarm) => byEvents(alarm, leadsToUs),
    leadsToUs,
    maybeSentBy: rules.flatMap(({ name, covers, targets }) =>
      covers === 'maybe' && targets.some(notifies) ? [name] : [],
    ),
  }
}

/** Finds the alarm that another names: of its own account and region, where those are known. */
export type Named = (by: EstateAlarm, name: string) => EstateAlarm | undefined

export function namedIn(alarms: EstateAlarm[]): Named {
  const byName = Map.groupBy(alarms, ({ name }) => name)
  const isSame = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b
  return (by, name) => byName.get(name)?.find((one) => isSame(one.account, by.account) && isSame(one.region, by.region))
}

/** The composites that each alarm raises. */
function parentsOf(alarms: EstateAlarm[]): Map<EstateAlarm, EstateAlarm[]> {
  const parents = new Map<EstateAlarm, EstateAlarm[]>()
  const named = namedIn(alarms)
  for (const composite of alarms) {
    if (composite.type !== 'composite') continue
    const { AlarmRule } = composite.raw
    for (const name of raisersIn(typeof AlarmRule === 'string' ? AlarmRule : undefined)) {
      const child = named(composite, name)
      if (child) parents.set(child, [...(parents.get(child) ?? []), composite])
    }
  }
  return parents
}

function doesCover({ covers }: EventRule, { name }: EstateAlarm): boolean {
  return isCovered(covers, name) === true
}

/** Its topic, its function, its bus for other accounts, or a topic that passes on to its queue. */
function isRouter(arn: string, { router, topics }: Estate): boolean {
  if (!router) return false
  if (arn === router.topic) return true
  const { stage } = router
  if (stage === undefined) return false
  const { service, resource } = parseArn(arn) ?? {}
  if (service === 'lambda') return resource?.split(':')[1] === `alert-router-${stage}-route`
  if (service === 'events') return resource === `event-bus/alert-router-${stage}-organization`
  if (resource === topicOf(stage)) return true
  const topic = service === 'sns' && Object.hasOwn(topics, arn) ? topics[arn] : undefined
  return (
    topic !== undefined && 'data' in topic && topic.data.endpoints.some((one) => one.endsWith(`:${topicOf(stage)}`))
  )
}

/** Its topic and its queue have one name. */
const topicOf = (stage: string) => `alert-router-${stage}-alarms`

/** The topic to point an alarm at: in its account and region, because CloudWatch knows no other. */
export function ourTopic(router: Router | undefined, { arn }: EstateAlarm): string | undefined {
  if (router?.topic !== undefined || router?.stage === undefined) return router?.topic
  const { partition, region, account } = parseArn(arn) ?? {}
  return region === undefined ? undefined : `arn:${partition}:sns:${region}:${account}:${topicOf(router.stage)}`
}
