import { type ChannelFacts, LONG_WEEKEND_S } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'email (SNS)',
  pages: false,
  opensIncidents: false,
  addressedBy: 'topic',
  // SNS sends about ten emails a second to an address: more than anybody reads.
  pace: { perMinute: 60, burst: 10 },
  queue: { timeoutS: 30, retentionS: LONG_WEEKEND_S },
  carries: 'every alert by email',
}
