import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

/** `npm run rules -- …`, as a user runs it. */
export async function rules(
  args: string[],
  { cwd = '.', env = {}, stdin = '' }: { cwd?: string; env?: Record<string, string>; stdin?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [resolve('local/rules.ts'), ...args], { cwd, env: { ...process.env, ...env } })
  child.stdin.end(stdin)
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ])
  return { code, stdout, stderr }
}
