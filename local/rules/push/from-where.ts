import { spawnSync } from 'node:child_process'

/** The commit that a file is from, marked where it was edited since; nothing outside of git. */
export function commitOf(file: string): string | undefined {
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head === undefined) return undefined
  return `${head}${git('status', '--porcelain', '--', file) === '' ? '' : ', edited'}`
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
