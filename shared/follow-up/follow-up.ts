import type { SQSRecord } from 'aws-lambda'
import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Platform } from '../../schemas/platform.ts'
import { readWake, type Wake } from '../../schemas/wake.ts'
import { presentName } from '../decide/channel-now.ts'
import { placeOf, postedAt } from '../decide/place.ts'
import { notificationOf } from '../decide/to-send.ts'
import { hasEvidence } from '../evidence/evidence.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { readAlert, readMany } from '../store/alerts.ts'
import type { KeptChange } from '../store/changes.ts'
import { claimAsking, claimSending, keepEvidence } from './claims.ts'
import type { Own } from './clients-for.ts'
import { gather } from './gather.ts'
import { readLastTime } from './last-time.ts'
import { type Look, look } from './look.ts'
import { hasRoom, isAtRest, mayBeSent, sendEvidence } from './send.ts'

/** Evidence that would come later than this is dropped: people have looked for themselves. */
const LATEST_MS = 4 * 60_000
/** The first looks are soon after each other: a channel takes some seconds. */
const AGAIN_MS = 5_000
const MOST_AGAIN_MS = 20_000
/** Longer than an invocation: nobody else asks meanwhile. */
const LEASE_MS = 60_000

export interface Place {
  channels: Config['channels']
  platform: Platform | undefined
  own: Own
  stage: string
}

/** What becomes of a message: it is done, whatever came of it, or it is retried after so long. */
export type Course = 'done' | { againMs: number }

/**
 * One recipient of one change: evidence follows the alert once it is out, or is dropped. Nothing here is ever a reason to
 * send, to keep back or to repeat an alert: it only reads what the alert's own functions have written.
 */
export async function followUp(record: SQSRecord, place: Place): Promise<Course> {
  const wake = wakeIn(record.body)
  if (!wake) return 'done'
  const { fingerprint, recipient, channel } = wake
  const about = { fingerprint, recipient, channel }
  const again = (why: string): Course => {
    if (ageMs(record) > LATEST_MS) return dropped(about, `too late: ${why}`)
    log.info('evidence.waits', 'evidence waits', { ...about, reason: why })
    return { againMs: Math.min(MOST_AGAIN_MS, AGAIN_MS * Number(record.attributes?.ApproximateReceiveCount ?? 1)) }
  }
  try {
    const { alerts, changes } = await readMany([wake])
    const kept = changes.get(`${fingerprint} ${wake.change}`)
    const seen = look(alerts.get(fingerprint), kept, wake, place.channels)
    if (seen.kind === 'not yet') return again(seen.why)
    if (seen.kind === 'no') return notWanted(about, seen.why)
    if (!kept) return notWanted(about, 'unknown alert')
    const name = presentName(place.channels, seen.one.channel)
    const config = place.channels[name]
    if (!config || config.type !== wake.type) return notWanted(about, 'its channel is gone')
    if (!hasEvidence({ alert: kept.alert, platform: place.platform })) return notWanted(about, 'nothing to ask')
    if (!hasRoom(config)) return notWanted(about, 'its channel takes few messages a minute')
    if (!(await isAtRest(name, config, fingerprint))) return again('the channel is busy with alerts')
    const evidence = await evidenceFor(wake, kept, place)
    if (evidence === 'busy') return again('somebody else is asking')
    return await sendOnce({ wake, kept, seen, evidence, name, config }, place, again)
  } catch (error) {
    return again(String(error))
  }
}

/** Asked once for all recipients of a change. */
async function evidenceFor(wake: Wake, kept: KeptChange, place: Place): Promise<Evidence | 'busy'> {
  const { fingerprint, change } = wake
  const claimed = await claimAsking(fingerprint, change, LEASE_MS)
  if (claimed !== 'mine') return claimed
  const { alert, severity, extras } = kept
  const now = new Date()
  const lastTime = await readLastTime(fingerprint, alert, now)
  const { platform, stage, own } = place
  const runbook = alert.links.runbook ?? extras.runbook
  const evidence = await gather({ alert, severity, now, stage, platform, runbook, lastTime }, own)
  await keepEvidence(fingerprint, change, evidence)
  return evidence
}

interface Ready {
  wake: Wake
  kept: KeptChange
  seen: Extract<Look, { kind: 'yes' }>
  evidence: Evidence
  name: string
  config: ChannelConfig
}

async function sendOnce(
  { wake, kept, seen, evidence, name, config }: Ready,
  { channels }: Place,
  again: (why: string) => Course,
): Promise<Course> {
  const { fingerprint, change } = wake
  const about = { fingerprint, recipient: seen.recipient, channel: name }
  // It may have ended while AWS was asked.
  const state = await readAlert(fingerprint)
  const now = look(state, kept, wake, channels)
  if (!state || now.kind !== 'yes') return notWanted(about, 'why' in now ? now.why : 'unknown alert')
  if (!(await mayBeSent(name, config, fingerprint))) return again('the channel is busy with alerts')
  if (!(await claimSending(fingerprint, change, seen.recipient))) return notWanted(about, 'it was sent before')
  const mark = { change, at: kept.alert.changedAt, status: 'firing' as const }
  const notification = notificationOf(kept, mark, seen.one, { state, name, type: config.type })
  try {
    const posted = postedAt(now.one, placeOf(config), new Date())
    await sendEvidence(notification, evidence, name, { config, posted })
  } catch (error) {
    return dropped(about, String(error))
  }
  measure({ EvidenceMs: Math.max(0, Date.now() - Date.parse(seen.notifiedAt)) })
  log.info('evidence.sent', 'evidence sent', { ...about, notificationId: notification.id, tookMs: evidence.tookMs })
  return 'done'
}

function wakeIn(body: string): Wake | undefined {
  try {
    return readWake(JSON.parse(body))
  } catch {
    return undefined
  }
}

function ageMs({ attributes }: SQSRecord): number {
  const sentAt = Number(attributes?.SentTimestamp)
  return Number.isFinite(sentAt) ? Date.now() - sentAt : 0
}

function notWanted(about: object, reason: string): Course {
  log.info('evidence.not_wanted', 'no evidence', { ...about, reason })
  return 'done'
}

function dropped(about: object, reason: string): Course {
  log.warn('evidence.dropped', 'evidence dropped; its alert is delivered', { ...about, reason })
  measure({ EvidenceDropped: 1 })
  return 'done'
}
