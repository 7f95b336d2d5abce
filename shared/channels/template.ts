import Mustache from 'mustache'
import type { ChannelType } from '../../schemas/channel.ts'
import { LABEL_FIELDS, PLAIN_FIELDS, TEMPLATE_FIELDS } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { fieldValues } from '../alert/field.ts'
import * as alertText from './alert-text.ts'
import type { Channel } from './channel.ts'
import { clean, oneLine } from './outside-text.ts'

/**
 * Titles and texts from the config's templates: `{{name}} in {{account}}`. Mustache only parses them: here a field becomes its
 * text, a section is included or not, and only the notification's own facts are looked up.
 * Pure; nothing here is escaped for a channel: each channel escapes the result, like any text from outside.
 */

/**
 * Mustache's token. Types: `text`, `name`, `#` (included if the field has a value), `^` (included if it has none),
 * `!` (a comment); `rules check` rejects the rest.
 */
export type Token = [type: string, value: string, start: number, end: number, inner?: Token[]]

/** @throws {Error} Mustache's own, when a tag or a section is not closed. */
export function parseTemplate(template: string): Token[] {
  return Mustache.parse(template) as Token[]
}

/** The title that replaces the channel's own; `undefined` when there is no template, or its result is empty. */
export function titleOf(notification: Notification): string | undefined {
  const filled = fill(notification.title, notification)
  const title = oneLine(filled.text)
  if (title === '') return undefined
  // A title written for a firing alert must not read as if the alert still fired.
  const isOther = notification.alert.status !== 'firing' || notification.update !== undefined
  const isQuiet = isOther && !['statusTag', 'status'].some((one) => filled.used.has(one))
  return isQuiet ? `${alertText.statusTag(notification)}: ${title}` : title
}

/** The first paragraph; `undefined` when there is no template, or its result is empty. */
export function textOf(notification: Notification): string | undefined {
  return clean(fill(notification.text, notification).text) || undefined
}

/** The templates of a channel or of a rule. */
type Wording = Pick<Notification, 'title' | 'text'>

/** The notification with the channel's templates; the rule's own, which are already in it, take precedence. */
export function worded(notification: Notification, { title, text }: Wording): Notification {
  return { ...notification, title: notification.title ?? title, text: notification.text ?? text }
}

/** The channel, rendering with the templates of its config. */
export function withTemplates<Payload, Type extends ChannelType>(
  channel: Channel<Payload, Type>,
  wording: Wording,
): Channel<Payload, Type> {
  if (wording.title === undefined && wording.text === undefined) return channel
  const { incidents } = channel
  const withWording = (one: Notification) => worded(one, wording)
  return {
    ...channel,
    render: (notification) => channel.render(withWording(notification)),
    ...(incidents && {
      incidents: { ...incidents, render: (all, ...about) => incidents.render(all.map(withWording), ...about) },
    }),
  }
}

/** More than any channel shows: a template could name a long description a hundred times. */
const MAX_LENGTH = 20_000

interface Filled {
  text: string
  /** The fields that the text names. */
  used: Set<string>
}

function fill(template: string | undefined, notification: Notification): Filled {
  const filled: Filled = { text: '', used: new Set() }
  try {
    addTokens(parseTemplate(template ?? ''), notification, filled)
  } catch {
    // Only for a template that was never checked: the channel's own text is used.
  }
  return filled
}

function addTokens(tokens: Token[], notification: Notification, filled: Filled): void {
  for (const [type, value, , , inner] of tokens) {
    if (filled.text.length > MAX_LENGTH) return
    if (type === 'text') filled.text += value
    if (type === 'name') {
      filled.used.add(value)
      filled.text += textOfField(value, notification)
    }
    if (Array.isArray(inner)) {
      const hasValue = textOfField(value, notification) !== ''
      if (hasValue === (type === '#')) addTokens(inner, notification, filled)
    }
  }
}

/** Fields that only templates have. */
const OWN_FIELDS: Record<(typeof TEMPLATE_FIELDS)[number], (notification: Notification) => string | undefined> = {
  statusTag: alertText.statusTag,
  severity: ({ severity }) => severity,
  rule: ({ rule }) => rule,
  condition: ({ alert }) => alertText.condition(alert),
  changedAt: ({ alert }) => alertText.time(alert.changedAt),
  since: ({ alert, firingSince = alert.status === 'firing' ? alert.changedAt : undefined }) =>
    firingSince && alertText.time(firingSince),
  firedFor: alertText.firedFor,
}

/** The field's text, cleaned. Empty when the alert lacks it, or the field is unknown. */
function textOfField(field: string, notification: Notification): string {
  const own = TEMPLATE_FIELDS.find((known) => known === field)
  if (own) return clean(OWN_FIELDS[own](notification) ?? '')
  const { alert, labels = {}, values = {} } = notification
  const [head = '', ...rest] = field.split('.')
  const label = rest.join('.')
  if (head === 'labels') return Object.hasOwn(labels, label) ? clean(labels[label] ?? '') : ''
  if (head === 'values') return Object.hasOwn(values, label) ? clean(values[label] ?? '') : ''
  const known: readonly string[] = label === '' ? PLAIN_FIELDS : LABEL_FIELDS
  return known.includes(head) ? clean(fieldValues(alert, field).map(withoutNoise).join(', ')) : ''
}

/** A number without floating-point noise: `93.2` for `93.19999999999999`. */
function withoutNoise(value: string): string {
  return /^-?\d+\.\d{10,}$/.test(value) ? String(Number(Number(value).toPrecision(10))) : value
}
