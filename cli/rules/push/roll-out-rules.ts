import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { deployedSince, type How, type Rollout, startRollout, type Way, watch } from '../live/roll-out.ts'
import type { Stage, Stored } from '../live/stage.ts'

/** How a push or a roll-back ended. `PASSED_OVER`: AppConfig has the rules, and no function uses them. */
export interface Outcome {
  deployment?: number
  state: Rollout['state'] | 'PASSED_OVER'
  /** Why they are not live. */
  because?: string | undefined
  /** It was rolled back by who asked for that. */
  isSuppressed?: boolean
}

/**
 * Rolls rules out and reports until they are live, or are not.
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
  way.say(`AppConfig's validators accept them. Roll-out ${deployment} has begun.`)
  const { state, because } = await watch(client, stage, deployment, way)
  const newer = await deployedSince(client, stage)
  const { version } = pushed
  if (state !== 'COMPLETE') {
    way.say(`Rolled back: ${newer ?? stage.current.version} is live. ${because ?? ''}`.trimEnd())
    return { deployment, state, because }
  }
  if (newer === undefined || newer === version) {
    way.say(`Live: version ${version}.`)
    return { deployment, state }
  }
  const why = `meanwhile stage ${stage.place.stage} was deployed with other rules (version ${newer})`
  way.say(`Passed over: ${why}. Those are live; no function uses version ${version}.\nTo have it live, push again.`)
  return { deployment, state: 'PASSED_OVER', because: why }
}

/**
 * Before the first push: what the functions have in their packages is rolled out too, so that a roll-back has something
 * to go back to.
 */
async function rollOutDeployed(client: AppConfigClient, stage: Stage, { pause }: Way): Promise<void> {
  const { version, config } = stage.deployed
  const stored = { description: 'What the stack was deployed with' }
  const deployment = await startRollout(client, stage, { version, base: version, config }, stored, 'atOnce')
  await watch(client, stage, deployment, { say: () => {}, pause })
}
