import { createHash } from 'node:crypto'
import type { Notification } from '../../../schemas/notification.ts'
import { buttonValue } from '../../answers/button.ts'
import { firingIn } from '../../answers/link.ts'
import type { Digest } from '../channel.ts'
import { renderDigest as renderSlackDigest, renderDigestNow as renderSlackDigestNow } from '../slack/digest.ts'
import { type Button, plain, type SlackPayload } from '../slack/message.ts'
import { headlineOf, renderBrief, renderWith, firstLine as slackFirstLine } from '../slack/render.ts'

/**
 * An alert's message, in all the forms in which it may be needed: which one is, depends on whether Slack has the alert's
 * message already. Pure data.
 */
export interface SlackAppPayload {
  /** Where there is none yet: a new message. */
  whole: SlackPayload
  /** What the message becomes, where there is one. A digest edits nothing. */
  edit?: SlackPayload
  /** What its thread gets then, besides. `isBroadcast`: shown in the channel, too. */
  reply?: { message: SlackPayload; isBroadcast: boolean }
  /** The notifications that it carries, as its metadata names them. */
  carries: Mark[]
}

/** What a message's metadata says of a notification: everybody in the workspace may read it, so both are hashes. */
export interface Mark {
  /** The alert, for one recipient: the same for all that is sent about it. */
  alert: string
  /** The notification's id. */
  id: string
}

/** Whether to show the answer buttons: without the inbox, Slack would show an error at each press. */
export interface Buttons {
  hasButtons: boolean
}

export function render(notification: Notification, { hasButtons }: Buttons): SlackAppPayload {
  const own = hasButtons ? buttonsOf(notification) : []
  const reply = replyTo(notification)
  return {
    whole: renderWith(notification, own),
    edit: asItStands(notification, own),
    ...(reply !== undefined && { reply: { message: renderBrief(notification), isBroadcast: reply === 'broadcast' } }),
    carries: [markOf(notification)],
  }
}

export function renderDigest(notifications: Notification[]): Digest<SlackAppPayload>[] {
  return renderSlackDigest(notifications).map(({ payload, notifications: carried }) => ({
    payload: { whole: payload, carries: carried.map(markOf) },
    notifications: carried,
  }))
}

export function renderDigestNow(notifications: Notification[]): SlackAppPayload {
  return { whole: renderSlackDigestNow(notifications), carries: [] }
}

export function firstLine({ whole }: SlackAppPayload): string {
  return slackFirstLine(whole)
}

/** Of a message that was edited, as long as somebody works on it, the first word says so. */
function asItStands({ update, ...notification }: Notification, own: Button[]): SlackPayload {
  const { acknowledged } = notification
  const message = renderWith(notification, own)
  if (!acknowledged) return message
  const text = headlineOf({ ...notification, update: { is: 'acknowledged', ...acknowledged } })
  const [attachment] = message.attachments
  return { ...message, text, attachments: [{ ...attachment, fallback: text }] }
}

/**
 * What an edit alone does not show, because Slack notifies nobody of one: that it fires again, or fired and ended unnoticed,
 * is said in the channel. What nobody has to act on is left to the edit.
 */
function replyTo({ alert, update, missed, firingSince }: Notification): 'broadcast' | 'thread' | undefined {
  if (update) {
    if (update.is === 'acknowledged') return undefined
    return update.is === 'escalation' ? 'broadcast' : 'thread'
  }
  if (missed || alert.status === 'firing') return 'broadcast'
  if (alert.status === 'resolved') return undefined
  // Of an alert that fires already, to lose its data is no second firing.
  return firingSince === undefined ? 'broadcast' : 'thread'
}

/** Longer keys are of no alarm, and would take the room of its text. */
const MAX_VALUE = 1_000

/** The answer buttons (shared/inbox/slack.ts): as long as it fires, and nobody works on it yet. */
function buttonsOf(notification: Notification): Button[] {
  const firing = firingIn(notification)
  if (!firing) return []
  const value = buttonValue({ alert: firing.alert, since: firing.episode })
  if (value.length > MAX_VALUE || !value.isWellFormed()) return []
  const silence: Button = { type: 'button', text: plain('Silence 1h'), value, action_id: 'silence' }
  if (notification.acknowledged) return [silence]
  return [{ type: 'button', text: plain('Acknowledge'), value, action_id: 'acknowledge', style: 'primary' }, silence]
}

/** What `find` looks for. */
export function markOf({ id, alert, alertKey, channel, fallbackFor }: Notification): Mark {
  const parts = [alertKey ?? alert.fingerprint, channel, fallbackFor?.channel ?? '']
  return { alert: createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12), id }
}
