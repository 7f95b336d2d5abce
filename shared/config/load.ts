import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../../schemas/config.ts'
import { checkConfig } from './check.ts'

let loaded: { path: string; config: Config } | undefined

/**
 * The config that this function was deployed with: the JSON file that packaging made of `config/alerts.yml`, named by
 * CONFIG_FILE (relative to the function's own folder). Read and checked once, at start.
 * @throws {ConfigError} when it can't be used: the function then fails to start, and what waits in its queue stays there.
 */
export function loadConfig(): Config {
  const path = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', process.env.CONFIG_FILE ?? 'config/alerts.json')
  if (loaded?.path !== path) loaded = { path, config: checkConfig(JSON.parse(readFileSync(path, 'utf8'))) }
  return loaded.config
}
