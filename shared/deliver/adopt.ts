import type { Config } from '../../schemas/config.ts'
import type { Wake } from '../../schemas/wake.ts'
import { carriedAs, identityOf } from '../alert/identity.ts'
import { nextByNotification } from '../decide/adopted.ts'
import { recipientNow } from '../decide/channel-now.ts'
import { extrasOf } from '../decide/extras.ts'
import { notified } from '../decide/turn.ts'
import { changeAlert } from '../store/alerts.ts'
import { keepChange, keyOfChange } from '../store/changes.ts'
import { earlierIn } from './earlier.ts'

/**
 * Adopts a whole notification, as the version before this one sent it: records it as owed to its channel, and returns
 * today's wake-up for it. `undefined`: it is not one.
 */
export async function adopt(message: unknown, channels: Config['channels']): Promise<Wake | undefined> {
  const data = earlierIn(message)
  if (!data) return undefined
  const { alert, channel, type, severity, rule, firingSince, fallbackFor, id, delivered } = data
  const fingerprint = identityOf(alert)
  const change = keyOfChange(alert, carriedAs(id), 0)
  const named = fallbackFor ? `${channel} for ${fallbackFor.channel}` : channel
  const decision = { severity, rule, channels: [channel], held: [], because: [], ...extrasOf(data) }
  const kept = { alert, change, decision, firingSince, earlier: {}, messageId: id, version: 0 }
  await keepChange(fingerprint, { ...kept, outcome: 'sent' })
  const { status, changedAt } = alert
  let recipient = named
  await changeAlert(fingerprint, (before) => {
    // Its channel may have been renamed since.
    recipient = recipientNow(before, { recipient: named }, channels)
    const to = { recipient, channel: before?.recipients[recipient]?.channel ?? channel, fallbackFor, severity, rule }
    const state = nextByNotification(before, { alert, change }, to, new Date())
    if (!delivered) return { state, result: undefined }
    const { at: notifiedAt, ...said } = delivered
    const note = { fingerprint, recipient, change, changedAt, status, notifiedAt, token: '', ...said }
    return { state: notified(state, note), result: undefined }
  })
  return { fingerprint, recipient, channel, type, change }
}
