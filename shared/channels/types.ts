import { type ChannelConfig, type ChannelType, sesChannelIn } from '../../schemas/channel.ts'
import type { Reader } from './channel.ts'
import { facts as email } from './email/facts.ts'
import { reader as emailReader } from './email/reader.ts'
import type { ChannelFacts } from './facts.ts'
import { facts as pagerduty } from './pagerduty/facts.ts'
import { reader as pagerdutyReader } from './pagerduty/reader.ts'
import { facts as sink } from './sink/facts.ts'
import { reader as sinkReader } from './sink/reader.ts'
import { facts as slack } from './slack/facts.ts'
import { reader as slackReader } from './slack/reader.ts'
import { facts as slackApp } from './slack-app/facts.ts'
import { reader as slackAppReader } from './slack-app/reader.ts'

/** The facts of each channel type. */
export const FACTS: Record<ChannelType, ChannelFacts> = { pagerduty, slack, 'slack-app': slackApp, email, sink }

/** A reader for each channel type. Kept apart from the facts, so that bundles that do not render leave it out. */
export const READERS: Record<ChannelType, Reader> = {
  pagerduty: pagerdutyReader,
  slack: slackReader,
  'slack-app': slackAppReader,
  email: emailReader,
  sink: sinkReader,
}

/** Who delivers a channel's messages. Two channels of one vendor fail together. */
export function vendorOf(channel: ChannelConfig): string {
  return sesChannelIn(channel) ? 'email (SES)' : FACTS[channel.type].vendor
}

/** Whether the channel wakes people. */
export function pages(channel: Pick<ChannelConfig, 'type'> | undefined): boolean {
  return channel !== undefined && FACTS[channel.type].pages
}
