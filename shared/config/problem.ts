/** One thing wrong with a config: where in it, and what to do. */
export interface Problem {
  /** `['rules', 3, 'severity']` */
  path: (string | number)[]
  /** What was found, what is allowed, how to mend it. */
  message: string
}

/** A config that can't be used. Its message lists every problem, each with its path. */
export class ConfigError extends Error {
  readonly problems: Problem[]

  constructor(problems: Problem[], message = problems.map((p) => `${pathText(p.path)}: ${p.message}`).join('\n')) {
    super(message)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** `rules[3].severity` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
