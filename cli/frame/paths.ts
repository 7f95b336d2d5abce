import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'

/**
 * npm runs a script in the folder of package.json, whatever the user's folder is: a path may be relative to either.
 */
export function fromHere(path: string): string {
  const here = process.env.INIT_CWD
  if (here === undefined || existsSync(path)) return path
  const found = resolve(here, path)
  return existsSync(found) ? relative('', found) : path
}
