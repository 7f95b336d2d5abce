import { resolve } from 'node:path'
import { type Config, channelsSchema, configSchema } from '../../schemas/config.ts'
import { withHeartbeat, withHeartbeatChannel } from '../heartbeat.ts'
import { withNotices } from '../maintenance.ts'

/*
 * What a function takes from a config: the shape is looked at here. Whoever packaged or pushed it has checked it; checking
 * compiles every pattern, and a start can't wait for that.
 */

/**
 * All of it, for `route`.
 * @throws {ZodError} when it has another shape.
 */
export function rulesIn(config: unknown): Config {
  return withHeartbeat(withNotices(configSchema.parse(config, { jitless: true })))
}

/** As `rulesIn`, of the channels alone: all that a deliverer needs. */
export function channelsIn(config: unknown): Config['channels'] {
  const { channels } = config as { channels?: unknown }
  return withHeartbeatChannel(channelsSchema.parse(channels, { jitless: true }))
}

/**
 * The file that holds the config that a function was deployed with: packaging made it of `config/alerts.yml`. CONFIG_FILE
 * names it, relative to the function's own folder.
 */
export function configFile(): string {
  return resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
}
