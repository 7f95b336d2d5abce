import { createHash } from 'node:crypto'
import type { ChannelType } from '../../schemas/channel.ts'
import { VALUE_FIELD } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { fieldValues } from '../alert/field.ts'
import type { Channel } from '../channels/channel.ts'
import type { AlertState, Owed } from '../decide/alert-state.ts'
import { INCIDENT_PREFIX } from '../decide/shared-incident.ts'

/** A notification that this invocation has claimed: no other one sends it meanwhile. */
export interface Claimed {
  notification: Notification
  /** The alert's key, the recipient in its state, and what it is owed. */
  fingerprint: string
  recipient: string
  owed: Owed
  /** As it was when it was claimed. */
  state: AlertState
  /** Distinguishes this claim from a later one, should ours expire. */
  token: string
  /** Failed attempts so far; waiting as long as a channel asks is not one. */
  tries: number
  /** Since when attempts have failed or waited (ISO 8601). */
  failingSince: string | undefined
  /** A digest with it was refused: it is sent alone. */
  isAlone: boolean
  /** The fallback that was notified in place of this recipient. */
  fallbackTo: string | undefined
  /** The shared incident that the alert joins, or leaves when it ends. */
  incident: string | undefined
  /** Incidents that it leaves first; '' is its own. */
  leaving: string[]
  /** Those that it has already left. */
  left: string[]
  /** Where its message is, in a channel that edits it. */
  posted: PostedMessage | undefined
  /** Since when an earlier message may have been received (ISO 8601), where it can be looked for. */
  inDoubtSince: string | undefined
  /** Since when it has waited, as a member of a shared incident, for the next call. */
  joinedAt: string | undefined
}

/** One message to a channel, and the notifications it carries. */
export interface Message<Payload> {
  /** A notification's own id, or one of the digest. */
  id: string
  carries: Claimed[]
  /** The payload; for a shared incident it is known only under the incident's lease. */
  content: { payload: Payload } | { incident: string }
}

/** A batch of at most this many alerts is sent one by one: a person reads three messages as easily as a digest. */
export const FEW = 3
/** In a storm at most this many critical alerts are sent alone, if the channel's pace has room. */
const CRITICAL_ALONE = 5

/**
 * The messages for a batch of one channel: few alerts one by one, many in digests by severity and `groupBy`, the first
 * critical ones alone. `freeSlots`: how many messages the channel could take right now. Pure.
 *
 * Where a channel has incidents, alerts of one severity and `groupBy` share one; without `groupBy` each has its own.
 */
export function messagesFor<Payload>(
  claimed: Claimed[],
  channel: Pick<Channel<Payload, ChannelType>, 'render' | 'renderDigest' | 'incidents'>,
  { groupBy, freeSlots }: { groupBy: string[] | undefined; freeSlots: number },
): Message<Payload>[] {
  const alone = (one: Claimed): Message<Payload> => ({
    id: one.notification.id,
    carries: [one],
    content: { payload: channel.render(one.notification) },
  })
  const { incidents } = channel
  if (incidents) {
    const byIncident = Map.groupBy(claimed, (one) => (incidents.has(one.notification) ? one.incident : undefined))
    return [...byIncident].flatMap(([incident, carries]) =>
      incident === undefined ? carries.map(alone) : [{ id: idOf(carries), carries, content: { incident } }],
    )
  }
  const { renderDigest } = channel
  if (!renderDigest || claimed.length <= FEW) return claimed.map(alone)

  // A message of its own is edited, whatever else there is to say.
  const isSingle = ({ isAlone, posted }: Claimed) => isAlone || posted?.ts !== undefined
  const single = claimed.filter(isSingle)
  const many = claimed.filter((one) => !isSingle(one))
  const groups = (of: Claimed[]) => [
    ...Map.groupBy(of, ({ notification, posted }) => {
      const { update, groupBy: ofRule = groupBy } = notification
      return `${posted?.thread} ${update?.is} ${groupOf(notification, ofRule)}`
    }).values(),
  ]
  const critical = many.filter(({ notification }) => notification.severity === 'critical')
  // A slot for each digest, the rest for critical alerts.
  const room = Math.max(0, Math.min(CRITICAL_ALONE, freeSlots - groups(many).length))
  single.push(...critical.slice(0, room))
  const inDigests = groups(many.filter((one) => !single.includes(one)))
  return [...single.map(alone), ...inDigests.flatMap((group) => digestsOf(group, alone, renderDigest))]
}

function digestsOf<Payload>(
  group: Claimed[],
  alone: (one: Claimed) => Message<Payload>,
  renderDigest: NonNullable<Channel<Payload>['renderDigest']>,
): Message<Payload>[] {
  const [first] = group
  if (first && group.length === 1) return [alone(first)]
  const byId = new Map(group.map((one) => [one.notification.id, one]))
  return renderDigest(group.map((one) => one.notification)).map(({ payload, notifications }) => {
    // Stryker disable next-line ArrayDeclaration: a digest has only what it was given
    const carries = notifications.flatMap(({ id }) => byId.get(id) ?? [])
    return { id: idOf(carries), carries, content: { payload } }
  })
}

/** PagerDuty allows 255 characters for a dedup key. */
const KEY_LENGTH = 250
const GROUP_LENGTH = 200

/**
 * The dedup key of the incident that an alert shares; `undefined` where it has its own. It contains the stage and the
 * region, because two stacks may share an integration key, and the channel, because two channels may.
 */
export function incidentKey(
  notification: Notification,
  groupBy: string[] | undefined,
  place: { stage: string; region: string },
): string | undefined {
  const fields = notification.groupBy ?? groupBy
  if (!fields) return undefined
  const { stage, region } = place
  const key = `${INCIDENT_PREFIX}${stage} ${region} ${notification.channel}: ${groupOf(notification, fields)}`
  return key.length <= KEY_LENGTH ? key : `${key.slice(0, KEY_LENGTH - 25).toWellFormed()}#${hash(key)}`
}

/** What grouped alerts have in common: `critical, namespace AWS/Lambda, account 123456789012`. */
export function groupOf(notification: Notification, groupBy: string[] = []): string {
  const { severity, alert } = notification
  const values = groupBy.map((field) => `${field} ${valuesIn(notification, field).join('+') || 'none'}`)
  // A drill shares no message and no incident with what is real.
  const drill = alert.drill === undefined ? [] : [`drill ${alert.drill}`]
  const group = [severity, ...drill, ...values].join(', ').toWellFormed()
  if (group.length <= GROUP_LENGTH) return group
  return `${group.slice(0, GROUP_LENGTH - 20).toWellFormed()}#${hash(group)}`
}

function valuesIn({ alert, values = {} }: Notification, field: string): string[] {
  if (!field.startsWith(VALUE_FIELD)) return fieldValues(alert, field)
  const name = field.slice(VALUE_FIELD.length)
  return Object.hasOwn(values, name) ? [values[name] ?? ''] : []
}

function idOf(carries: Claimed[]): string {
  const [first, ...others] = carries.map(({ notification }) => notification.id)
  // Stryker disable next-line ConditionalExpression: there is always a first
  return first !== undefined && others.length === 0 ? first : hash(carries.map((c) => c.notification.id).join(' '))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
