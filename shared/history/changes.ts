import type { Alert } from '../../schemas/alert.ts'
import { traceSchema } from '../../schemas/trace.ts'
import { changeIdOf } from '../alert/identity.ts'
import { unpacked } from '../aws/packed.ts'
import type { AlertState, Recipient } from '../decide/alert-state.ts'
import type { Change, Message, State } from './alert-history.ts'
import { deliveriesTo } from './deliveries.ts'
import { deliveriesOf } from './earlier-form.ts'
import { type Item, skOf, text, texts, timeIn } from './items.ts'
import { type Entry, Logs } from './logs.ts'

/** The sources of a change, besides the items of its messages. */
export interface Sources {
  state: State | undefined
  logs: Logs
  /** The previous version's items of each notification of the changes at a time. */
  earlierDeliveries(changedAt: string): Promise<Item[]> | Item[]
}

/** How many items are read ahead before a change is complete: its outcome is recorded with later changes. */
const LOOK_AHEAD = 1_000

/**
 * Builds the history, change by change, from the items of an alert's changes in key order. Each is read once, and
 * only about a thousand are in memory at a time.
 */
export async function* changesIn(
  items: AsyncIterable<Item> | Iterable<Item>,
  sources: Sources,
  lookAhead = LOOK_AHEAD,
): AsyncGenerator<Change> {
  const times: Item[][] = []
  let waiting = 0
  for await (const item of items) {
    sources.logs.addEarlier(item)
    const last = times.at(-1)
    if (last?.[0] && timeIn(skOf(last[0])) === timeIn(skOf(item))) last.push(item)
    else times.push([item])
    waiting++
    while (waiting > lookAhead && times.length > 1) {
      const first = times.shift() ?? []
      waiting -= first.length
      yield* await changesAt(first, sources)
    }
  }
  for (const one of times) yield* await changesAt(one, sources)
}

/** A message about a change. */
interface Logged {
  item: Item
  alert: Alert
}

function loggedIn(item: Item): Logged {
  return { item, alert: JSON.parse(unpacked(item.alert) ?? '{}') as Alert }
}

/** The changes of one time. */
async function changesAt(items: Item[], sources: Sources): Promise<Change[]> {
  const [first] = items
  if (!first) return []
  const old = items.some(isOfEarlierForm) ? await sources.earlierDeliveries(timeIn(skOf(first))) : []
  const logged = items.map(loggedIn)
  const changes = logged.length === 1 ? [logged] : [...Map.groupBy(logged, ({ alert }) => changeIdOf(alert)).values()]
  return changes.map((one) => changeOf(one, old, sources))
}

/** Only the previous version's items record their position among the alerts of a message. */
export function isOfEarlierForm({ position }: Item): boolean {
  return position !== undefined
}
const NEWS = ['sent', 'held', 'nobody']

function changeOf(logged: Logged[], old: Item[], { state, logs }: Sources): Change {
  const inTime =
    logged.length === 1
      ? logged
      : logged.toSorted((a, b) => ((a.item.recordedAt?.S ?? '') < (b.item.recordedAt?.S ?? '') ? -1 : 1))
  // The first new change decided what was sent.
  const { item, alert } =
    inTime.find(({ item }) => item.outcome?.S === 'sent') ??
    inTime.find(({ item }) => NEWS.includes(item.outcome?.S ?? '')) ??
    inTime[0] ??
    loggedIn({})
  const channels = [...new Set(texts(item.channels))]
  const held = heldIn(item)
  const keys = logged.map(({ item }) => skOf(item))
  const entries: Entry[] = keys.flatMap((key) => logs.take(key))
  const isOld = isOfEarlierForm(item)
  // A notification that was in flight during the upgrade is recorded in both forms.
  const ofOld = isOld && item.outcome?.S === 'sent' ? deliveriesOf(alert, channels, old) : []
  const now = deliveriesTo({ alert, keys, channels: isOld ? [] : channels, held: isOld ? [] : held }, entries, state)
  return {
    alert,
    severity: item.severity?.S ?? '',
    rule: item.rule?.S ?? '',
    because: texts(item.because),
    ...text('configVersion', item),
    ...traceIn(item),
    channels,
    ...(held.length > 0 && { held }),
    ...text('releasedAt', item),
    messages: inTime.filter((one) => !isCarried(one.item, isOld)).map(messageOf),
    deliveries: [...ofOld.filter(({ channel }) => !now.some((one) => one.channel === channel)), ...now],
    keys,
    ...(isOld && { isOfEarlierForm: true as const }),
  }
}

/**
 * A notification of the previous version that was in flight: its change is recorded already
 * (shared/deliver/adopt.ts).
 */
function isCarried(item: Item, isOld: boolean): boolean {
  return isOld && skOf(item).split('#')[2]?.startsWith('carried-') === true
}

function messageOf({ item }: Logged): Message {
  return {
    messageId: item.messageId?.S ?? '',
    outcome: item.outcome?.S ?? '',
    recordedAt: item.recordedAt?.S ?? '',
  }
}

function heldIn({ held }: Item): NonNullable<Change['held']> {
  return held?.L?.map(({ M = {} }) => ({ channel: M.channel?.S ?? '', ...text('until', M), ...text('why', M) })) ?? []
}

function traceIn({ trace }: Item): Pick<Change, 'trace'> {
  const text = unpacked(trace)
  if (text === undefined) return {}
  try {
    return { trace: traceSchema.parse(JSON.parse(text)) }
  } catch {
    return {}
  }
}

/** An alert's state, from either form. */
export function stateOf(item: Item): State {
  const doc = item.doc === undefined ? undefined : (JSON.parse(unpacked(item.doc) ?? '{}') as AlertState)
  return {
    fingerprint: item.pk?.S ?? '',
    title: item.title?.S ?? '',
    status: item.status?.S ?? '',
    changedAt: item.changedAt?.S ?? '',
    ...text('firingSince', item),
    ...text('drill', item),
    ...(doc?.once && { once: true as const }),
    ...(doc && { recipients: withoutLogs(doc) }),
    ...(doc?.open && { open: doc.open }),
  }
}

/** The entries in its state about what happened since the last change. */
export function logsIn(item: Item | undefined): Logs {
  const logs = new Logs()
  if (item?.doc !== undefined) logs.addState(JSON.parse(unpacked(item.doc) ?? '{}') as AlertState)
  return logs
}

function withoutLogs({ recipients }: AlertState): Record<string, Omit<Recipient, 'log'>> {
  return Object.fromEntries(Object.entries(recipients).map(([name, { log: _log, ...one }]) => [name, one]))
}
