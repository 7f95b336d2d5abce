import { environment } from '../shared/aws/client.ts'
import { email } from '../shared/channels/email/index.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

/** Publishes each notification to its channel's topic, which emails its subscribers. */
export const handler = deliverer(email, async (_channel, { name }) => ({
  target: `${environment('EMAIL_TOPIC_ARN_PREFIX')}${name}`,
  server: process.env.EMAIL_SERVER,
}))
