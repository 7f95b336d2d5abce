import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { main } from '../cli/main.ts'

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

interface How {
  cwd?: string
  /** Where the router's sources are that run; without it, here. */
  sources?: string
  env?: Record<string, string>
  stdin?: string
}

type Variables = Record<string, string | undefined>

interface HowHere {
  cwd?: string
  env?: Variables
  stdin?: string
  /** The time that it then is for the command; without it, it is now. */
  now?: string
}

/** One of the commands, as `here` takes it: what follows its name is given then. */
export const named = (name: string) => (args: string[]) => main([...name.split(' '), ...args])

/** `alert-router rules …`, in this process. */
export const rules = (args: string[], how: HowHere = {}): Promise<Run> => here(named('rules'), args, how)

/** A command in this process, which is quicker: one at a time. What it leaves in the environment is taken back. */
export async function here(
  command: (argv: string[]) => Promise<number>,
  args: string[],
  { cwd = '.', env = {}, stdin = '', now }: HowHere = {},
): Promise<Run> {
  const notified = { stdout: '', stderr: '' }
  const listen = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      notified[name] += text
      return true
    })
  const before = { cwd: process.cwd(), env: { ...process.env } }
  const input = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([stdin]) as typeof process.stdin)
  const spies = [input, listen('stdout'), listen('stderr')]
  setEnvironment({ ...before.env, ...env })
  if (now !== undefined) vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) })
  process.chdir(cwd)
  try {
    return { code: await command(args), ...notified }
  } finally {
    process.chdir(before.cwd)
    if (now !== undefined) vi.useRealTimers()
    setEnvironment(before.env)
    for (const spy of spies) spy.mockRestore()
  }
}

function setEnvironment(variables: Variables): void {
  for (const name of Object.keys(process.env)) if (variables[name] === undefined) delete process.env[name]
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value
}

/** `alert-router …` in a process of its own, as a user runs it. */
export async function command(
  args: string[],
  { cwd = '.', env = {}, stdin = '', sources = '.' }: How = {},
): Promise<Run> {
  const child = spawn(process.execPath, [resolve(sources, 'cli/alert-router.ts'), ...args], {
    cwd,
    env: { ...process.env, ...env },
  })
  child.stdin.end(stdin)
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ])
  return { code, stdout, stderr }
}
