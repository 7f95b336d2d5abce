import { asObject, asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash, topicName } from './draft.ts'
import { asLines, type Fact, factsOf, isSecret } from './facts.ts'
import { nearlyEvent } from './notes.ts'
import { saysOver } from './other-event.ts'
import { HIDDEN } from './secret-value.ts'
import { firstLine } from './text.ts'

/** Any other published message: shown with its text. */

export function textMessage(text: string, envelope: Envelope): Draft {
  return message(text, envelope, {
    title: headline(envelope.subject) ?? firstLine(text) ?? envelope.subject,
    description: text,
  })
}

export function jsonMessage(content: Json | unknown[] | string | number | boolean | null, envelope: Envelope): Draft {
  const facts = factsOf(content)
  const object = asObject(content) ?? {}
  return message(JSON.stringify(facts), envelope, {
    title: headline(envelope.subject) ?? titleIn(facts) ?? facts[0]?.join(': ') ?? envelope.subject,
    description: asLines(facts),
    source: scalar(object, 'source'),
    notes: nearlyEvent(object),
    declaredSeverity: saysOver(object) ? undefined : (scalar(object, 'severity') ?? meant(scalar(object, 'level'))),
    details: { ...attributesShown(envelope), ...Object.fromEntries(facts) },
  })
}

function message(text: string, envelope: Envelope, draft: Partial<Draft>): Draft {
  const topic = topicName(envelope.topic)
  return {
    details: attributesShown(envelope),
    ...draft,
    kind: 'message',
    // The same message delivered twice is one alert.
    fingerprint: `message:${hash(envelope.topic, envelope.subject, text)}`,
    title: draft.title ?? (topic ? `Message from ${topic}` : 'Message without content'),
    resource: topic,
  }
}

/** Subjects that say nothing: `AWS Notification Message` is SNS's default for emails. */
const EMPTY_SUBJECTS: ReadonlySet<string> = new Set([
  ...['', 'no subject', 'without subject', 'none', 'notification', 'message', 'alert', 'alarm', 'event'],
  ...['notification message', 'aws notification message', 'aws notification', 'aws message'],
  ...['sns', 'aws sns', 'amazon sns'].flatMap((sns) => [sns, `${sns} notification`, `${sns} message`]),
])

/** The subject if it is informative. Only a whole subject counts as empty: `Lambda alarm` does say what it is about. */
function headline(subject: string | undefined): string | undefined {
  const words = subject?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const bare = words.join(' ').replace(/^(?:an?|the|new) /, '')
  return EMPTY_SUBJECTS.has(bare) || EMPTY_SUBJECTS.has(bare.replace(/s$/, '')) ? undefined : subject
}

/** Keys whose value names the subject of a message, best first. */
const TITLE_KEYS = [
  ...['title', 'subject', 'summary', 'headline', 'alertname', 'message', 'msg', 'text', 'body', 'event_message'],
  ...[
    'event message',
    'name',
    'event',
    'eventname',
    'eventtype',
    'event_type',
    'alert',
    'error',
    'description',
    'type',
  ],
]

/** At the top first, then one level down. */
function titleIn(facts: Fact[]): string | undefined {
  const shown = facts.filter(([, value]) => value.length > 1)
  for (const depth of [1, 2]) {
    const here = new Map(
      shown
        .filter(([label]) => label.split('.').length === depth)
        .map(([label, value]) => [label.slice(label.lastIndexOf('.') + 1).toLowerCase(), value] as const)
        .reverse(),
    )
    for (const key of TITLE_KEYS) {
      const value = here.get(key)
      if (value !== undefined) return firstLine(value)
    }
  }
  return undefined
}

function scalar(object: Json, key: string): string | undefined {
  return typeof object[key] === 'string' ? asText(object[key]) : undefined
}

/** A level may be a severity, or a battery's or a game's level: only loggers' words for problems count. */
function meant(level: string | undefined): string | undefined {
  return /^\s*(?:error|err|fatal|critical|warn|warning)\s*$/i.test(level ?? '') ? level : undefined
}

/** The message's attributes, with secrets hidden. */
function attributesShown({ attributes = {} }: Envelope): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, isSecret(name) ? HIDDEN : text]))
}
