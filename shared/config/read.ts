import { readFileSync } from 'node:fs'
import type { Config } from '../../schemas/config.ts'
import { ConfigError, checkConfig, type Problem } from './check.ts'
import { configFiles } from './files.ts'
import { type FileProblem, mergeFiles } from './merge.ts'
import { scopeProblems } from './scope-problems.ts'
import { openYaml } from './yaml.ts'

/**
 * Reads and checks the config that people edit: a file, or a folder with `alerts.yml` and the teams' files, put together as
 * `mergeFiles` says.
 * @throws {ConfigError} whose message names for each problem its file, line, path, what was found and what is allowed. It
 *   is meant to be shown as it is.
 */
export function readConfig(path: string): Config {
  return readConfigTexts(configFiles(path).map((file) => ({ path: file, text: readText(file) })))
}

/** As `readConfig`, of a text; `path` is for messages. */
export function readConfigText(text: string, path: string): Config {
  return readConfigTexts([{ path, text }])
}

/** As `readConfig`, of texts: first that for all teams, then each team's. */
export function readConfigTexts(texts: { path: string; text: string }[]): Config {
  return openConfigTexts(texts).config
}

/** A config, and where what is in it was written. */
export interface OpenedConfig {
  config: Config
  /** Something to say of the config, with the file, the line and the path there in front. */
  locate(problem: Problem): string
}

/** As `readConfigTexts`, for those who have more to say of it. */
export function openConfigTexts(texts: { path: string; text: string }[]): OpenedConfig {
  const files = texts.map(({ text, path }) => openYaml(text, path))
  const refuse = (problems: FileProblem[]) => {
    if (problems.length === 0) return
    const located = problems.map(({ file, ...problem }) => files[file]?.locate(problem) ?? problem.message)
    throw new ConfigError(problems, located.join('\n'))
  }
  const { data, problems, placeOf } = mergeFiles(files)
  refuse(problems)
  const locate = ({ path, message }: Problem) => {
    const place = placeOf(path)
    return files[place.file]?.locate({ path: place.path, message }) ?? message
  }
  const config = located(() => checkConfig(data), locate)
  refuse(scopeProblems(files, config.sets))
  return { config, locate }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error)
    throw new ConfigError([], `${path}: ${why}. Name a rules file, such as config/alerts.yml`)
  }
}

/**
 * Reads a text that people edit, and checks what it holds.
 * @throws {ConfigError} as `readConfig`: what `check` throws is given the lines.
 */
export function readYaml<T>(text: string, path: string, check: (data: unknown) => T): T {
  const { data, locate } = openYaml(text, path)
  return located(() => check(data), locate)
}

function located<T>(check: () => T, locate: (problem: Problem) => string): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // What is wrong with a team's scope is wrong with each of its rules.
    throw new ConfigError(error.problems, [...new Set(error.problems.map(locate))].join('\n'))
  }
}
