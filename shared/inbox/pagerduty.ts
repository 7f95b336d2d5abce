import { asText } from '../../schemas/loose.ts'
import { isSigned } from '../answers/signature.ts'
import { shorten } from '../channels/outside-text.ts'
import { referenceIn } from '../channels/pagerduty/reference.ts'
import type { Decision, Sender } from './decision.ts'
import { fields, fieldsIn, type Refusal, type Request, refuse, text } from './request.ts'
import { type Does, idIn, nameIn, noteIn, timeIn } from './wish.ts'

/*
 * Webhooks v3 of PagerDuty: a signature over the body, without a time; each event has an id, by which a repetition is known.
 * PagerDuty retries after 5xx, and disables a subscription after three 4xx: only a forgery gets one. Pure.
 */

/** A note that the router writes to an incident begins so: when it comes back, it is no news. */
export const OWN_NOTE = 'alert-router: '
/** As our events say (shared/channels/pagerduty/render.ts). */
const OWN_CLIENT = 'alert-router'

const HEADER = 'x-pagerduty-signature'
/**
 * Longer than PagerDuty retries, and shorter than an event's mark is kept (shared/store/answers.ts): what somebody has kept
 * does nothing a second time.
 */
const MAX_AGE_MS = 7 * 86_400_000

export const PAGERDUTY: Sender = { secret: 'pagerduty-webhook', before, decide }

function before({ method, headers }: Request): Refusal | undefined {
  if (method !== 'POST') return refuse('method', 405, 'POST only.', { allow: 'POST' })
  if (signaturesIn(headers[HEADER]).length === 0) return refuse('unsigned', 401, 'No signature.')
  return undefined
}

/** `v1=…,v1=…`: one for each secret of the subscription. */
function signaturesIn(header = ''): string[] {
  return header.split(',').flatMap((one) => /^\s*v1=(\S+)\s*$/.exec(one)?.[1] ?? [])
}

function decide({ headers, body }: Request, secrets: string[], now: Date): Decision {
  if (!isSigned(signaturesIn(headers[HEADER]), secrets, [body])) return refuse('signature', 403, 'Wrong signature.')
  const event = fields(fieldsIn(body.toString()).event)
  const { event_type: type } = event
  const at = timeIn(event.occurred_at)
  const nothing: Decision = { do: 'answer', response: text(200), unused: shorten(asText(type) ?? 'no event', 100) }
  if (typeof type !== 'string' || typeof event.id !== 'string' || event.id === '') return nothing
  if (at === undefined || now.getTime() - Date.parse(at) > MAX_AGE_MS) return nothing
  const { incident, key } = incidentIn(event)
  if (incident === undefined) return nothing
  const does = isOurs(event) || !Object.hasOwn(KNOWN, type) ? undefined : KNOWN[type]?.(event)
  if (does) {
    const about = { incident, ...(key !== undefined && { key }) }
    const wish = {
      id: `pagerduty ${idIn(event.id)}`,
      about,
      does,
      by: byWhom(event),
      via: 'pagerduty' as const,
      at,
    }
    return { do: 'order', wish, shows: 'nothing' }
  }
  return key !== undefined && type === 'incident.triggered' ? { do: 'remember', incident, key } : nothing
}

/** What is known of the incident: its id; the dedup key, where PagerDuty gives it, or our own event comes back. */
function incidentIn(event: Record<string, unknown>): { incident?: string; key?: string } {
  const data = fields(event.data)
  const id = data.type === 'incident' ? data.id : fields(data.incident).id
  if (typeof id !== 'string' || id === '') return {}
  const key = [data.incident_key, referenceIn(fields(event.client).url)].find(
    (one) => typeof one === 'string' && one !== '',
  )
  return { incident: idIn(id), ...(typeof key === 'string' && { key: key.toWellFormed() }) }
}

const isPerson = ({ agent }: Record<string, unknown>) => fields(agent).type === 'user_reference'

/**
 * What we sent PagerDuty comes back as its news: an event of our integration is no person's, and has our name where a
 * person's has PagerDuty's.
 */
function isOurs(event: Record<string, unknown>): boolean {
  return fields(event.client).name === OWN_CLIENT
}

/** By type; `undefined`: it changes nothing here. */
const KNOWN: Record<string, (event: Record<string, unknown>) => Does | undefined> = {
  'incident.acknowledged': (event) => (isPerson(event) ? { acknowledge: true } : undefined),
  // By nobody, when its time is up.
  'incident.unacknowledged': () => ({ unacknowledge: true }),
  // By nobody: our own resolve, or PagerDuty gave up on it. It still fires here.
  'incident.resolved': (event) => (isPerson(event) ? { resolve: true } : undefined),
  'incident.reassigned': ({ data }) => {
    const { assignees } = fields(data)
    const names = (Array.isArray(assignees) ? assignees : []).map((one) => nameIn([fields(one).summary], ''))
    const to = names.filter((name) => name !== '').join(', ')
    return { note: noteIn(`Reassigned in PagerDuty${to && ` to ${to}`}`) }
  },
  'incident.annotated': ({ data }) => {
    const { content } = fields(data)
    if (typeof content !== 'string' || content.startsWith(OWN_NOTE)) return undefined
    const note = noteIn(content)
    return note === '' ? undefined : { note }
  },
}

function byWhom(event: Record<string, unknown>): string {
  return isPerson(event) ? nameIn([fields(event.agent).summary], 'somebody') : 'PagerDuty'
}
