import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { endWithThis, temporaryFolder } from '../../local/temporary.ts'
import { UsageError } from '../command.ts'
import { serviceHere } from './service.ts'

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/

/** @throws {UsageError} for an invalid stage name. */
export function checkStage(stage: string): void {
  if (STAGE.test(stage)) return
  throw new UsageError(
    `--stage ${stage}: a stage name starts with a letter, and has at most 20 letters, digits and dashes: it is part of every resource name`,
  )
}

/**
 * Runs serverless in this folder, on this Node. Returns whether it succeeded.
 * @param isQuiet show its output only if it fails
 */
export async function runServerless(
  command: 'package' | 'deploy',
  { stage, region }: { stage: string; region: string | undefined },
  { isQuiet = false } = {},
): Promise<boolean> {
  const service = serviceHere()
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const args = [cli, command, '--stage', stage, ...(region ? ['--region', region] : [])]
  // It keeps its zips there while it runs, and does not delete them if it fails.
  const temporary = temporaryFolder('alert-router-package-')
  const env = { ...process.env, TMPDIR: temporary.path, TEMP: temporary.path }
  const child = endWithThis(
    spawn(process.execPath, args, {
      cwd: service.folder,
      env,
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    }),
  )
  const output = Promise.all([child.stdout, child.stderr].map((one) => (one ? text(one) : '')))
  const [code] = await once(child, 'close')
  temporary.remove()
  if (code === 0) service.bringOutput()
  else if (isQuiet) process.stderr.write((await output).join(''))
  return code === 0
}
