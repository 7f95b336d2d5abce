import { type Platform, platformSchema } from '../../schemas/platform.ts'
import { isThere, PLATFORM_NAME } from '../config/files.ts'
import { ConfigError, inPlace, type Place, type Problem } from '../config/problem.ts'
import { readText } from '../config/read.ts'
import { shapeProblems } from '../config/shape-problems.ts'
import { openYaml } from '../config/yaml.ts'
import { droppedProblems, platformProblems } from './problems.ts'

/** Beside the rules, and no part of them. */
export const PLATFORM_FILE = `config/${PLATFORM_NAME}`

/**
 * What is watched, from a file.
 * @returns nothing where there is no such file: the router is deployed alone.
 * @throws {ConfigError} that names for each problem its file, line, path, what was found and what is allowed.
 */
export function readPlatform(path = PLATFORM_FILE): Platform | undefined {
  return isThere(path) ? readPlatformText(readText(path), path) : undefined
}

/** As `readPlatform`, for a text; `path` is for messages. */
export function readPlatformText(text: string, path: string): Platform {
  const { platform, problems } = openPlatform(text, path)
  if (platform) return platform
  throw new ConfigError(problems, problems.map(({ place, message }) => inPlace(place, message)).join('\n'))
}

/** A file that was read, and where each part of it was written. */
export interface OpenedPlatform {
  /** Absent when it is invalid: see `problems`. */
  platform?: Platform
  problems: (Problem & { place: Place })[]
  placeOf(path: Problem['path']): Place
}

/** As `readPlatformText`, for callers that report more. @throws {ConfigError} for invalid YAML. */
export function openPlatform(text: string, path: string): OpenedPlatform {
  const { data, placeOf } = openYaml(text, path)
  const { platform, problems } = checkPlatform(data)
  const placed = problems.map((problem) => ({ ...problem, place: placeOf(problem.path) }))
  return { ...(platform && { platform }), problems: placed, placeOf }
}

/** All problems, not only the first; without any, the platform. */
export function checkPlatform(data: unknown): { platform?: Platform; problems: Problem[] } {
  const dropped = droppedProblems(data)
  if (dropped.length > 0) return { problems: dropped }
  const result = platformSchema.safeParse(data)
  if (!result.success) return { problems: shapeProblems(result.error.issues, { schema: platformSchema, data }) }
  const problems = platformProblems(result.data)
  return problems.length > 0 ? { problems } : { platform: result.data, problems }
}
