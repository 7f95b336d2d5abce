import { CREDENTIALS_ENVIRONMENT } from '../../local/emulated.ts'
import type { Config } from '../../schemas/config.ts'
import { type Platform, platformSchema } from '../../schemas/platform.ts'
import type { RouterNames } from '../../shared/asking/ask.ts'
import { type Clients, closeClients, openClients } from '../../shared/asking/clients.ts'
import type { Project } from '../../shared/asking/dependencies.ts'
import { FileError } from '../../shared/config/problem.ts'
import { readConfig } from '../../shared/config/read.ts'
import { readPlatform } from '../../shared/platform/read.ts'
import type { Outcome } from '../../shared/questions/ask.ts'
import type { Context } from '../../shared/questions/question.ts'
import { bucketOf } from '../archive/s3.ts'
import { UsageError } from '../command.ts'
import { goTo } from '../frame/aws.ts'
import { stageName } from '../rules/live/place.ts'
import { chooseRouter } from '../which-router.ts'
import { projectIn } from './project.ts'

/** The options of each command that asks AWS about the platform. */
interface Options {
  stage?: string | undefined
  demo?: boolean | undefined
  region?: string | undefined
  profile?: string | undefined
  config: string
  platform: string
  /** Of the packages that are asked for; here, when absent. */
  project?: string | undefined
}

/** What questions are asked with: what is watched, and whom to ask. */
export interface Opened {
  context: Omit<Context, 'days'>
  isDemo: boolean
  about: { stage: string; clients: Clients; router: RouterNames; project: Project; known: Map<string, Outcome> }
  close(): Promise<void>
}

/** The router that runs on this machine has no stage. */
const HERE = 'here'

/**
 * Leads this process's clients to the account of a stage, or to the demo.
 * @param ofRouter what is asked is asked of the router alone: it may be the one that runs here, and nothing need be watched.
 * @throws {UsageError} without either.
 * @throws {FileError | ConfigError} for a file that is missing or invalid.
 */
export async function openAsking(options: Options, now: Date, ofRouter = false): Promise<Opened> {
  const { demo, platform: file } = options
  const isHere = ofRouter && !demo && options.stage === undefined
  const stage = demo ? 'demo' : isHere ? HERE : options.stage
  if (stage === undefined) throw new UsageError('Give a stage, as in --stage prod, or --demo.')
  const platform = readPlatform(file) ?? (ofRouter && !demo ? NOTHING : undefined)
  if (!platform) throw new FileError(`${file}: file not found. Write what is watched there: docs/platform.md`)
  const rules = readConfig(options.config)
  const made = demo ? await startDemoHere(platform, rules, now) : undefined
  goTo(options)
  const here = isHere ? await chooseRouter(undefined) : undefined
  const clients = openClients()
  // Without credentials, or a region, every question would say so.
  const region = await clients.cloudWatch.config.region()
  if (!made) await clients.cloudWatch.config.credentials()
  const routerMetrics = made?.routerMetrics ?? `alert-router/${stageName(stage)}`
  const router = {
    table: async () => made?.table ?? (here ?? (await chooseRouter(stage))).tableName(clients.dynamoDb),
    archive: () => bucketOf(clients.s3, stage),
  }
  const close = async () => {
    closeClients(clients)
    await made?.close()
  }
  const project = made?.project ?? projectIn(options.project ?? '.')
  return {
    context: { platform, rules, now, routerMetrics, region },
    isDemo: made !== undefined,
    about: { stage, clients, router, project, known: new Map() },
    close,
  }
}

/** A router that watches no platform. */
const NOTHING = platformSchema.parse({ stages: [], services: {} })

/** A stand-in for AWS with the demo's data, to which this process's clients are led. */
async function startDemoHere(
  platform: Platform,
  rules: Config,
  now: Date,
): Promise<{ routerMetrics: string; table: string; project: Project; close(): Promise<void> }> {
  const { DEMO_PROJECT, ROUTER_METRICS, ROUTER_TABLE, startDemo } = await import('../../local/demo/start.ts')
  const aws = await startDemo({ platform, rules, now })
  Object.assign(process.env, aws.env, CREDENTIALS_ENVIRONMENT, { AWS_REGION: 'eu-west-1' })
  return { routerMetrics: ROUTER_METRICS, table: ROUTER_TABLE, project: DEMO_PROJECT, close: () => aws.close() }
}
