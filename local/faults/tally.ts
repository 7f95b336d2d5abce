import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { ChannelType } from '../../schemas/channel.ts'
import { readWake } from '../../schemas/wake.ts'
import { unpacked } from '../../shared/aws/packed.ts'
import type { AlertState, LogEntry } from '../../shared/decide/alert-state.ts'
import type { DeadLetter } from '../dead-letters.ts'
import { emulated } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import type { Captured } from '../stand-ins/index.ts'
import type { QueueName } from '../topology.ts'
import { type Change, marksIn, type RunAlarm } from './alarms.ts'
import { carriedBy } from './in-slack.ts'
import { PAGERS } from './rules.ts'

export interface Tally {
  changes: number
  /**
   * Changes delivered, once per channel: it accepted a message with the change, or opened the incident that the
   * alarm shares.
   */
  delivered: number
  /**
   * Those not delivered because one message covered the firing and the resolve, or because the alert was resolved by
   * then.
   */
  overtaken: number
  /** Of those, the ones that were held from their start to their end: nobody is to hear of them. */
  heldToTheirEnd: number
  /** Those not delivered that are dead letters. */
  deadLettered: number
  /** Those not delivered for neither reason. */
  lost: number
  /** Slack messages that repeat a change that Slack had accepted. */
  doubledSlack: number
  /** Those of them that repeat a change although Slack's last response about it had arrived. */
  doubledForNoReason: number
  /** Slack's responses that did not arrive: the outcome of these messages can't be known. */
  cuts: number
  /** Incidents that were opened again without a resolve in between. */
  doubledIncidents: number
  /** Alarms, or groups of alarms, whose incident ends in a different state. */
  wrongIncidents: number
  /** How often an incident was opened, and how many namespaces the alarms are of. */
  incidents: number
  namespaces: number
  slackMessages: number
  pagerdutyCalls: number
  /** Rate limited calls (429). */
  refusedCalls: number
}

/**
 * Counts the outcome of each alarm, from the requests that the channels accepted and, where these are not enough,
 * from the table.
 */
export async function tally(
  engine: Engine,
  alarms: RunAlarm[],
  letters: DeadLetter[],
  { losesData, pages, isMutedToItsEnd, slack: type }: Kind,
): Promise<Tally> {
  const table = await readTable(engine)
  const messages = engine[type].requests.filter(({ path }) => !path.startsWith('conversations.'))
  const slack = deliveredOf(messages)
  const pagerduty = deliveredOf(engine.pagerduty.requests)
  const opened = new Set(engine.pagerduty.incidents().map(({ dedupKey }) => dedupKey))
  const dead = new Set(
    letters.flatMap((letter) => marksOfDeadLetter(letter, table).map((mark) => `${letter.queue} ${mark}`)),
  )
  const isDead = (queue: QueueName, { mark }: Change) => dead.has(`${queue} ${mark}`) || dead.has(`alarms ${mark}`)

  const counts = { delivered: 0, overtaken: 0, heldToTheirEnd: 0, deadLettered: 0, lost: 0 }
  const muted = new Set(alarms.filter(isMutedToItsEnd))
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
        else if (muted.has(alarm) && isUnsent(alarm, table.logOf(alarm, queue))) {
          counts.overtaken++
          counts.heldToTheirEnd++
        } else if (isDead(queue, change)) counts.deadLettered++
        else counts.lost++
      }
    }
  }
  const ends = ({ fires, resolves }: RunAlarm) => (resolves ? [fires, resolves] : [fires])
  judge(
    type,
    (alarm) => (losesData ? [...ends(alarm), alarm.losesData] : ends(alarm)),
    () => (change) => slack.has(change.mark),
  )
  judge(
    'pagerduty',
    (alarm) => (pages(alarm) ? ends(alarm) : []),
    (alarm) => (change) => {
      if (pagerduty.has(change.mark)) return true
      // PagerDuty need not receive each alarm of a shared incident: it is open while one of them fires.
      const delivered = table
        .logOf(alarm, 'pagerduty')
        .find(({ mark, outcome }) => mark === change.mark && outcome === 'delivered')
      return delivered?.incident !== undefined && opened.has(delivered.incident)
    },
  )

  const seen = messages.filter(isTaken).filter(isSeen)
  return {
    changes: alarms.length + alarms.filter(({ resolves }) => resolves).length,
    ...counts,
    ...doubledIn(seen),
    ...incidentsAsAlarms(engine, alarms.filter(pages), (alarm) => incidentOf(alarm, table) ?? alarm.arn),
    namespaces: new Set(alarms.map(({ namespace }) => namespace)).size,
    slackMessages: seen.length,
    pagerdutyCalls: engine.pagerduty.requests.filter(isTaken).length,
    refusedCalls: [...engine[type].requests, ...engine.pagerduty.requests].filter(({ status }) => status === 429)
      .length,
  }
}

/** How a run's alarms differ from others'. */
interface Kind {
  losesData: boolean
  /** Whether PagerDuty is sent an alarm. */
  pages(alarm: RunAlarm): boolean
  isMutedToItsEnd(alarm: RunAlarm, index: number): boolean
  slack: 'slack' | 'slack-app'
}

/** Whether a channel received a change. */
type IsDelivered = (change: Change) => boolean

/**
 * Whether a channel that did not receive a change is still up to date: it received one message about all of it, or a
 * later change that superseded this one; or nothing is left to send, because the alert was resolved before.
 */
function isOvertaken(
  change: Change,
  { fires, losesData, resolves }: RunAlarm,
  isDelivered: IsDelivered,
  log: Entry[],
): boolean {
  // The loss of data is newer than the firing: a recipient of the former does not need the latter.
  if (change === fires && isDelivered(losesData)) return true
  const isReplaced = log.some(({ mark, outcome }) => mark === change.mark && outcome === 'overtaken')
  const isDeliveredAsOne = log.some(({ missed, outcome }) => missed && outcome === 'delivered')
  const isOver = resolves !== undefined
  if (isOver && log.some(({ missed, outcome }) => missed && outcome === 'overtaken')) return !isDelivered(fires)
  if (change === resolves) return isDeliveredAsOne && isDelivered(fires)
  return isOver && isDelivered(resolves) && (isDeliveredAsOne || isReplaced)
}

/** It was held for a recipient, and was over before it was sent. */
function isUnsent({ fires }: RunAlarm, log: Entry[]): boolean {
  return log.length > 0 && log.every(({ mark, outcome }) => mark === fires.mark && outcome === 'overtaken')
}

/** The incident that an alarm shares, if any. */
function incidentOf(alarm: RunAlarm, { logOf }: Table): string | undefined {
  return logOf(alarm, 'pagerduty').find(({ incident }) => incident !== undefined)?.incident
}

/** A wake-up refers to the alert and its change; an event is the change. */
function marksOfDeadLetter({ body }: DeadLetter, { markOf }: Table): string[] {
  const inBody = marksIn(body)
  if (inBody.length > 0) return inBody
  const wake = readWake(JSON.parse(body.startsWith('{"fingerprint"') ? body : 'null'))
  return wake ? [markOf(wake.fingerprint, wake.change)].filter((mark) => mark !== undefined) : []
}

function isTaken({ status = 0 }: Captured): boolean {
  return status >= 200 && status < 300
}

/** An edit that is made twice is the same message. */
function isSeen({ path }: Captured): boolean {
  return path !== 'chat.update'
}

/** The marks in the requests that a channel accepted. */
function deliveredOf(requests: Captured[]): Set<string> {
  return new Set(requests.filter(isTaken).flatMap(marksOf))
}

function marksOf({ body }: Captured): string[] {
  return [...new Set(marksIn(JSON.stringify(body)))]
}

/** What an app says that a message carries; else the changes in it. */
function contentOf(message: Captured): string[] {
  const carried = carriedBy(message)
  return carried.length > 0 ? carried : marksOf(message)
}

function doubledIn(messages: Captured[]): Pick<Tally, 'doubledSlack' | 'doubledForNoReason' | 'cuts'> {
  /** For each change that Slack received, the last message with it. */
  const lastOf = new Map<string, Captured>()
  /** Messages with content that was sent again. */
  const repeated = new Set<Captured>()
  for (const message of messages) {
    for (const mark of contentOf(message)) {
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

/** Half a body follows the status, which accepts the request. */
function isLost({ cut }: Captured): boolean {
  return cut === 'cut-before-answer'
}

/** An incident is open while one of its alarms fires; half of them do at the end. */
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

/** The state of a run's alarms in the table. */
interface Table {
  markOf(fingerprint: string, change: string): string | undefined
  /** Everything sent to a type's channel about an alarm, whatever its name was then, and what failed. */
  logOf(alarm: RunAlarm, type: ChannelType): Entry[]
}

async function readTable({ environment }: Engine): Promise<Table> {
  const marks = new Map<string, string>()
  const logs = new Map<string, Record<string, LogEntry[]>[]>()
  for (const { pk, sk, doc, alert, earlier } of await scan(environment)) {
    const fingerprint = pk?.S ?? ''
    const [mark] = marksIn(unpacked(alert) ?? '')
    if (mark) marks.set(`${fingerprint} ${sk?.S}`, mark)
    const { recipients: all = {} } = JSON.parse(unpacked(doc) ?? '{}') as Partial<AlertState>
    const recipients = Object.entries(all)
    const last = Object.fromEntries(recipients.map(([name, { log }]) => [name, log]))
    logs.set(fingerprint, [...(logs.get(fingerprint) ?? []), last, JSON.parse(unpacked(earlier) ?? '{}')])
  }
  const markOf = (fingerprint: string, change: string) => marks.get(`${fingerprint} ${change}`)
  return {
    markOf,
    logOf: ({ fingerprint }, type) =>
      (logs.get(fingerprint) ?? []).flatMap((log) =>
        Object.entries(log)
          .filter(([name]) => PAGERS.includes(name) === (type === 'pagerduty'))
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
