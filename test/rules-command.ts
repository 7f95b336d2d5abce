import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { main } from '../local/rules/main.ts'

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

interface HowInThisProcess extends Omit<How, 'stdin'> {
  /** The time that it then is for the command; without it, it is now. */
  now?: string
}

/**
 * `npm run rules -- …`, in this process, which is quicker: one at a time.
 */
export async function rules(args: string[], { cwd = '.', env = {}, now }: HowInThisProcess = {}): Promise<Run> {
  const told = { stdout: '', stderr: '' }
  const listen = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      told[name] += text
      return true
    })
  const back = process.cwd()
  const spies = [listen('stdout'), listen('stderr')]
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  if (now !== undefined) vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) })
  process.chdir(cwd)
  try {
    return { code: await main(args), ...told }
  } finally {
    process.chdir(back)
    if (now !== undefined) vi.useRealTimers()
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}

/** A command of `local/` in a process of its own, as a user runs it. */
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
