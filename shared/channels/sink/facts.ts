import type { ChannelFacts } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'nobody',
  pages: false,
  opensIncidents: false,
  addressedBy: 'nothing',
  pace: { perMinute: 60_000, burst: 1_000 },
  // It only calls DynamoDB, and an old heartbeat is of no use.
  queue: { timeoutS: 15, retentionS: 3_600 },
  carries: 'the heartbeat, so nobody is notified if the router stops',
}
