import { resolve } from 'node:path'
import type { Config } from '../../schemas/config.ts'
import { withNotices } from '../decide/maintenance.ts'
import { withSilenceNotices } from '../decide/silence-notices.ts'
import { withHeartbeat, withHeartbeatChannel } from '../observe/heartbeat.ts'
import { channelsOf, configOf } from './pushed.ts'

/*
 * The part of a config that a function needs. Whoever packaged or pushed it has checked it: a check compiles every
 * pattern, too slow for a start. The shape of a pushed config is validated again. The packaged one lies beside the
 * function's own code and is trusted like it: validating it takes a tenth of a start.
 */

/**
 * The whole config, for `route`.
 * @throws {ZodError} when its shape is wrong.
 */
export function rulesIn(config: unknown, isPackaged: boolean): Config {
  const rules = isPackaged ? (config as Config) : configOf(config)
  return withHeartbeat(withSilenceNotices(withNotices(rules)))
}

/** As `rulesIn`, for the channels alone: all that a deliverer needs. */
export function channelsIn(config: unknown, isPackaged: boolean): Config['channels'] {
  const { channels } = config as Pick<Config, 'channels'>
  return withHeartbeatChannel(isPackaged ? channels : channelsOf(channels))
}

/**
 * The file with the config that a function was deployed with; packaging makes it from `config/alerts.yml`. CONFIG_FILE
 * names it, relative to the function's own folder.
 */
export function configFile(): string {
  return resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
}
