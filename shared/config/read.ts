import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import type { Config } from '../../schemas/config.ts'
import { ConfigError, checkConfig, type Problem } from './check.ts'
import { CONFIG_FOLDER, configFiles, isFolder } from './files.ts'
import { type FileProblem, mergeFiles } from './merge.ts'
import { inPlace, type Place } from './problem.ts'
import { scopeProblems } from './scope-problems.ts'
import { type IsText, type Opened, openYaml } from './yaml.ts'

/**
 * Reads and checks the config that people edit: a file, or a folder with `alerts.yml` and the teams' files, put together as
 * `mergeFiles` says.
 * @throws {ConfigError} whose message names for each problem its file, line, path, what was found and what is allowed. It
 *   is meant to be shown as it is.
 */
export function readConfig(path: string): Config {
  return readConfigTexts(configTexts(path))
}

/** As `readConfig`, of a text; `path` is for messages. */
export function readConfigText(text: string, path: string): Config {
  return readConfigTexts([{ path, text }])
}

/** As `readConfig`, of texts: first that for all teams, then each team's. */
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

/** A config that was read, and where what is in it was written. */
export interface OpenedConfig {
  /** Absent when it can't be used: `problems` tell why. */
  config?: Config
  problems: FoundProblem[]
  placeOf(path: Problem['path']): Place
}

type FoundProblem = Problem & { place: Place }

/**
 * As `readConfigTexts`, for those who have more to say of what is there.
 * @throws {ConfigError} for what is no YAML.
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
 * What a config holds beside texts. All else is compared, or shown, as it is written: `1.10` is no number, `True` no boolean.
 */
const NO_TEXTS = [
  ['rules', 'continue'],
  ['channels', 'perMinute'],
]

function isText(path: Problem['path']): boolean {
  return !NO_TEXTS.some(([list, key]) => path.length === 3 && path[0] === list && path[2] === key)
}

/** The texts of a config: of a file, or of all in a folder. @throws {ConfigError} for one that can't be read. */
export function configTexts(path: string): ConfigText[] {
  return configFiles(path).map((file) => ({ path: file, text: readText(file) }))
}

/** @throws {ConfigError} for a file that is not there, can't be read, or holds no text. */
export function readText(path: string): string {
  const bytes = readBytes(path)
  // No text has a NUL, and what an editor of another encoding wrote has many.
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8')
  const fix = isOtherText(bytes) ? 'Save it as UTF-8: an editor has that among its encodings' : `Name ${A_RULES_FILE}`
  throw new ConfigError([], `${path}: is not a text file in UTF-8. ${fix}`)
}

/** UTF-16 begins with a mark of its own, and in Latin-1 there are no control characters but line breaks and tabs. */
function isOtherText(bytes: Buffer): boolean {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0)
  if (mark === 0xfffe || mark === 0xfeff) return true
  return !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
}

const A_RULES_FILE = `a rules file, such as ${CONFIG_FOLDER}/alerts.yml, or a folder that holds an alerts.yml`

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new ConfigError([], isMissing ? noSuchRules(path) : `${path}: ${error}. Name ${A_RULES_FILE}`)
  }
}

/** Says that a rules file is missing, and what to do. */
export function noSuchRules(path: string): string {
  const folder = dirname(path)
  const why =
    basename(path) === 'alerts.yml' && isFolder(folder)
      ? `${folder}: there is no alerts.yml in this folder`
      : `${path}: there is no such file`
  // A folder without `config/` is hardly the router's.
  const isElsewhere = !isAbsolute(path) && !existsSync(CONFIG_FOLDER)
  return `${why}. ${isElsewhere ? "Run it in the router's folder, or name" : 'Name'} ${A_RULES_FILE}`
}

/**
 * Reads a text that people edit, and checks what it holds.
 * @param isText as of `openYaml`.
 * @throws {ConfigError} as `readConfig`: what `check` throws is given the lines.
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
  // What is wrong with a team's scope is wrong with each of its rules.
  const lines = new Set(problems.map(({ place, message }) => inPlace(place, message)))
  return new ConfigError(problems, [...lines].join('\n'))
}
