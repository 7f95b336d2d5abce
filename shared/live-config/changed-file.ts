import { readFileSync, statSync } from 'node:fs'
import type { Source } from './source.ts'
import { versionOf } from './version.ts'

/** The file is checked no more often. */
const INTERVAL_MS = 1_000

/** A config file that may be edited: its content after each change. */
export function changedFile(path: string): Source {
  const stamp = () => {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  }
  let seen = stamp()
  return {
    async poll() {
      const now = stamp()
      if (now === seen) return { nextInMs: INTERVAL_MS }
      const document = readFileSync(path, 'utf8')
      seen = now
      return { document, nextInMs: INTERVAL_MS }
    },
    open: (document) => ({ version: versionOf(document), config: JSON.parse(document) }),
  }
}
