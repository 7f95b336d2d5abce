import type { Alert } from '../../../schemas/alert.ts'
import { isHeartbeat } from '../../../shared/observe/heartbeat.ts'
import { type Recorded, spanOf } from '../../../shared/plan/plan.ts'
import { ARCHIVE, hasArchive, recordedAs, recordedAt } from '../../archive/local.ts'
import { samplesFolder } from '../../own-files.ts'
import { alertsOrWhyNot, type ReplayEvent, readEvents } from '../../replay/events.ts'

/** Recorded alerts, with notes about them. */
export interface RecordedAlerts {
  alerts: Alert[]
  /** Their source, for a person. */
  from: string
  /** The recorded period, heartbeats included; absent if nothing was recorded. */
  period: Recorded | undefined
  /** Files that are not events, which the router would reject too: the path, and why. */
  refused: string[]
}

/** The recorded alerts that the user asked for; by default what was recorded here, or else the samples. */
export interface Asked {
  against: string[]
  stage: string | undefined
  since: Date | undefined
}

/** @throws {UsageError | Error} when nothing can be read. */
export async function readRecordedAlerts({ against, stage, since }: Asked): Promise<RecordedAlerts> {
  if (stage !== undefined && since) return fromStage(stage, since)
  if (against.length > 0) return fromPaths(against, against.join(', '), since)
  if (hasArchive()) return fromPaths([ARCHIVE], `${ARCHIVE}/, recorded here`, since)
  const samples = samplesFolder()
  return fromPaths([samples], `${samples}/ (used because nothing was recorded here)`, since)
}

async function fromPaths(paths: string[], from: string, since: Date | undefined): Promise<RecordedAlerts> {
  return { from, ...(await alertsOf(await readEvents(paths), since)) }
}

async function fromStage(stage: string, since: Date): Promise<RecordedAlerts> {
  // Loading it takes longer than everything else.
  const { archiveClient, archivedSince, bucketOf } = await import('../../archive/s3.ts')
  const client = archiveClient()
  try {
    const bucket = await bucketOf(client, stage)
    const from = `s3://${bucket}, the archive of stage ${stage}, since ${since.toISOString().slice(0, 10)}`
    return { from, ...(await alertsOf(archivedSince(client, bucket, since), since)) }
  } finally {
    client.destroy()
  }
}

/**
 * Alerts without a time must not extend the period, as today's date or their recording's would. Each gets the
 * nearest time within the period of the others; if no alert has a time, the time of its recording.
 */
async function alertsOf(
  events: Iterable<ReplayEvent> | AsyncIterable<ReplayEvent>,
  since: Date | undefined,
): Promise<Omit<RecordedAlerts, 'from'>> {
  const received = new Date()
  const refused: string[] = []
  const read = (event: ReplayEvent, now = received): Alert[] => {
    const alerts = alertsOrWhyNot(event, { now, received })
    if (typeof alerts !== 'string') return alerts
    refused.push(`${event.file}: ${alerts}`)
    return []
  }
  const withTime: Alert[][] = []
  const undated: (ReplayEvent & { recorded?: Date })[] = []
  for await (const event of events) {
    const alerts = read(event)
    const recorded = recordedAt(event.text)
    const noTimes = [received, recorded].map((at) => at?.toISOString())
    if (alerts.every(({ changedAt }) => !noTimes.includes(changedAt))) withTime.push(alerts)
    else undated.push({ ...event, recorded })
  }
  const dated = withTime.flat()
  const span = spanOf(dated) ?? spanOf(undated.flatMap(({ recorded }) => (recorded ? changedAt(recorded) : [])))
  const placed = undated.flatMap(({ recorded, ...event }) => {
    const at = span ? within(span, recorded ?? received) : received
    return read(recorded ? { ...event, text: recordedAs(event.text, at) } : event, at)
  })
  const all = [...dated, ...placed]
  const asked = since === undefined ? all : all.filter(({ changedAt }) => changedAt >= since.toISOString())
  return {
    alerts: asked.filter((alert) => !isHeartbeat(alert) && alert.drill === undefined),
    period: spanOf(asked),
    refused,
  }
}

function changedAt(at: Date): { changedAt: string } {
  return { changedAt: at.toISOString() }
}

function within({ from, to }: Recorded, at: Date): Date {
  return new Date(Math.min(Math.max(at.getTime(), Date.parse(from)), Date.parse(to)))
}
