import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../../../schemas/config.ts'
import { clientOptions } from '../../../shared/aws.ts'
import { ConfigError } from '../../../shared/config/check.ts'
import { planOf } from '../../../shared/plan/plan.ts'
import { explainAwsError, UsageError } from '../../command.ts'
import { chooseRouter } from '../../which-router.ts'
import { widthOf } from '../../wrap.ts'
import { liveInWords } from '../live/place.ts'
import type { Way } from '../live/roll-out.ts'
import { liveConfigOf, type Stage } from '../live/stage.ts'
import { readHistory } from '../plan/history.ts'
import { planAsJson, reportOf } from '../plan/print.ts'
import { channelsGone, waitingFor, waitingInWords } from './waiting.ts'

/** What would have changed, as JSON too; when that can't be told, why, which is no reason not to push. */
export async function showPlan(
  stage: Stage,
  { config, file, against, since }: { config: Config; file: string; against: string[]; since: Date },
  say: Way['say'],
): Promise<object | undefined> {
  try {
    const { place, current } = stage
    const isOfFiles = against.length > 0
    const history = await readHistory({ against, ...(isOfFiles ? NO_STAGE : { stage: place.stage, since }) })
    const plan = planOf(history.alerts, liveConfigOf(stage), config, history.recorded)
    const what = { before: liveInWords(place, current.version), after: file, history }
    say(reportOf(plan, what, widthOf(process.stdout)))
    return planAsJson(plan, what.before, history)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const why = error instanceof ConfigError ? error.message : explainAwsError(error as Error)
    say(`What this would have changed can't be told: ${why}`)
    return undefined
  }
}

const NO_STAGE = { stage: undefined, since: undefined }

/** Alerts that wait for a channel that these rules take away. When that can't be told, why, which is no reason not to push. */
export async function warnOfGone(current: Config, after: Config, stage: string, say: Way['say']): Promise<void> {
  const gone = channelsGone(current, after)
  if (gone.length === 0) return
  const router = await chooseRouter(stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    const warning = waitingInWords(gone, await waitingFor(gone, client, await router.tableName(client)))
    if (warning !== '') say(`\n${warning}`)
  } catch (error) {
    const why = explainAwsError(error as Error)
    say(
      `\nWhether alerts wait for ${gone.map((name) => `"${name}"`).join(', ')}, which these rules don't name, can't be told: ${why}`,
    )
  } finally {
    client.destroy()
  }
}
