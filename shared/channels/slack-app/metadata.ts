import { namingRegion } from '../../observe/regions.ts'
import type { Mark } from './render.ts'

/*
 * What each message says of itself to programs, so that it can be found again. Slack returns it to whoever asks for it, and
 * takes about 16 KB: a digest of a hundred alerts has 4. Pure but for the stage's name.
 */

const EVENT_TYPE = 'alert_router'

interface Metadata {
  event_type: string
  /** `digest`: the id of one. */
  event_payload: { router: string; carries: string; digest?: string }
}

/** @param id of the message. */
export function metadataOf(carries: Mark[], id: string): Metadata {
  const all = carries.map(({ alert, id }) => `${alert}/${id}`).join(' ')
  const digest = carries.length > 1 ? { digest: id } : {}
  return { event_type: EVENT_TYPE, event_payload: { router: router(), carries: all, ...digest } }
}

/** Which digest a message is, if it is one of this router. */
export function digestIn(metadata: unknown): string | undefined {
  const { digest } = ((metadata ?? {}) as Partial<Metadata>).event_payload ?? {}
  return typeof digest === 'string' && carriedBy(metadata).length > 1 ? digest : undefined
}

/** What a message of this router carries; nothing of any other's. */
export function carriedBy(metadata: unknown): Mark[] {
  const { event_type: type, event_payload: payload } = (metadata ?? {}) as Partial<Metadata>
  if (type !== EVENT_TYPE || payload?.router !== router() || typeof payload.carries !== 'string') return []
  return payload.carries
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const [alert = '', id = ''] = one.split('/')
      return { alert, id }
    })
}

/** Two stages may share a Slack channel. */
function router(): string {
  return [process.env.STAGE, namingRegion()].join(' ')
}
