import type { Alarm, LambdaFunction, Queue, Schedule, Stage, Subscription, Topic } from '../cli/doctor/stage.ts'
import { versionOf } from '../shared/live-config/version.ts'
import { type Json, type Resources, rulesDocument, type StageInAws } from './doctor-stage.ts'

/*
 * Changes that tests make to a stage: to its template, and to its resources in AWS.
 */

/** A version of rules that are neither here nor deployed. */
export const OTHER = 'aaaaaaaaaaaa'

export function dropAll(resources: Resources, type: string): void {
  for (const [id, { Type }] of Object.entries(resources)) if (Type === type) delete resources[id]
}

/** Sets a property of a resource. */
export function set(id: string, property: string, value: Json): (resources: Resources) => void {
  return (resources) => {
    resources[id].Properties[property] = value
  }
}

export function change<Of extends object>(one: Of | undefined, changes: Partial<Of>): void {
  if (!one) throw new Error('there is none')
  Object.assign(one, changes)
}

export function statement(policy: Json, sid: string): Json {
  return policy.Statement.find(({ Sid }: Json) => Sid === sid)
}

// ── Parts of a stage, by their names without the prefix

const named = <Of extends { name: string }>(all: Of[], name: string): Of => {
  const found = all.find((one) => one.name === `alert-router-prod-${name}`)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

export const topic = (is: Stage, name: string): Topic => named(is.topics, name)
export const to = (is: Stage, name: string): Subscription[] => topic(is, name).subscriptions ?? []
export const queue = (is: Stage, name: string): Queue => named(is.queues, name)
export const alarm = (is: Stage, name: string): Alarm => named(is.alarms, name)
export const schedule = (is: Stage, name: string): Schedule => named(is.schedules, name)
export const lambda = (is: Stage, name: string): LambdaFunction => named(is.functions, name)

export function subscribed(is: Stage, topicName: string, queueName: string): Subscription {
  const { arn } = queue(is, queueName)
  return to(is, topicName).find(({ endpoint }) => endpoint === arn) as Subscription
}

export function mappingOf(is: Stage, name: string) {
  const found = is.mappings.find((one) => one.function === `alert-router-prod-${name}`)
  if (!found) throw new Error(`no queue feeds ${name}`)
  return found
}

/** Rolls out rules of that version, made for those that are deployed or for others. */
export function push(
  { appConfig, template }: StageInAws,
  version: string,
  base = versionOf(rulesDocument(template)),
): void {
  const content = JSON.stringify({ version, base, config: JSON.parse(rulesDocument(template)), cases: [] })
  const stored = appConfig.store('rules', content)
  stored.label = `${version}-${stored.number}`
  const { number } = stored
  appConfig.deployments.push({
    number: appConfig.deployments.length + 1,
    profile: 'rules',
    version: number,
    startedAt: 0,
  })
}
