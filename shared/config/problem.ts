/** One thing wrong with a config: where in it, and what to do. */
export interface Problem {
  /** The name of the check; `invalid`, when absent. */
  code?: string
  /** `['rules', 3, 'severity']` */
  path: (string | number)[]
  /** What was found, what is allowed, how to fix it. */
  message: string
  /** Where it was written, if it is in a file. */
  place?: Place
}

/** A place in a file that people edit. */
export interface Place {
  file: string
  /** From 1. */
  line: number
  col: number
  /** The path within that file. */
  path: Problem['path']
  /** The rule that it is in; in a file of cases, the case. */
  rule?: string
  case?: string
}

/** A problem in a file, as it is shown. */
export function inPlace({ file, line, col, path, rule, ...place }: Place, message: string): string {
  const named = rule !== undefined ? ` (rule "${rule}")` : place.case !== undefined ? ` (case "${place.case}")` : ''
  const where = pathText(path) + named
  return `${file}:${line}:${col}: ${where === '' ? '' : `${where}: `}${message}`
}

/** An invalid config. Its message lists every problem, each with its path. */
export class ConfigError extends Error {
  readonly problems: Problem[]

  constructor(problems: Problem[], message = problems.map((p) => `${pathText(p.path)}: ${p.message}`).join('\n')) {
    super(message)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** A file that is missing, cannot be read, or does not hold what it should. Its message is shown as it is. */
export class FileError extends ConfigError {
  constructor(message: string) {
    super([], message)
    this.name = 'FileError'
  }
}

/** The key that a path names is missing: `"channels" is missing`. */
export function missing(path: Problem['path']): string {
  return `"${path.at(-1)}" is missing`
}

/** `rules[3].severity` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
