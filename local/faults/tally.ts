import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { ChannelType } from '../../schemas/channel.ts'
import { wakeSchema } from '../../schemas/wake.ts'
import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState, LogEntry } from '../../shared/decide/alert-state.ts'
import { emulated } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import type { DeadLetter } from '../letters.ts'
import type { Captured } from '../stand-ins/index.ts'
import type { QueueName } from '../topology.ts'
import { type Change, marksIn, type RunAlarm } from './alarms.ts'
import { PAGERS } from './rules.ts'

export interface Tally {
  changes: number
  /**
   * Changes, each once for each channel, of which the channel was told: it said yes to a message that names the change, or
   * has opened the incident that the alarm shares.
   */
  delivered: number
  /** Those of which it was not told, because it heard only how it ended, in one message, or because that was over by then. */
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

/** Counts what became of each alarm, by what the channels said yes to and, where that is not enough, by the table. */
export async function tally(
  engine: Engine,
  alarms: RunAlarm[],
  letters: DeadLetter[],
  { losesData, pages }: { losesData: boolean; pages: boolean },
): Promise<Tally> {
  const table = await readTable(engine)
  const slack = deliveredOf(engine.slack.requests)
  const pagerduty = deliveredOf(engine.pagerduty.requests)
  const opened = new Set(engine.pagerduty.incidents().map(({ dedupKey }) => dedupKey))
  const dead = new Set(
    letters.flatMap((letter) => marksOfLetter(letter, table).map((mark) => `${letter.queue} ${mark}`)),
  )
  const isDead = (queue: QueueName, { mark }: Change) => dead.has(`${queue} ${mark}`) || dead.has(`alarms ${mark}`)

  const counts = { delivered: 0, overtaken: 0, deadLettered: 0, lost: 0 }
  function judge(
    queue: ChannelType,
    changesOf: (alarm: RunAlarm) => Change[],
    deliveredOf: (alarm: RunAlarm) => IsDelivered,
  ): void {
    for (const alarm of alarms) {
      const isDelivered = deliveredOf(alarm)
      for (const change of changesOf(alarm)) {
        if (isDelivered(change)) counts.delivered++
        else if (isOvertaken(change, alarm, isDelivered, table.logOf(alarm, queue))) counts.overtaken++
        else if (isDead(queue, change)) counts.deadLettered++
        else counts.lost++
      }
    }
  }
  const ends = ({ fires, resolves }: RunAlarm) => (resolves ? [fires, resolves] : [fires])
  judge(
    'slack',
    (alarm) => (losesData ? [...ends(alarm), alarm.losesData] : ends(alarm)),
    () => (change) => slack.has(change.mark),
  )
  judge('pagerduty', pages ? ends : () => [], (alarm) => (change) => {
    if (pagerduty.has(change.mark)) return true
    // Of many that share an incident PagerDuty need not be told one by one: it is open as long as one of them fires.
    const delivered = table
      .logOf(alarm, 'pagerduty')
      .find(({ mark, outcome }) => mark === change.mark && outcome === 'delivered')
    return delivered?.incident !== undefined && opened.has(delivered.incident)
  })

  return {
    changes: alarms.length + alarms.filter(({ resolves }) => resolves).length,
    ...counts,
    ...doubledIn(engine.slack.requests.filter(isTaken)),
    ...incidentsAsAlarms(engine, pages ? alarms : [], (alarm) => incidentOf(alarm, table) ?? alarm.arn),
    namespaces: new Set(alarms.map(({ namespace }) => namespace)).size,
    slackMessages: engine.slack.requests.filter(isTaken).length,
    pagerdutyCalls: engine.pagerduty.requests.filter(isTaken).length,
    refusedCalls: [...engine.slack.requests, ...engine.pagerduty.requests].filter(({ status }) => status === 429)
      .length,
  }
}

/** Whether a channel was told of a change. */
type IsDelivered = (change: Change) => boolean

/**
 * A channel that was not told of a change knows all the same how things are: it was told of the whole in one message, or of a
 * later change that took this one's place; or there is nothing to tell it any more, because that was over before.
 */
function isOvertaken(
  change: Change,
  { fires, losesData, resolves }: RunAlarm,
  isDelivered: IsDelivered,
  log: Entry[],
): boolean {
  // Losing its data is newer than that it fires: who is told of that need not hear what was before.
  if (change === fires && isDelivered(losesData)) return true
  const isReplaced = log.some(({ mark, outcome }) => mark === change.mark && outcome === 'overtaken')
  const isDeliveredAsOne = log.some(({ missed, outcome }) => missed && outcome === 'delivered')
  const isOver = resolves !== undefined
  if (isOver && log.some(({ missed, outcome }) => missed && outcome === 'overtaken')) return !isDelivered(fires)
  if (change === resolves) return isDeliveredAsOne && isDelivered(fires)
  return isOver && isDelivered(resolves) && (isDeliveredAsOne || isReplaced)
}

/** The incident that an alarm shares, if any. */
function incidentOf(alarm: RunAlarm, { logOf }: Table): string | undefined {
  return logOf(alarm, 'pagerduty').find(({ incident }) => incident !== undefined)?.incident
}

/** A wake-up names the alert and its change; an event is the change. */
function marksOfLetter({ body }: DeadLetter, { markOf }: Table): string[] {
  const inBody = marksIn(body)
  if (inBody.length > 0) return inBody
  const wake = wakeSchema.safeParse(JSON.parse(body.startsWith('{"fingerprint"') ? body : 'null'))
  return wake.success ? [markOf(wake.data.fingerprint, wake.data.change)].filter((mark) => mark !== undefined) : []
}

function isTaken({ status = 0 }: Captured): boolean {
  return status >= 200 && status < 300
}

/** The marks of what a channel said yes to. */
function deliveredOf(requests: Captured[]): Set<string> {
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

/** What happened to a recipient, and the mark of the change that it is about. */
type Entry = LogEntry & { mark: string | undefined }

/** What the table knows of a run's alarms. */
interface Table {
  markOf(fingerprint: string, change: string): string | undefined
  /** All that a type's channel was told of an alarm, whatever its name was then, and what failed. */
  logOf(alarm: RunAlarm, type: ChannelType): Entry[]
}

async function readTable({ environment }: Engine): Promise<Table> {
  const marks = new Map<string, string>()
  const logs = new Map<string, Record<string, LogEntry[]>[]>()
  for (const { pk, sk, doc, alert, earlier } of await scan(environment)) {
    const fingerprint = pk?.S ?? ''
    const [mark] = marksIn(unpacked(alert) ?? '')
    if (mark) marks.set(`${fingerprint} ${sk?.S}`, mark)
    const recipients = Object.entries(
      (doc ? (JSON.parse(unpacked(doc) ?? '{}') as AlertState) : { recipients: {} }).recipients,
    )
    const last = Object.fromEntries(recipients.map(([name, { log }]) => [name, log]))
    logs.set(fingerprint, [...(logs.get(fingerprint) ?? []), last, JSON.parse(unpacked(earlier) ?? '{}')])
  }
  const markOf = (fingerprint: string, change: string) => marks.get(`${fingerprint} ${change}`)
  return {
    markOf,
    logOf: ({ fingerprint }, type) =>
      (logs.get(fingerprint) ?? []).flatMap((log) =>
        Object.entries(log)
          .filter(([name]) => (PAGERS.includes(name) ? 'pagerduty' : 'slack') === type)
          .flatMap(([, entries]) => entries.map((entry) => ({ ...entry, mark: markOf(fingerprint, entry.change) }))),
      ),
  }
}

async function scan(environment: Engine['environment']) {
  const client = new DynamoDBClient(emulated(environment, 'DYNAMODB'))
  const items: Record<string, AttributeValue>[] = []
  for await (const page of paginateScan({ client }, { TableName: environment.TABLE_NAME })) {
    items.push(...(page.Items ?? []))
  }
  client.destroy()
  return items
}
