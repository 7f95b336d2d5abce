import { type ChannelFacts, LONG_WEEKEND_S } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'PagerDuty',
  pages: true,
  opensIncidents: true,
  addressedBy: 'key',
  // PagerDuty accepts about 120 events a minute per key; pace and burst together stay within that in any minute.
  pace: { perMinute: 110, burst: 10 },
  // The largest batch without a window: a page never waits for another. A call is aborted after 10 s
  // (shared/deliver/settle.ts); the timeout allows a second one, with the secret fetched again.
  queue: { batchSize: 10, windowS: 0, timeoutS: 30, retentionS: LONG_WEEKEND_S },
  carries: 'every alert to PagerDuty',
}
