import { notificationSchema } from '../../schemas/notification.ts'
import type { Wake } from '../../schemas/wake.ts'
import { nextByNotification } from '../decide/adopted.ts'
import { extrasOf } from '../decide/extras.ts'
import { identityOf } from '../decide/identity.ts'
import { changeAlert } from '../store/alerts.ts'
import { keepChange, keyOfChange } from '../store/changes.ts'

/**
 * A notification as the version before this one sent it, whole: what it says is owed to its channel from now on, and the
 * wake-up that it would be today is given. `undefined`: it is none.
 */
export async function adopt(message: unknown): Promise<Wake | undefined> {
  const { success, data } = notificationSchema.safeParse(message)
  if (!success) return undefined
  const { alert, channel, type, severity, rule, firingSince, fallbackFor, id } = data
  const fingerprint = identityOf(alert)
  const change = keyOfChange(alert, `carried-${id}`, 0)
  const recipient = fallbackFor ? `${channel} for ${fallbackFor.channel}` : channel
  const decision = { severity, rule, channels: [channel], held: [], because: [], ...extrasOf(data) }
  await keepChange(fingerprint, { alert, change, decision, outcome: 'sent', firingSince, earlier: {}, messageId: id })
  await changeAlert(fingerprint, (state) => ({
    state: nextByNotification(
      state,
      { alert, change },
      { recipient, channel, fallbackFor, severity, rule },
      new Date(),
    ),
    result: undefined,
  }))
  return { fingerprint, recipient, channel, type, change }
}
