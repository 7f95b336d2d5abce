import { readFileSync, statSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { isThere, readable } from '../../shared/config/files.ts'
import { FileError } from '../../shared/config/problem.ts'
import { type Described, estateIn } from '../../shared/estate/dump.ts'
import type { Estate, Router } from '../../shared/estate/estate.ts'
import { UsageError } from '../command.ts'
import { goTo } from '../frame/aws.ts'
import { ownPath } from '../own-files.ts'
import { stageName } from '../rules/live/place.ts'
import { decoded, noAlarms, valuesIn } from './dump-text.ts'

/** The options that say which alarms. */
interface Options {
  stage?: string | undefined
  topic?: string | undefined
  from?: string | undefined
  at?: string | undefined
  demo?: boolean | undefined
  region?: string | undefined
  profile?: string | undefined
}

/** Made-up alarms with every fault, and when they were made up. */
const DEMO = { file: 'demo/estate.json', name: 'made-up alarms', at: '2026-11-27T06:00:00.000Z', stage: 'prod' }

/**
 * The alarms that a person means: of an account, of a file, or made up.
 * @throws {UsageError | FileError} when nobody says which, or the file is none of describe-alarms.
 */
export async function openEstate(options: Options, now = new Date()): Promise<Estate> {
  const { from, demo, at } = options
  if (at !== undefined && from === undefined) throw new UsageError('--at is for --from: an account is asked now.')
  const router = routerOf(options)
  if (demo) return demoEstate()
  if (from !== undefined) return fileEstate(from, at, router, now)
  if (!router && options.profile === undefined) {
    throw new UsageError('Give a stage, as in --stage prod, a --profile, a file as --from FILE, or --demo.')
  }
  return accountEstate(options, router, now)
}

function routerOf({ stage, topic }: Options): Pick<Estate, 'router'> | undefined {
  if (stage !== undefined && topic !== undefined) throw new UsageError('Give --stage or --topic, not both.')
  if (topic !== undefined && !/^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]+$/.test(topic)) {
    throw new UsageError(`--topic ${topic}: give its ARN, as in arn:aws:sns:eu-west-1:123456789012:alarms`)
  }
  if (stage !== undefined) return { router: { stage: stageName(stage) } satisfies Router }
  return topic === undefined ? undefined : { router: { topic } }
}

function demoEstate(): Estate {
  const { file, name, at, stage } = DEMO
  const described = estateIn([JSON.parse(readFileSync(ownPath(file), 'utf8'))]) as Described
  return { from: { kind: 'file', name }, at, router: { stage }, ...described }
}

async function fileEstate(
  path: string,
  at: string | undefined,
  router: Pick<Estate, 'router'> | undefined,
  now: Date,
): Promise<Estate> {
  const isStdin = path === '-'
  if (!isStdin && !isThere(path)) throw new FileError(`${path}: file not found`)
  const content = decoded(isStdin ? await buffer(process.stdin) : readable(path, () => readFileSync(path)))
  const printed = at === undefined ? (isStdin ? now : statSync(path).mtime) : timeOf(at)
  const name = isStdin ? 'stdin' : path
  const described = estateIn(valuesIn(content, name))
  if (!described) throw noAlarms(name, content)
  return { from: { kind: 'file', name }, at: printed.toISOString(), ...router, ...described }
}

function timeOf(text: string): Date {
  const at = new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
  if (Number.isNaN(at.getTime())) throw new UsageError(`--at ${text}: write a time, as in 2026-11-27T06:00Z`)
  return at
}

async function accountEstate(options: Options, router: Pick<Estate, 'router'> | undefined, now: Date): Promise<Estate> {
  goTo(options)
  // Loading them takes longer than everything else.
  const { askEstate } = await import('../../shared/asking/estate.ts')
  const { closeEstateClients, openEstateClients } = await import('../../shared/asking/estate-clients.ts')
  const clients = openEstateClients()
  try {
    return { from: { kind: 'account' }, at: now.toISOString(), ...router, ...(await askEstate(clients, now)) }
  } finally {
    closeEstateClients(clients)
  }
}
