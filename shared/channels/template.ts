import Mustache from 'mustache'
import type { ChannelType } from '../../schemas/channel.ts'
import { LABEL_FIELDS, PLAIN_FIELDS, TEMPLATE_FIELDS } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { fieldValues } from '../alert/field.ts'
import * as alertText from './alert-text.ts'
import type { Channel } from './channel.ts'
import { clean, oneLine } from './outside-text.ts'

/**
 * Titles and texts as the config words them: `{{name}} in {{account}}`. Mustache reads them, and no more than that: here
 * a field is its text, a section is there or not, and nothing is looked up but a notification's own facts.
 * Pure; nothing here is escaped for a channel: each does that to the whole, as to any text from outside.
 */

/**
 * Mustache's own form. The types: `text`, `name`, `#` (where there is, with what is inside), `^` (where there is none),
 * `!` (a comment); the rest is refused by the check.
 */
export type Token = [type: string, value: string, start: number, end: number, inner?: Token[]]

/** @throws {Error} when a tag or a section is not closed, in Mustache's words. */
export function parseTemplate(template: string): Token[] {
  return Mustache.parse(template) as Token[]
}

/** The one line that stands in place of a channel's own; `undefined` when there is no template, or nothing to say. */
export function titleOf(notification: Notification): string | undefined {
  const filled = fill(notification.title, notification)
  const title = oneLine(filled.text)
  if (title === '') return undefined
  // A title that was made for what fires must not read as if it still did.
  const isQuiet = notification.alert.status !== 'firing' && !['statusTag', 'status'].some((one) => filled.said.has(one))
  return isQuiet ? `${alertText.statusTag(notification)}: ${title}` : title
}

/** The paragraph that comes first; `undefined` when there is no template, or nothing to say. */
export function textOf(notification: Notification): string | undefined {
  return clean(fill(notification.text, notification).text) || undefined
}

/** The templates of a channel's config, or of a rule. */
type Wording = Pick<Notification, 'title' | 'text'>

/** What a channel with these templates is given to render; a rule's own, which a notification brings along, come first. */
export function worded(notification: Notification, { title, text }: Wording): Notification {
  return { ...notification, title: notification.title ?? title, text: notification.text ?? text }
}

/** The channel in the words of its config. */
export function withTemplates<Payload, Type extends ChannelType>(
  channel: Channel<Payload, Type>,
  wording: Wording,
): Channel<Payload, Type> {
  if (wording.title === undefined && wording.text === undefined) return channel
  const { incidents } = channel
  const inItsWords = (one: Notification) => worded(one, wording)
  return {
    ...channel,
    render: (notification) => channel.render(inItsWords(notification)),
    ...(incidents && {
      incidents: { ...incidents, render: (all, ...about) => incidents.render(all.map(inItsWords), ...about) },
    }),
  }
}

/** More than any channel shows. A template could name a long description a hundred times. */
const MAX_LENGTH = 20_000

interface Filled {
  text: string
  /** The fields whose values are in it. */
  said: Set<string>
}

function fill(template: string | undefined, notification: Notification): Filled {
  const filled: Filled = { text: '', said: new Set() }
  try {
    if (template !== undefined) addTokens(parseTemplate(template), notification, filled)
  } catch {
    // Only what no check has seen: the channel's own words stand.
    return { text: '', said: new Set() }
  }
  return filled
}

function addTokens(tokens: Token[], notification: Notification, filled: Filled): void {
  for (const [type, value, , , inner = []] of tokens) {
    if (filled.text.length > MAX_LENGTH) return
    if (type === 'text') filled.text += value
    if (type === 'name') {
      const text = textOfField(value, notification)
      if (text !== '') filled.said.add(value)
      filled.text += text
    }
    if (type === '#' || type === '^') {
      const isThere = textOfField(value, notification) !== ''
      if (isThere === (type === '#')) addTokens(inner, notification, filled)
    }
  }
}

/** What only a template may name. */
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

/** Cleaned. Empty where the alert has no such thing, and for a field that is none. */
function textOfField(field: string, notification: Notification): string {
  const own = TEMPLATE_FIELDS.find((known) => known === field)
  if (own) return clean(OWN_FIELDS[own](notification) ?? '')
  const { alert, labels = {} } = notification
  const [head = '', ...rest] = field.split('.')
  const label = rest.join('.')
  if (head === 'labels') return Object.hasOwn(labels, label) ? clean(labels[label] ?? '') : ''
  const known: readonly string[] = label === '' ? PLAIN_FIELDS : LABEL_FIELDS
  return known.includes(head) ? clean(fieldValues(alert, field).map(withoutNoise).join(', ')) : ''
}

/** A number without what floating point adds to it: `93.2` for `93.19999999999999`. */
function withoutNoise(value: string): string {
  return /^-?\d+\.\d{10,}$/.test(value) ? String(Number(Number(value).toPrecision(10))) : value
}
