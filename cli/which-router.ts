import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import { PREFIX } from '../local/topology.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { UsageError } from './command.ts'

/*
 * Which router a command talks to: that of a `--stage` in AWS, or the one that `replay --keep` runs on this machine.
 * The local one keeps its endpoints in a file of the user in the temporary folder until it exits.
 */

/** The router that the AWS clients of this process talk to. */
export interface Router {
  /** The prefix of its queues' names. */
  prefix: string
  /** `stage prod`, or `the router that runs here`: for messages. */
  where: string
  /** The option that selects it in a command line: ` --stage prod`, or nothing. */
  option: string
  /** Its table's name. @throws {Error} with the name `NoSuchRouter`. */
  tableName(client: DynamoDBClient): Promise<string>
}

/**
 * Chooses the router of a stage, or the local one, and points AWS clients created later to it.
 * @throws {UsageError} when no stage is given and no router runs here.
 */
export async function chooseRouter(stage: string | undefined): Promise<Router> {
  if (stage !== undefined) {
    if (!/^[A-Za-z0-9-]+$/.test(stage))
      throw new UsageError(`--stage ${stage}: use letters, digits and dashes, as in prod`)
    const prefix = `alert-router-${stage}`
    const tableName = (client: DynamoDBClient) => tableOf(client, prefix)
    return { prefix, where: `stage ${stage}`, option: ` --stage ${stage}`, tableName }
  }
  return led(await runningRouter())
}

/** The router that runs on this machine, as `chooseRouter` gives it; `undefined` if none does. */
export async function routerHere(): Promise<Router | undefined> {
  const local = readRouter()
  return local && (await answers(local)) ? led(local) : undefined
}

/** Points AWS clients created later to it. */
function led(local: LocalRouter): Router {
  Object.assign(process.env, local.environment, CREDENTIALS_ENVIRONMENT)
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name]
  const tableName = async () => local.environment.TABLE_NAME ?? ''
  return { prefix: PREFIX, where: 'the router that runs here', option: '', tableName }
}

/**
 * CloudFormation names the table: the stack, the resource, and a random suffix. A table that a removed stack left
 * behind is older than that of the current stack: the newest is used, and the others are reported.
 */
async function tableOf(client: DynamoDBClient, prefix: string): Promise<string> {
  // Loaded by those that have a client: others only ask whether a router runs here.
  const { paginateListTables } = await import('@aws-sdk/client-dynamodb')
  const names: string[] = []
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    names.push(...TableNames.filter((one) => one.startsWith(`${prefix}-AlertTable-`)))
  }
  const [only, ...others] = names
  if (only === undefined) {
    throw Object.assign(new Error(`no table named ${prefix}-AlertTable-…`), { name: 'NoSuchRouter' })
  }
  return others.length === 0 ? only : newestOf(client, names)
}

async function newestOf(client: DynamoDBClient, names: string[]): Promise<string> {
  const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb')
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
      `Using the newest of ${older.length + 1} tables: ${newest.name} (${newest.day}). Left behind: ${left}\n`,
    )
  }
  return newest.name
}

/** A router that runs on this machine. */
interface LocalRouter {
  pid: number
  /** The engine's: its endpoints and names. Contains no secret. */
  environment: Record<string, string>
}

const HOW = `Start one with "${commandLine('replay --keep')}" in another terminal, or give a stage in AWS, as in --stage prod.`

const fileOfRouter = () => join(tmpdir(), `alert-router-${userInfo().username}.json`)

/** Lets other commands find the router of this process. */
export function announceRouter(environment: Record<string, string>): void {
  const file = fileOfRouter()
  rmSync(file, { force: true })
  const local: LocalRouter = { pid: process.pid, environment }
  // A shared folder: never follow a link that somebody else has put there.
  writeFileSync(file, JSON.stringify(local), { mode: 0o600, flag: 'wx' })
}

/** Removes the file before this process's router exits. */
export function withdrawRouter(): void {
  if (readRouter()?.pid === process.pid) rmSync(fileOfRouter(), { force: true })
}

/** @throws {UsageError} when a router already runs here: commands could not distinguish the two. */
export async function refuseSecondRouter(): Promise<void> {
  const local = readRouter()
  if (local && (await answers(local))) {
    throw new UsageError(`a router runs here already (process ${local.pid}): stop it first, with Ctrl-C`)
  }
}

/** @throws {UsageError} when there is none; the message says what to do. */
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

/** Any answer proves that it runs. A process id does not: another process may have it now. */
async function answers({ environment }: LocalRouter): Promise<boolean> {
  try {
    await fetch(environment.AWS_ENDPOINT_URL_SQS ?? '', { signal: AbortSignal.timeout(2_000) })
    return true
  } catch {
    return false
  }
}
