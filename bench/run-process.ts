import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithThis } from '../local/temporary.ts'

/** What a process took. One that handles nothing does not say its CPU and memory. */
export interface Run {
  ms: number
  cpuMs?: number
  mb?: number
}

export interface Program {
  /** For an error. */
  name: string
  program: string
  /** It gets two more: the file of an event, and one for what it took. */
  args: string[]
  environment: Record<string, string>
}

/** One process, from its start to its end. @throws {Error} if it fails, or reports a record as failed. */
export async function runProcess(folder: string, { name, program, args, environment }: Program, event?: object) {
  const [given, result] = [join(folder, 'event.json'), join(folder, 'result.json')]
  writeFileSync(given, JSON.stringify(event ?? {}))
  writeFileSync(result, '{}')
  const files = event === undefined ? [] : [given, result]
  const from = performance.now()
  const child = endWithThis(
    spawn(program, [...args, ...files], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] }),
  )
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  const [code] = await once(child, 'exit')
  const ms = performance.now() - from
  const { failed = 0, ...took } = JSON.parse(readFileSync(result, 'utf8'))
  if (code !== 0 || failed > 0) throw new Error(`${name} did not handle an alarm (${code}): ${said}`)
  return { ms, ...took } as Run
}
