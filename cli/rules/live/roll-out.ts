import {
  type AppConfigClient,
  BadRequestException,
  ConflictException,
  CreateHostedConfigurationVersionCommand,
  type Deployment,
  GetDeploymentCommand,
  PayloadTooLargeException,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { labelOf, readDeployed, type Stage, type Stored } from './stage.ts'

/** AppConfig or the validator refused the push, or something changed during it. Its message is for the user. */
export class PushRefused extends Error {}

/** How rules are rolled out: a fifth of the functions at a time and then monitored, or all at once. */
export type How = 'gradual' | 'atOnce'

/**
 * Stores rules and starts their roll-out; returns the deployment's number.
 * @throws {PushRefused} when they are refused, somebody else pushed first, or the stack was deployed with other
 * rules since `stage` was read.
 */
export async function startRollout(
  client: AppConfigClient,
  stage: Stage,
  pushed: PushedConfig,
  { description, isRollback = false }: Pick<Stored, 'description'> & { isRollback?: boolean },
  how: How,
): Promise<number> {
  const { ids, versions } = stage
  const newer = await deployedSince(client, stage)
  if (newer !== undefined) {
    throw new PushRefused(
      `Stage ${stage.place.stage} was just deployed with other rules (version ${newer}): nothing was pushed.\nPush again, and check what it changes now.`,
    )
  }
  const lastNumber = versions[0]?.number ?? 0
  const { version } = pushed
  try {
    const { VersionNumber = 0 } = await client.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId: ids.application,
        ConfigurationProfileId: ids.rules,
        Content: Buffer.from(JSON.stringify(pushed)),
        ContentType: 'application/json',
        VersionLabel: labelOf({ number: lastNumber + 1, version, isRollback }),
        LatestVersionNumber: lastNumber,
        Description: inAscii(description),
      }),
    )
    versions.unshift({ number: VersionNumber, version, isRollback, description })
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
    throw new PushRefused(describeRefusal(error) ?? rethrow(error), { cause: error })
  }
}

/**
 * The version of the rules that a stage was deployed with since it was read; `undefined`: it was not. Every function
 * ignores a push based on earlier deployed rules.
 */
export async function deployedSince(
  client: AppConfigClient,
  { place, deployed, ids }: Stage,
): Promise<string | undefined> {
  const { version } = await readDeployed(client, place.stage, ids)
  return version === deployed.version ? undefined : version
}

/** Stops a running roll-out, so that the previous rules are active everywhere. */
export async function stopRollout(client: AppConfigClient, { ids }: Stage, DeploymentNumber: number): Promise<void> {
  const place = { ApplicationId: ids.application, EnvironmentId: ids.environment, DeploymentNumber }
  try {
    // Without AllowRevert it would not stop one in its monitoring phase, or one that just ended.
    await client.send(new StopDeploymentCommand({ ...place, AllowRevert: true }))
  } catch (error) {
    if (!(error instanceof BadRequestException)) throw error
    throw new PushRefused(`AppConfig did not stop roll-out ${DeploymentNumber}: ${error.message}`, { cause: error })
  }
}

function rethrow(error: unknown): never {
  throw error
}

function describeRefusal(error: unknown): string | undefined {
  if (error instanceof ConflictException) {
    return `Another push is in progress: check what it changed, and push again. (${error.message})`
  }
  if (error instanceof PayloadTooLargeException) {
    const { Size, Limit, Measure = '' } = error
    return `The rules and their cases have ${Size} ${Measure.toLowerCase()}: AppConfig accepts ${Limit}, unless the quota is raised.`
  }
  if (error instanceof BadRequestException) {
    const reasons = error.Details?.InvalidConfiguration?.map(({ Reason }) => Reason).filter(Boolean) ?? []
    return ["AppConfig's validators rejected these rules; nothing was changed.", error.message, ...reasons].join('\n')
  }
  return undefined
}

/** Descriptions are sent as HTTP headers. */
function inAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1_024)
}

/** The state of a roll-out. */
export interface Rollout {
  state: NonNullable<Deployment['State']>
  percent: number
  /** Why it was rolled back, if it was. */
  because: string | undefined
}

async function rolloutOf(client: AppConfigClient, { ids }: Stage, DeploymentNumber: number): Promise<Rollout> {
  const place = { ApplicationId: ids.application, EnvironmentId: ids.environment, DeploymentNumber }
  const {
    State = 'DEPLOYING',
    PercentageComplete = 0,
    EventLog = [],
  } = await client.send(new GetDeploymentCommand(place))
  const rollback = EventLog.find(({ EventType }) => EventType === 'ROLLBACK_STARTED')
  return { state: State, percent: PercentageComplete, because: rollback?.Description }
}

/** How a command prints to its user and waits. */
export interface Way {
  say(text: string): void
  pause(ms: number): Promise<unknown>
}

/** The polling interval for a roll-out. */
const PAUSE_MS = 5_000

/** Prints each step of a roll-out until it has ended. */
export function watch(client: AppConfigClient, stage: Stage, deployment: number, way: Way): Promise<Rollout> {
  return watchUntil(['COMPLETE', 'ROLLED_BACK', 'REVERTED'], client, stage, deployment, way)
}

/** Prints each step until a stopped roll-out has been reverted: it may have been complete at the start. */
export function watchStopped(client: AppConfigClient, stage: Stage, deployment: number, way: Way): Promise<Rollout> {
  return watchUntil(['ROLLED_BACK', 'REVERTED'], client, stage, deployment, way)
}

async function watchUntil(
  ends: Rollout['state'][],
  client: AppConfigClient,
  stage: Stage,
  deployment: number,
  { say, pause }: Way,
): Promise<Rollout> {
  let lastLine = ''
  for (;;) {
    const rollout = await rolloutOf(client, stage, deployment)
    const line = describeRollout(rollout)
    if (line !== lastLine && line !== '') say(line)
    lastLine = line
    if (ends.includes(rollout.state)) return rollout
    await pause(PAUSE_MS)
  }
}

function describeRollout({ state, percent }: Rollout): string {
  if (state === 'DEPLOYING') return `  ${percent} % of the functions`
  if (state === 'BAKING') return '  100 %, now monitoring'
  return state === 'ROLLING_BACK' ? '  rolling back' : ''
}
