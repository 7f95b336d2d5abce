import { vi } from 'vitest'
import type { EngineOptions } from '../local/engine.ts'
import { type Run as CommandRun, here } from './command.ts'
import { certificateOfRun } from './local-engine.ts'

/** The engine in the thread of the command. */
export async function engineInThisThread() {
  const { startEngine } = await import('../local/engine.ts')
  const startEngineThread = async (options: EngineOptions) => {
    return startEngine({ ...options, certificate: await certificateOfRun() })
  }
  return { startEngineThread }
}

/** What a line of `--json` holds. */
export interface Line {
  file: string
  error?: string
  ignored?: string
  alert: Record<string, unknown> & { title: string; status: string }
  severity: string
  rule: string
  deliveries: {
    channel: string
    type: string
    status: string
    error?: string
    request?: Record<string, unknown>
    digest?: { id: string; of: number }
    fallbackFor?: string
  }[]
}

export type Run = CommandRun & { lines: Line[] }

/** The command, as if it were the first in its process. */
export async function replay(args: string[], stdin = '', env: Record<string, string> = {}, cwd = '.'): Promise<Run> {
  vi.resetModules()
  const { main } = await import('../cli/main.ts')
  const run = await here(main, ['replay', ...args], { stdin, env, cwd })
  const isLine = (line: string) => args.includes('--json') && line !== ''
  return {
    ...run,
    lines: run.stdout
      .split('\n')
      .filter(isLine)
      .map((line) => JSON.parse(line)),
  }
}

export const events = (count: number) =>
  Array.from({ length: count }, (_, n) => JSON.stringify({ title: `job ${n} failed`, source: 'jobs' })).join('\n')
