import type { Alert } from '../../schemas/alert.ts'
import { traceSchema } from '../../schemas/trace.ts'
import { changeIdOf } from '../../shared/alert/identity.ts'
import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState, Recipient } from '../../shared/decide/alert-state.ts'
import type { Change, Message, State } from './alert-history.ts'
import { deliveriesTo } from './deliveries.ts'
import { deliveriesOf } from './earlier-form.ts'
import { type Item, skOf, text, texts, timeIn } from './items.ts'
import { type Entry, Logs } from './logs.ts'

/** What a change is put together from, beside the items of its messages. */
export interface Sources {
  state: State | undefined
  logs: Logs
  /** What the version before this one kept of each notification of a change at a time. */
  earlierDeliveries(changedAt: string): Promise<Item[]> | Item[]
}

/** So many items are read on before a change is told: what became of it is kept with those that came after it. */
const LOOK_AHEAD = 1_000

/**
 * Puts together what happened, change by change, from the items of an alert's changes in the order of their keys. Each is
 * looked at once, and no more than a thousand or so are held at a time.
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

/** A message that told of a change. */
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

/** Only what the version before this one wrote tells its place among the alerts of its message. */
export function isOfEarlierForm({ position }: Item): boolean {
  return position !== undefined
}
const NEWS = ['sent', 'held', 'nobody']

function changeOf(logged: Logged[], old: Item[], { state, logs }: Sources): Change {
  const inTime =
    logged.length === 1
      ? logged
      : logged.toSorted((a, b) => ((a.item.recordedAt?.S ?? '') < (b.item.recordedAt?.S ?? '') ? -1 : 1))
  // What was sent was decided by the first that was news.
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
  // What was on its way as this version took over is told of in both forms.
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

/** A notification of the version before this one that was on its way: its change is there already (shared/deliver/adopt.ts). */
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
  return (
    held?.L?.map(({ M = {} }) => ({ channel: M.channel?.S ?? '', until: M.until?.S ?? '', ...text('why', M) })) ?? []
  )
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

/** What an alert's state says of it, in either form. */
export function stateOf(item: Item): State {
  const doc = item.doc === undefined ? undefined : (JSON.parse(unpacked(item.doc) ?? '{}') as AlertState)
  return {
    fingerprint: item.pk?.S ?? '',
    title: item.title?.S ?? '',
    status: item.status?.S ?? '',
    changedAt: item.changedAt?.S ?? '',
    ...text('firingSince', item),
    ...(doc?.once && { once: true as const }),
    ...(doc && { recipients: withoutLogs(doc) }),
    ...(doc?.open && { open: doc.open }),
  }
}

/** What its state tells of what happened since the last change. */
export function logsIn(item: Item | undefined): Logs {
  const logs = new Logs()
  if (item?.doc !== undefined) logs.addState(JSON.parse(unpacked(item.doc) ?? '{}') as AlertState)
  return logs
}

function withoutLogs({ recipients }: AlertState): Record<string, Omit<Recipient, 'log'>> {
  return Object.fromEntries(Object.entries(recipients).map(([name, { log: _log, ...one }]) => [name, one]))
}
