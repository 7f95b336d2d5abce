import { resolve } from 'node:path'
import { channelsSchema } from '../../schemas/channel.ts'
import { type Config, configSchema } from '../../schemas/config.ts'
import { withNotices } from '../decide/maintenance.ts'
import { withHeartbeat, withHeartbeatChannel } from '../observe/heartbeat.ts'

/*
 * What a function takes from a config. Whoever packaged or pushed it has checked it: checking compiles every pattern, and a
 * start can't wait for that. Of what was pushed the shape is looked at once more. What is packaged lies beside the function's
 * own code, and is taken as that is: to look at it takes a tenth of a start.
 */

/**
 * All of it, for `route`.
 * @throws {ZodError} when it has another shape.
 */
export function rulesIn(config: unknown, isPackaged: boolean): Config {
  const rules = isPackaged ? (config as Config) : configSchema.parse(config, { jitless: true })
  return withHeartbeat(withNotices(rules))
}

/** As `rulesIn`, of the channels alone: all that a deliverer needs. */
export function channelsIn(config: unknown, isPackaged: boolean): Config['channels'] {
  const { channels } = config as Pick<Config, 'channels'>
  return withHeartbeatChannel(isPackaged ? channels : channelsSchema.parse(channels, { jitless: true }))
}

/**
 * The file that holds the config that a function was deployed with: packaging made it of `config/alerts.yml`. CONFIG_FILE
 * names it, relative to the function's own folder.
 */
export function configFile(): string {
  return resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
}
