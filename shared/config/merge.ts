import type { Problem } from './problem.ts'
import { teamAlone, teamProblems } from './team-problems.ts'

/** A problem in one of several files, by its position. */
export interface FileProblem extends Problem {
  file: number
}

interface File {
  path: string
  data: unknown
}

/** Several files as one config, not yet checked. */
export interface Merged {
  data: unknown
  /** Problems in the teams' files, and in how the files fit together. */
  problems: FileProblem[]
  /** Where a path of the config was written. */
  placeOf(path: Problem['path']): { file: number; path: Problem['path'] }
}

type Data = Record<string, unknown>
type Item = Record<string, unknown> & { name: string }

/** Maps with names that no other file may define. */
const NAMED = { channels: 'channel', sets: 'set', tables: 'table', windows: 'window' } as const
/** Lists of named items: a team's come first, and apply within its scope only. */
const SCOPED = {
  rules: { what: 'rule', within: 'when' },
  maintenance: { what: 'maintenance', within: 'covers' },
  inhibit: { what: 'inhibition', within: 'mutes' },
} as const

/**
 * Merges the file for all teams, which is the first, with the teams' files, in the order given.
 *
 * A team's rules are evaluated before those for all teams, in the order of the files, and match nothing outside their
 * file's scope; the same goes for its maintenance, and for what its inhibitions mute. Channels, sets and windows are
 * merged, and each file may use all of them. Pure.
 */
export function mergeFiles(files: readonly File[]): Merged {
  const [forAll, ...teams] = files
  const main = forAll?.data
  if (!forAll || !isMap(main)) return { data: main, problems: [], placeOf: (path) => ({ file: 0, path }) }
  if (Object.hasOwn(main, 'scope') && files.length === 1)
    return { ...nothing, problems: [{ ...teamAlone(forAll.path), file: 0 }] }
  const malformed = teams.flatMap(({ data }, index) =>
    teamProblems(data).map((problem) => ({ ...problem, file: index + 1 })),
  )
  if (malformed.length > 0) return { ...nothing, problems: malformed }

  const datas = files.map(({ data }) => data as Data)
  const data: Data = { ...main }
  for (const key of Object.keys(NAMED)) {
    const maps = datas.map((one) => one[key]).filter(isMap)
    // The check reports what is not a map.
    if (maps.length > 0 && (main[key] === undefined || isMap(main[key])))
      data[key] = Object.fromEntries(maps.flatMap(Object.entries))
  }
  const origins: Record<string, Origin[]> = {}
  for (const [key, { within }] of Object.entries(SCOPED)) {
    const items = [...datas.slice(1).flatMap((one, index) => itemsOf(one, key, index + 1)), ...itemsOf(main, key, 0)]
    if (items.length === 0 || (main[key] !== undefined && !Array.isArray(main[key]))) continue
    origins[key] = items
    data[key] = items.map(({ item, file }) => (file === 0 ? item : scoped(item, within, datas[file]?.scope)))
  }
  return { data, problems: clashes(files), placeOf: (path) => placeIn(datas, origins, path) }
}

const nothing: Omit<Merged, 'problems'> = { data: undefined, placeOf: (path) => ({ file: 0, path }) }

/** An item of a merged list, and where it was written. */
interface Origin {
  item: unknown
  file: number
  index: number
}

function itemsOf(data: Data, key: string, file: number): Origin[] {
  const items = data[key]
  return Array.isArray(items) ? items.map((item, index) => ({ item, file, index })) : []
}

/** The item, limited to the scope. */
function scoped(item: unknown, within: 'when' | 'covers' | 'mutes', scope: unknown): unknown {
  const own = (item as Item)[within]
  if (own === undefined) return { ...(item as Item), [within]: scope }
  return { ...(item as Item), [within]: { all: [scope, own].map(oneCondition) } }
}

/** A list of conditions, any of which may match, as one condition. */
function oneCondition(when: unknown): unknown {
  return Array.isArray(when) ? { any: when } : when
}

function placeIn(
  datas: Data[],
  origins: Record<string, Origin[]>,
  path: Problem['path'],
): ReturnType<Merged['placeOf']> {
  const [key, which, ...rest] = path
  const origin = typeof which === 'number' ? origins[String(key)]?.[which] : undefined
  if (origin) return placeInItem(datas, String(key), origin, rest)
  const isNamed = Object.hasOwn(NAMED, String(key))
  const file = isNamed
    ? datas.findIndex((data) => isMap(data[String(key)]) && Object.hasOwn(data[String(key)] as Data, String(which)))
    : 0
  return { file: Math.max(0, file), path }
}

function placeInItem(datas: Data[], key: string, { item, file, index }: Origin, rest: Problem['path']) {
  const { within } = SCOPED[key as keyof typeof SCOPED]
  const asWritten = { file, path: [key, index, ...rest] }
  if (file === 0 || rest[0] !== within) return asWritten
  const scope = datas[file]?.scope
  const own = (item as Item)[within]
  // As `scoped` has nested them.
  if (own === undefined) return { file, path: ['scope', ...rest.slice(1)] }
  if (rest[1] !== 'all') return asWritten
  const inner = rest.slice(3)
  const [when, start] = rest[2] === 0 ? [scope, ['scope']] : [own, [key, index, within]]
  return { file, path: [...start, ...(Array.isArray(when) && inner[0] === 'any' ? inner.slice(1) : inner)] }
}

/** Names that two files define. Within one file, the check finds them. */
function clashes(files: readonly File[]): FileProblem[] {
  const seen = new Map<string, number>()
  return files.flatMap(({ data }, file) => {
    const found = namesIn(data as Data).flatMap(({ what, name, path }): FileProblem[] => {
      const other = seen.get(`${what} ${name}`)
      if (other === undefined || other === file) return []
      const message = `"${name}" is also a ${what} in ${files[other]?.path}. Use a unique name: ${what === 'rule' ? 'explanations of alerts refer to it' : 'all files may use it'}`
      return [{ file, path, message }]
    })
    for (const { what, name } of namesIn(data as Data)) {
      if (!seen.has(`${what} ${name}`)) seen.set(`${what} ${name}`, file)
    }
    return found
  })
}

function namesIn(data: Data): { what: string; name: string; path: Problem['path'] }[] {
  const inMaps = Object.entries(NAMED).flatMap(([key, what]) =>
    Object.keys(isMap(data[key]) ? data[key] : {}).map((name) => ({ what, name, path: [key, name] })),
  )
  const inLists = Object.entries(SCOPED).flatMap(([key, { what }]) =>
    itemsOf(data, key, 0).flatMap(({ item, index }) => {
      const name = isMap(item) ? item.name : undefined
      return typeof name === 'string' ? [{ what, name, path: [key, index, 'name'] }] : []
    }),
  )
  return [...inMaps, ...inLists]
}

function isMap(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
