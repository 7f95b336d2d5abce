import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, channelsSchema } from '../../schemas/config.ts'
import { checkConfig } from './check.ts'

/**
 * The config that this function was deployed with: the JSON file that packaging made of `config/alerts.yml`, named by
 * CONFIG_FILE (relative to the function's own folder). Read and checked once, at start.
 * @throws {ConfigError} when it can't be used: the function then fails to start, and what waits in its queue stays there.
 */
export function loadConfig(): Config {
  return checkConfig(readConfigFile())
}

/** As `loadConfig`, of the channels alone: all that a deliverer needs, and checks. */
export function loadChannels(): Config['channels'] {
  const { channels } = readConfigFile() as { channels?: unknown }
  return channelsSchema.parse(channels, { jitless: true })
}

function readConfigFile(): unknown {
  const path = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
  return JSON.parse(readFileSync(path, 'utf8'))
}
