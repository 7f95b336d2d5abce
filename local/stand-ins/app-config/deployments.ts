import type { HttpAnswer, Request } from '../exchange.ts'
import { ALARM, arnOf } from './alarms.ts'
import { refused } from './answers.ts'
import { type Application, type Deployment, nameOf, type Strategy } from './application.ts'
import { validate } from './versions.ts'

/** A roll-out that completed longer ago can't be reverted (API Reference, StopDeployment). */
const REVERT_MS = 3 * 86_400_000

export function startDeployment(app: Application, { json }: Request): HttpAnswer {
  const { ConfigurationProfileId, ConfigurationVersion, DeploymentStrategyId } = json as Record<string, string>
  const strategy = app.strategies.find(({ name }) => name === nameOf(DeploymentStrategyId))
  if (!strategy) {
    return refused(404, 'ResourceNotFoundException', 'no such deployment strategy')
  }
  if (app.deployments.some((one) => isOngoing(stateOf(app, one).State))) {
    return refused(409, 'ConflictException', 'The environment is being deployed to.')
  }
  const invalid = validate(app, ConfigurationProfileId, Number(ConfigurationVersion))
  if (invalid) return invalid
  const deployment = {
    number: app.deployments.length + 1,
    profile: nameOf(ConfigurationProfileId),
    version: Number(ConfigurationVersion),
    startedAt: app.now(),
    strategy,
  }
  app.deployments.push(deployment)
  return { status: 201, body: deploymentOf(app, deployment) }
}

export function getDeployment(app: Application, number: number): HttpAnswer {
  const deployment = app.deployments.find((one) => one.number === number)
  if (!deployment) return refused(404, 'ResourceNotFoundException', `no deployment ${number}`)
  return { status: 200, body: { ...deploymentOf(app, deployment), EventLog: eventsOf(deployment) } }
}

export function stopDeployment(app: Application, number: number, mayRevert: boolean): HttpAnswer {
  const deployment = app.deployments.find((one) => one.number === number)
  if (!deployment) return refused(404, 'ResourceNotFoundException', `no deployment ${number}`)
  const { State } = stateOf(app, deployment)
  const isOld = app.now() - endOf(app, deployment) > REVERT_MS
  const canRevert = mayRevert && (State === 'BAKING' || (State === 'COMPLETE' && !isOld))
  if (State !== 'DEPLOYING' && !canRevert) {
    return refused(400, 'BadRequestException', `A deployment that is ${State} can't be stopped.`)
  }
  Object.assign(deployment, { rolledBackAt: app.now(), stoppedBy: 'USER' })
  if (State === 'COMPLETE') deployment.isReverted = true
  return { status: 202, body: deploymentOf(app, deployment) }
}

/** ms since 1970 */
function endOf(app: Application, { startedAt, ...deployment }: Deployment): number {
  const { minutes, bakeMinutes } = strategyOf(app, deployment)
  return startedAt + (minutes + bakeMinutes) * 60_000
}

export function stateOf(app: Application, { startedAt, rolledBackAt, isReverted, ...deployment }: Deployment) {
  const strategy = strategyOf(app, deployment)
  const minutes = (app.now() - startedAt) / 60_000
  const steps = Math.floor((minutes / (strategy.minutes || 1)) * (100 / strategy.growthPercent)) + 1
  const PercentageComplete = strategy.minutes === 0 ? 100 : Math.min(100, steps * strategy.growthPercent)
  if (isReverted) return { State: 'REVERTED', PercentageComplete: 0 }
  if (rolledBackAt !== undefined) return { State: 'ROLLED_BACK', PercentageComplete: 0 }
  if (minutes < strategy.minutes) return { State: 'DEPLOYING', PercentageComplete }
  if (minutes < strategy.minutes + strategy.bakeMinutes) return { State: 'BAKING', PercentageComplete: 100 }
  return { State: 'COMPLETE', PercentageComplete: 100 }
}

function strategyOf(app: Application, { strategy = app.strategies[0] }: Pick<Deployment, 'strategy'>): Strategy {
  return strategy ?? { name: 'none', minutes: 0, growthPercent: 100, bakeMinutes: 0 }
}

export function deploymentOf(app: Application, deployment: Deployment) {
  const strategy = strategyOf(app, deployment)
  return {
    DeploymentNumber: deployment.number,
    ConfigurationProfileId: `id-${deployment.profile}`,
    ConfigurationName: deployment.profile,
    ConfigurationVersion: String(deployment.version),
    StartedAt: new Date(deployment.startedAt).toISOString(),
    DeploymentDurationInMinutes: strategy.minutes,
    FinalBakeTimeInMinutes: strategy.bakeMinutes,
    ...stateOf(app, deployment),
  }
}

/** The newest first. */
function eventsOf({ startedAt, rolledBackAt, stoppedBy }: Deployment) {
  const started = {
    EventType: 'DEPLOYMENT_STARTED',
    TriggeredBy: 'USER',
    Description: 'Deployment started',
    OccurredAt: new Date(startedAt).toISOString(),
  }
  if (rolledBackAt === undefined) return [started]
  const OccurredAt = new Date(rolledBackAt).toISOString()
  const why =
    stoppedBy === undefined
      ? { TriggeredBy: 'CLOUDWATCH_ALARM', Description: `Rollback initiated by ${arnOf(ALARM)}` }
      : { TriggeredBy: stoppedBy, Description: 'Rollback initiated by the user' }
  return [{ EventType: 'ROLLBACK_STARTED', ...why, OccurredAt }, started]
}

export function isOngoing(state: string): boolean {
  return state === 'DEPLOYING' || state === 'BAKING'
}
