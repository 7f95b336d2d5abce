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

/** The rules in the stack. */
export interface Known {
  version: string
  config: Config
}

/** Rules stored for a roll-out: a hosted version in AppConfig. */
export interface Stored {
  number: number
  /** The version of its rules (`versionOf`); absent if `push` did not store it. */
  version: string | undefined
  /** It is a roll-back that replaced a later push. */
  isRollback: boolean
  /** Its source, and who pushed it. */
  description: string
}

/** A stage's rules in AppConfig. */
export interface Stage {
  place: Place
  /** The rules that it was deployed with. */
  deployed: Known
  /**
   * The active rules, or those that will be after the current roll-out: the rules pushed since (`number`: the hosted
   * version), or those it was deployed with.
   */
  current: Known & { number?: number }
  /** A roll-out in progress. */
  ongoing: DeploymentSummary | undefined
  /** The newest first. */
  versions: Stored[]
  /** The newest first. */
  rollouts: DeploymentSummary[]
  /** Names of the alarms that trigger a roll-back during a roll-out. */
  alarms: string[]
  ids: Ids
}

export type Ids = Record<'application' | 'environment' | 'rules' | 'deployed' | 'gradual' | 'atOnce', string>

const ONGOING = ['VALIDATING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK']

export function appConfigClient(): AppConfigClient {
  return new AppConfigClient({
    // AppConfig answers after its validators have checked the rules, up to 15 s each (serverless.yml).
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
    // The functions ignore a push that is based on other rules than the deployed ones (shared/live-config/live.ts).
    current: pushed?.base === deployed.version ? { version: pushed.version, config: pushed.config, number } : deployed,
    ongoing: rollouts.find(({ State = '' }) => ONGOING.includes(State)),
    versions: await storedVersions(client, ids),
    rollouts,
    alarms: (environment.Monitors ?? []).flatMap(({ AlarmArn }) => AlarmArn?.split(':alarm:')[1] ?? []),
    ids,
  }
}

/**
 * The active rules, as this version of the router parses them.
 * @throws {ConfigError} if it can't: another version stored them.
 */
export function liveConfigOf({ current, place }: Stage): Config {
  try {
    return checkConfig(current.config)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const why = `This version of the router cannot read the active rules of stage ${place.stage}: ${error.message}`
    throw new ConfigError(error.problems, why)
  }
}

/** The rules that a stage is deployed with now. */
export async function readDeployed(client: AppConfigClient, stage: string, ids: Ids): Promise<Known> {
  const [newest] = await hostedVersions(client, ids, ids.deployed)
  if (newest === undefined)
    throw noSuchRouter(`the stack of stage ${stage} does not have the rules it was deployed with`)
  const packed = await textOf(client, ids, ids.deployed, newest.VersionNumber ?? 0)
  const document = String(gunzipSync(Buffer.from(packed, 'base64')))
  return { version: versionOf(document), config: JSON.parse(document) as Config }
}

/** The content of a hosted version, in its original order, which determines its version. */
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

/** The ARNs of the stack's alarms contain the account: this needs no extra permission. */
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

/** The same rules may be stored again: the number makes the label unique. */
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
