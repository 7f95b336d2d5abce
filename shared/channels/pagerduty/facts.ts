import { type ChannelFacts, LONG_WEEKEND_S } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'PagerDuty',
  pages: true,
  opensIncidents: true,
  addressedBy: 'key',
  // PagerDuty accepts about 120 events a minute per key; pace and burst together stay within that in any minute.
  pace: { perMinute: 110, burst: 10 },
  // A call is aborted after 10 s (shared/deliver/invocation.ts); the timeout allows a second one, with its secret read again.
  queue: { timeoutS: 30, retentionS: LONG_WEEKEND_S },
  carries: 'every alert to PagerDuty',
}
