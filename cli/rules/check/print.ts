import { stripVTControlCharacters, styleText } from 'node:util'
import { FINDINGS, type Finding } from '../../../shared/check/finding.ts'
import { type Place, pathText } from '../../../shared/config/problem.ts'
import { wrap } from '../../wrap.ts'
import type { Source } from './source.ts'

/** A problem or a finding, to be printed; a problem is always an error. */
export interface Diagnostic {
  code: string
  level: 'error' | 'warning' | 'note'
  place: Place
  message: string
  fix?: string
  also?: Place[]
  example?: Record<string, string>
}

export function diagnosticOf({ path, also = [], ...found }: Finding, { placeOf }: Pick<Source, 'placeOf'>): Diagnostic {
  return { ...found, level: found.level ?? FINDINGS[found.code], place: placeOf(path), also: also.map(placeOf) }
}

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const bold = style('bold')
const dim = style('dim')
const COLOUR = { error: style('red'), warning: style('yellow'), note: style('blue') }

/** The same message for several places: the first, with the others. */
export interface Group {
  first: Diagnostic
  others: Place[]
}

const LEVELS: Diagnostic['level'][] = ['error', 'warning', 'note']

/** Groups identical messages, with the example of the first. Errors first; then in the order of the places. */
export function grouped(all: Diagnostic[]): Group[] {
  const groups = Map.groupBy(all, ({ code, level, message, fix, also }) =>
    JSON.stringify([code, level, message, fix, also]),
  )
  return [...groups.values()]
    .flatMap(([first, ...rest]) => (first ? [{ first, others: rest.map(({ place }) => place) }] : []))
    .sort((a, b) => LEVELS.indexOf(a.first.level) - LEVELS.indexOf(b.first.level))
}

/** The place, the message, and the fix, with the lines around it. */
export function describe({ first: diagnostics, others }: Group, lines: string[], width: number): string {
  const { code, level, place, message, fix, also = [], example } = diagnostics
  const { file, line, col } = place
  return [
    ...inTwo(`${COLOUR[level](`${level} ${code}`)}  ${bold(`${file}:${line}:${col}`)}`, what(place), width),
    ...frame(lines, place, level, width),
    ...wrap(sentence(message), width, '  '),
    ...(example ? wrap(`For example: ${describeExample(example)}`, width, '  ') : []),
    ...(fix ? wrap(`→ ${sentence(fix)}`, width, '  ', '    ') : []),
    ...(others.length > 0 ? wrap(`The same: ${describePlaces(others, file)}`, width, '  ', '    ') : []),
    ...(also.length > 0 ? wrap(dim(`See ${describePlaces(also, file)}`), width, '  ', '    ') : []),
  ].join('\n')
}

function what({ rule, path }: Place): string {
  return rule === undefined ? pathText(path) : `rule "${rule}"`
}

/** On one line, or on two if it is too long. */
function inTwo(first: string, second: string, width: number): string[] {
  const whole = `${first}  ${second}`
  return stripVTControlCharacters(whole).length <= width ? [whole] : [first, `  ${second}`]
}

/** The line and those around it, with a mark below the place. */
function frame(lines: string[], at: Place, level: Diagnostic['level'], width: number): string[] {
  const [first, last] = [Math.max(1, at.line - 2), Math.min(lines.length, at.line + 2)]
  const digits = String(last).length
  const room = width - digits - 5
  return lines.slice(first - 1, last).flatMap((written, index) => {
    const line = first + index
    // A tab would shift the mark, and other control characters would affect the terminal.
    const text = written.replace(/\p{Cc}/gu, ' ')
    const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
    if (line !== at.line) return [dim(`  ${String(line).padStart(digits)} | ${shown}`.trimEnd())]
    const mark = `  ${' '.repeat(digits)} | ${' '.repeat(Math.min(at.col, room) - 1)}${COLOUR[level]('^')}`
    return [`${COLOUR[level]('>')} ${String(line).padStart(digits)} | ${shown}`, mark]
  })
}

function describeExample(example: Record<string, string>): string {
  const fields = Object.entries(example).map(([field, value]) => `${field}: ${inYaml(value)}`)
  return fields.length === 0 ? 'any alert' : fields.join(', ')
}

/** As it would be written in a rule, with quotes if needed. */
function inYaml(value: string): string {
  return /^[\w.][\w./@ -]*$/.test(value) ? value : JSON.stringify(value)
}

const MAX_PLACES = 4

function describePlaces(places: Place[], file: string): string {
  const diagnostics = places.slice(0, MAX_PLACES).map((place) => {
    const where = place.file === file ? `line ${place.line}` : `${place.file}:${place.line}`
    return `${where} (${place.path.length > 3 ? pathText(place.path) : what(place)})`
  })
  const left = places.length - diagnostics.length
  return [...diagnostics, ...(left > 0 ? [`${left} more`] : [])].join(', ')
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!:…]$/.test(whole) ? whole : `${whole}.`
}
