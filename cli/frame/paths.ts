import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'

/** npm runs a script in the folder of package.json, wherever the user is: a path that is not there may be here. */
export function fromHere(path: string): string {
  const here = process.env.INIT_CWD
  if (here === undefined || existsSync(path)) return path
  const found = resolve(here, path)
  return existsSync(found) ? relative('', found) : path
}
