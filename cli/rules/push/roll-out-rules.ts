import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { deployedSince, type How, type Rollout, startRollout, type Way, watch } from '../live/roll-out.ts'
import type { Stage, Stored } from '../live/stage.ts'

/** How a push or a roll-back ended. `PASSED_OVER`: AppConfig has the rules, but no function uses them. */
export interface Outcome {
  deployment?: number
  state: Rollout['state'] | 'PASSED_OVER'
  /** Why they are not active. */
  because?: string | undefined
  /** The user asked for the roll-back. */
  isRequested?: boolean
}

/**
 * Rolls rules out and reports progress until they are active or the roll-out has failed.
 * @throws {PushRefused}
 */
export async function rollOutRules(
  client: AppConfigClient,
  stage: Stage,
  pushed: PushedConfig,
  stored: Pick<Stored, 'description' | 'isRollback'>,
  { how, ...way }: Way & { how: How },
): Promise<Outcome> {
  if (!stage.rollouts.some(({ State }) => State === 'COMPLETE')) await rollOutDeployed(client, stage, way)
  const deployment = await startRollout(client, stage, pushed, stored, how)
  way.say(`AppConfig's validators accepted the rules. Roll-out ${deployment} has started.`)
  const { state, because } = await watch(client, stage, deployment, way)
  const newer = await deployedSince(client, stage)
  const { version } = pushed
  if (state !== 'COMPLETE') {
    way.say(`Rolled back: ${newer ?? stage.current.version} is active. ${because ?? ''}`.trimEnd())
    return { deployment, state, because }
  }
  if (newer === undefined || newer === version) {
    way.say(`Active: version ${version}.`)
    return { deployment, state }
  }
  const why = `stage ${stage.place.stage} was deployed with other rules during the push (version ${newer})`
  way.say(`Superseded: ${why}. Those are active; no function uses version ${version}.\nTo activate it, push again.`)
  return { deployment, state: 'PASSED_OVER', because: why }
}

/**
 * Before the first push, the rules in the functions' packages are rolled out too, so that a roll-back has a version
 * to restore.
 */
async function rollOutDeployed(client: AppConfigClient, stage: Stage, { pause }: Way): Promise<void> {
  const { version, config } = stage.deployed
  const stored = { description: 'What the stack was deployed with' }
  const deployment = await startRollout(client, stage, { version, base: version, config }, stored, 'atOnce')
  await watch(client, stage, deployment, { say: () => {}, pause })
}
