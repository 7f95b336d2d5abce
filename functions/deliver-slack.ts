import { secret } from '../shared/aws/secrets.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

/** Posts each notification to its Slack webhook. */
export const handler = deliverer(slack, async (channel, { fresh }) => ({
  target: await secret(channel.secret, { fresh }),
}))
