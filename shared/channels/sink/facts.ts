import type { ChannelFacts } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'nobody',
  pages: false,
  opensIncidents: false,
  leadsBy: 'nothing',
  pace: { perMinute: 60_000, burst: 1_000 },
  // It calls DynamoDB alone; and an old heartbeat says nothing.
  queue: { batchSize: 10, windowS: 0, timeoutS: 15, retentionS: 3_600 },
  carries: 'the heartbeat, so that nobody hears when the router stops',
}
