import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import type { Config } from '../../schemas/config.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { UsageError } from '../command.ts'
import type { PUSH } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { sinceTime } from '../since.ts'
import { describePlace, stageName } from './live/place.ts'
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

type Arguments = ReturnType<typeof readArguments>

export async function run(given: Given<typeof PUSH>, pause: Way['pause'] = sleep): Promise<number> {
  const asked = readArguments(given)
  const say = (text: string) => void (asked.json ? process.stderr : process.stdout).write(`${text}\n`)
  const saved = asked.plan === undefined ? undefined : readSavedPlan(asked.plan)
  if (saved && asked.stage !== undefined && asked.stage !== saved.stage) {
    throw new UsageError(`--stage ${asked.stage}: the plan in ${asked.plan} is for stage ${saved.stage}.`)
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
    const { isRequested = false, ...answer } = outcome
    const whole = { ...stage.place, base: stage.deployed.version, ...answer }
    if (asked.json) process.stdout.write(`${JSON.stringify(whole)}\n`)
    return outcome.state === 'COMPLETE' || isRequested ? 0 : 1
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  } finally {
    client.destroy()
  }
}

function readArguments({ options, args }: Given<typeof PUSH>) {
  if (args.length > 0 && options.against.length === 0) {
    throw new UsageError(`"${args.join(' ')}": give the rules as --config PATH.`)
  }
  const { config = CONFIG_FOLDER, since = '30d' } = options
  return { ...options, config, against: [...options.against, ...args], since: sinceTime(since) }
}

/** Rules that passed the checks that do not need the stage. */
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
  if (cases.length === 0) say(`No cases were run: ${folder} has none. "rules test --record EVENT" writes one.`)
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
  const where = describePlace(place)
  if (saved && !isStill(saved, { ...place, version, live: current.version }, asked.plan, say)) return undefined
  if (!mayGoLive(stage, config, say)) return undefined
  if (current.version === version) {
    say(`These rules are already active in ${where} (version ${version}).`)
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
  say(`${file} is out of date:\n  ${others.join('\n  ')}`)
  say(`Nothing was pushed. Plan again: ${commandLine(`rules plan --stage ${saved.stage} --out ${file}`)}`)
  return false
}

async function confirmed(question: string, isPreconfirmed: boolean): Promise<boolean> {
  if (isPreconfirmed) return true
  if (!process.stdin.isTTY) throw new UsageError('It asks for confirmation, but there is no terminal: add --yes.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  const isConfirmed = /^y(es)?$/i.test(answer.trim())
  if (!isConfirmed) process.stderr.write('Nothing was changed.\n')
  return isConfirmed
}
