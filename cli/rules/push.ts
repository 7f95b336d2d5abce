import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import type { Config } from '../../schemas/config.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { UsageError } from '../command.ts'
import { sinceTime } from '../since.ts'
import { readOptions } from './arguments.ts'
import { placeInWords, stageName } from './live/place.ts'
import { PushRefused, type Way } from './live/roll-out.ts'
import { appConfigClient, readStage, type Stage } from './live/stage.ts'
import { otherThan, readSavedPlan, type SavedPlan } from './plan/saved.ts'
import { isWatched } from './push/alarms.ts'
import { casesPass, isSound, mayGoLive } from './push/allowed.ts'
import { commitOf, whoPushes } from './push/from-where.ts'
import { rollBack } from './push/roll-back.ts'
import { type Outcome, rollOutRules } from './push/roll-out-rules.ts'
import { showPlan, warnOfGone } from './push/show.ts'
import { casesFolderOf, type LocatedCase, readCases } from './test/cases.ts'

export const help = `Puts the rules live, without a deployment: checks them, runs their cases, shows
what the edit would have changed of what that stage received, asks, and rolls
them out step by step. When an alarm of the router's own goes off meanwhile,
AppConfig brings back the rules before.

  npm run rules -- push --stage STAGE [--config PATH] [--against FILE]…
  npm run rules -- push --plan FILE
  npm run rules -- push --stage STAGE --rollback

  --stage STAGE    the router of that stage, by the credentials and the region
                   of your environment, or --profile NAME and --region REGION
  --config PATH    the rules, a file or a folder; ${CONFIG_FOLDER}/
  --since WHEN     show what it would have changed since then: 30d
  --against FILE   show it over these events instead of what the stage received.
                   Can be given several times
  --plan FILE      push what "plan --out FILE" has shown. Refused when the
                   rules, what is live, or the stage differ from the plan's
  --rollback       go back: stop the roll-out that goes on, or else bring back
                   the rules that were live before, at once
  --unwatched      even where the actions of an alarm that would bring the rules
                   before back are off
  --yes            don't ask
  --json           {"stage", "account", "region", "version", "base",
                   "deployment", "state", "because", "plan"} when it has ended;
                   the rest on stderr. "state" is AppConfig's, or PASSED_OVER

What rules alone can't bring is refused, with what to do: a new email channel,
other addresses. They need "npm run deploy". When a channel goes, or gets
another name without "formerly", push looks into the stage's table
(dynamodb:ListTables and Scan) and warns of the alerts that still need it.

A roll-out begins only while the alarms that watch over it are OK and have their
actions on (cloudwatch:DescribeAlarms). Else push says which is not ready, and
what to do. A roll-back looks at no alarm.

Ctrl-C stops watching, not the roll-out. What was pushed stays live until a
deployment changes the rules, or the next push. When the stack is deployed with
other rules while a push goes on, no function uses the pushed ones: push says
"Passed over".

Exit code: 0 the rules are live, or were before; after --rollback, those before
are. 1 they are not. 2 wrong usage.
`

type Arguments = ReturnType<typeof readArguments>

export async function run(args: string[], pause: Way['pause'] = sleep): Promise<number> {
  const asked = readArguments(args)
  const say = (text: string) => void (asked.json ? process.stderr : process.stdout).write(`${text}\n`)
  const saved = asked.plan === undefined ? undefined : readSavedPlan(asked.plan)
  if (saved && asked.stage !== undefined && asked.stage !== saved.stage) {
    throw new UsageError(`--stage ${asked.stage}: the plan in ${asked.plan} is of stage ${saved.stage}.`)
  }
  const name = saved?.stage ?? stageName(asked.stage)
  const edit = asked.rollback ? undefined : readEdit(saved?.config ?? asked.config, say)
  if (edit === 'refused') return 1

  const client = appConfigClient()
  try {
    const stage = await readStage(client, name)
    const way = { say, pause, confirmed: (question: string) => confirmed(question, asked.yes) }
    const outcome = edit
      ? await push(client, stage, edit, { ...asked, ...way, saved })
      : await rollBack(client, stage, way)
    if (outcome === undefined) return 1
    const { isMeant = false, ...told } = outcome
    const whole = { ...stage.place, base: stage.deployed.version, ...told }
    if (asked.json) process.stdout.write(`${JSON.stringify(whole)}\n`)
    return outcome.state === 'COMPLETE' || isMeant ? 0 : 1
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
    unwatched: { type: 'boolean', default: false },
    config: { type: 'string' },
    since: { type: 'string' },
    against: { type: 'string', multiple: true, default: [] },
    plan: { type: 'string' },
    rollback: { type: 'boolean', default: false },
  } as const)
  const { config, since, plan, rollback } = values
  if (positionals.length > 0 && values.against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name the rules as --config PATH.`)
  }
  const against = [...values.against, ...positionals]
  const beside = Object.entries({ config, since, against: against[0] }).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`],
  )
  if (plan !== undefined && rollback) throw new UsageError('--plan or --rollback: one at a time.')
  if (plan !== undefined && beside.length > 0) {
    throw new UsageError(`--plan: the plan says which rules go live, without ${beside.join(' and ')}.`)
  }
  if (rollback && beside.length > 0) {
    throw new UsageError(`--rollback: the rules before come from AppConfig, without ${beside.join(' and ')}.`)
  }
  return { ...values, config: config ?? CONFIG_FOLDER, against, since: sinceTime(since ?? '30d') }
}

/** Rules that may be pushed as far as can be said without their stage. */
interface Edit {
  file: string
  config: Config
  version: string
  cases: LocatedCase[]
}

function readEdit(file: string, say: Way['say']): Edit | 'refused' {
  const config = readConfig(file)
  if (!isSound(config, file, say)) return 'refused'
  const folder = casesFolderOf(file)
  const cases = existsSync(folder) ? readCases([folder]) : []
  if (cases.length === 0) say(`No cases were run: there are none in ${folder}. "rules test --record EVENT" writes one.`)
  if (!casesPass(cases, config, say)) return 'refused'
  return { file, config, version: versionOf(documentOf(config)), cases }
}

interface Asking extends Arguments, Way {
  saved: SavedPlan | undefined
  confirmed(question: string): Promise<boolean>
}

/** `undefined`: nothing was pushed. */
async function push(
  client: AppConfigClient,
  stage: Stage,
  { file, config, version, cases }: Edit,
  { saved, say, pause, confirmed, ...asked }: Asking,
): Promise<(Outcome & Record<string, unknown>) | undefined> {
  const { place, current, deployed } = stage
  const where = placeInWords(place)
  if (saved && !isStill(saved, { ...place, version, live: current.version }, asked.plan, say)) return undefined
  if (!mayGoLive(stage, config, say)) return undefined
  if (current.version === version) {
    say(`These rules are live already in ${where} (version ${version}).`)
    return { version, state: 'COMPLETE' }
  }
  if (!(await isWatched(stage, asked.unwatched, say))) return undefined

  if (saved) say(saved.shown)
  const plan = saved ? saved.plan : await showPlan(stage, { ...asked, config, file }, say)
  await warnOfGone(current.config, config, place.stage, say)
  say(`\nIn ${where}: ${current.version} → ${version} (${file})`)
  if (!(await confirmed(`Roll it out to ${where}? [y/N] `))) return undefined

  const commit = commitOf(file)
  const pushed = { version, base: deployed.version, commit, config, cases: cases.map(({ where, ...one }) => one) }
  const stored = { description: `${file}${commit ? ` at ${commit}` : ''}${whoPushes()}`, isRollback: false }
  return { version, ...(await rollOutRules(client, stage, pushed, stored, { say, pause, how: 'gradual' })), plan }
}

function isStill(
  saved: SavedPlan,
  now: Parameters<typeof otherThan>[1],
  file: string | undefined,
  say: Way['say'],
): boolean {
  const others = otherThan(saved, now)
  if (others.length === 0) return true
  say(`What ${file} shows is not what would happen now:\n  ${others.join('\n  ')}`)
  say(`Nothing was pushed. Plan again: npm run rules -- plan --stage ${saved.stage} --out ${file}`)
  return false
}

async function confirmed(question: string, isYes: boolean): Promise<boolean> {
  if (isYes) return true
  if (!process.stdin.isTTY) throw new UsageError('It asks first, and there is no terminal to ask on: add --yes.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  const isMeant = /^y(es)?$/i.test(answer.trim())
  if (!isMeant) process.stderr.write('Nothing was changed.\n')
  return isMeant
}
