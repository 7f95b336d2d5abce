import type { ChannelConfig, ConfiguredType } from '../../schemas/channel.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { secret } from '../aws/secrets.ts'
import { renderEvidence as emailEvidence } from '../channels/email/evidence.ts'
import { routeOf as emailRoute } from '../channels/email/route-of.ts'
import { send as sendEmail } from '../channels/email/send.ts'
import { renderEvidence as pagerdutyEvidence } from '../channels/pagerduty/evidence.ts'
import { HOSTS } from '../channels/pagerduty/index.ts'
import { keyFor } from '../channels/pagerduty/keys.ts'
import { dedupKey } from '../channels/pagerduty/render.ts'
import { send as sendPagerduty } from '../channels/pagerduty/send.ts'
import { renderEvidence as slackEvidence } from '../channels/slack/evidence.ts'
import { send as sendSlack } from '../channels/slack/send.ts'
import { follow } from '../channels/slack-app/send.ts'
import { worded } from '../channels/template.ts'
import { freeSlots, type Pace, pacedAs, paceOf, reserveSlots } from '../deliver/pace.ts'

const CALL_MS = 5_000

/** Evidence of its own for each channel: three at once, then one in ten seconds. */
const PACE: Pace = { intervalMs: 10_000, burst: 3 }

/** A channel whose vendor takes fewer in a minute gets none: what is sent beside its pace would be felt. */
const LEAST_PER_MINUTE = 20

/** Whether a channel's type takes evidence, and has room for messages beside those of alerts. */
export function hasRoom({ perMinute, type }: ChannelConfig): boolean {
  if (!SENDERS[type]) return false
  return 60_000 / paceOf(type, perMinute).intervalMs >= LEAST_PER_MINUTE
}

/** Whether a channel is at rest: asked before AWS is, whose answers are paid. It takes nothing. */
export async function isAtRest(name: string, config: ChannelConfig, fingerprint: string): Promise<boolean> {
  return (await hasWholeBurst(name, config, fingerprint)) && (await freeSlots(`evidence ${name}`, PACE)) > 0
}

/**
 * Whether evidence may be sent to a channel now. Its target must be at rest, with its whole burst left, so that an alert
 * that comes next waits for nothing; and nothing is taken of the alerts' pace, which this function may not even write.
 */
export async function mayBeSent(name: string, config: ChannelConfig, fingerprint: string): Promise<boolean> {
  if (!(await hasWholeBurst(name, config, fingerprint))) return false
  const { slots } = await reserveSlots(`evidence ${name}`, 1, PACE, 0)
  return slots.length > 0
}

async function hasWholeBurst(name: string, config: ChannelConfig, fingerprint: string): Promise<boolean> {
  const pace = paceOf(config.type, config.perMinute)
  const { lane = undefined } = config.type === 'pagerduty' ? await keyOf(config, fingerprint) : {}
  return (await freeSlots(pacedAs(name, lane), pace)) >= pace.burst
}

/** The integration key of the alert's own incident: one of several. */
async function keyOf({ secret: name }: { secret: string }, fingerprint = '') {
  return keyFor(await secret(name), dedupKey(fingerprint), name)
}

/**
 * Sends it, once: into the thread of the alert's message, if that is known. @throws {ChannelError | Error} unless the channel
 * accepted it.
 */
export async function sendEvidence(
  notification: Notification,
  evidence: Evidence,
  name: string,
  { config, posted }: { config: ChannelConfig; posted: PostedMessage | undefined },
): Promise<void> {
  const to = { channel: name, notificationId: `${notification.id}-evidence`, timeoutMs: CALL_MS, posted }
  const send = SENDERS[config.type] as ((of: Sending<ConfiguredType>) => Promise<void>) | undefined
  await send?.({ notification: worded(notification, config), evidence, config, to })
}

interface Sending<Type extends ConfiguredType> {
  notification: Notification
  evidence: Evidence
  config: Extract<ChannelConfig, { type: Type }>
  to: { channel: string; notificationId: string; timeoutMs: number; posted: PostedMessage | undefined }
}

/** A type that is not here gets alerts, and no evidence. */
const SENDERS: { [Type in ConfiguredType]?: (of: Sending<Type>) => Promise<void> } = {
  slack: async ({ notification, evidence, config, to }) =>
    sendSlack(slackEvidence(notification, evidence), { ...to, target: await secret(config.secret) }),
  'slack-app': async ({ notification, evidence, config, to }) =>
    follow(slackEvidence(notification, evidence), {
      ...to,
      target: await secret(config.secret),
      room: config.channel,
      ...(process.env.SLACK_API && { server: process.env.SLACK_API }),
    }),
  pagerduty: async ({ notification, evidence, config, to }) =>
    sendPagerduty(pagerdutyEvidence(notification, evidence), {
      ...to,
      ...(await keyOf(config, notification.alertKey)),
      server: process.env.PAGERDUTY_SERVER ?? HOSTS[config.region],
    }),
  email: async ({ notification, evidence, config, to }) =>
    sendEmail(emailEvidence(notification, evidence), { ...to, ...emailRoute(config, to.channel) }),
}
