import { writeFileSync } from 'node:fs'

/** Writes generated files, by path, and prints which: as JSON, or a line each. */
export function writeGenerated(files: Record<string, string>, json: boolean): number {
  for (const [path, text] of Object.entries(files)) writeFileSync(path, text)
  const paths = Object.keys(files)
  process.stdout.write(`${json ? JSON.stringify(paths) : paths.join('\n')}\n`)
  return 0
}
