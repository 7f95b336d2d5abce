import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { decide, type Firing } from '../decide/decide.ts'
import { type Held, hold, type Timed } from '../decide/hold.ts'
import { compileRules } from '../decide/rules.ts'
import { closedUntil, isOpen, openUntil, windowCompiler } from '../decide/windows.ts'
import { notificationsOf } from '../notifications.ts'
import type { Past } from '../state.ts'
import { furthest, type Line, type Trace, trace } from './trace.ts'

/** What became of a rule: it matched, or would at another time, or a line failed. */
export interface Step extends Trace {
  rule: string
  result: 'matched' | 'failed' | 'off'
  /** It holds at other times: `within nights`. */
  why?: string
}

/** A part of the outcome, and what set it. */
export interface Part {
  part: string
  value: string
  by: string
}

export interface WindowNow {
  name: string
  isOpen: boolean
  /** When that changes, ISO 8601; absent: never, or not within a year. */
  until?: string
}

/** How an alert is decided at a moment, step by step. */
export interface Story {
  alert: Alert
  /** ISO 8601 */
  at: string
  firingSince?: string
  /** In order, up to the one that was the last to be looked at. None, where a resolve follows what has been firing. */
  steps: Step[]
  /** How many rules come after that. */
  notLookedAt: number
  /** The lines by which it is non-production. */
  nonProduction?: Line[]
  decision: Timed
  parts: Part[]
  windows: WindowNow[]
  /** What each channel is told, now or later. */
  notifications: Notification[]
}

/**
 * Tells how an alert is decided, by what decides it in the router: the same rules, compiled the same way. `firingSince`:
 * it has been firing since then, decided by these rules too. Pure.
 */
export function storyOf(alert: Alert, config: Config, at: Date, firingSince?: Date): Story {
  const firing = firingSince && firingAt(alert, config, firingSince)
  const decided = decide(alert, config, firing, at)
  const decision = hold(alert, decided, config, firing && pastOf(alert, firing), at)
  const isFollowing = follows(alert, firing)
  const { steps, matching } = isFollowing ? { steps: [], matching: [] } : stepsOf(alert, config, at, firing)
  const nonProduction =
    config.nonProduction && !isFollowing
      ? trace(config.nonProduction.when, { alert, firingSince: firing?.since }, config.sets)
      : undefined
  const told = [...decision.channels, ...decision.held.map(({ channel }) => channel)]
  return {
    alert,
    at: at.toISOString(),
    ...(firing && { firingSince: firing.since }),
    steps,
    notLookedAt: steps.length === 0 ? config.rules.length : config.rules.length - steps.length,
    ...(nonProduction?.matches && { nonProduction: furthest(nonProduction) }),
    decision,
    parts: partsOf(alert, decision, decided.channels, matching),
    windows: windowsNow(config, at),
    notifications: notificationsOf(alert, { ...decision, channels: told }, config, firing?.since),
  }
}

/** What was decided when it began, and was told. */
function firingAt(alert: Alert, config: Config, since: Date): Firing {
  const began: Alert = { ...alert, status: 'firing', changedAt: since.toISOString() }
  return { ...decide(began, config, undefined, since), since: since.toISOString() }
}

function pastOf({ title }: Alert, firing: Firing): Past {
  return { changedAt: firing.since, status: 'firing', title, held: [], firing }
}

function follows({ status }: Alert, firing: Firing | undefined): boolean {
  return status === 'resolved' && firing !== undefined
}

function stepsOf(alert: Alert, config: Config, at: Date, firing: Firing | undefined) {
  const subject = { alert, firingSince: firing?.since }
  const off = new Map<string, string>()
  const matching = compileRules(config).matching(subject, at, ({ name }, why) => off.set(name, why))
  const names = new Set(matching.map(({ name }) => name))
  const last = matching.at(-1)
  const end = last && !last.continue ? config.rules.indexOf(last) + 1 : config.rules.length
  const steps = config.rules.slice(0, end).map(({ name, when }): Step => {
    const why = off.get(name)
    const result = names.has(name) ? 'matched' : why === undefined ? 'failed' : 'off'
    return { rule: name, result, ...(why !== undefined && { why }), ...trace(when, subject, config.sets) }
  })
  return { steps, matching }
}

function partsOf(alert: Alert, decision: Timed, decided: string[], matching: Rule[]): Part[] {
  const { severity, rule, groupBy, labels, held } = decision
  const by = (one: Rule | undefined) => (one ? `rule "${one.name}"` : 'its own way')
  const last = (key: 'groupBy' | 'runbook') => by(matching.findLast((one) => one[key] !== undefined))
  // The steps of the decision that say it in their own words.
  const lowered = decision.because.find((step) => step.startsWith('non-production'))
  const followed = decision.because.some((step) => step.startsWith('resolves')) ? 'as when it began to fire' : undefined
  const found = matching.find(({ name }) => name === rule)
  const why = followed ?? lowered ?? (found ? by(found) : 'the default')
  const runbook = alert.links.runbook ?? decision.runbook
  return [
    { part: 'severity', value: severity, by: why },
    ...decided.map(
      (channel): Part => ({
        part: 'channel',
        value: channel,
        by: channelBy(channel, matching, severity, followed ?? (lowered && `severity ${severity}, as non-production`)),
      }),
    ),
    ...held.map(({ channel, until, why: reason }: Held): Part => {
      return { part: 'later', value: channel, by: `${reason}: told at ${until.slice(0, 16).replace('T', ' ')} UTC` }
    }),
    ...(groupBy ? [{ part: 'groupBy', value: groupBy.join(', '), by: followed ?? last('groupBy') }] : []),
    ...(runbook === undefined
      ? []
      : [
          {
            part: 'runbook',
            value: runbook,
            by: alert.links.runbook ? 'the alert itself' : (followed ?? last('runbook')),
          },
        ]),
    ...Object.entries(labels ?? {}).map(([label, value]): Part => {
      const setter = matching.findLast((one) => one.labels && Object.hasOwn(one.labels, label))
      return { part: 'label', value: `${label}=${value}`, by: followed ?? by(setter) }
    }),
  ]
}

function channelBy(channel: string, matching: Rule[], severity: string, whole: string | undefined): string {
  if (whole !== undefined) return whole
  const list = matching.findLast(({ channels }) => Array.isArray(channels))
  if (Array.isArray(list?.channels) && list.channels.includes(channel))
    return `rule "${list.name}", in place of the severity's`
  const adds = matching.find(({ channels }) => channels && !Array.isArray(channels) && channels.add.includes(channel))
  const isOfRule = matching.some((one) => one.severity !== undefined)
  if (!list && !adds) return isOfRule ? `severity ${severity}` : 'the default'
  return adds ? `added by rule "${adds.name}"` : `severity ${severity}`
}

function windowsNow(config: Config, at: Date): WindowNow[] {
  const compile = windowCompiler(config)
  const named = Object.keys(config.windows ?? {}).map((name) => ({ name, which: name as string | object }))
  const maintenance = (config.maintenance ?? []).map(({ name, window }) => ({
    name: `maintenance "${name}"`,
    which: window,
  }))
  return [...named, ...maintenance].map(({ name, which }): WindowNow => {
    const times = compile(which as Parameters<typeof compile>[0])
    const open = isOpen(times, at)
    const until = open ? openUntil(times, at) : closedUntil(times, at)
    return { name, isOpen: open, ...(until && { until: until.toISOString() }) }
  })
}
