import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { join } from 'node:path'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { ConfigError } from '../shared/config/problem.ts'
import { readConfig } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'

/**
 * The output of `--version`: the router's version, its commit if git knows it, and the version of the rules in
 * config/.
 */
export function versionText(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' })
  const commit = status === 0 ? `, commit ${stdout.trim()}` : ''
  return `alert-router ${versionOfRouter()}${commit}, ${rulesVersion()}, Node ${process.versions.node}\n`
}

export function versionOfRouter(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8')) as { version: string }
  return version
}

/** The rules in config/: the version that a push of them would get. */
function rulesVersion(): string {
  if (!existsSync(join(CONFIG_FOLDER, 'alerts.yml'))) return 'no rules here'
  try {
    return `rules ${versionOf(documentOf(readConfig(CONFIG_FOLDER)))}`
  } catch (error) {
    if (error instanceof ConfigError) return `rules in ${CONFIG_FOLDER}/ with errors`
    throw error
  }
}
