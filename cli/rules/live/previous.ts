import type { AppConfigClient } from '@aws-sdk/client-appconfig'
import type { PushedConfig } from '../../../schemas/pushed-config.ts'
import { readPushed, type Stage, type Stored } from './stage.ts'

/**
 * The previously active rules, in the form to store: based on what the stage is deployed with now. `undefined`:
 * there are none.
 */
export async function previousOf(client: AppConfigClient, stage: Stage): Promise<PushedConfig | undefined> {
  const { current, deployed, ids } = stage
  const stored = wereLive(stage).findLast(({ version }) => version !== current.version)
  const pushed = stored && (await readPushed(client, ids, stored.number))
  // Rules pushed before a deployment that changed the rules were active before those of the deployment.
  if (pushed?.base !== deployed.version && current.version !== deployed.version) {
    return { version: deployed.version, base: deployed.version, config: deployed.config }
  }
  return pushed && { ...pushed, base: deployed.version }
}

/**
 * The versions that were active, oldest first. Versions that AppConfig rolled back were not. A roll-back replaces
 * the versions since, so the next one goes further back. Pure.
 */
export function wereLive({ rollouts, versions }: Pick<Stage, 'rollouts' | 'versions'>): Stored[] {
  const live: Stored[] = []
  for (const { State, ConfigurationVersion } of rollouts.toReversed()) {
    const stored = versions.find(({ number }) => String(number) === ConfigurationVersion)
    if (State !== 'COMPLETE' || stored?.version === undefined) continue
    if (stored.isRollback) {
      const before = live.findLastIndex(({ version }) => version === stored.version)
      // Rules from a deployment were never rolled out.
      live.length = before >= 0 ? before : Math.max(0, live.length - 1)
    }
    live.push(stored)
  }
  return live
}
