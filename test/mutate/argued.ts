import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Fault } from './faults.ts'

const FOLDER = join(import.meta.dirname, 'argued')

/** Faults of a file that no test can notice, or that nobody would want noticed, and why. */
const Argued = z.array(
  z.strictObject({ file: z.string(), why: z.string().min(10), faults: z.array(z.string()).min(1) }),
)

/**
 * The faults of a room that are argued: `test/mutate/argued/ROOM.yml`.
 * @returns keys, as `keyOf` gives them.
 * @throws a zod error where the list has another shape.
 */
export function arguedIn(room: string): Set<string> {
  const path = join(FOLDER, `${room}.yml`)
  if (!existsSync(path)) return new Set()
  const lists = Argued.parse(parse(readFileSync(path, 'utf8')))
  return new Set(lists.flatMap(({ file, faults }) => faults.map((fault) => `${file} ${fault}`)))
}

/** A fault as the lists name it: by its file and `nameOf`, as lines move. */
export const keyOf = (fault: Fault): string => `${fault.file} ${nameOf(fault)}`

const LONGEST = 120

/** The function or table, the kind, and the code before and after, on one line. */
export function nameOf({ within, kind, was, is }: Fault): string {
  return `${within}, ${kind}: ${onOneLine(was)} → ${onOneLine(is)}`
}

function onOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('/*istanbul ignore next*/', '').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
