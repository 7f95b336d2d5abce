import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import type { Config } from '../../schemas/config.ts'
import { ConfigError, checkConfig, type Problem } from './check.ts'
import { CONFIG_FOLDER, configFiles, folderAbove, isFolder, unreadable } from './files.ts'
import { type FileProblem, mergeFiles } from './merge.ts'
import { FileError, inPlace, type Place } from './problem.ts'
import { scopeProblems } from './scope-problems.ts'
import { type IsText, type Opened, openYaml } from './yaml.ts'

/**
 * Reads and checks the config: a file, or a folder with `alerts.yml` and the teams' files, merged by `mergeFiles`.
 * @throws {ConfigError} whose message names for each problem its file, line, path, what was found and what is allowed.
 * Show it unchanged.
 */
export function readConfig(path: string): Config {
  return readConfigTexts(configTexts(path))
}

/** As `readConfig`, for a text; `path` is for messages. */
export function readConfigText(text: string, path: string): Config {
  return readConfigTexts([{ path, text }])
}

/** As `readConfig`, for texts: first the one for all teams, then each team's. */
export function readConfigTexts(texts: ConfigText[]): Config {
  const { config, problems } = openConfig(texts)
  if (config) return config
  throw refusal(problems)
}

export interface ConfigText {
  /** For messages. */
  path: string
  text: string
}

/** A config that was read, and where each part of it was written. */
export interface OpenedConfig {
  /** Absent when it is invalid: see `problems`. */
  config?: Config
  problems: FoundProblem[]
  placeOf(path: Problem['path']): Place
}

type FoundProblem = Problem & { place: Place }

/**
 * As `readConfigTexts`, for callers that report more about the config.
 * @throws {ConfigError} for invalid YAML.
 */
export function openConfig(texts: ConfigText[]): OpenedConfig {
  const files = texts.map(({ text, path }) => openYaml(text, path, isText))
  const placeIn = (file: number, path: Problem['path']) => (files[file] as Opened).placeOf(path)
  const merged = mergeFiles(files)
  const placeOf = (path: Problem['path']) => {
    const { file, path: within } = merged.placeOf(path)
    return placeIn(file, within)
  }
  const found = (problems: FileProblem[]) => problems.map((one) => ({ ...one, place: placeIn(one.file, one.path) }))
  if (merged.problems.length > 0) return { problems: found(merged.problems), placeOf }
  try {
    const config = checkConfig(merged.data)
    const overlaps = scopeProblems(files, config.sets)
    return overlaps.length > 0 ? { problems: found(overlaps), placeOf } : { config, problems: [], placeOf }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { problems: error.problems.map((problem) => ({ ...problem, place: placeOf(problem.path) })), placeOf }
  }
}

/**
 * The values of a config that are not texts. All others are compared, or shown, as written: `1.10` is not a number,
 * `True` not a boolean.
 */
const NO_TEXTS = [
  ['rules', 'continue'],
  ['rules', 'evidence'],
  ['channels', 'perMinute'],
  ['inhibit', 'children'],
]

function isText(path: Problem['path']): boolean {
  if (path.at(-2) === 'flapping' && path.at(-1) === 'changes') return false
  if (path.at(-2) === 'count' && path.at(-1) === 'atLeast') return false
  return !NO_TEXTS.some(([list, key]) => path.length === 3 && path[0] === list && path[2] === key)
}

/** The texts of a config: of a file, or of all in a folder. @throws {ConfigError} for a file that can't be read. */
export function configTexts(path: string): ConfigText[] {
  return configFiles(path).map((file) => ({ path: file, text: readText(file) }))
}

/** @throws {ConfigError} for a file that is missing, can't be read, or is not text. */
export function readText(path: string): string {
  const bytes = readBytes(path)
  // No text has a NUL, and other encodings' texts have many.
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8')
  const fix = isOtherText(bytes) ? 'Save it as UTF-8 (an encoding option in your editor)' : `Use ${A_RULES_FILE}`
  throw new ConfigError([], `${path}: not a UTF-8 text file. ${fix}`)
}

/** UTF-16 starts with a byte order mark, and Latin-1 has no control characters but line breaks and tabs. */
function isOtherText(bytes: Buffer): boolean {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0)
  if (mark === 0xfffe || mark === 0xfeff) return true
  return !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
}

const A_RULES_FILE = `a rules file, such as ${CONFIG_FOLDER}/alerts.yml, or a folder with an alerts.yml`

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new FileError(isMissing ? noSuchRules(path) : unreadable(path, error))
  }
}

/** The message for a missing rules file, and what to do. */
function noSuchRules(path: string): string {
  const folder = dirname(path)
  const why =
    basename(path) === 'alerts.yml' && isFolder(folder)
      ? `${folder}: no alerts.yml in this folder`
      : `${path}: file not found`
  if (isAbsolute(path) || existsSync(CONFIG_FOLDER)) return `${why}. Use ${A_RULES_FILE}`
  const above = folderAbove()
  const where = above ? `in ${above}, which has ${CONFIG_FOLDER}/` : `in the folder that holds ${CONFIG_FOLDER}/`
  return `${why}. Run it ${where}, or use ${A_RULES_FILE}`
}

/**
 * Reads and checks a YAML text.
 * @param isText as in `openYaml`.
 * @throws {ConfigError} as `readConfig`: adds the lines to what `check` throws.
 */
export function readYaml<T>(text: string, path: string, check: (data: unknown) => T, isText?: IsText): T {
  const { data, placeOf } = openYaml(text, path, isText)
  try {
    return check(data)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw refusal(error.problems.map((problem) => ({ ...problem, place: placeOf(problem.path) })))
  }
}

function refusal(problems: FoundProblem[]): ConfigError {
  // A problem in a team's scope is a problem of each of its rules.
  const lines = new Set(problems.map(({ place, message }) => inPlace(place, message)))
  return new ConfigError(problems, [...lines].join('\n'))
}
