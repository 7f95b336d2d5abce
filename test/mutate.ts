import { globSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { arguedIn, keyOf, nameOf } from './mutate/argued.ts'
import { type Fault, makeFaults } from './mutate/faults.ts'
import { judge } from './mutate/judge.ts'
import { ROOMS, type Room } from './mutate/rooms.ts'
import type { Judged } from './mutate/runner.ts'

/*
 * Puts every small fault that Stryker generates into the pure core, one at a time, and checks whether a test notices it.
 *
 *   npm run mutate -- [ROOM or FILE…]
 *
 * Without any, all rooms (test/mutate/rooms.ts). Faults that no test has noticed are listed: a test is missing, or the code is
 * not needed, or nothing can notice it. Then that is said, either above the line, which excuses all of that kind in it:
 *
 *   // Stryker disable next-line ConditionalExpression: why
 *
 * or, for one fault among others that tests do notice, in test/mutate/argued/ROOM.yml. What stands there and is noticed after
 * all has to go.
 *
 * Stryker's own runner takes a second or more for each fault, as it reloads the tests for it: hours. Here a test runs with
 * all the faults that it comes by, one after the other, in one process.
 *
 * Exit code: 0 in each room enough were noticed and the others are argued, 1 not so.
 */

/** How a fault ended. Those of `loaded` were not tried: they take effect while modules are loaded. */
type End = 'noticed' | 'endless' | 'argued' | 'survived' | 'unreached' | 'loaded' | 'excused'
const COLUMNS: End[] = ['noticed', 'endless', 'argued', 'survived', 'unreached', 'loaded', 'excused']
const MISSED: End[] = ['survived', 'unreached']

process.exitCode = await main()

async function main(): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true })
  const rooms = ROOMS.map((room) => ({ ...room, files: filesOf(room, positionals) }))
  const strange = positionals.filter((one) => !rooms.some(({ name, files }) => one === name || files.includes(one)))
  if (strange.length > 0) {
    throw new Error(`In no room: ${strange.join(', ')}. There are ${ROOMS.map(({ name }) => name).join(', ')}.`)
  }
  let isEnough = true
  for (const { name, files, tests, enough } of rooms) {
    if (files.length > 0 && !(await isHeld(name, files, tests, enough))) isEnough = false
  }
  return isEnough ? 0 : 1
}

function filesOf({ name, sources }: Room, given: string[]): string[] {
  if (given.length === 0 || given.includes(name)) return sources.flatMap((source) => globSync(source)).sort()
  return given.filter((path) => sources.some((source) => matchesGlob(path, source)))
}

/** Tries the faults of some files, and says which were missed. */
async function isHeld(name: string, files: string[], tests: string[], enough: number): Promise<boolean> {
  const start = performance.now()
  const { texts, faults } = await makeFaults(files)
  process.stderr.write(`${name}: ${faults.length} faults in ${files.length} files\n`)
  const argued = arguedIn(name)
  const endBy = endsBy(await judge(texts, tests))
  const stale = staleOf(argued, faults, files, endBy)
  for (const key of stale) process.stdout.write(`argued, but noticed or gone: ${key}\n`)
  const endOf = (fault: Fault): End =>
    MISSED.includes(endBy(fault)) && argued.has(keyOf(fault)) ? 'argued' : endBy(fault)
  for (const fault of faults) if (MISSED.includes(endOf(fault))) process.stdout.write(missed(fault, endOf(fault)))
  const byFile = Map.groupBy(faults, ({ file }) => file)
  const table = new Table({ head: ['file', ...COLUMNS, '%'], style: { head: [], border: [] } })
  for (const [file, of] of byFile) table.push([file, ...rowOf(of.map(endOf))])
  const all = faults.map(endOf)
  table.push([`${name}, ${Math.round((performance.now() - start) / 1_000)} s`, ...rowOf(all)])
  process.stdout.write(`${table.toString()}\n`)
  return percent(all) >= enough && stale.length === 0 && !all.some((end) => MISSED.includes(end))
}

function staleOf(argued: Set<string>, faults: Fault[], files: string[], endBy: (fault: Fault) => End): string[] {
  const missedKeys = new Set(faults.filter((fault) => MISSED.includes(endBy(fault))).map(keyOf))
  return [...argued].filter((key) => files.includes(key.split(' ')[0] ?? '') && !missedKeys.has(key))
}

function endsBy(judged: Judged): (fault: Fault) => End {
  const [noticed, endless, reached, loaded] = (['noticed', 'endless', 'reached', 'loaded'] as const).map(
    (key) => new Set(judged[key]),
  )
  return ({ id, excused }) => {
    if (excused !== undefined) return 'excused'
    if (endless?.has(id)) return 'endless'
    if (noticed?.has(id)) return 'noticed'
    if (reached?.has(id)) return 'survived'
    return loaded?.has(id) ? 'loaded' : 'unreached'
  }
}

function rowOf(ends: End[]): string[] {
  return [...COLUMNS.map((end) => String(ends.filter((one) => one === end).length)), percent(ends).toFixed(1)]
}

function percent(ends: End[]): number {
  const seen = ends.filter((end) => end === 'noticed' || end === 'endless').length
  const unseen = ends.filter((end) => end === 'argued' || MISSED.includes(end)).length
  return seen + unseen === 0 ? 100 : (100 * seen) / (seen + unseen)
}

function missed(fault: Fault, end: End): string {
  const lines = (text: string, sign: string) => text.slice(0, 300).replaceAll(/^/gm, `  ${sign} `)
  return `${fault.file}:${fault.line} ${end}: ${nameOf(fault)}\n${lines(fault.was, '-')}\n${lines(fault.is, '+')}\n`
}
