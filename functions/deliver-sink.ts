import { sink } from '../shared/channels/sink/index.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

/** Ends the heartbeat's path, as any other channel's function ends an alert's. */
export const handler = deliverer(sink, async () => ({ target: 'nobody' }))
