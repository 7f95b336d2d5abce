import { orderText } from '../../schemas/wake.ts'
import { sendAll } from '../deliver/send-all.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { readLine } from '../store/alerts.ts'
import { claimAnswer, incidentKeyOf, releaseAnswer, settleAnswer } from '../store/answers.ts'
import { alertsOfIncident } from '../store/incidents.ts'
import { type Line, type Outcome, passed } from './outcome.ts'
import { type About, orderOf, type Wish } from './wish.ts'

/** DynamoDB's limit of a key, bytes; less what an incident's begins with. */
const MAX_KEY_BYTES = 2_000
/** As many as a shared incident counts (shared/deliver/incident.ts). */
const MOST_ALERTS = 1_000

/**
 * Puts on the queue what a person wants, once for each arrival of the same event. When this returns, SQS has stored it, or it
 * had before, or there is nothing to do.
 * @throws {Error} when it may not be there: the event must arrive again.
 */
export async function carryOut(wish: Wish, leaseMs: number): Promise<Outcome> {
  const { alerts, line } = await alertsOf(wish.about)
  const about = { via: wish.via, event: wish.id }
  if (alerts.length === 0) {
    log.info('answer.unknown', 'an answer about what is no alert of ours', about)
    return { kind: 'unknown' }
  }
  const over = line && passed(wish, line)
  if (over) return over
  const claim = await claimAnswer(wish.id, leaseMs)
  if (claim === 'busy') throw new Error('another invocation is at it')
  if (claim !== 'mine') return { kind: 'ordered', again: claim.doneAt, line }
  try {
    await sendAll(alerts.map((alert) => ({ body: orderText(orderOf(wish, alert)), delayS: 0 })))
  } catch (error) {
    await releaseAnswer(wish.id).catch(() => undefined)
    throw error
  }
  // Without this, the event's next arrival sends the same order again, which changes nothing.
  await settleAnswer(wish.id).catch((error) =>
    log.warn('answer.unsettled', 'the order is sent; that could not be recorded', { ...about, reason: String(error) }),
  )
  measure({ Answered: 1 }, { Via: wish.via })
  log.info('answer.ordered', 'an answer is on the queue', {
    ...about,
    fingerprint: alerts[0],
    alerts: alerts.length,
    what: Object.keys(wish.does)[0],
    by: wish.by,
  })
  return { kind: 'ordered', line }
}

/** The alerts that it is about, by their keys; and what is known of it, if it is one that a person named. */
async function alertsOf(about: About): Promise<{ alerts: string[]; line?: Line | undefined }> {
  if ('alert' in about) {
    const line = await lineOf(about.alert)
    return { alerts: line ? [about.alert] : [], line }
  }
  const dedupKey = about.key ?? (await incidentKeyOf(about.incident))
  if (dedupKey === undefined || !isKey(dedupKey)) return { alerts: [] }
  const members = await alertsOfIncident(dedupKey, MOST_ALERTS)
  if (members.length > 0) return { alerts: members }
  return { alerts: (await lineOf(dedupKey)) ? [dedupKey] : [] }
}

export async function lineOf(alert: string): Promise<Line | undefined> {
  return isKey(alert) ? readLine(alert) : undefined
}

/** What DynamoDB would refuse as one is none of ours. */
function isKey(text: string): boolean {
  return text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= MAX_KEY_BYTES
}
