import type { Alert } from '../../schemas/alert.ts'
import { notificationId } from '../decide/notifications.ts'
import type { Delivery, Try } from './alert-history.ts'
import { type Item, text } from './items.ts'

/*
 * The previous version of the router kept an item for each notification (`delivery#…`), with its outcome. These
 * items remain for 90 days.
 */

/** Deliveries to a change's channels, in order, each with its fallback; then to fallbacks of other channels. */
export function deliveriesOf(alert: Alert, channels: string[], items: Item[]): Delivery[] {
  const byId = new Map(items.map(deliveryOf).map((one) => [one.notificationId, one]))
  const own = channels.flatMap((channel): Delivery[] => {
    const id = notificationId(alert, channel)
    const one = byId.get(id)
    if (!one) return [{ channel, status: 'untried', notificationId: id, tries: [], waits: 0 }]
    const fallback = one.fallbackTo && byId.get(notificationId(alert, `${one.fallbackTo} for ${channel}`))
    return fallback ? [one, fallback] : [one]
  })
  // A fallback that received the firing is sent the resolve.
  const others = [...byId.values()].filter(
    ({ channel, notificationId: id }) => !channels.includes(channel) && id === notificationId(alert, channel),
  )
  return [...own, ...others]
}

/** Parses a notification's item. */
export function deliveryOf(item: Item): Delivery {
  const digestId = item.digestId?.S
  return {
    channel: item.channel?.S ?? '',
    status: (item.status?.S ?? 'untried') as Delivery['status'],
    notificationId: item.notificationId?.S ?? '',
    ...text('type', item),
    tries: item.tries?.L?.map(({ M = {} }) => tryOf(M)) ?? [],
    waits: Number(item.waits?.N ?? 0),
    ...text('deliveredAt', item),
    ...text('said', item),
    ...text('supersededAt', item),
    ...text('error', item),
    ...text('failingSince', item),
    ...(digestId !== undefined && { digest: { id: digestId, of: Number(item.digestOf?.N ?? 1) } }),
    ...text('incident', item),
    ...text('fallbackFor', item),
    ...text('fallbackTo', item),
    ...text('fallbackAt', item),
  }
}

function tryOf(item: Item): Try {
  return { at: item.at?.S ?? '', outcome: item.outcome?.S ?? '', ...text('reason', item), ...text('until', item) }
}
