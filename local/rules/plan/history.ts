import type { Alert } from '../../../schemas/alert.ts'
import { isHeartbeat } from '../../../shared/heartbeat.ts'
import { parse } from '../../../shared/parse/parse.ts'
import { RefusedEvent } from '../../../shared/parse/refused.ts'
import { ARCHIVE, hasArchive } from '../../archive/local.ts'
import { json, readEvents } from '../../replay/events.ts'

/** Recorded alerts, and what is to be said of them. */
export interface History {
  alerts: Alert[]
  /** Where they come from, for a person. */
  from: string
  /** What was no event at all, as the router would refuse it too: where it lies, and why. */
  refused: string[]
}

/** What the user asked for; with nothing asked, what was recorded here, and else the samples. */
export interface Asked {
  against: string[]
  stage: string | undefined
  since: Date | undefined
}

/** @throws {UsageError | Error} when nothing can be read. */
export async function readHistory({ against, stage, since }: Asked): Promise<History> {
  const history =
    stage !== undefined && since
      ? await fromStage(stage, since)
      : against.length > 0
        ? await fromPaths(against, against.join(', '))
        : hasArchive()
          ? await fromPaths([ARCHIVE], `${ARCHIVE}/, recorded here`)
          : await fromPaths(['samples'], 'samples/, for nothing was recorded here')
  const from = since?.toISOString()
  return from === undefined
    ? history
    : { ...history, alerts: history.alerts.filter(({ changedAt }) => changedAt >= from) }
}

async function fromPaths(paths: string[], from: string): Promise<History> {
  const history: History = { alerts: [], from, refused: [] }
  for (const event of await readEvents(paths)) add(history, event)
  return history
}

async function fromStage(stage: string, since: Date): Promise<History> {
  // Loading it takes longer than all the rest.
  const { archiveClient, archivedSince, bucketOf } = await import('../../archive/s3.ts')
  const client = archiveClient()
  try {
    const bucket = await bucketOf(client, stage)
    const history: History = { alerts: [], from: `s3://${bucket}, the archive of stage ${stage}`, refused: [] }
    for await (const event of archivedSince(client, bucket, since)) add(history, event)
    return history
  } finally {
    client.destroy()
  }
}

function add(history: History, { file, text }: { file: string; text: string }): void {
  try {
    const alerts = parse(json(text) ?? text)
    history.alerts.push(...alerts.filter((alert) => !isHeartbeat(alert)))
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    history.refused.push(`${file}: ${error.message}`)
  }
}
