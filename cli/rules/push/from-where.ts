import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * The commit that a file or folder is from, of the repository in which it lies, marked where it was edited since; nothing
 * outside of git.
 */
export function commitOf(path: string): string | undefined {
  const at = resolve(path)
  const folder = statSync(at).isDirectory() ? at : dirname(at)
  const head = git('-C', folder, 'rev-parse', '--short=12', 'HEAD')
  if (head === undefined) return undefined
  return `${head}${git('-C', folder, 'status', '--porcelain', '--', at) === '' ? '' : ', edited'}`
}

/** `, by Ada Lovelace`: as git knows who pushes, or else the machine. Only CloudTrail can prove it. */
export function whoPushes(): string {
  const name = git('config', 'user.name') || process.env.USER || process.env.USERNAME
  return name ? `, by ${name}` : ''
}

/** What git says; nothing, where it can't say it. */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
