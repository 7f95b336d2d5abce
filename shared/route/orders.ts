import { randomUUID } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { type Order, orderSchema, orderText } from '../../schemas/wake.ts'
import { byHandAs, drillInKey, fingerprintOf } from '../alert/identity.ts'
import { deadLetter } from '../aws/queue.ts'
import { publish } from '../aws/topic.ts'
import { acknowledge, type Refused, unacknowledge, withNote } from '../decide/acknowledge.ts'
import { type AlertState, isBeingNotified } from '../decide/alert-state.ts'
import { decide } from '../decide/decide.ts'
import type { Timed } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { describeOpen, givenToPerson, leftOpen, sharedOf } from '../decide/left-open.ts'
import { firingOf, type Next } from '../decide/next.ts'
import { changesToRead, nextByTime, type Passed } from '../decide/next-by-time.ts'
import { askedAbout, withOthers } from '../decide/others.ts'
import { notified } from '../decide/turn.ts'
import { waitingOf } from '../decide/waiting.ts'
import { DeferredError } from '../deliver/deferred.ts'
import { keptTrace } from '../explain/kept-trace.ts'
import type { Versioned } from '../live-config/source.ts'
import { log } from '../observe/log.ts'
import { measure, type ResponseCount } from '../observe/metrics.ts'
import { parseArn } from '../parse/arn.ts'
import { parse } from '../parse/parse.ts'
import { isAhead } from '../parse/time.ts'
import { changeAlert, readAlert } from '../store/alerts.ts'
import { keepRelease, readChange, readLastChange } from '../store/changes.ts'
import { asKnownBefore } from '../store/earlier-key.ts'
import { leaveIncident } from '../store/incidents.ts'
import { routeAlert } from './alert.ts'
import { askOthers, freeOthers } from './others.ts'
import { executeOfPair, isOfPair } from './pair.ts'
import { sendToChannel } from './send.ts'
import { announceCritical, isOfSilence, silence } from './silences.ts'
import { wakesOf } from './wakes.ts'

/** The first key of each order. */
const VERBS = [
  ...['due', 'notified', 'resolve', 'acknowledge', 'unacknowledge', 'note', 'send', 'close', 'found', 'ended'],
  ...['silence', 'silenceAlert', 'extendSilence', 'expireSilence', 'beat', 'takeOver'],
]

/** An order that the router sent itself; `undefined`: the message is an event. */
export function orderIn(body: string): Order | undefined {
  // Events arrive in an SNS envelope; an order is short and starts like this.
  const [, verb = ''] = /^\s*\{\s*"(\w+)"/.exec(body) ?? []
  if (!VERBS.includes(verb)) return undefined
  try {
    return orderSchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

/** The visibility timeout of the alarms' queue (deploy/queues.yml). */
const VISIBILITY_TIMEOUT_MS = 90_000

/**
 * @param sentAt when the order was sent, ms since 1970. @throws {DeferredError} when it is for rules that are not here
 * yet.
 */
export async function execute(order: Order, current: Versioned<Config>, sentAt: number): Promise<void> {
  if ('due' in order && isEarly(order, current, sentAt)) {
    throw new DeferredError(
      `waiting for rules version ${order.rules}, which is being rolled out`,
      VISIBILITY_TIMEOUT_MS,
    )
  }
  if ('due' in order) return evaluateDue(order, current)
  if ('notified' in order) return recordDelivery(order, current)
  if ('close' in order) return handToPerson(order)
  if ('found' in order) return routeFound(order, current)
  if ('ended' in order) return end(order, current)
  if ('send' in order) return sendToChannel(order, current)
  if ('resolve' in order) return resolve(order, current, sentAt)
  if (isOfSilence(order)) return silence(order)
  if (isOfPair(order)) return executeOfPair(order, current.version)
  return respond(order, current)
}

/** Rules that have not arrived after this time were rolled back or replaced. */
const MAX_ROLLOUT_MS = 60 * 60_000

/** Rules reach each process at its own time: an order to evaluate by new ones is retried until they are here. */
function isEarly(
  { rules }: { rules?: string | undefined },
  { version, takenAt }: Versioned<Config>,
  sentAt: number,
): boolean {
  // Rules that arrived after the order are newer than the ones it is about.
  if (rules === undefined || rules === version || takenAt > sentAt) return false
  return Date.now() - sentAt < MAX_ROLLOUT_MS
}

/** Clocks differ a little: an alert is due when its message arrives. */
const EARLY_MS = 5_000

/** An alert's time has come: held changes may be sent, owed ones are followed up. */
async function evaluateDue(
  { due, at }: Extract<Order, { due: string }>,
  { config, version }: Versioned<Config>,
): Promise<void> {
  const dueMs = Date.parse(at)
  const { state, result } = await changeAlert(due, async (before) => {
    if (!before) return { state: before, result: undefined }
    const aheadMs = dueMs - Date.now()
    const now = new Date(aheadMs > 0 && aheadMs < EARLY_MS ? dueMs : Date.now())
    const alerts = await alertsOf(before, config, now)
    await announceCritical(alerts.values(), before.firing?.severity, config, now)
    const alert = askedAbout([...alerts.values()])
    const others = alert && (await askOthers({ key: due, alert, before, config }, now))
    const asked = withOthers(config, others)
    const next = nextByTime(before, alerts, asked, now)
    await keepReleased(next, alerts, { config: asked, version }, now)
    await leaveFor(before, next.state)
    return { state: await withNoneLeft(next.state, now), result: { ...next, before, others } }
  })
  if (!result) return
  await publish(wakesOf(state, result.wake, config))
  await freeOthers(result.before, state, { others: result.others })
  log.info('alert.evaluated', 'due alert evaluated', {
    fingerprint: due,
    at,
    wake: result.wake.join(' '),
    released: result.released.length,
    ...result.passed,
  })
  if (result.passed) countPassed(result.passed)
}

/** What happened because time passed, and nobody reacted. A drill is neither reminded of nor escalated. */
function countPassed({ reminded, escalatedTo, overdue }: Passed): void {
  const count = (Reason: ResponseCount, Responses: number) => measure({ Responses }, { Reason })
  count('reminder', reminded.length)
  count('escalation', escalatedTo.length)
  count('late', overdue.length)
}

/** A removed channel keeps no shared incident open: it may come back. */
async function leaveFor({ fingerprint, recipients }: AlertState, after: AlertState): Promise<void> {
  const incidents = (all: AlertState['recipients']) =>
    new Set(Object.values(all).flatMap(({ incident, leaving = [] }) => [incident, ...leaving]))
  for (const key of incidents(recipients).difference(incidents(after.recipients))) {
    if (key) await leaveIncident(key, fingerprint, after.version)
  }
}

/** An incident that no channel will close becomes a dead letter: a person closes it. */
async function withNoneLeft(state: AlertState, now: Date): Promise<AlertState> {
  const { fingerprint, title, open = {} } = state
  const left = leftOpen(state)
  // A delivery in progress may close it.
  if (left.length === 0 || Object.values(state.recipients).some((one) => isBeingNotified(one, now))) return state
  for (const incident of left) {
    await handToPerson({ close: fingerprint, incident, channel: open[incident] ?? '' }, title)
    const shared = sharedOf(incident)
    if (shared !== undefined) await leaveIncident(shared, fingerprint, state.version)
  }
  return givenToPerson(state, left, now)
}

async function handToPerson(order: Extract<Order, { close: string }>, title = order.close): Promise<void> {
  const { close, incident, channel } = order
  const reason = describeOpen(channel, incident)
  await deadLetter('alarms', {
    messageId: randomUUID(),
    body: orderText({ close, incident, channel }),
    reason,
    about: `${title} (resolved) → ${channel}`,
  })
  log.warn('incident.left_open', 'incident left open; moved to the dead letters', {
    fingerprint: close,
    channel,
    reason,
  })
}

async function alertsOf(state: AlertState, config: Config, now: Date): Promise<Map<string, Alert>> {
  const kept = await Promise.all(
    changesToRead(state, config, now).map(async (change) => {
      const found = await readChange(state.fingerprint, change)
      return found ? ([change, found.alert] as const) : undefined
    }),
  )
  return new Map(kept.filter((one) => one !== undefined))
}

/** Held changes are sent by the rules as they are now. */
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
    const because = [...decided.because, `it arrived earlier and was held for ${notified.join(', ')}`]
    const decision: Timed = {
      ...hold(alert, { ...decided, channels: [...notified, ...names(true)] }, config, now, firing?.since),
      because,
    }
    const trace = keptTrace({ alert, config, firing, decided, decision, at: now })
    const kept = { change, decision, firingSince: firing?.since, configVersion, trace }
    await keepRelease(state.fingerprint, kept, now)
  }
}

/** Records a delivery whose deliverer could not write the table. */
async function recordDelivery(
  { notified: what }: Extract<Order, { notified: unknown }>,
  { config }: Versioned<Config>,
): Promise<void> {
  await changeAlert(what.fingerprint, (state) => ({
    state: state && notified(state, what, config.channels),
    result: undefined,
  }))
  log.info('delivery.recorded_late', 'delivery recorded late', {
    fingerprint: what.fingerprint,
    recipient: what.recipient,
    notifiedAt: what.notifiedAt,
  })
}

/** A person resolves it: every recipient of the firing gets the resolve. */
async function resolve(
  { resolve: fingerprint, by }: Extract<Order, { resolve: string }>,
  current: Versioned<Config>,
  sentAt: number,
): Promise<void> {
  const state = await readAlert(fingerprint)
  if (!state && drillInKey(fingerprint) !== undefined) return endUnknownDrill(fingerprint)
  const reason = whyNotResolved(state, sentAt)
  if (!state || reason !== undefined) {
    log.warn('alert.resolve_ignored', 'manual resolve ignored', { fingerprint, by, reason })
    return
  }
  const over = await endOf(state, { at: new Date().toISOString(), reason: `Resolved by hand: ${by}` })
  await routeAlert({ alert: over, before: undefined }, byHandAs(over.changedAt), 0, current)
}

type Said = Extract<Order, { acknowledge: string } | { unacknowledge: string } | { note: string; text: string }>

/** A person works on it, no longer does, or writes something about it: whoever knows of it is sent that. */
async function respond(order: Said, { config }: Versioned<Config>): Promise<void> {
  const fingerprint = keyIn(order)
  const { state, result } = await changeAlert(fingerprint, (before) => {
    if (!before) return { state: before, result: undefined }
    const next = afterAnswer(before, order, config, new Date())
    return { state: next.state, result: next }
  })
  const about = { fingerprint, by: order.by, via: order.via }
  const refused = result ? result.refused : 'unknown alert'
  if (!result || refused !== undefined) {
    log.info('alert.response_ignored', 'a person’s answer changes nothing', { ...about, reason: refused })
    return
  }
  const isDone = 'acknowledge' in order
  const what = isDone ? 'acknowledged' : 'note' in order ? 'a note' : 'no longer acknowledged'
  log.info('alert.response', what, { ...about, wake: result.wake.join(' ') })
  if (isDone && state?.drill === undefined) {
    measure({ Responses: 1 }, { Reason: 'acknowledged' satisfies ResponseCount })
  }
  await publish(wakesOf(state, result.wake, config))
}

function keyIn(order: Said): string {
  if ('acknowledge' in order) return order.acknowledge
  return 'note' in order ? order.note : order.unacknowledge
}

function afterAnswer(before: AlertState, order: Said, config: Config, now: Date): Next & Partial<Refused> {
  const { by, via, at } = order
  if ('note' in order) return withNote(before, { text: order.text, by, via, at }, config, now)
  if ('unacknowledge' in order) return unacknowledge(before, { by, at }, config, now)
  const { until } = order
  return acknowledge(before, { by, via, at, ...(until !== undefined && { until }) }, config, now)
}

/** The order may have waited, while the alert ended and fired again: nobody has seen that firing. */
function whyNotResolved(state: AlertState | undefined, sentAt: number): string | undefined {
  if (!state) return 'unknown alert'
  if (state.once) return 'a one-time event is never open'
  const { firing } = state
  const isLater = firing && sentAt > 0 && isAhead(firing.since, new Date(sentAt).toISOString())
  return isLater ? 'it fires again since the order was sent' : undefined
}

/** A drill's end may overtake it: what comes after it, has ended already. */
async function endUnknownDrill(key: string): Promise<void> {
  const drill = drillInKey(key)
  const at = new Date().toISOString()
  const ended: AlertState = {
    ...{ fingerprint: key, version: 0, title: fingerprintOf(key, drill), status: 'resolved', changedAt: at },
    ...(drill !== undefined && { drill }),
    ...{ ended: { at }, seen: [], recipients: {} },
  }
  // Another may have recorded it meanwhile: then it is resolved as any other, by the retry of this message.
  await changeAlert(key, (known) => {
    if (known) throw new Error(`${key} was recorded meanwhile`)
    return { state: ended, result: undefined }
  })
  log.info('alert.routed', 'a drill has ended before it arrived', { fingerprint: key })
}

/** The alert as it was last known, resolved. Its own clock may be ahead: it ends no earlier than its last change. */
async function endOf(state: AlertState, { at, reason }: { at: string; reason: string }): Promise<Alert> {
  const alert = (await lastAlertOf(state)) ?? bareAlert(state)
  const [changedAt = ''] = [at, state.changedAt].sort().reverse()
  return { ...alert, previousStatus: state.status, status: 'resolved', changedAt, reason }
}

/** CloudWatch says that it fires no more. What has arrived since is newer, and the next run looks at it again. */
async function end(
  { ended: fingerprint, at, newest, reason, note }: Extract<Order, { ended: string }>,
  current: Versioned<Config>,
): Promise<void> {
  const state = await readAlert(fingerprint)
  if (!(state?.firing ?? state?.noData) || state.changedAt !== newest) return
  const alert = foundByReconcile(await endOf(state, { at, reason }), note)
  await routeAlert({ alert, before: undefined }, `found-${alert.changedAt}`, 0, current)
}

/** As if they had arrived. */
async function routeFound(
  { found, note, isAbout }: Extract<Order, { found: unknown[] }>,
  current: Versioned<Config>,
): Promise<void> {
  for (const alert of found.flatMap((message) => parse(message))) {
    const known = await asKnownBefore(alert, undefined)
    const ours = {
      ...known,
      alert: { ...foundByReconcile(known.alert, note), ...(isAbout && { changedAbout: isAbout }) },
    }
    await routeAlert(ours, `found-${alert.changedAt}`, 0, current)
  }
}

function foundByReconcile(alert: Alert, note: string): Alert {
  return { ...alert, foundBy: 'reconcile', notes: [...(alert.notes ?? []), note] }
}

/** The alert as its recipients know it; else as it last arrived. */
async function lastAlertOf({ fingerprint, recipients }: AlertState): Promise<Alert | undefined> {
  const newest = Object.values(recipients)
    .flatMap(({ owed, notified }) => [owed, notified])
    .filter((mark) => mark !== undefined && mark.change !== '')
    .sort((a, b) => (a?.at ?? '').localeCompare(b?.at ?? ''))
    .at(-1)
  const kept = newest && (await readChange(fingerprint, newest.change))
  return (kept ?? (await readLastChange(fingerprint)))?.alert
}

/** It has been firing for longer than its changes are kept: only its name is known. */
function bareAlert({ fingerprint: key, drill, title, status, changedAt }: AlertState): Alert {
  const fingerprint = fingerprintOf(key, drill)
  const isOfCloudWatch = parseArn(fingerprint)?.resource.startsWith('alarm:') === true
  return {
    ...{ fingerprint, kind: isOfCloudWatch ? 'alarm' : 'event', status, changedAt },
    ...(drill !== undefined && { drill }),
    ...{ name: title, title, resource: title, source: isOfCloudWatch ? 'aws.cloudwatch' : 'alert-router' },
    ...{ dimensions: {}, tags: {}, children: [], details: {}, links: {} },
  }
}
