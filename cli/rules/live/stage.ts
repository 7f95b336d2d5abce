import { gunzipSync } from 'node:zlib'
import {
  AppConfigClient,
  type DeploymentSummary,
  type Environment,
  GetHostedConfigurationVersionCommand,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeploymentStrategies,
  paginateListDeployments,
  paginateListEnvironments,
  paginateListHostedConfigurationVersions,
} from '@aws-sdk/client-appconfig'
import { named } from '../../../deploy/pushed-rules.ts'
import type { Config } from '../../../schemas/config.ts'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { ConfigError, checkConfig } from '../../../shared/config/check.ts'
import { versionOf } from '../../../shared/live-config/version.ts'
import type { Place } from './place.ts'

/** Rules that are in the stack. */
export interface Known {
  version: string
  config: Config
}

/** Rules that were stored to be rolled out: a hosted version of AppConfig. */
export interface Stored {
  number: number
  /** Of its rules (`versionOf`); absent when it was not stored by `push`. */
  version: string | undefined
  /** It took the place of a later push. */
  isRollback: boolean
  /** What it was pushed from, and by whom. */
  description: string
}

/** A stage's rules in AppConfig. */
export interface Stage {
  place: Place
  /** What it was deployed with. */
  deployed: Known
  /**
   * What holds now, or will when the roll-out is through: what was pushed since (`number`: as which hosted version), or what
   * it was deployed with.
   */
  current: Known & { number?: number }
  /** A roll-out that is going on. */
  ongoing: DeploymentSummary | undefined
  /** The newest first. */
  versions: Stored[]
  /** The newest first. */
  rollouts: DeploymentSummary[]
  /** Names of those that bring the rules before back, while a roll-out goes on. */
  alarms: string[]
  ids: Ids
}

export type Ids = Record<'application' | 'environment' | 'rules' | 'deployed' | 'gradual' | 'atOnce', string>

const ONGOING = ['VALIDATING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK']

export function appConfigClient(): AppConfigClient {
  return new AppConfigClient({
    // AppConfig answers when its validators have looked at the rules, which may take each 15 s (serverless.yml).
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  })
}

/** @throws {Error} with the name `NoSuchRouter` when the stack has no rules in AppConfig. */
export async function readStage(client: AppConfigClient, stage: string): Promise<Stage> {
  const { environment, ids } = await find(client, stage)
  const deployed = await readDeployed(client, stage, ids)
  const inApplication = { ApplicationId: ids.application }
  const deployments: DeploymentSummary[] = []
  const inEnvironment = { ...inApplication, EnvironmentId: ids.environment }
  for await (const { Items = [] } of paginateListDeployments({ client }, inEnvironment)) deployments.push(...Items)
  const rollouts = deployments
    .filter(({ ConfigurationProfileId: id }) => id === undefined || id === ids.rules)
    .sort((a, b) => (b.DeploymentNumber ?? 0) - (a.DeploymentNumber ?? 0))
  const last = rollouts.find(({ State }) => State === 'COMPLETE')
  const number = Number(last?.ConfigurationVersion)
  const pushed = last && (await readPushed(client, ids, number))
  return {
    place: { stage, ...(await whereIs(client, environment)) },
    deployed,
    // What was pushed onto other rules than the deployed ones is passed over by the functions (shared/live-config/live.ts).
    current: pushed?.base === deployed.version ? { version: pushed.version, config: pushed.config, number } : deployed,
    ongoing: rollouts.find(({ State = '' }) => ONGOING.includes(State)),
    versions: await storedVersions(client, ids),
    rollouts,
    alarms: (environment.Monitors ?? []).flatMap(({ AlarmArn }) => AlarmArn?.split(':alarm:')[1] ?? []),
    ids,
  }
}

/**
 * What is live, as this version of the router reads it.
 * @throws {ConfigError} when it can't: another version made it.
 */
export function liveConfigOf({ current, place }: Stage): Config {
  try {
    return checkConfig(current.config)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const why = `What is live in stage ${place.stage} are no rules to this version of the router: ${error.message}`
    throw new ConfigError(error.problems, why)
  }
}

/** What a stage is deployed with at this moment. */
export async function readDeployed(client: AppConfigClient, stage: string, ids: Ids): Promise<Known> {
  const [newest] = await hostedVersions(client, ids, ids.deployed)
  if (newest === undefined) throw noSuchRouter(`the stack of stage ${stage} does not say what it was deployed with`)
  const packed = await textOf(client, ids, ids.deployed, newest.VersionNumber ?? 0)
  const document = String(gunzipSync(Buffer.from(packed, 'base64')))
  return { version: versionOf(document), config: JSON.parse(document) as Config }
}

/** What a hosted version holds, in the order in which it was put together: as it is, it has its version. */
export async function readPushed(client: AppConfigClient, ids: Ids, number: number): Promise<PushedConfig> {
  return JSON.parse(await textOf(client, ids, ids.rules, number)) as PushedConfig
}

async function find(client: AppConfigClient, stage: string): Promise<{ environment: Environment; ids: Ids }> {
  const name = `alert-router-${stage}`
  const application = idOf(await existing(paginateListApplications({ client }, {}), name))
  const inApplication = { ApplicationId: application }
  const environment = await existing(paginateListEnvironments({ client }, inApplication), stage)
  const profile = async (of: string) =>
    idOf(await existing(paginateListConfigurationProfiles({ client }, inApplication), of))
  const strategy = async (of: string) => idOf(await existing(paginateListDeploymentStrategies({ client }, {}), of))
  return {
    environment,
    ids: {
      application,
      environment: idOf(environment),
      rules: await profile('rules'),
      deployed: await profile('deployed'),
      gradual: await strategy(name),
      atOnce: await strategy(`${name}-at-once`),
    },
  }
}

async function existing<Item extends { Name?: string | undefined }>(
  pages: AsyncIterable<{ Items?: Item[] | undefined }>,
  name: string,
): Promise<Item> {
  const item = await named(pages, name)
  if (item === undefined) throw noSuchRouter(`AppConfig has no ${name}`)
  return item
}

function idOf({ Id = '' }: { Id?: string | undefined }): string {
  return Id
}

/** The stack's own alarms say whose it is: who is asked has no need of a right to ask AWS. */
async function whereIs(client: AppConfigClient, { Monitors = [] }: Environment): Promise<Omit<Place, 'stage'>> {
  const [, account] = /^arn:[^:]+:cloudwatch:[^:]+:(\d+):/.exec(Monitors[0]?.AlarmArn ?? '') ?? []
  return { account: account ?? 'unknown', region: await client.config.region() }
}

async function storedVersions(client: AppConfigClient, ids: Ids): Promise<Stored[]> {
  return (await hostedVersions(client, ids, ids.rules)).map(({ VersionNumber, VersionLabel, Description }) => ({
    number: VersionNumber ?? 0,
    ...readLabel(VersionLabel),
    description: Description ?? '',
  }))
}

/** The newest first. */
async function hostedVersions(client: AppConfigClient, ids: Ids, profile: string) {
  const place = { ApplicationId: ids.application, ConfigurationProfileId: profile }
  const all = []
  for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client }, place)) all.push(...Items)
  return all.sort((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0))
}

async function textOf(client: AppConfigClient, ids: Ids, profile: string, VersionNumber: number): Promise<string> {
  const place = { ApplicationId: ids.application, ConfigurationProfileId: profile, VersionNumber }
  const { Content } = await client.send(new GetHostedConfigurationVersionCommand(place))
  return Buffer.from(Content ?? []).toString()
}

const ROLLBACK = '-rollback'

/** The same rules may be stored again: the number keeps the labels apart. */
export function labelOf({ number, version, isRollback }: Omit<Stored, 'description'>): string {
  return `${version}-${number}${isRollback ? ROLLBACK : ''}`
}

function readLabel(label = ''): Pick<Stored, 'version' | 'isRollback'> {
  const [, version] = /^([0-9a-f]{12})-\d+/.exec(label) ?? []
  return { version, isRollback: label.endsWith(ROLLBACK) }
}

function noSuchRouter(message: string): Error {
  return Object.assign(new Error(message), { name: 'NoSuchRouter' })
}
