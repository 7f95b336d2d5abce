import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import { publish } from '../aws/topic.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { type NextByChange, nextByChange } from '../decide/next.ts'
import { withOthers } from '../decide/others.ts'
import { waitingOf } from '../decide/waiting.ts'
import { keptTrace } from '../explain/kept-trace.ts'
import type { Versioned } from '../live-config/source.ts'
import { isHeartbeat } from '../observe/heartbeat.ts'
import { log } from '../observe/log.ts'
import { measure, type SuppressedBecause } from '../observe/metrics.ts'
import { changeAlert, readAlert } from '../store/alerts.ts'
import { keepChange, keyOfChange, readChange, takeLogs } from '../store/changes.ts'
import type { Known } from '../store/earlier-key.ts'
import { withEnd } from './drilled.ts'
import { announce, askOthers, endedGroups, freeOthers } from './others.ts'
import { announceCritical } from './silences.ts'
import { wakesOf } from './wakes.ts'

/** Read, decide, keep, write; all of it again if another writer was faster. Then wake whoever is owed something. */
export async function routeAlert(
  { alert: arrived, before: known }: Known,
  messageId: string,
  position: number,
  { config, version: configVersion }: Versioned<Config>,
): Promise<void> {
  const alert = withEnd(arrived, config, new Date())
  const fingerprint = identityOf(alert)
  const keptAs = keyOfChange(alert, messageId, position)
  const change = async (before: AlertState | undefined) => {
    const now = new Date()
    const about = { key: fingerprint, alert, before, config }
    const announced = await announce(about)
    const others = await askOthers(about, now)
    const next = nextByChange(before, { alert, change: keptAs }, withOthers(config, others), now)
    const earlier = next.state === before ? {} : takeLogs(next.state, before)
    const { decision, decided, firing, outcome } = next
    if (decision.held.length > 0) await announceCritical([alert], decision.severity, config, now)
    const trace = keptTrace({ alert, config, firing, decided, decision, at: now })
    const firingSince = firing?.since
    const version = before?.version ?? 0
    const kept = {
      alert,
      change: keptAs,
      decision,
      outcome,
      firingSince,
      configVersion,
      trace,
      earlier,
      messageId,
      version,
    }
    await keepChange(fingerprint, kept, now)
    return { state: next.state, result: { next, before, announced, others } }
  }
  const { result, state } = await changeAlert(fingerprint, change, known)
  const { next, before, announced, others } = result
  logRouted(alert, next, { messageId, configVersion })
  await publish(wakesOf(state, next.wake, config))
  await freeOthers(before, state, { announced, others, ended: endedGroups(alert, config) })
}

/**
 * Does the table show that a change is recorded, or that something newer is? Then to route it would change nothing. Writes
 * nothing. Items are replicated one by one: where the change is owed, its own item has to be there, too.
 */
export async function isRecorded(
  { alert: arrived, before }: Known,
  messageId: string,
  position: number,
  config: Config,
): Promise<boolean> {
  const now = new Date()
  const alert = withEnd(arrived, config, now)
  const state = before ?? (await readAlert(identityOf(alert)))
  if (!state) return false
  const { outcome } = nextByChange(state, { alert, change: '' }, config, now)
  if (outcome !== 'duplicate' && outcome !== 'stale') return false
  const change = keyOfChange(alert, messageId, position)
  const isOwed = Object.values(state.recipients).some((one) => waitingOf(one).some((mark) => mark.change === change))
  return !isOwed || (await readChange(identityOf(alert), change)) !== undefined
}

/** Logged once it is written: even if waking fails, it will be sent. A redelivered message is a duplicate. */
function logRouted(
  alert: Alert,
  { outcome, decision, wake }: NextByChange,
  { messageId, configVersion }: { messageId: string; configVersion: string },
): void {
  const { fingerprint, status } = alert
  log.info('alert.routed', 'routed', {
    fingerprint,
    status,
    outcome,
    messageId,
    wake: wake.join(' '),
    configVersion,
    ...decision,
  })
  // These counts are alerts; the heartbeat is counted where it arrives, and a drill nowhere.
  if (isHeartbeat(alert) || alert.drill !== undefined) return
  measure({ Received: 1 }, {}, { about: { Severity: decision.severity } })
  if (outcome === 'sent' || outcome === 'held') return
  const Reason: SuppressedBecause = outcome === 'nobody' && decision.nobody ? 'on-purpose' : outcome
  measure({ Suppressed: 1 }, {}, { about: { Reason } })
}
