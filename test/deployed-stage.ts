import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { vi } from 'vitest'
import { PUSH } from '../cli/commands/rules.ts'
import { readLine } from '../cli/frame/parse.ts'
import type { Given } from '../cli/frame/spec.ts'
import { run } from '../cli/rules/push.ts'
import { type AppConfigStandIn, startAppConfig } from '../local/stand-ins/index.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { checkPushed } from '../shared/live-config/check-pushed.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import type { Run } from './command.ts'

export const SHIPPED = readFileSync('config/alerts.yml', 'utf8')
export const DEPLOYED = readConfig('config/alerts.yml')
/** The version that the stage is deployed with. */
export const BASE = versionOf(documentOf(DEPLOYED))
/** The stack's alarms contain the account. */
export const PLACE = 'stage prod, account 123456789012, us-east-1'
/** The alarms that monitor its roll-outs. */
export const MONITORS = ['alert-router-prod-errors', 'alert-router-prod-stale-rules'] as const
/** As the stack has them (deploy/live-config.ts). */
export const STRATEGIES = [
  { name: 'alert-router-prod', minutes: 10, growthPercent: 20, bakeMinutes: 10 },
  { name: 'alert-router-prod-at-once', minutes: 0, growthPercent: 100, bakeMinutes: 0 },
]
const MINUTE = 60_000

/** Stage prod in AppConfig, deployed with the shipped rules, with its own clock. */
export interface DeployedStage {
  server: AppConfigStandIn
  /** The environment by which a command reaches it. */
  env: Record<string, string>
  /** A deployment of the stack with other rules. */
  deploy(config: Config): void
  /** `npx alert-router rules push …` in a folder; each poll of the roll-out takes a minute of its clock. */
  push(args: string[], how: { cwd: string; eachMinute?: (minute: number) => void }): Promise<Run>
  /** Its time, ms since 1970. */
  now(): number
}

export async function deployedStage(options: { maxBytes?: number } = {}): Promise<DeployedStage> {
  let time = Date.UTC(2026, 10, 3)
  const server = await startAppConfig({
    application: 'alert-router-prod',
    environment: 'prod',
    profiles: ['rules', 'deployed'],
    strategies: STRATEGIES,
    monitors: [...MONITORS],
    now: () => time,
    validate: (content) => {
      const { problems } = checkPushed(content)
      if (problems.length > 0) throw new Error(problems.join('\n'))
    },
    ...options,
  })
  const env = {
    AWS_ENDPOINT_URL_APPCONFIG: server.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
  const deploy = (config: Config) => void server.store('deployed', gzipSync(documentOf(config)).toString('base64'))
  deploy(DEPLOYED)
  return {
    server,
    env,
    deploy,
    now: () => time,
    async push(args, { cwd, eachMinute = () => {} }) {
      let minutes = 0
      return await runIn(cwd, () =>
        run(givenOf(args), async () => {
          time += MINUTE
          eachMinute(++minutes)
        }),
      )
    },
  }
}

/** @throws {UsageError} for wrong usage. */
function givenOf(args: string[]): Given<typeof PUSH> {
  const read = readLine([PUSH], ['rules', 'push', ...args])
  if (read.asked !== 'command') throw new Error('the command line asks for something else')
  return read.given as Given<typeof PUSH>
}

async function runIn(cwd: string, command: () => Promise<number>): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []]
  const into = (chunks: string[]) => (chunk: unknown) => Boolean(chunks.push(String(chunk)))
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into(out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(into(err)),
  ]
  const back = process.cwd()
  process.chdir(cwd)
  try {
    return { code: await command(), stdout: out.join(''), stderr: err.join('') }
  } finally {
    process.chdir(back)
    for (const spy of spies) spy.mockRestore()
  }
}
