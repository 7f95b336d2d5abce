import { secret } from '../shared/aws/secrets.ts'
import { HOSTS, pagerduty } from '../shared/channels/pagerduty/index.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

/** Sends each notification to PagerDuty's Events API. PAGERDUTY_SERVER names another host, such as a stand-in. */
export const handler = deliverer(pagerduty, async (channel, { fresh }) => ({
  target: await secret(channel.secret, { fresh }),
  server: process.env.PAGERDUTY_SERVER ?? HOSTS[channel.region],
}))
