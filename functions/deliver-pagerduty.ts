import { secret } from '../shared/aws/secrets.ts'
import { HOSTS, pagerduty } from '../shared/channels/pagerduty/index.ts'
import { keyFor } from '../shared/channels/pagerduty/keys.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

/** Sends each notification to PagerDuty's Events API. PAGERDUTY_SERVER names another host, such as a stand-in. */
export const handler = deliverer(pagerduty, async (channel, { fresh, about = '' }) => ({
  ...keyFor(await secret(channel.secret, { fresh }), about, channel.secret),
  server: process.env.PAGERDUTY_SERVER ?? HOSTS[channel.region],
}))
