import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A step of a checklist in docs/contributing: a file to write, or lines to replace in one. */
export interface Step {
  path: string
  text: string
  isDiff: boolean
}

/** The steps of a page: its fenced blocks whose first line names a file. */
export function stepsOf(page: string): Step[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)
  return [...blocks].map(([, form, path = '', text = '']) => ({ path, text, isDiff: form === 'diff' }))
}

/** The files that a checklist touches. */
export function filesOf(steps: Step[]): string[] {
  return [...new Set(steps.map(({ path }) => path))]
}

/** @throws {Error} when the lines to replace are not there, or in more than one place. */
export function apply(folder: string, { path, text, isDiff }: Step): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  if (!isDiff) {
    writeFileSync(file, text)
    return
  }
  const lines = text.split('\n').slice(0, -1)
  const side = (mark: string) =>
    lines.flatMap((line) => (line.startsWith(mark) || line.startsWith(' ') ? `${line.slice(1)}\n` : [])).join('')
  const parts = readFileSync(file, 'utf8').split(side('-'))
  if (parts.length !== 2) throw new Error(`${path} has these lines ${parts.length - 1} times:\n${side('-')}`)
  writeFileSync(file, parts.join(side('+')))
}

const SOURCES = ['bench', 'cli', 'config', 'deploy', 'functions', 'local', 'samples', 'schemas', 'shared']

/** A copy of the repository's sources, to try a checklist on. */
export function copyOfSources(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'alert-router-checklist-'))
  for (const source of [...SOURCES, 'package.json', 'tsconfig.json']) {
    cpSync(source, join(folder, source), { recursive: true })
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
