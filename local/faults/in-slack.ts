import type { Notification } from '../../schemas/notification.ts'
import { markOf } from '../../shared/channels/slack-app/render.ts'
import type { Engine } from '../engine.ts'
import type { Captured, SlackMessage } from '../stand-ins/index.ts'
import type { RunAlarm } from './alarms.ts'

/** What an app's channels show of a run's alarms, by what each message says of itself. */
export interface InSlack {
  /** How often each kind of update about an alarm was posted in a channel: `{ 'reminder-1': 1 }`. */
  updates(alarm: RunAlarm, channel: string): Map<string, number>
  /** The alarm's own message in a channel, as it is now; those in a digest have none. */
  own(alarm: RunAlarm, channel: string): SlackMessage | undefined
}

export function inSlack(engine: Pick<Engine, 'slack-app'>): InSlack {
  const updates = new Map<string, Map<string, number>>()
  const owns = new Map<string, SlackMessage>()
  for (const message of engine['slack-app'].messages) {
    const carried = carriedIn(message.metadata)
    for (const entry of carried) {
      const { alert, update } = partsOf(entry)
      if (carried.length === 1 && message.threadTs === undefined) owns.set(alert, message)
      const counted = updates.get(alert) ?? new Map<string, number>()
      if (update !== undefined) counted.set(update, (counted.get(update) ?? 0) + 1)
      updates.set(alert, counted)
    }
  }
  const keyOf = ({ fingerprint }: RunAlarm, channel: string) =>
    markOf({ id: '', alert: { fingerprint }, channel } as Notification).alert
  return {
    updates: (alarm, channel) => updates.get(keyOf(alarm, channel)) ?? new Map(),
    own: (alarm, channel) => owns.get(keyOf(alarm, channel)),
  }
}

/** What a message carries, as its metadata says: an alert for a recipient, and the notification's id. */
export function carriedIn(metadata: unknown): string[] {
  const { event_payload: { carries } = {} } = (metadata ?? {}) as { event_payload?: { carries?: string } }
  return typeof carries === 'string' ? carries.split(' ').filter(Boolean) : []
}

/** The same of a request to post one. */
export function carriedBy({ body }: Pick<Captured, 'body'>): string[] {
  return carriedIn((body as { metadata?: unknown }).metadata)
}

/** An id has 22 characters; that of an update, its name, too. */
function partsOf(entry: string): { alert: string; update: string | undefined } {
  const [alert = '', id = ''] = entry.split('/')
  const update = id.length > ID_LENGTH ? id.slice(ID_LENGTH + 1) : undefined
  return { alert, update }
}

const ID_LENGTH = 22
