import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { endWithThis, temporaryFolder } from '../../local/temporary.ts'
import { UsageError } from '../command.ts'
import { serviceHere } from './service.ts'

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/

/** @throws {UsageError} for what can't be a stage's name. */
export function checkStage(stage: string): void {
  if (STAGE.test(stage)) return
  throw new UsageError(
    `--stage ${stage}: a stage's name begins with a letter, and is up to 20 letters, digits and dashes: it is part of every name`,
  )
}

/**
 * Runs serverless in this folder, on this Node. Whether it did what was asked.
 * @param isQuiet its output is shown only when it fails
 */
export async function runServerless(
  command: 'package' | 'deploy',
  { stage, region }: { stage: string; region: string | undefined },
  { isQuiet = false } = {},
): Promise<boolean> {
  const service = serviceHere()
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const args = [cli, command, '--stage', stage, ...(region ? ['--region', region] : [])]
  // It leaves its zips there until it is done, and forgets them when it fails.
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
