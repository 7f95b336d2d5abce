import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { FACTS } from '../shared/channels/types.ts'

/** The queue of what follows alerts, and how it feeds its function; on this machine, too. */
export const EVIDENCE = {
  functionName: 'evidence',
  queue: 'evidence',
  /** Twenty for the answers, five for a channel, the rest for the table. */
  timeoutS: 45,
  /** One alert does not wait for another's answers. */
  batchSize: 1,
  /** Channels take some seconds, and gather for five. */
  delayS: 6,
  /** Then SQS drops it. The function itself stops a little before, and counts it. */
  retentionS: 300,
} as const

/** The types whose recipients get evidence: all but the heartbeat's. */
const EVIDENCE_TYPES = CHANNEL_TYPES.filter((type) => FACTS[type].addressedBy !== 'nothing')

/** Of which wake-ups it gets a copy: it follows firings alone. By attributes, as those of the deliverers. */
export const EVIDENCE_FILTER = { channelType: EVIDENCE_TYPES, status: ['firing'] }
