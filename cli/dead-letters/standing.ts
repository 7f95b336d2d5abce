import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DeadLetter } from '../../local/letters.ts'
import type { Wake } from '../../schemas/wake.ts'
import { time } from '../../shared/channels/alert-text.ts'
import type { Recipient } from '../../shared/decide/alert-state.ts'
import { waitingOf } from '../../shared/decide/waiting.ts'
import type { Change, Delivery, State } from '../history/alert-history.ts'
import { describeDelivery } from '../history/delivery-text.ts'
import { readDelivery, readState, readStory } from '../history/find.ts'
import { timeIn } from '../history/items.ts'
import { wrapped } from '../history/lines.ts'
import { describeRecipient } from '../history/now.ts'

/** The table that knows what letters are about. */
export interface Known {
  client: DynamoDBClient
  table: string
}

/** What a letter is worth by now. */
export type Standing =
  /** To be put back; `wake`: to whom, where that one has another name by now. */
  { isOwed: true; wake?: Wake; why?: string } | { isOwed: false; why: string }

/** Whether what a letter was to bring about is still to be done. */
export async function standingOf({ wake }: DeadLetter, { client, table }: Known): Promise<Standing> {
  if (!wake) return { isOwed: true }
  const state = await readState(client, table, wake.fingerprint)
  if (!state?.recipients) return { isOwed: true, why: 'whether it is still owed is not known' }
  const found = recipientOf(state, wake)
  if (!found) return { isOwed: false, why: `no longer owed: ${wake.recipient} is not told of this alert any more` }
  const { name, one } = found
  const isSame = name === wake.recipient && one.channel === wake.channel
  const now = isSame ? wake : { ...wake, recipient: name, channel: one.channel }
  // It may lie behind what is told before it.
  if (waitingOf(one as Recipient).some(({ dead, change }) => dead && change === wake.change))
    return { isOwed: true, wake: now }
  if (one.owed?.until) return { isOwed: false, why: `held until ${time(one.owed.until)}, and told then` }
  if (one.owed) return { isOwed: true, wake: now }
  if (one.passed && (!one.notified || one.notified.at < one.passed.at)) {
    return { isOwed: false, why: `no longer owed: it was over, as of ${time(one.passed.at)}, before it could be told` }
  }
  const since = one.notified ? ` since ${time(one.notified.notifiedAt)}` : ''
  return { isOwed: false, why: `no longer owed: it knows all that it should${since}` }
}

/** A channel may have another name by now: what it is owed is the same. */
function recipientOf({ recipients = {} }: State, { recipient, change }: Wake) {
  const one = recipients[recipient]
  if (one) return { name: recipient, one }
  const [found] = Object.entries(recipients).filter(([, of]) =>
    waitingOf(of as Recipient).some((mark) => mark.dead && mark.change === change),
  )
  return found && { name: found[0], one: found[1] }
}

/** SQS says nothing of what it gave up on; our own code does. */
export function saysLittle({ wake, about }: DeadLetter): boolean {
  return wake !== undefined && about.startsWith(wake.fingerprint)
}

/** What it is about, of a letter that does not say it itself. */
export async function aboutOf(letter: DeadLetter, { client, table }: Known): Promise<string> {
  const { wake, about } = letter
  if (!wake || !saysLittle(letter)) return about
  const state = await readState(client, table, wake.fingerprint)
  if (!state) return about
  return `${state.title} (${state.recipients?.[wake.recipient]?.owed?.status ?? state.status}) → ${wake.recipient}`
}

/** What happened to the recipient whom it was to wake, or to the notification that it is. */
export async function storyOf(letter: DeadLetter, { client, table }: Known, width: number): Promise<string[]> {
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

/** What became of a change for a recipient. */
async function aboutWhat(
  { fingerprint }: Wake,
  recipient: string,
  key: string,
  { client, table }: Known,
): Promise<{ change: Change; delivery: Delivery } | undefined> {
  const story = await readStory(client, table, fingerprint, { since: timeIn(key) })
  for await (const change of story?.changes ?? []) {
    if (!change.keys.includes(key)) continue
    const delivery = change.deliveries.find(
      ({ channel, fallbackFor }) => (fallbackFor ? `${channel} for ${fallbackFor}` : channel) === recipient,
    )
    return delivery && { change, delivery }
  }
  return undefined
}
