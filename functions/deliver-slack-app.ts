import { secret } from '../shared/aws/secrets.ts'
import { slackApp } from '../shared/channels/slack-app/index.ts'
import { deliverer } from '../shared/deliver/deliver.ts'

const app = slackApp({ hasButtons: process.env.INBOX === 'on' })

/** Posts each notification by its Slack app. SLACK_API names another server, such as a stand-in. */
export const handler = deliverer(app, async (channel, { fresh }) => ({
  target: await secret(channel.secret, { fresh }),
  server: process.env.SLACK_API,
  room: channel.channel,
}))
