import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { notificationId } from '../../shared/notify.ts'
import { parse } from '../../shared/parse/parse.ts'
import type { Engine } from '../engine.ts'
import type { RunAlarm } from './alarms.ts'

export interface Tally {
  /** Changes that the topic took. */
  accepted: number
  /** Notifications that a channel said yes to, or that the opposite change overtook. */
  settled: number
  /** Notifications that nobody got, that nothing overtook, and that are no dead letter. */
  lost: number
  doubledSlack: number
  /** Incidents that were opened a second time for the same alarm. */
  doubledIncidents: number
  deadLettered: number
  /** Alarms whose incident, in the end, is not as the alarm is. */
  wrongIncidents: number
}

/** Counts what became of each alarm, by what the channels got and what the table holds. */
export async function tally(engine: Engine, alarms: RunAlarm[], refused: number, channels: string[]): Promise<Tally> {
  const items = await scan(engine)
  const statuses = new Map(items.map((item) => [item.notificationId?.S, item.status?.S]))
  const stale = new Set(
    items.filter((item) => item.outcome?.S === 'stale').map((item) => `${item.pk?.S} ${item.sk?.S?.split('#')[1]}`),
  )
  const taken = new Set(
    [...engine.slack.requests, ...engine.pagerduty.requests]
      .filter(({ status = 0 }) => status >= 200 && status < 300)
      .map(({ notificationId }) => notificationId),
  )
  const changes = alarms.flatMap(({ fires, resolves }) => [fires, resolves ?? []].flat()).flatMap((text) => parse(text))
  const became = changes.flatMap((alert) =>
    channels.map((channel) => {
      const id = notificationId(alert, channel)
      const status = statuses.get(id)
      // The table's word is not enough: the channel must have said yes.
      if (status === 'delivered' && !taken.has(id)) return 'lost'
      // A change that came after a newer one is recorded and not sent; unless its notifications had gone out already.
      return status ?? (stale.has(`${alert.fingerprint} ${alert.changedAt}`) ? 'superseded' : 'lost')
    }),
  )
  const count = (...wanted: string[]) => became.filter((status) => wanted.includes(status)).length
  const settled = count('delivered', 'superseded')
  const deadLettered = count('dead-lettered')
  return {
    accepted: changes.length + refused,
    settled,
    lost: became.length - settled - deadLettered,
    doubledSlack: doubles(
      engine.slack.requests.filter(({ status }) => status === 200).map(({ notificationId }) => notificationId ?? ''),
    ),
    doubledIncidents: doubles(engine.pagerduty.incidents().map(({ dedupKey }) => dedupKey)),
    deadLettered,
    wrongIncidents: alarms.filter((alarm) => !isAsIncidentIs(alarm, engine)).length,
  }
}

/** An alarm that resolved has no open incident (or never had one); one that fires has one. */
function isAsIncidentIs({ arn, resolves }: RunAlarm, engine: Engine): boolean {
  const open = engine.pagerduty.incidents().some(({ dedupKey, state }) => dedupKey === arn && state !== 'resolved')
  return open === (resolves === undefined)
}

function doubles(ids: string[]): number {
  return ids.length - new Set(ids).size
}

async function scan(engine: Engine): Promise<Record<string, AttributeValue>[]> {
  const client = new DynamoDBClient({
    endpoint: engine.environment.AWS_ENDPOINT_URL_DYNAMODB,
    region: engine.environment.AWS_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const items = []
  for await (const page of paginateScan({ client }, { TableName: engine.environment.TABLE_NAME })) {
    items.push(...(page.Items ?? []))
  }
  client.destroy()
  return items
}

/** The promises that a tally breaks, in words; none is how it should be. `kills`: sends whose outcome was not known. */
export function brokenPromises(tallied: Tally, kills: number): string[] {
  return [
    ...(tallied.lost !== 0 ? [`${tallied.lost} lost`] : []),
    ...(tallied.doubledIncidents > 0 ? [`${tallied.doubledIncidents} incidents doubled`] : []),
    ...(tallied.doubledSlack > kills ? [`${tallied.doubledSlack} Slack messages doubled`] : []),
    ...(tallied.wrongIncidents > 0 ? [`${tallied.wrongIncidents} incidents not as their alarm`] : []),
    ...(tallied.deadLettered > 0 ? [`${tallied.deadLettered} dead letters that no person need act on`] : []),
  ]
}
