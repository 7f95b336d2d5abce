import { readFileSync } from 'node:fs'
import { Instrumenter } from '@stryker-mutator/instrumenter'

/** A fault that was put into a source, and lies there until it is switched on. */
export interface Fault {
  id: string
  file: string
  /** From 1. */
  line: number
  /** The name at the outermost level that it is in: a function, a table. */
  within: string
  /** As in `ConditionalExpression`. */
  kind: string
  was: string
  is: string
  /** Why nobody should look for it: what a comment in the source says. */
  excused: string | undefined
}

export interface Sources {
  /** Sources with all their faults, by path. */
  texts: Map<string, string>
  faults: Fault[]
}

/**
 * Texts for people would have to stand in the tests word by word, and words that are compared are mutated by their
 * comparison.
 */
const LEFT_OUT = ['StringLiteral']

const silent = () => {}
const no = () => false
const LOGGER: ConstructorParameters<typeof Instrumenter>[0] = {
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
  ...{ isTraceEnabled: no, isDebugEnabled: no, isInfoEnabled: no, isWarnEnabled: no, isErrorEnabled: no },
  isFatalEnabled: no,
}

/** Puts every fault that Stryker can think of into some files, each behind a switch. */
export async function makeFaults(paths: string[]): Promise<Sources> {
  const originals = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]))
  const files = [...originals].map(([name, content]) => ({ name, content, mutate: true }))
  const { files: instrumented, mutants } = await new Instrumenter(LOGGER).instrument(files, {
    plugins: null,
    ignorers: [],
    excludedMutations: LEFT_OUT,
  })
  const faults = mutants
    .filter(({ mutatorName }) => !LEFT_OUT.includes(mutatorName))
    .map(({ id, fileName, location: { start, end }, mutatorName, replacement, statusReason }) => ({
      id,
      file: fileName,
      line: start.line + 1,
      within: nameAbove(originals.get(fileName) ?? '', start.line),
      kind: mutatorName,
      was: between(originals.get(fileName) ?? '', start, end),
      is: replacement,
      excused: statusReason,
    }))
  return { texts: new Map(instrumented.map(({ name, content }) => [name, content])), faults }
}

function nameAbove(text: string, line: number): string {
  const above = text
    .split('\n')
    .slice(0, line + 1)
    .reverse()
  return above.map((one) => OUTERMOST.exec(one)?.[1]).find((name) => name !== undefined) ?? ''
}

const OUTERMOST = /^(?:export )?(?:default )?(?:async )?(?:function\*?|const|let|class) (\w+)/

interface Position {
  line: number
  column: number
}

function between(text: string, start: Position, end: Position): string {
  const lines = text.split('\n').slice(start.line, end.line + 1)
  const last = lines.length - 1
  return lines
    .map((line, at) => line.slice(at === 0 ? start.column : 0, at === last ? end.column : undefined))
    .join('\n')
}
