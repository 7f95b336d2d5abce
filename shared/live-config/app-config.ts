import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  ResourceNotFoundException,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata'
import type { PushedConfig } from '../../schemas/pushed-config.ts'
import { clientOptions, inTime } from '../aws/client.ts'
import type { Source } from './source.ts'

/** How old a function's rules may be, while AppConfig answers. */
const INTERVAL_S = 60
/** An alert waits no longer than this for a poll. */
const TIMEOUT_MS = 1_500

/**
 * The newest config that was pushed and is rolled out to this function, from AWS AppConfig.
 * @param place `application/environment/profile`, by their ids.
 */
export function appConfig(place: string): Source {
  const [ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier] = place.split('/')
  // Made on first use: a start does not need it.
  let client: AppConfigDataClient | undefined
  /** Valid for one call: each answer brings the next one. */
  let token: string | undefined

  async function latest(abortSignal: AbortSignal) {
    client ??= inTime(new AppConfigDataClient({ ...clientOptions, maxAttempts: 2 }))
    if (token === undefined) {
      const session = await client.send(
        new StartConfigurationSessionCommand({
          ApplicationIdentifier,
          EnvironmentIdentifier,
          ConfigurationProfileIdentifier,
          RequiredMinimumPollIntervalInSeconds: INTERVAL_S,
        }),
        { abortSignal },
      )
      token = session.InitialConfigurationToken
    }
    const ConfigurationToken = token
    token = undefined
    const answer = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken }), { abortSignal })
    token = answer.NextPollConfigurationToken
    return answer
  }

  return {
    async poll() {
      const abortSignal = AbortSignal.timeout(TIMEOUT_MS)
      const hadSession = token !== undefined
      try {
        const { Configuration, NextPollIntervalInSeconds = INTERVAL_S } = await latest(abortSignal).catch((error) => {
          // A session ends after a day without a call, and a connection may have broken while Lambda had us frozen.
          if (!hadSession || abortSignal.aborted) throw error
          return latest(abortSignal)
        })
        const nextInMs = NextPollIntervalInSeconds * 1_000
        // Empty: the last document of this session is still the newest.
        if (!Configuration?.length) return { nextInMs }
        return { document: Configuration.transformToString(), nextInMs }
      } catch (error) {
        if (isNothingPushed(error)) return { document: null, nextInMs: INTERVAL_S * 1_000 }
        throw error
      }
    },
    open(document) {
      const { version, base, config } = JSON.parse(document) as PushedConfig
      if (typeof version !== 'string' || typeof base !== 'string') throw new Error('it has no version or no base')
      return { version, base, config }
    },
  }
}

/** A stack whose rules nobody has pushed yet. */
function isNothingPushed(error: unknown): boolean {
  return (
    error instanceof ResourceNotFoundException &&
    (error.ResourceType === 'Deployment' || error.ResourceType === 'Configuration')
  )
}
