import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, channelsSchema, configSchema } from '../../schemas/config.ts'
import { withHeartbeat, withHeartbeatChannel } from '../heartbeat.ts'
import { withNotices } from '../maintenance.ts'

/**
 * The config that this function was deployed with: the JSON file that packaging made of `config/alerts.yml`, named by
 * CONFIG_FILE (relative to the function's own folder). Read once, at start. Packaging has checked it: here only its
 * shape is looked at, for checking compiles every pattern, and a start can't wait for that.
 * @throws {ZodError} when it has another shape: the function then fails to start, and what waits in its queue stays there.
 */
export function loadConfig(): Config {
  return withHeartbeat(withNotices(configSchema.parse(readConfigFile(), { jitless: true })))
}

/** As `loadConfig`, of the channels alone: all that a deliverer needs. */
export function loadChannels(): Config['channels'] {
  const { channels } = readConfigFile() as { channels?: unknown }
  return withHeartbeatChannel(channelsSchema.parse(channels, { jitless: true }))
}

function readConfigFile(): unknown {
  const path = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
  return JSON.parse(readFileSync(path, 'utf8'))
}
