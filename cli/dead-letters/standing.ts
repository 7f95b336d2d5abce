import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DeadLetter } from '../../local/dead-letters.ts'
import type { Wake } from '../../schemas/wake.ts'
import { time } from '../../shared/channels/alert-text.ts'
import type { Recipient } from '../../shared/decide/alert-state.ts'
import { waitingOf } from '../../shared/decide/waiting.ts'
import type { Change, Delivery, State } from '../../shared/history/alert-history.ts'
import { readAlertHistory, readDelivery, readState } from '../../shared/history/find.ts'
import { timeIn } from '../../shared/history/items.ts'
import { describeDelivery } from '../history/delivery-text.ts'
import { wrapped } from '../history/lines.ts'
import { describeRecipient } from '../history/now.ts'

/** The table, which has the state of the alerts that dead letters are about. */
export interface Known {
  client: DynamoDBClient
  table: string
}

/** Whether a dead letter still matters. */
export type Standing =
  /** To be moved back; `wake`: the recipient, if it has another name now. */
  { isOwed: true; wake?: Wake; why?: string } | { isOwed: false; why: string }

/** Whether the delivery that a dead letter is about is still owed. */
export async function standingOf({ wake }: DeadLetter, { client, table }: Known): Promise<Standing> {
  if (!wake) return { isOwed: true }
  const state = await readState(client, table, wake.fingerprint)
  if (!state?.recipients) return { isOwed: true, why: 'whether it is still owed is unknown' }
  const found = recipientOf(state, wake)
  if (!found) return { isOwed: false, why: `no longer owed: ${wake.recipient} is no longer a recipient of this alert` }
  const { name, one } = found
  const isSame = name === wake.recipient && one.channel === wake.channel
  const now = isSame ? wake : { ...wake, recipient: name, channel: one.channel }
  // It may wait behind an earlier notification.
  if (waitingOf(one as Recipient).some(({ dead, change }) => dead && change === wake.change))
    return { isOwed: true, wake: now }
  if (one.owed?.until) return { isOwed: false, why: `held, and will be sent at ${time(one.owed.until)}` }
  if (one.owed) return { isOwed: true, wake: now }
  if (one.passed && (!one.notified || one.notified.at < one.passed.at)) {
    return { isOwed: false, why: `no longer owed: it was resolved at ${time(one.passed.at)}, before it could be sent` }
  }
  const since = one.notified ? ` at ${time(one.notified.notifiedAt)}` : ''
  return { isOwed: false, why: `no longer owed: already delivered${since}` }
}

/** A channel may have another name now: what it is owed is the same. */
function recipientOf({ recipients = {} }: State, { recipient, change }: Wake) {
  const one = recipients[recipient]
  if (one) return { name: recipient, one }
  const [found] = Object.entries(recipients).filter(([, of]) =>
    waitingOf(of as Recipient).some((mark) => mark.dead && mark.change === change),
  )
  return found && { name: found[0], one: found[1] }
}

/** SQS adds no reason to a dead letter; our own code does. */
export function saysLittle({ wake, about }: DeadLetter): boolean {
  return wake !== undefined && about.startsWith(wake.fingerprint)
}

/** The subject of a dead letter that does not contain it. */
export async function aboutOf(letter: DeadLetter, { client, table }: Known): Promise<string> {
  const { wake, about } = letter
  if (!wake || !saysLittle(letter)) return about
  const state = await readState(client, table, wake.fingerprint)
  if (!state) return about
  return `${state.title} (${state.recipients?.[wake.recipient]?.owed?.status ?? state.status}) → ${wake.recipient}`
}

/** The attempts for the recipient that it wakes, or for the notification that it contains. */
export async function describeAttempts(letter: DeadLetter, { client, table }: Known, width: number): Promise<string[]> {
  const { wake, notification } = letter
  if (notification) {
    const delivery = await readDelivery(client, table, notification)
    return delivery ? ['', ...describeDelivery(delivery, notification.alert.changedAt, width)] : []
  }
  if (!wake) return []
  const state = await readState(client, table, wake.fingerprint)
  const found = state && recipientOf(state, wake)
  const standing = found ? describeRecipient(found.one, state?.once) || 'is owed nothing' : ''
  const now = wrapped(standing, width - 8).map((line, index) => `${index === 0 ? 'now     ' : '        '}${line}`)
  const notified = await aboutWhat(wake, found?.name ?? wake.recipient, found?.one.owed?.change ?? wake.change, {
    client,
    table,
  })
  return [
    ...(standing ? now : []),
    ...(notified ? ['', ...describeDelivery(notified.delivery, notified.change.alert.changedAt, width)] : []),
  ]
}

/** The outcome of a change for a recipient. */
async function aboutWhat(
  { fingerprint }: Wake,
  recipient: string,
  key: string,
  { client, table }: Known,
): Promise<{ change: Change; delivery: Delivery } | undefined> {
  const found = await readAlertHistory(client, table, fingerprint, { since: timeIn(key) })
  for await (const change of found?.changes ?? []) {
    if (!change.keys.includes(key)) continue
    const delivery = change.deliveries.find(
      ({ channel, fallbackFor }) => (fallbackFor ? `${channel} for ${fallbackFor}` : channel) === recipient,
    )
    return delivery && { change, delivery }
  }
  return undefined
}
