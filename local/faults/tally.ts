import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { notificationId } from '../../shared/decide/notifications.ts'
import { parse } from '../../shared/parse/parse.ts'
import type { DeadLetter } from '../dead-letters/letters.ts'
import { emulated } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import type { Captured } from '../stand-ins/index.ts'
import type { QueueName } from '../topology.ts'
import { type Change, marksIn, type RunAlarm } from './alarms.ts'

export interface Tally {
  changes: number
  /**
   * Changes, each once for each channel, of which the channel was told: it said yes to a message that names the change, or
   * has opened the incident that the alarm shares.
   */
  delivered: number
  /** Those of which it was not told, because it was told of the opposite, later change. */
  overtaken: number
  /** Those of which it was not told, and which are a dead letter. */
  deadLettered: number
  /** Those of which it was not told, for no such reason. */
  lost: number
  /** Slack's messages that tell again of a change of which Slack had been told. */
  doubledSlack: number
  /** Those of them that tell again of a change though Slack's last answer about it had arrived. */
  doubledForNoReason: number
  /** Slack's answers that did not arrive: the outcome of so many messages can't be known. */
  cuts: number
  /** Incidents that were opened again, though nothing had resolved in between. */
  doubledIncidents: number
  /** Alarms, or groups of them, whose incident, in the end, is not as they are. */
  wrongIncidents: number
  /** How often an incident was opened, and how many namespaces the alarms are of. */
  incidents: number
  namespaces: number
  slackMessages: number
  pagerdutyCalls: number
  /** Calls that were told to wait (429). */
  refusedCalls: number
}

type Item = Record<string, AttributeValue>

/** Counts what became of each alarm, by what the channels said yes to and, where that is not enough, by the table. */
export async function tally(engine: Engine, alarms: RunAlarm[], letters: DeadLetter[]): Promise<Tally> {
  const items = await scan(engine)
  const slack = toldOf(engine.slack.requests)
  const pagerduty = toldOf(engine.pagerduty.requests)
  const incidentOf = incidentsIn(items)
  const opened = new Set(engine.pagerduty.incidents().map(({ dedupKey }) => dedupKey))
  const overtakenIn = overtakenChanges(items)

  const dead = new Set(letters.flatMap(({ queue, body }) => marksIn(body).map((mark) => `${queue} ${mark}`)))

  const counts = { delivered: 0, overtaken: 0, deadLettered: 0, lost: 0 }
  function judge(queue: QueueName, channel: string, isTold: (change: Change) => boolean): void {
    for (const { fires, resolves } of alarms) {
      const isOver = resolves !== undefined && isTold(resolves)
      for (const change of resolves ? [fires, resolves] : [fires]) {
        if (isTold(change)) counts.delivered++
        // Only the opposite excuses: the channel knows that it is over.
        else if (change === fires && isOver && overtakenIn(fires, channel)) counts.overtaken++
        else if (dead.has(`${queue} ${change.mark}`) || dead.has(`alarms ${change.mark}`)) counts.deadLettered++
        else counts.lost++
      }
    }
  }
  judge('slack', 'chat', ({ mark }) => slack.has(mark))
  judge('pagerduty', 'pager', (change) => {
    if (pagerduty.has(change.mark)) return true
    // Of many that share an incident PagerDuty need not be told one by one: it is open as long as one of them fires.
    const shared = incidentOf(change, 'pager')
    return shared !== undefined && opened.has(shared)
  })

  return {
    changes: alarms.length + alarms.filter(({ resolves }) => resolves).length,
    ...counts,
    ...doubledIn(engine.slack.requests.filter(isTaken)),
    ...incidentsAsAlarms(engine, alarms, (alarm) => incidentOf(alarm.fires, 'pager') ?? alarm.arn),
    namespaces: new Set(alarms.map(({ namespace }) => namespace)).size,
    slackMessages: engine.slack.requests.filter(isTaken).length,
    pagerdutyCalls: engine.pagerduty.requests.filter(isTaken).length,
    refusedCalls: [...engine.slack.requests, ...engine.pagerduty.requests].filter(({ status }) => status === 429)
      .length,
  }
}

function isTaken({ status = 0 }: Captured): boolean {
  return status >= 200 && status < 300
}

/** The marks of what a channel said yes to. */
function toldOf(requests: Captured[]): Set<string> {
  return new Set(requests.filter(isTaken).flatMap(marksOf))
}

function marksOf({ body }: Captured): string[] {
  return [...new Set(marksIn(JSON.stringify(body)))]
}

function doubledIn(messages: Captured[]): Pick<Tally, 'doubledSlack' | 'doubledForNoReason' | 'cuts'> {
  /** For each change that Slack was told of, the message that told it last. */
  const lastOf = new Map<string, Captured>()
  /** Messages of which something was told again. */
  const repeated = new Set<Captured>()
  for (const message of messages) {
    for (const mark of marksOf(message)) {
      const before = lastOf.get(mark)
      if (before) repeated.add(before)
      lastOf.set(mark, message)
    }
  }
  return {
    doubledSlack: repeated.size,
    doubledForNoReason: [...repeated].filter((message) => !isLost(message)).length,
    cuts: messages.filter(isLost).length,
  }
}

/** Half a body comes after the status, which says yes. */
function isLost({ cut }: Captured): boolean {
  return cut === 'cut-before-answer'
}

/** An incident is open as long as one of its alarms fires; and half of them do in the end. */
function incidentsAsAlarms(
  engine: Engine,
  alarms: RunAlarm[],
  incidentOf: (alarm: RunAlarm) => string,
): Pick<Tally, 'incidents' | 'doubledIncidents' | 'wrongIncidents'> {
  const incidents = engine.pagerduty.incidents()
  const open = new Set(incidents.filter(({ state }) => state !== 'resolved').map(({ dedupKey }) => dedupKey))
  const groups = Map.groupBy(alarms, incidentOf)
  return {
    incidents: incidents.length,
    doubledIncidents: incidents.length - new Set(incidents.map(({ dedupKey }) => dedupKey)).size,
    wrongIncidents: [...groups].filter(([key, group]) => open.has(key) !== group.some(({ resolves }) => !resolves))
      .length,
  }
}

/** Which grouped incident a notification went into, if any, by the table. */
function incidentsIn(items: Item[]): (change: Change, channel: string) => string | undefined {
  const incidents = new Map(items.map((item) => [item.notificationId?.S, item.incident?.S]))
  return (change, channel) => incidents.get(notificationOf(change, channel))
}

/** Whether a notification was found to be overtaken, by the table: by `route` or by its deliverer. */
function overtakenChanges(items: Item[]): (change: Change, channel: string) => boolean {
  const superseded = new Set(
    items.filter(({ status }) => status?.S === 'superseded').map((item) => item.notificationId?.S),
  )
  const stale = new Set(
    items.filter(({ outcome }) => outcome?.S === 'stale').map((item) => `${item.pk?.S} ${item.sk?.S?.split('#')[1]}`),
  )
  return (change, channel) => {
    const { fingerprint, changedAt } = alertOf(change)
    return superseded.has(notificationOf(change, channel)) || stale.has(`${fingerprint} ${changedAt}`)
  }
}

function notificationOf(change: Change, channel: string): string {
  return notificationId(alertOf(change), channel)
}

function alertOf({ message }: Change) {
  const [alert] = parse(message)
  if (!alert) throw new Error('an alarm of the run is no alert')
  return alert
}

async function scan({ environment }: Engine): Promise<Item[]> {
  const client = new DynamoDBClient(emulated(environment, 'DYNAMODB'))
  const items = []
  for await (const page of paginateScan({ client }, { TableName: environment.TABLE_NAME })) {
    items.push(...(page.Items ?? []))
  }
  client.destroy()
  return items
}
