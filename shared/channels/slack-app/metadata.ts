import type { Mark } from './render.ts'

/*
 * What each message says of itself to programs, so that it can be found again. Slack returns it to whoever asks for it, and
 * takes about 16 KB: a digest of a hundred alerts has 4. Pure but for the stage's name.
 */

const EVENT_TYPE = 'alert_router'

interface Metadata {
  event_type: string
  event_payload: { router: string; carries: string }
}

export function metadataOf(carries: Mark[]): Metadata {
  const all = carries.map(({ alert, id }) => `${alert}/${id}`).join(' ')
  return { event_type: EVENT_TYPE, event_payload: { router: router(), carries: all } }
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
  return [process.env.STAGE, process.env.AWS_REGION].join(' ')
}
