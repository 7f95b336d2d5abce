import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The commit of a file or folder in its repository, marked if it was edited since; empty outside of git. */
export function commitOf(path: string): string | undefined {
  const at = resolve(path)
  const folder = statSync(at).isDirectory() ? at : dirname(at)
  const head = git('-C', folder, 'rev-parse', '--short=12', 'HEAD')
  if (head === undefined) return undefined
  return `${head}${git('-C', folder, 'status', '--porcelain', '--', at) === '' ? '' : ', edited'}`
}

/** `, by Ada Lovelace`: git's user name, or else the machine's. Only CloudTrail can prove who pushed. */
export function whoPushes(): string {
  const name = git('config', 'user.name') || process.env.USER || process.env.USERNAME
  return name ? `, by ${name}` : ''
}

/** The output of git; empty if it fails. */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
