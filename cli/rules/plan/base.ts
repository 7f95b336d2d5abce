import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../../../schemas/config.ts'
import { ConfigError } from '../../../shared/config/check.ts'
import { inOrder, isFolder } from '../../../shared/config/files.ts'
import { readConfig, readConfigTexts } from '../../../shared/config/read.ts'

/** The rules in the last package; outside of git, those are what was deployed last. */
const PACKAGED = 'config/alerts.json'

/** The rules before an edit, and their source. */
export interface Base {
  config: Config
  name: string
}

/**
 * The rules to compare with: a file, a folder, `git:REV`; by default those in git's HEAD, and without git those of
 * the last package.
 * @param path the edited file or folder, to look up in git.
 * @throws {ConfigError} when there is none, or it fails the current checks.
 */
export function readBase(asked: string | undefined, path: string): Base {
  if (asked?.startsWith('git:')) return fromGit(asked.slice('git:'.length), path)
  if (asked !== undefined) return fromPath(asked, path)
  const why = whyNotInGit(path)
  if (why === undefined) return fromGit('HEAD', path)
  if (existsSync(PACKAGED)) return { config: readConfig(PACKAGED), name: PACKAGED }
  throw new ConfigError(
    [],
    `${path} can't be compared with git's HEAD (git: ${why}), and there is no package: give rules to compare with, as in --base old.yml`,
  )
}

function fromPath(asked: string, path: string): Base {
  if (!existsSync(asked) && isCommitOf(path, asked)) {
    throw new ConfigError([], `${asked}: no such file, but a commit has that name. Write --base git:${asked}`)
  }
  return { config: readConfig(asked), name: asked }
}

function fromGit(rev: string, path: string): Base {
  const name = `git:${rev}:${path}`
  let texts: { path: string; text: string }[]
  try {
    const names = isFolder(path) ? inOrder(git(path, ['ls-tree', '--name-only', rev]).split('\n')) : [basename(path)]
    texts = names.map((file) => ({
      path: isFolder(path) ? join(name, file) : name,
      text: git(path, ['show', `${rev}:./${file}`]),
    }))
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError([], `${name}: ${reason(error)}. Give a commit that has it, as in --base git:HEAD~1`)
  }
  return { config: readConfigTexts(texts), name }
}

/** Git's reason why its HEAD does not have this; `undefined` if it has. */
function whyNotInGit(path: string): string | undefined {
  try {
    git(path, ['cat-file', '-e', `HEAD:./${isFolder(path) ? '' : basename(path)}`])
    return undefined
  } catch (error) {
    return reason(error)
  }
}

function isCommitOf(path: string, rev: string): boolean {
  try {
    git(path, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`])
    return true
  } catch {
    return false
  }
}

function git(path: string, args: string[]): string {
  return execFileSync('git', ['-C', isFolder(path) ? path : dirname(path), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What git says first; what follows are hints. */
function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return (stderr?.trim().split('\n')[0] || message).replace(/^fatal: /, '')
}
