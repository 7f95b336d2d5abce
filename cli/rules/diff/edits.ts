import type { Config } from '../../../schemas/config.ts'
import { oneLine, shorten } from '../../../shared/channels/outside-text.ts'

/** A difference between two configs. */
export interface Edit {
  /** `channels.slack-ops.perMinute`, `rule "data loss" severity` */
  what: string
  /** Absent: not set. For lists of plain values, only the values that the other lacks. */
  before?: unknown
  after?: unknown
}

/** In the order of the configs; moved rules come last. Pure. */
export function editsOf(before: Config, after: Config): Edit[] {
  return [...valueEdits('', byName(before), byName(after)), ...moves(before, after)]
}

/** List items are matched by name, whatever their position. */
function byName({ rules, maintenance = [], inhibit = [], ...rest }: Config): Record<string, unknown> {
  const named = (what: string, list: { name: string }[]) => list.map((one) => [`${what} "${one.name}"`, one] as const)
  const all = [...named('rule', rules), ...named('maintenance', maintenance), ...named('inhibition', inhibit)]
  return { ...rest, ...Object.fromEntries(all) }
}

function valueEdits(what: string, before: unknown, after: unknown): Edit[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])]
    const join = what === '' ? '' : /[")]$/.test(what) ? ' ' : '.'
    return keys.flatMap((key) => valueEdits(`${what}${join}${key}`, before[key], after[key]))
  }
  if (isPlainList(before) && isPlainList(after)) {
    const gone = before.filter((one) => !after.includes(one))
    const added = after.filter((one) => !before.includes(one))
    if (gone.length + added.length > 0) {
      return [{ what, ...(gone.length > 0 && { before: gone }), ...(added.length > 0 && { after: added }) }]
    }
  }
  return [{ what, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPlainList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.every((one) => typeof one !== 'object')
}

/** The fewest rules that must move: the order matters, because the first match wins. */
function moves(before: Config, after: Config): Edit[] {
  const [old, now] = [before, after].map(({ rules }) => rules.map(({ name }) => name)) as [string[], string[]]
  const placeBefore = new Map(old.map((name, index) => [name, index]))
  const common = now.filter((name) => placeBefore.has(name))
  const stay = new Set(longestRise(common.map((name) => placeBefore.get(name) as number)).map((index) => old[index]))
  const neighbour = (names: string[], name: string) => {
    const above = names[names.indexOf(name) - 1]
    return above === undefined ? 'first' : `after "${above}"`
  }
  return common
    .filter((name) => !stay.has(name))
    .map((name) => ({ what: `rule "${name}" place`, before: neighbour(old, name), after: neighbour(now, name) }))
}

/** The longest increasing subsequence. */
function longestRise(numbers: number[]): number[] {
  /** By length: the end of the subsequence with the lowest end. */
  const ends: number[] = []
  const previous: number[] = []
  numbers.forEach((number, index) => {
    const found = ends.findIndex((end) => (numbers[end] as number) >= number)
    const length = found === -1 ? ends.length : found
    previous[index] = ends[length - 1] ?? -1
    ends[length] = index
  })
  const rise: number[] = []
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] as number) rise.unshift(numbers[at] as number)
  return rise
}

/** The maximum length of a value. */
const MAX_VALUE = 160

/** `-` before and `+` after, a line each. */
export function describeEdits(edits: Edit[]): string {
  if (edits.length === 0) return 'Same content in a different order.'
  return edits
    .flatMap(({ what, before, after }) => [
      ...(before === undefined ? [] : [`- ${oneLine(what)}: ${describeValue(before)}`]),
      ...(after === undefined ? [] : [`+ ${oneLine(what)}: ${describeValue(after)}`]),
    ])
    .join('\n')
}

function describeValue(value: unknown): string {
  return shorten(oneLine(typeof value === 'string' ? value : JSON.stringify(value)), MAX_VALUE)
}
