import type { ChannelConfig } from '../../../schemas/channel.ts'
import { sesChannelIn } from '../../../schemas/channel.ts'
import { environment } from '../../aws/client.ts'
import type { Destination } from '../channel.ts'

/**
 * Where a channel's emails go, by the function's environment.
 * @throws {Error} when the stack did not set it.
 */
export function routeOf(channel: ChannelConfig, name: string): Pick<Destination, 'target' | 'server' | 'ses'> {
  const ses = sesChannelIn(channel)
  if (ses) {
    const configurationSet = process.env.SES_CONFIGURATION_SET
    return { target: ses.from, ses: { ...ses, ...(configurationSet && { configurationSet }) } }
  }
  const server = process.env.EMAIL_SERVER
  return { target: `${environment('EMAIL_TOPIC_ARN_PREFIX')}${name}`, ...(server && { server }) }
}
