import { spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppConfigClient } from '@aws-sdk/client-appconfig'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../../schemas/config.ts'
import { clientOptions } from '../../shared/aws.ts'
import { runCase } from '../../shared/cases/run.ts'
import type { Finding } from '../../shared/check/finding.ts'
import { errorsIn } from '../../shared/check/findings.ts'
import { ConfigError, checkConfig, pathText } from '../../shared/config/check.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/config/version.ts'
import { type Plan, planOf } from '../../shared/plan/plan.ts'
import { explainAwsError, UsageError } from '../command.ts'
import { sinceTime } from '../since.ts'
import { chooseRouter } from '../which-router.ts'
import { readOptions } from './arguments.ts'
import { readHistory } from './plan/history.ts'
import { planInWords } from './plan/print.ts'
import { needsDeployment } from './push/needs-deployment.ts'
import { PushRefused, type Rollout, readStage, rolloutOf, type Stage, startRollout } from './push/stage.ts'
import { channelsGone, waitingFor, waitingInWords } from './push/waiting.ts'
import { type LocatedCase, readCases } from './test/cases.ts'
import { diffOf } from './test/diff.ts'

export const help = `Puts the rules live, without a deployment: checks them, runs their cases, shows what the edit would have changed
of what that stage received, asks, and rolls them out by and by. When an alarm of the router's own goes off meanwhile,
AppConfig brings back the rules before.

  npm run rules -- push --stage STAGE [--yes] [--config PATH] [--against FILE]… [--since 30d] [--json]

  --stage STAGE     the router of that stage, by the credentials and the region (AWS_REGION) of your environment
  --yes             don't ask
  --config PATH     the rules, a file or a folder; ${CONFIG_FOLDER}/
  --since WHEN      show what it would have changed since then: 30d
  --against FILE    show it over these events instead of what the stage received. Can be given several times
  --json            {"stage", "version", "base", "deployment", "state", "because", "plan"} when it is over; the rest on stderr

What rules alone can't bring is refused, with what to do: a new email channel, other addresses, a secret that no function
may read yet. They need "npm run deploy". A channel that goes, or gets another name without "formerly", while alerts wait for
it is warned of: it looks into the stage's table (dynamodb:ListTables and Scan) for what that channel is still owed.

Ctrl-C stops watching, not the roll-out. What was pushed holds until a deployment changes the rules, or the next push.

Exit code: 0 it is live, or was before; 1 it is not.
`

/** A roll-out is looked at so often. */
const PAUSE_MS = 5_000

export async function run(args: string[], pause: (ms: number) => Promise<unknown> = sleep): Promise<number> {
  const { stage: name, config: file, ...options } = readArguments(args)
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)

  const config = readConfig(file)
  if (!isSound(config, file, say)) return 1
  const version = versionOf(documentOf(config))
  const cases = readCases()
  if (!casesPass(cases, config, say)) return 1

  const client = new AppConfigClient({
    // AppConfig answers when its validators have looked at the rules, which may take each 15 s (serverless.yml).
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  })
  try {
    const stage = await readStage(client, name)
    const known = { stage: name, version, base: stage.deployed.version }
    if (!mayGoLive(stage, config, name, say)) return 1
    if (stage.current.version === version) {
      say(`Stage ${name} has these rules already (version ${version}).`)
      return finish({ ...known, state: 'COMPLETE' }, options.json)
    }

    const plan = await tellPlan(stage.current.config, config, { ...options, stage: name }, say)
    await warnOfGone(stage.current.config, config, name, say)
    say(`\nStage ${name}: ${stage.current.version} → ${version} (${file})`)
    if (!options.yes && !(await confirmed('Roll it out? [y/N] '))) return 1

    if (stage.isFirst) await rollOutDeployed(client, stage, pause)
    const commit = commitOf(file)
    const pushed = { version, base: known.base, commit, config, cases: cases.map(({ where, ...one }) => one) }
    const deployment = await startRollout(client, stage, pushed, `${file}${commit ? ` at ${commit}` : ''}`)
    say(`AppConfig's validators take it. Roll-out ${deployment} has begun.`)
    const rollout = await watch(() => rolloutOf(client, stage, deployment), say, pause)
    const { state, because } = rollout
    say(
      state === 'COMPLETE'
        ? `Live: version ${version}.`
        : `Rolled back: ${stage.current.version} holds. ${because ?? ''}`,
    )
    return finish({ ...known, deployment, state, because, plan }, options.json)
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  } finally {
    client.destroy()
  }
}

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    stage: { type: 'string' },
    yes: { type: 'boolean', default: false },
    config: { type: 'string', default: CONFIG_FOLDER },
    since: { type: 'string', default: '30d' },
    against: { type: 'string', multiple: true, default: [] },
  } as const)
  const { stage, against, since } = values
  if (positionals.length > 0 && against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name the rules as --config PATH.`)
  }
  if (stage === undefined) throw new UsageError('Name the stage, as in --stage prod.')
  if (!/^[A-Za-z0-9-]+$/.test(stage)) throw new UsageError(`--stage ${stage}: letters, digits and dashes, as in prod`)
  return { ...values, stage, against: [...against, ...positionals], since: sinceTime(since) }
}

/**
 * Before the first push: what the functions have in their packages is rolled out too, so that a roll-back has something
 * to go back to.
 */
async function rollOutDeployed(client: AppConfigClient, stage: Stage, pause: (ms: number) => Promise<unknown>) {
  const { version, config } = stage.deployed
  const pushed = { version, base: version, config }
  const deployment = await startRollout(client, stage, pushed, 'What the stack was deployed with', 'atOnce')
  await watch(
    () => rolloutOf(client, stage, deployment),
    () => {},
    pause,
  )
}

type Say = (text: string) => void

function isSound(config: Config, path: string, say: Say): boolean {
  const errors = errorsIn(config, new Date())
  if (errors.length === 0) return true
  say(`${errors.map(({ path: at, message }) => `${placeIn(config, at)}: ${message}`).join('\n')}`)
  say(`Nothing was pushed. More of it: npm run rules -- check --config ${path}`)
  return false
}

function placeIn({ rules }: Config, path: Finding['path']): string {
  return path[0] === 'rules' ? `rule "${rules[Number(path[1])]?.name}"` : pathText(path)
}

function casesPass(cases: LocatedCase[], config: Config, say: Say): boolean {
  const failed = cases.flatMap((one) => {
    const { differences } = runCase(one, config)
    return differences.length > 0 ? [`✗ ${one.name}  (${one.where})\n${differences.flatMap(diffOf).join('\n')}`] : []
  })
  if (failed.length === 0) return true
  say([...failed, `${failed.length} of ${cases.length} cases fail: nothing is pushed.`].join('\n'))
  return false
}

function mayGoLive({ deployed, ongoing }: Stage, config: Config, stage: string, say: Say): boolean {
  const missing = needsDeployment(config, deployed.config)
  if (missing.length > 0) {
    const how = `npm run deploy -- --stage ${stage}`
    say(
      `These rules need what stage ${stage} was not deployed with. Deploy them with "${how}":\n  ${missing.join('\n  ')}`,
    )
    return false
  }
  if (ongoing) {
    say(
      `Roll-out ${ongoing.number} goes on since ${ongoing.startedAt?.toISOString() ?? 'a while'}: wait until it is through.`,
    )
    return false
  }
  return true
}

/** What would have changed; when that can't be told, why, which is no reason not to push. */
async function tellPlan(
  current: Config,
  after: Config,
  asked: { stage: string; against: string[]; since: Date },
  say: Say,
): Promise<Plan | undefined> {
  try {
    const { alerts } = await readHistory(
      asked.against.length > 0 ? { ...asked, stage: undefined, since: undefined } : asked,
    )
    const plan = planOf(alerts, checkConfig(current), after)
    say(planInWords(plan, Math.max(60, Math.min(process.stdout.columns ?? 100, 140))))
    return plan
  } catch (error) {
    if (error instanceof UsageError) throw error
    const why = error instanceof ConfigError ? 'the rules before are none to this version of the router' : String(error)
    say(`What this would have changed can't be told: ${why}`)
    return undefined
  }
}

/** Alerts that wait for a channel that these rules take away. When that can't be told, why, which is no reason not to push. */
async function warnOfGone(current: Config, after: Config, stage: string, say: Say): Promise<void> {
  const gone = channelsGone(current, after)
  if (gone.length === 0) return
  const router = await chooseRouter(stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    const warning = waitingInWords(gone, await waitingFor(gone, client, await router.tableName(client)))
    if (warning !== '') say(`\n${warning}`)
  } catch (error) {
    const why = explainAwsError(error as Error)
    say(
      `\nWhether alerts wait for ${gone.map((name) => `"${name}"`).join(', ')}, which these rules don't name, can't be told: ${why}`,
    )
  } finally {
    client.destroy()
  }
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('It asks first, and there is no terminal to ask on: add --yes.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** Tells each step of a roll-out until it is over. */
async function watch(
  look: () => Promise<Rollout>,
  say: Say,
  pause: (ms: number) => Promise<unknown>,
): Promise<Rollout> {
  let told = ''
  for (;;) {
    const rollout = await look()
    const line = rolloutInWords(rollout)
    if (line !== told && line !== '') say(line)
    told = line
    if (['COMPLETE', 'ROLLED_BACK', 'REVERTED'].includes(rollout.state)) return rollout
    await pause(PAUSE_MS)
  }
}

function rolloutInWords({ state, percent }: Rollout): string {
  if (state === 'DEPLOYING') return `  ${percent} % of the functions`
  if (state === 'BAKING') return '  100 %, and watched for a while'
  return state === 'ROLLING_BACK' ? '  rolling back' : ''
}

function finish(outcome: { state: Rollout['state'] } & Record<string, unknown>, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`)
  return outcome.state === 'COMPLETE' ? 0 : 1
}

/** The commit that a file is from, marked where it was edited since; nothing outside of git. */
function commitOf(file: string): string | undefined {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' })
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head.status !== 0) return undefined
  const isEdited = git('status', '--porcelain', '--', file).stdout !== ''
  return `${head.stdout.trim()}${isEdited ? ', edited' : ''}`
}
