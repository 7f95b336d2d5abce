import type { Config } from '../../../schemas/config.ts'
import type { IsSuppressed, Path } from '../../../shared/check/finding.ts'
import { ConfigError, type Place, type Problem } from '../../../shared/config/problem.ts'
import { configTexts, openConfig } from '../../../shared/config/read.ts'

/** The rules' source: the config, or its problems, and the position of each path. */
export interface Source {
  /** Absent if it can't be used: see `problems`. */
  config?: Config
  problems: (Problem & { place: Place })[]
  placeOf(path: Path): Place
  /** Of a file. */
  linesOf(file: string): string[]
  isSuppressed: IsSuppressed
}

/** @throws {ConfigError} if it can't be read: there is nothing to check then. */
export function readSource(path: string): Source {
  const texts = configTexts(path)
  const opened = openOrRefused(texts)
  const lines = new Map(texts.map(({ path: file, text }) => [file, text.trimEnd().split('\n')]))
  const linesOf = (file: string) => lines.get(file) ?? []
  const hasComment = (at: Path, code: string) => {
    const { file, line } = opened.placeOf(at)
    return isSuppressed(linesOf(file), line, code)
  }
  return {
    ...opened,
    linesOf,
    // On the line itself, or above the rule.
    isSuppressed: (at, code) => hasComment(at, code) || hasComment(at.slice(0, 2), code),
  }
}

/** A YAML syntax error is the only problem. */
function openOrRefused(texts: ReturnType<typeof configTexts>): Pick<Source, 'config' | 'problems' | 'placeOf'> {
  try {
    return openConfig(texts)
  } catch (error) {
    const [problem] = error instanceof ConfigError ? error.problems : []
    const place = problem?.place
    if (!problem || !place) throw error
    return { problems: [{ ...problem, place }], placeOf: () => place }
  }
}

/** `# check: overlapping-rules is meant`, on the line or in the comment right above it. */
function isSuppressed(lines: string[], line: number, code: string): boolean {
  for (let at = line; at > 0; at--) {
    const text = lines[at - 1] ?? ''
    if (at < line && !/^\s*#/.test(text)) return false
    const [, codes = ''] = /#\s*check:\s*(.+?)\s+(?:is|are) meant/.exec(text) ?? []
    if (codes.split(/[\s,]+/).includes(code)) return true
  }
  return false
}
