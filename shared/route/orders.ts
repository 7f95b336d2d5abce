import { randomUUID } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { type Order, orderSchema, orderText } from '../../schemas/wake.ts'
import { deadLetter } from '../aws/queue.ts'
import { publish } from '../aws/topic.ts'
import { type AlertState, isBeingNotified } from '../decide/alert-state.ts'
import { decide } from '../decide/decide.ts'
import type { Timed } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { describeOpen, givenToPerson, leftOpen, sharedOf } from '../decide/left-open.ts'
import { firingOf, type Next } from '../decide/next.ts'
import { changesToRead, nextByTime } from '../decide/next-by-time.ts'
import { notified } from '../decide/turn.ts'
import { waitingOf } from '../decide/waiting.ts'
import { DeferredError } from '../deliver/deferred.ts'
import { keptTrace } from '../explain/kept-trace.ts'
import type { Versioned } from '../live-config/source.ts'
import { log } from '../observe/log.ts'
import { parseArn } from '../parse/arn.ts'
import { changeAlert, readAlert } from '../store/alerts.ts'
import { keepRelease, readChange, readLastChange } from '../store/changes.ts'
import { leaveIncident } from '../store/incidents.ts'
import { routeAlert } from './alert.ts'
import { wakesOf } from './wakes.ts'

/** What the router orders itself to do; `undefined`: the message is an event. */
export function orderIn(body: string): Order | undefined {
  // Events come in an envelope of SNS: what is an order is short, and begins like this.
  if (!/^\s*\{\s*"(?:due|notified|resolve|close)"/.test(body)) return undefined
  try {
    return orderSchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

/** As the alarms' queue has it (deploy/queues.yml). */
const COMES_AGAIN_MS = 90_000

/** @param sentAt when the order was sent, ms since 1970. @throws {NotYet} when it is for rules that are not here yet. */
export async function obey(order: Order, current: Versioned<Config>, sentAt: number): Promise<void> {
  if ('due' in order && isEarly(order, current, sentAt)) {
    throw new DeferredError(`waits for version ${order.rules} of the rules, which is being rolled out`, COMES_AGAIN_MS)
  }
  if ('due' in order) return lookAt(order, current)
  if ('notified' in order) return note(order, current)
  if ('close' in order) return toPerson(order)
  return resolve(order, current)
}

/** Rules that have not come here so long after they came to the clock have been rolled back, or replaced. */
const MAX_ROLLOUT_MS = 60 * 60_000

/** Rules reach each process in its own time: an order to look by new ones comes again until they are here. */
function isEarly(
  { rules }: { rules?: string | undefined },
  { version, takenAt }: Versioned<Config>,
  sentAt: number,
): boolean {
  // Rules that came after the order are newer than those that it is about.
  if (rules === undefined || rules === version || takenAt > sentAt) return false
  return Date.now() - sentAt < MAX_ROLLOUT_MS
}

/** Clocks differ a little: what is due is due when its message comes. */
const EARLY_MS = 5_000

/** An alert's time has come: what was held may be told, what was to be told is looked after. */
async function lookAt(
  { due, at }: Extract<Order, { due: string }>,
  { config, version }: Versioned<Config>,
): Promise<void> {
  const dueMs = Date.parse(at)
  const { state, result } = await changeAlert(due, async (before) => {
    if (!before) return { state: before, result: undefined }
    const aheadMs = dueMs - Date.now()
    const now = new Date(aheadMs > 0 && aheadMs < EARLY_MS ? dueMs : Date.now())
    const alerts = await alertsOf(before, config)
    const next = nextByTime(before, alerts, config, now)
    await keepReleased(next, alerts, { config, version }, now)
    await leaveFor(before, next.state)
    return { state: await withNoneLeft(next.state, now), result: next }
  })
  if (!result) return
  await publish(wakesOf(state, result.wake, config))
  log.info('looked at', { fingerprint: due, at, wake: result.wake.join(' '), released: result.released.length })
}

/** A channel that is gone keeps no shared incident open: it may come back. */
async function leaveFor({ fingerprint, recipients }: AlertState, after: AlertState): Promise<void> {
  const incidents = (all: AlertState['recipients']) =>
    new Set(Object.values(all).flatMap(({ incident, leaving = [] }) => [incident, ...leaving]))
  for (const key of incidents(recipients).difference(incidents(after.recipients))) {
    if (key) await leaveIncident(key, fingerprint, after.version)
  }
}

/** An incident that nothing will close is a dead letter: whoever reads it closes it. */
async function withNoneLeft(state: AlertState, now: Date): Promise<AlertState> {
  const { fingerprint, title, open = {} } = state
  const left = leftOpen(state)
  // Whoever is being told just now may close it.
  if (left.length === 0 || Object.values(state.recipients).some((one) => isBeingNotified(one, now))) return state
  for (const incident of left) {
    await toPerson({ close: fingerprint, incident, channel: open[incident] ?? '' }, title)
    const shared = sharedOf(incident)
    if (shared !== undefined) await leaveIncident(shared, fingerprint, state.version)
  }
  return givenToPerson(state, left, now)
}

async function toPerson(order: Extract<Order, { close: string }>, title = order.close): Promise<void> {
  const { close, incident, channel } = order
  const reason = describeOpen(channel, incident)
  await deadLetter('alarms', {
    messageId: randomUUID(),
    body: orderText({ close, incident, channel }),
    reason,
    about: `${title} (resolved) → ${channel}`,
  })
  log.warn('left open', { fingerprint: close, channel, reason })
}

async function alertsOf(state: AlertState, config: Config): Promise<Map<string, Alert>> {
  const kept = await Promise.all(
    changesToRead(state, config).map(async (change) => {
      const found = await readChange(state.fingerprint, change)
      return found ? ([change, found.alert] as const) : undefined
    }),
  )
  return new Map(kept.filter((one) => one !== undefined))
}

/** What had been held is told by the rules as they are now. */
async function keepReleased(
  { state, released }: Next & { released: string[] },
  alerts: Map<string, Alert>,
  { config, version: configVersion }: Pick<Versioned<Config>, 'config' | 'version'>,
  now: Date,
): Promise<void> {
  for (const change of released) {
    const alert = alerts.get(change)
    if (!alert) continue
    const names = (isHeld: boolean) =>
      Object.entries(state.recipients).flatMap(([name, one]) =>
        waitingOf(one).some((mark) => mark.change === change && (mark.until !== undefined) === isHeld) ? name : [],
      )
    const firing = firingOf(state)
    const decided = decide(alert, config, firing, now)
    const notified = names(false)
    const because = [...decided.because, `it came before, and was held for ${notified.join(', ')}`]
    const decision: Timed = {
      ...hold(alert, { ...decided, channels: [...notified, ...names(true)] }, config, now),
      because,
    }
    const trace = keptTrace({ alert, config, firing, decided, decision, at: now })
    const kept = { change, decision, firingSince: firing?.since, configVersion, trace }
    await keepRelease(state.fingerprint, kept, now)
  }
}

/** A channel has said yes, and the table could not be told then. */
async function note(
  { notified: what }: Extract<Order, { notified: unknown }>,
  { config }: Versioned<Config>,
): Promise<void> {
  await changeAlert(what.fingerprint, (state) => ({
    state: state && notified(state, what, config.channels),
    result: undefined,
  }))
  log.info('noted late', { fingerprint: what.fingerprint, recipient: what.recipient, notifiedAt: what.notifiedAt })
}

/** A person says that it is over: whoever was told that it fires is told that. */
async function resolve(
  { resolve: fingerprint, by }: Extract<Order, { resolve: string }>,
  current: Versioned<Config>,
): Promise<void> {
  const state = await readAlert(fingerprint)
  // What just happened does not go on.
  if (!state || state.once) {
    log.warn(`not resolved: ${state ? 'it is over as it comes' : 'nothing is known of it'}`, { fingerprint, by })
    return
  }
  const alert = (await lastAlertOf(state)) ?? bare(state)
  // Its own clock may be ahead of ours a little: it is over as it is now.
  const [changedAt = ''] = [new Date().toISOString(), state.changedAt].sort().reverse()
  const reason = `Resolved by hand: ${by}`
  const over: Alert = { ...alert, previousStatus: state.status, status: 'resolved', changedAt, reason }
  await routeAlert({ alert: over, before: undefined }, `by-hand-${changedAt}`, 0, current)
}

/** As those know it who were told of it; else as it came last. */
async function lastAlertOf({ fingerprint, recipients }: AlertState): Promise<Alert | undefined> {
  const newest = Object.values(recipients)
    .flatMap(({ owed, notified }) => [owed, notified])
    .filter((mark) => mark !== undefined && mark.change !== '')
    .sort((a, b) => (a?.at ?? '').localeCompare(b?.at ?? ''))
    .at(-1)
  const kept = newest && (await readChange(fingerprint, newest.change))
  return (kept ?? (await readLastChange(fingerprint)))?.alert
}

/** It fires for longer than its changes are kept: its name is all that is known. */
function bare({ fingerprint, title, status, changedAt }: AlertState): Alert {
  const isOfCloudWatch = parseArn(fingerprint)?.resource.startsWith('alarm:') === true
  return {
    ...{ fingerprint, kind: isOfCloudWatch ? 'alarm' : 'event', status, changedAt },
    ...{ name: title, title, resource: title, source: isOfCloudWatch ? 'aws.cloudwatch' : 'alert-router' },
    ...{ dimensions: {}, tags: {}, children: [], details: {}, links: {} },
  }
}
