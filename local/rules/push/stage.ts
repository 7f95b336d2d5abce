import { gunzipSync } from 'node:zlib'
import {
  type AppConfigClient,
  BadRequestException,
  ConflictException,
  CreateHostedConfigurationVersionCommand,
  type Deployment,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  PayloadTooLargeException,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeploymentStrategies,
  paginateListDeployments,
  paginateListEnvironments,
  paginateListHostedConfigurationVersions,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig'
import type { Config } from '../../../schemas/config.ts'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { versionOf } from '../../../shared/config/version.ts'

/** Rules that are in the stack. */
export interface Known {
  version: string
  config: Config
}

/** A stage's rules in AppConfig. */
export interface Stage {
  /** What it was deployed with. */
  deployed: Known
  /** What holds now, or will when the roll-out is through: what was pushed since, or what it was deployed with. */
  current: Known
  /** A roll-out that is going on. */
  ongoing: { number: number; startedAt: Date | undefined } | undefined
  /** Nothing has been rolled out ever. */
  isFirst: boolean
  /** The last hosted version's number: whoever stores the next one has seen it. */
  lastNumber: number
  ids: Record<'application' | 'environment' | 'rules' | 'gradual' | 'atOnce', string>
}

const ONGOING = ['VALIDATING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK']

/** @throws {Error} with the name `NoSuchRouter` when the stack has no rules in AppConfig. */
export async function readStage(client: AppConfigClient, stage: string): Promise<Stage> {
  const name = `alert-router-${stage}`
  const application = await idOf(paginateListApplications({ client }, {}), name)
  const inApplication = { ApplicationId: application }
  const environment = await idOf(paginateListEnvironments({ client }, inApplication), stage)
  const rules = await idOf(paginateListConfigurationProfiles({ client }, inApplication), 'rules')
  const deployedProfile = await idOf(paginateListConfigurationProfiles({ client }, inApplication), 'deployed')
  const gradual = await idOf(paginateListDeploymentStrategies({ client }, {}), name)
  const atOnce = await idOf(paginateListDeploymentStrategies({ client }, {}), `${name}-at-once`)

  async function lastNumber(profile: string): Promise<number> {
    const place = { ...inApplication, ConfigurationProfileId: profile }
    let last = 0
    for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client }, place)) {
      last = Math.max(last, ...Items.map(({ VersionNumber = 0 }) => VersionNumber))
    }
    return last
  }

  async function textOf(profile: string, VersionNumber: number): Promise<string> {
    const place = { ...inApplication, ConfigurationProfileId: profile, VersionNumber }
    const { Content } = await client.send(new GetHostedConfigurationVersionCommand(place))
    return Buffer.from(Content ?? []).toString()
  }

  const deployedNumber = await lastNumber(deployedProfile)
  if (deployedNumber === 0) throw noSuchRouter(`the stack of stage ${stage} does not say what it was deployed with`)
  const document = String(gunzipSync(Buffer.from(await textOf(deployedProfile, deployedNumber), 'base64')))
  const deployed = { version: versionOf(document), config: JSON.parse(document) as Config }

  const deployments = []
  const inEnvironment = { ...inApplication, EnvironmentId: environment }
  for await (const { Items = [] } of paginateListDeployments({ client }, inEnvironment)) deployments.push(...Items)
  const ofRules = deployments
    .filter(({ ConfigurationProfileId: id }) => id === undefined || id === rules)
    .sort((a, b) => (b.DeploymentNumber ?? 0) - (a.DeploymentNumber ?? 0))
  const ongoing = ofRules.find(({ State = '' }) => ONGOING.includes(State))
  const last = ofRules.find(({ State }) => State === 'COMPLETE')
  const pushed = last && (JSON.parse(await textOf(rules, Number(last.ConfigurationVersion))) as PushedConfig)

  return {
    deployed,
    // What was pushed onto other rules than the deployed ones is passed over by the functions (shared/config/live.ts).
    current: pushed?.base === deployed.version ? { version: pushed.version, config: pushed.config } : deployed,
    ongoing: ongoing && { number: ongoing.DeploymentNumber ?? 0, startedAt: ongoing.StartedAt },
    isFirst: last === undefined,
    lastNumber: await lastNumber(rules),
    ids: { application, environment, rules, gradual, atOnce },
  }
}

async function idOf(
  pages: AsyncIterable<{ Items?: { Id?: string | undefined; Name?: string | undefined }[] | undefined }>,
  name: string,
): Promise<string> {
  for await (const { Items = [] } of pages) {
    const id = Items.find((item) => item.Name === name)?.Id
    if (id !== undefined) return id
  }
  throw noSuchRouter(`AppConfig has no ${name}`)
}

function noSuchRouter(message: string): Error {
  return Object.assign(new Error(message), { name: 'NoSuchRouter' })
}

/** What AppConfig, or the validator, has said no to. Its message is for the user. */
export class PushRefused extends Error {}

/**
 * Stores rules and starts to roll them out; gives the deployment's number. `how`: a fifth of the functions at a time, or,
 * for what holds already, at once.
 * @throws {PushRefused} when they are refused, or somebody else was faster.
 */
export async function startRollout(
  client: AppConfigClient,
  stage: Stage,
  pushed: PushedConfig,
  description: string,
  how: 'gradual' | 'atOnce' = 'gradual',
): Promise<number> {
  const { ids, lastNumber } = stage
  try {
    const { VersionNumber = 0 } = await client.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId: ids.application,
        ConfigurationProfileId: ids.rules,
        Content: Buffer.from(JSON.stringify(pushed)),
        ContentType: 'application/json',
        // The same rules may be pushed again: the number keeps the labels apart.
        VersionLabel: `${pushed.version}-${lastNumber + 1}`,
        LatestVersionNumber: lastNumber,
        Description: inAscii(description),
      }),
    )
    stage.lastNumber = VersionNumber
    const { DeploymentNumber = 0 } = await client.send(
      new StartDeploymentCommand({
        ApplicationId: ids.application,
        EnvironmentId: ids.environment,
        ConfigurationProfileId: ids.rules,
        DeploymentStrategyId: ids[how],
        ConfigurationVersion: String(VersionNumber),
        Description: inAscii(description),
      }),
    )
    return DeploymentNumber
  } catch (error) {
    throw new PushRefused(refusalInWords(error) ?? rethrow(error), { cause: error })
  }
}

function rethrow(error: unknown): never {
  throw error
}

function refusalInWords(error: unknown): string | undefined {
  if (error instanceof ConflictException) {
    return `Somebody else pushes at this moment: look at what has changed, and push again. (${error.message})`
  }
  if (error instanceof PayloadTooLargeException) {
    const { Size, Limit, Measure = '' } = error
    return `The rules and their cases have ${Size} ${Measure.toLowerCase()}: AppConfig takes ${Limit}, unless the quota is raised.`
  }
  if (error instanceof BadRequestException) {
    const reasons = error.Details?.InvalidConfiguration?.map(({ Reason }) => Reason).filter(Boolean) ?? []
    return ["AppConfig's validators refuse these rules; nothing has changed.", error.message, ...reasons].join('\n')
  }
  return undefined
}

/** Descriptions travel as headers. */
function inAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1_024)
}

/** How a roll-out stands. */
export interface Rollout {
  state: NonNullable<Deployment['State']>
  percent: number
  /** Why it was rolled back, where it was. */
  because: string | undefined
}

export async function rolloutOf(client: AppConfigClient, { ids }: Stage, DeploymentNumber: number): Promise<Rollout> {
  const place = { ApplicationId: ids.application, EnvironmentId: ids.environment, DeploymentNumber }
  const {
    State = 'DEPLOYING',
    PercentageComplete = 0,
    EventLog = [],
  } = await client.send(new GetDeploymentCommand(place))
  const rollback = EventLog.find(({ EventType }) => EventType === 'ROLLBACK_STARTED')
  return { state: State, percent: PercentageComplete, because: rollback?.Description }
}
