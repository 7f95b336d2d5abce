import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import { commandLine } from '../../../shared/config/command-line.ts'
import { describeEdits, editsOf } from '../diff/edits.ts'
import { describePlace } from '../live/place.ts'
import { previousOf } from '../live/previous.ts'
import { deployedSince, stopRollout, type Way, watchStopped } from '../live/roll-out.ts'
import type { Stage } from '../live/stage.ts'
import { whoPushes } from './from-where.ts'
import { needsDeployment } from './needs-deployment.ts'
import { type Outcome, rollOutRules } from './roll-out-rules.ts'
import { warnOfGone } from './show.ts'

/** How a roll-back prints to its user, waits, and asks. */
export interface WayBack extends Way {
  confirmed(question: string): Promise<boolean>
}

/**
 * Rolls back to the previous rules: stops a roll-out in progress, or else rolls out the previous rules at once.
 * `undefined`: there is nothing to roll back to, or the user declines.
 * @throws {PushRefused}
 */
export function rollBack(client: AppConfigClient, stage: Stage, way: WayBack) {
  return stage.ongoing ? stop(client, stage, stage.ongoing, way) : restore(client, stage, way)
}

async function stop(
  client: AppConfigClient,
  stage: Stage,
  { DeploymentNumber = 0, ConfigurationVersion }: NonNullable<Stage['ongoing']>,
  { confirmed, ...way }: WayBack,
): Promise<(Outcome & { version: string }) | undefined> {
  const { version } = stage.current
  const stopped = stage.versions.find(({ number }) => String(number) === ConfigurationVersion)?.version ?? 'unknown'
  const where = describePlace(stage.place)
  way.say(`Roll-out ${DeploymentNumber} is in progress in ${where}: ${version} → ${stopped}`)
  if (!(await confirmed(`Stop it in ${where}, and keep version ${version}? [y/N] `))) return undefined
  await stopRollout(client, stage, DeploymentNumber)
  const { state } = await watchStopped(client, stage, DeploymentNumber, way)
  const live = (await deployedSince(client, stage)) ?? version
  way.say(`Rolled back: version ${live} is active.`)
  return { version: live, deployment: DeploymentNumber, state, isRequested: true }
}

async function restore(
  client: AppConfigClient,
  stage: Stage,
  { confirmed, ...way }: WayBack,
): Promise<(Outcome & { version: string }) | undefined> {
  const where = describePlace(stage.place)
  const previous = await previousOf(client, stage)
  if (previous === undefined) {
    way.say(`No other rules were active in ${where} before version ${stage.current.version}. Nothing was changed.`)
    return undefined
  }
  const { version, config } = previous
  const missing = needsDeployment(config, stage.deployed.config)
  if (missing.length > 0) {
    const how = `"${commandLine(`deploy --stage ${stage.place.stage}`)}"`
    way.say(
      `Version ${version} needs resources that the stack no longer has. Deploy it with ${how}:\n  ${missing.join('\n  ')}`,
    )
    return undefined
  }
  way.say(`Roll back in ${where}: ${stage.current.version} → ${version}\n`)
  way.say(`${describeEdits(editsOf(stage.current.config, config))}\n`)
  await warnOfGone(stage.current.config, config, stage.place.stage, way.say)
  if (!(await confirmed(`Restore version ${version} in ${where}? [y/N] `))) return undefined
  const stored = { description: `Back from ${stage.current.version}${whoPushes()}`, isRollback: true }
  return { version, ...(await rollOutRules(client, stage, previous, stored, { ...way, how: 'atOnce' })) }
}
