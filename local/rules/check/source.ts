import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import type { Config } from '../../../schemas/config.ts'
import type { IsMeant, Path } from '../../../shared/check/finding.ts'
import { ConfigError, type Problem } from '../../../shared/config/check.ts'
import { positionsIn, readConfig } from '../../../shared/config/read.ts'

/** A file of rules: what it says, or what is wrong with it, and where each path stands in it. */
export interface Source {
  file: string
  /** Absent when it can't be used: `problems` tell why. */
  config?: Config
  problems: Problem[]
  /** From 1. */
  at(path: Path): { line: number; col: number }
  lines: string[]
  /** The name of the rule that a path leads into. */
  ruleAt(path: Path): string | undefined
  isMeant: IsMeant
}

/** @throws {ConfigError} for what is no YAML, or can't be read: there is nothing to look at then. */
export function readSource(file: string): Source {
  const { config, problems } = read(file)
  const text = readFileSync(file, 'utf8')
  const at = positionsIn(text)
  const lines = text.trimEnd().split('\n')
  const data = parseDocument(text)
  return {
    file,
    ...(config && { config }),
    problems,
    at,
    lines,
    ruleAt([part, index]) {
      const name = part === 'rules' && typeof index === 'number' ? data.getIn(['rules', index, 'name']) : undefined
      return typeof name === 'string' ? name : undefined
    },
    isMeant: (path, code) => saysMeant(lines, at(path).line, code) || saysMeant(lines, at(path.slice(0, 2)).line, code),
  }
}

function read(file: string): { config?: Config; problems: Problem[] } {
  try {
    return { config: readConfig(file), problems: [] }
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) throw error
    return { problems: error.problems }
  }
}

/** `# check: overlapping-rules is meant`, on the line or in the comment right above it. */
function saysMeant(lines: string[], line: number, code: string): boolean {
  for (let at = line; at > 0; at--) {
    const text = lines[at - 1] ?? ''
    if (at < line && !/^\s*#/.test(text)) return false
    const [, codes = ''] = /#\s*check:\s*(.+?)\s+(?:is|are) meant/.exec(text) ?? []
    if (codes.split(/[\s,]+/).includes(code)) return true
  }
  return false
}
