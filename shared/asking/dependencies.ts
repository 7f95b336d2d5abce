import type { Outdated, Vulnerable } from '../questions/ask.ts'
import { RefusedError } from './refused.ts'

/** The folder of a Node project. */
export interface Project {
  /** What `npm COMMAND --json` prints, whatever its exit code: that is 1 when something was found. */
  npm(command: 'outdated' | 'audit', signal: AbortSignal): Promise<unknown>
  /** Of its package.json: the range of each dependency, by name. */
  ranges(): Record<string, string>
}

const NO_PROJECT = {
  needs: 'a checkout: run "alert-router report maintenance" there',
  why: 'there is no project here',
}

interface NpmOutdated {
  /** Absent where it is not installed. */
  current?: string
  wanted: string
  latest: string
}

/** Which dependencies have a newer version. @throws {RefusedError} */
export async function askOutdated(project: Project | undefined, signal: AbortSignal): Promise<Outdated[]> {
  if (!project) throw new RefusedError(NO_PROJECT)
  const answer = answerOf(await project.npm('outdated', signal), 'npm outdated')
  const ranges = project.ranges()
  return Object.entries(answer).flatMap(([name, of]): Outdated[] => {
    // In a workspace, one for each package that depends on it.
    const { current, wanted, latest } = (Array.isArray(of) ? of[0] : of) as NpmOutdated
    const is = current ?? wanted
    return is === latest
      ? []
      : [
          {
            ...{ name, current: is, wanted, latest },
            isInstalled: current !== undefined,
            isExact: /^\d/.test(ranges[name] ?? ''),
          },
        ]
  })
}

interface NpmVulnerability {
  severity: string
  isDirect: boolean
  via: (string | { title?: string })[]
  fixAvailable: boolean | { name: string; version: string; isSemVerMajor: boolean }
}

/** Which dependencies have known vulnerabilities. @throws {RefusedError} */
export async function askVulnerable(project: Project | undefined, signal: AbortSignal): Promise<Vulnerable[]> {
  if (!project) throw new RefusedError(NO_PROJECT)
  const { vulnerabilities } = answerOf(await project.npm('audit', signal), 'npm audit')
  if (typeof vulnerabilities !== 'object')
    throw new Error('npm audit lists no vulnerabilities, and not that there are none')
  return Object.entries(vulnerabilities as Record<string, NpmVulnerability>).map(
    ([name, { severity, isDirect, via, fixAvailable }]) => ({
      ...{ name, severity, isDirect },
      titles: via.flatMap((one) => (typeof one === 'object' && one.title !== undefined ? [one.title] : [])),
      ...(fixAvailable !== false && { fix: fixAvailable === true ? ('update' as const) : fixOf(fixAvailable) }),
    }),
  )
}

const fixOf = ({ name, version, isSemVerMajor }: Exclude<NpmVulnerability['fixAvailable'], boolean>) => ({
  ...{ name, version, isMajor: isSemVerMajor },
})

/** npm says in JSON, too, why it has no answer. */
function answerOf(answer: unknown, command: string): Record<string, unknown> {
  const { error, message } = (answer ?? {}) as { error?: { code?: string; summary?: string }; message?: string }
  if (error === undefined || typeof error !== 'object') return (answer ?? {}) as Record<string, unknown>
  const { code = '', summary } = error
  if (code === 'ENOLOCK')
    throw new RefusedError({ needs: 'a package-lock.json', why: 'npm audit reads what is installed' })
  const why = [summary, message, code, `${command} failed`].find(Boolean)?.split('\n')[0] ?? ''
  if (/E(CONN|NOTFOUND|AI_AGAIN|TIMEDOUT|NETUNREACH|HOSTUNREACH)/.test(`${code} ${why}`)) {
    throw new RefusedError({ needs: "npm's registry", why: why.slice(0, 200) })
  }
  throw new Error(why)
}
