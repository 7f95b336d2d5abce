import { type PushedConfig, pushedConfigSchema } from '../../schemas/pushed-config.ts'
import { ConfigError, checkConfig, pathText } from './check.ts'
import { runCases } from './run-cases.ts'
import { versionOf } from './version.ts'

/**
 * What stands in the way of a pushed config, a line each: the config's own check first, then its cases. None: it may go
 * live. Pure.
 */
export function problemsOfPushed(document: string): string[] {
  let data: PushedConfig
  try {
    data = JSON.parse(document) as PushedConfig
  } catch (error) {
    return [`is not JSON: ${(error as Error).message}. "npm run rules -- push" makes what belongs here`]
  }
  try {
    // In the words of the check rather than in those of the schema.
    const config = checkConfig(data?.config)
    const shape = pushedConfigSchema.safeParse(data, { jitless: true })
    if (!shape.success) return shape.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`)
    if (data.version !== versionOf(JSON.stringify(data.config))) {
      return ['version: is not that of this config: it was changed after "npm run rules -- push" made it']
    }
    return runCases(config, shape.data.cases ?? [])
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `config.${pathText(path)}: ${message}`)
  }
}
