import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
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

/** What each type of channel is. */
export const FACTS: Record<ChannelType, ChannelFacts> = { pagerduty, slack, email, sink }

/** How a message of each type reads. Apart from the facts: a bundle that does not render leaves it out. */
export const READERS: Record<ChannelType, Reader> = {
  pagerduty: pagerdutyReader,
  slack: slackReader,
  email: emailReader,
  sink: sinkReader,
}

/** Does it wake people? */
export function pages(channel: Pick<ChannelConfig, 'type'> | undefined): boolean {
  return channel !== undefined && FACTS[channel.type].pages
}
