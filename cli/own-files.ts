import { existsSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** Whether this is a clone of the router, not a dependency in a team's repository, where it is JavaScript. */
export const isClone = import.meta.url.endsWith('.ts')

/** A file or folder that is shipped with the router, such as `samples`, as a path from here. */
export function ownPath(name: string): string {
  return relative('', join(dirname(findPackageJSON(import.meta.url) ?? ''), name)) || name
}

/** The events shipped with the router, or a team's own in their place. */
export function samplesFolder(): string {
  return existsSync('samples') ? 'samples' : ownPath('samples')
}
