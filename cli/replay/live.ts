import { sesChannelIn } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { FACTS } from '../../shared/channels/types.ts'
import { UsageError } from '../command.ts'

/** The real channels of `--live`. */
export interface Live {
  /** Names of the channels that really send, and of those that use the stand-ins. */
  channels: string[]
  local: string[]
  /** channel → URL */
  forward: Record<string, string>
  /** secret's name → routing key, or token */
  realSecrets: Record<string, string>
  /** What deliver-email needs to reach the account's own topics. */
  environment: Record<string, string>
}

const PAGERDUTY_URL = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' }
const SLACK_URL = 'https://slack.com/api'

/**
 * Finds each channel's secret in the environment.
 * @throws {UsageError} when there is none, with the names of the variables.
 */
export function liveChannels(config: Config, env: NodeJS.ProcessEnv): Live {
  const live: Live = { channels: [], local: [], forward: {}, realSecrets: {}, environment: {} }
  const looked = new Set<string>()
  for (const [name, channel] of Object.entries(config.channels)) {
    if (sesChannelIn(channel)) {
      // Each run would send real emails that no alert caused, from an address whose reputation they would count against.
      live.local.push(name)
      continue
    }
    const variable = 'secret' in channel ? variableOf(channel.secret) : 'EMAIL_TOPIC_ARN_PREFIX'
    looked.add(variable)
    const value = env[variable]?.trim()
    ;(value ? live.channels : live.local).push(name)
    if (!value) continue
    if (!('secret' in channel)) {
      if (!env.AWS_ACCESS_KEY_ID) {
        throw new UsageError(
          'EMAIL_TOPIC_ARN_PREFIX is set, but there are no AWS credentials in the environment: set them with ' +
            'eval "$(aws configure export-credentials --format env)"',
        )
      }
      const region = value.split(':')[3]
      live.environment = { EMAIL_TOPIC_ARN_PREFIX: value, EMAIL_SERVER: `https://sns.${region}.amazonaws.com` }
    } else if ('region' in channel) {
      live.realSecrets[channel.secret] = value
      live.forward[name] = PAGERDUTY_URL[channel.region]
    } else if (channel.type === 'slack-app') {
      live.realSecrets[channel.secret] = value
      live.forward[name] = SLACK_URL
    } else {
      const { vendor } = FACTS[channel.type]
      if (!URL.canParse(value))
        throw new UsageError(`${variable} is not a URL: it must be a ${vendor} incoming webhook's`)
      live.forward[name] = value
    }
  }
  if (live.channels.length === 0) {
    throw new UsageError(`--live needs at least one secret in the environment: ${[...looked].join(', ')}`)
  }
  return live
}

/** `slack-warning` → `SECRET_SLACK_WARNING` */
function variableOf(secret: string): string {
  return `SECRET_${secret.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`
}
