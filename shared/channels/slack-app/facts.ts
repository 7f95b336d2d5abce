import { type ChannelFacts, LONG_WEEKEND_S } from '../facts.ts'

export const facts: ChannelFacts = {
  vendor: 'Slack',
  pages: false,
  opensIncidents: false,
  addressedBy: 'token',
  // chat.postMessage takes about one message a second in a channel, and "short bursts".
  pace: { perMinute: 60, burst: 5 },
  queue: { timeoutS: 30, retentionS: LONG_WEEKEND_S },
  carries: 'every alert to Slack by the app',
}
