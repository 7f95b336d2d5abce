import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import {
  DescribeTableCommand,
  type DynamoDBClient,
  paginateListTables,
  type TableDescription,
} from '@aws-sdk/client-dynamodb'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import { PREFIX } from '../local/topology.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { UsageError } from './command.ts'

/*
 * Which router a command talks to: the one in AWS of a `--stage`, or the one that `replay --keep` runs on this
 * machine. That one leaves its endpoints in a file of the user's in the folder for temporary files, until it ends.
 */

/** A router, as the AWS clients of this process now reach it. */
export interface Router {
  /** In front of its queues' names. */
  prefix: string
  /** `stage prod`, or `the router that runs here`: for messages. */
  where: string
  /** How a command goes on talking to it: ` --stage prod`, or nothing. */
  option: string
  /** Its table's name. @throws {Error} with the name `NoSuchRouter`. */
  tableName(client: DynamoDBClient): Promise<string>
}

/**
 * Chooses a stage's router, or without one the local, and points the AWS clients that are made after this to it.
 * @throws {UsageError} when no stage is named and no router runs here.
 */
export async function chooseRouter(stage: string | undefined): Promise<Router> {
  if (stage !== undefined) {
    if (!/^[A-Za-z0-9-]+$/.test(stage)) throw new UsageError(`--stage ${stage}: letters, digits and dashes, as in prod`)
    const prefix = `alert-router-${stage}`
    const tableName = (client: DynamoDBClient) => tableOf(client, prefix)
    return { prefix, where: `stage ${stage}`, option: ` --stage ${stage}`, tableName }
  }
  const local = await runningRouter()
  Object.assign(process.env, local.environment, CREDENTIALS_ENVIRONMENT)
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name]
  const tableName = async () => local.environment.TABLE_NAME ?? ''
  return { prefix: PREFIX, where: 'the router that runs here', option: '', tableName }
}

/**
 * CloudFormation names the table: the stack, the resource, and something random. One that a removed stack has left behind is
 * older than the one of the stack that is here now: the newest is taken, and the others are named.
 */
async function tableOf(client: DynamoDBClient, prefix: string): Promise<string> {
  const names: string[] = []
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    names.push(...TableNames.filter((one) => one.startsWith(`${prefix}-AlertTable-`)))
  }
  const [only, ...others] = names
  if (only === undefined) {
    throw Object.assign(new Error(`no table is called ${prefix}-AlertTable-…`), { name: 'NoSuchRouter' })
  }
  return others.length === 0 ? only : newestOf(client, names)
}

async function newestOf(client: DynamoDBClient, names: string[]): Promise<string> {
  const tables = await Promise.all(
    names.map(async (TableName) => (await client.send(new DescribeTableCommand({ TableName }))).Table ?? {}),
  )
  const madeAt = ({ CreationDateTime }: TableDescription) => CreationDateTime?.getTime() ?? 0
  const [newest, ...older] = tables
    .filter(({ TableStatus }) => TableStatus !== 'DELETING')
    .sort((a, b) => madeAt(b) - madeAt(a))
    .map((table) => ({ name: table.TableName ?? '', day: new Date(madeAt(table)).toISOString().slice(0, 10) }))
  if (newest === undefined) {
    throw Object.assign(new Error(`${names.join(' and ')} are being deleted`), { name: 'NoSuchRouter' })
  }
  if (older.length > 0) {
    const left = older.map(({ name, day }) => `${name} (${day})`).join(', ')
    process.stderr.write(
      `Of ${older.length + 1} tables this is the newest: ${newest.name} (${newest.day}). Left behind: ${left}\n`,
    )
  }
  return newest.name
}

/** What is known of a router that runs on this machine. */
interface LocalRouter {
  pid: number
  /** The engine's: where it listens, and what it is called. No secret is in it. */
  environment: Record<string, string>
}

const HOW = `Start one with "${commandLine('replay --keep')}" in another terminal, or name a stage in AWS, as in --stage prod.`

const fileOfRouter = () => join(tmpdir(), `alert-router-${userInfo().username}.json`)

/** Lets other commands find the router of this process. */
export function announceRouter(environment: Record<string, string>): void {
  const file = fileOfRouter()
  rmSync(file, { force: true })
  const local: LocalRouter = { pid: process.pid, environment }
  // A folder for all: never follow what somebody else has put there.
  writeFileSync(file, JSON.stringify(local), { mode: 0o600, flag: 'wx' })
}

/** Before this process's router ends. */
export function withdrawRouter(): void {
  if (readRouter()?.pid === process.pid) rmSync(fileOfRouter(), { force: true })
}

/** @throws {UsageError} when a router runs here already: the commands could not tell which is meant. */
export async function refuseSecondRouter(): Promise<void> {
  const local = readRouter()
  if (local && (await answers(local))) {
    throw new UsageError(`a router runs here already (process ${local.pid}): end that one first, with Ctrl-C`)
  }
}

/** @throws {UsageError} when there is none, with what to do. */
async function runningRouter(): Promise<LocalRouter> {
  const local = readRouter()
  if (!local) throw new UsageError(`No router runs on this machine. ${HOW}`)
  if (await answers(local)) return local
  throw new UsageError(`The router that ran on this machine (process ${local.pid}) has ended. ${HOW}`)
}

function readRouter(): LocalRouter | undefined {
  try {
    const file = fileOfRouter()
    if (process.getuid && statSync(file).uid !== process.getuid()) return undefined
    return JSON.parse(readFileSync(file, 'utf8')) as LocalRouter
  } catch {
    return undefined
  }
}

/** Any answer will do. A number of a process says less: it may be another one's by now. */
async function answers({ environment }: LocalRouter): Promise<boolean> {
  try {
    await fetch(environment.AWS_ENDPOINT_URL_SQS ?? '', { signal: AbortSignal.timeout(2_000) })
    return true
  } catch {
    return false
  }
}
