import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from '../../shared/asking/dependencies.ts'
import { RefusedError } from '../../shared/asking/refused.ts'

/** A registry that is asked for hundreds of packages takes seconds; what is longer, is stuck. */
const TIMEOUT_MS = 45_000
/** The answer to a large project. */
const MOST_BYTES = 64 * 2 ** 20

/** Leaves no log behind, and asks nobody whether npm is up to date. */
const QUIET = { npm_config_logs_max: '0', npm_config_update_notifier: 'false', npm_config_fund: 'false' }

/** The project in a folder, by the npm of this machine. */
export function projectIn(folder: string): Project {
  const file = join(folder, 'package.json')
  return {
    npm(command, signal) {
      if (!existsSync(file)) {
        throw new RefusedError({ needs: 'a package.json: give its folder by --project', why: `${folder} has none` })
      }
      return npm(command, folder, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    },
    ranges() {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'))
      return { ...devDependencies, ...dependencies }
    },
  }
}

function npm(command: string, cwd: string, signal: AbortSignal): Promise<unknown> {
  const options = { cwd, signal, maxBuffer: MOST_BYTES, env: { ...process.env, ...QUIET } }
  return new Promise((resolve, reject) => {
    execFile('npm', [command, '--json'], options, (error, stdout) => {
      if (signal.aborted) return reject(Object.assign(new Error('npm took too long'), { name: 'TimeoutError' }))
      if (error?.code === 'ENOENT')
        return reject(new RefusedError({ needs: 'npm on this machine', why: 'it is not there' }))
      try {
        resolve(JSON.parse(stdout || '{}'))
      } catch {
        reject(error ?? new Error('npm has printed no JSON'))
      }
    })
  })
}
