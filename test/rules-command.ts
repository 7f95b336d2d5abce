import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

interface How {
  cwd?: string
  env?: Record<string, string>
  stdin?: string
}

/** `npm run rules -- …`, as a user runs it. */
export function rules(args: string[], how?: How): Promise<Run> {
  return command('local/rules.ts', args, how)
}

/** Any command of `local/`. */
export async function command(
  file: string,
  args: string[],
  { cwd = '.', env = {}, stdin = '' }: How = {},
): Promise<Run> {
  const child = spawn(process.execPath, [resolve(file), ...args], { cwd, env: { ...process.env, ...env } })
  child.stdin.end(stdin)
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ])
  return { code, stdout, stderr }
}
