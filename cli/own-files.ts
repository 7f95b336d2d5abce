import { existsSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** Whether this is a clone of the router, and not a dependency of a team's repository, which holds it as JavaScript. */
export const isClone = import.meta.url.endsWith('.ts')

/** A file or folder that comes with the router, such as `samples`, as a path from here. */
export function ownPath(name: string): string {
  return relative('', join(dirname(findPackageJSON(import.meta.url) ?? ''), name)) || name
}

/** The events that come with the router, or those that a team has put in their place. */
export function samplesFolder(): string {
  return existsSync('samples') ? 'samples' : ownPath('samples')
}
