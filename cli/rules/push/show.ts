import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../../../schemas/config.ts'
import { clientOptions } from '../../../shared/aws/client.ts'
import { ConfigError } from '../../../shared/config/check.ts'
import { planOf } from '../../../shared/plan/plan.ts'
import { explainAwsError, UsageError } from '../../command.ts'
import { chooseRouter } from '../../which-router.ts'
import { widthOf } from '../../wrap.ts'
import { describeLive } from '../live/place.ts'
import type { Way } from '../live/roll-out.ts'
import { liveConfigOf, type Stage } from '../live/stage.ts'
import { acknowledgementsOf } from '../plan/acknowledgements.ts'
import { planAsJson, reportOf } from '../plan/print.ts'
import { readRecordedAlerts } from '../plan/recorded-alerts.ts'
import { channelsGone, describeOpen, describeWaiting, inQuotes, pagersMoved, waitingFor } from './waiting.ts'

/** What would have changed, also as JSON; if that can't be determined, why, which does not stop the push. */
export async function showPlan(
  stage: Stage,
  { config, file, against, since }: { config: Config; file: string; against: string[]; since: Date },
  say: Way['say'],
): Promise<object | undefined> {
  try {
    const { place, current } = stage
    const isOfFiles = against.length > 0
    const recorded = await readRecordedAlerts({ against, ...(isOfFiles ? NO_STAGE : { stage: place.stage, since }) })
    const live = liveConfigOf(stage)
    const known = await acknowledgementsOf(recorded, isOfFiles ? undefined : place.stage, [live, config])
    const plan = planOf(recorded.alerts, live, config, recorded.period, known.acknowledgements)
    const what = { before: describeLive(place, current.version), after: file, recorded, known }
    say(reportOf(plan, what, widthOf(process.stdout)))
    return planAsJson(plan, what.before, recorded, known)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const why = error instanceof ConfigError ? error.message : explainAwsError(error as Error)
    say(`The effect on recorded alerts could not be determined: ${why}`)
    return undefined
  }
}

const NO_STAGE = { stage: undefined, since: undefined }

/**
 * Warns about alerts that wait for a removed channel, and about incidents that would stay open. A failed check is
 * reported with its reason, and does not stop the push.
 */
export async function warnOfGone(current: Config, after: Config, stage: string, say: Way['say']): Promise<void> {
  const gone = channelsGone(current, after)
  const moved = pagersMoved(current, after)
  if (gone.length + moved.length === 0) return
  const router = await chooseRouter(stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    const found = await waitingFor({ gone, moved }, client, await router.tableName(client))
    for (const warning of [describeWaiting(gone, found), describeOpen(moved, found)])
      if (warning !== '') say(`\n${warning}`)
  } catch (error) {
    const why = explainAwsError(error as Error)
    if (gone.length > 0)
      say(`\nCould not check for alerts that wait for ${inQuotes(gone)}, which these rules remove: ${why}`)
    if (moved.length > 0)
      say(`\nCould not check for open incidents of ${inQuotes(moved)}, which these rules send elsewhere: ${why}`)
  } finally {
    client.destroy()
  }
}
