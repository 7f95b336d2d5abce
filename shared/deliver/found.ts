import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import { ChannelError, type Found } from '../channels/channel.ts'
import type { Claimed } from './messages.ts'
import { inParts } from './parts.ts'
import { callTarget, type Delivery, firstOf } from './send.ts'
import { finish, settle } from './settle.ts'

/**
 * Where a channel can be asked: looks for what may have been received without an answer that said so, and records it, so that
 * it is not sent twice.
 * @returns what is still to be sent: an alert's message that was found is known from here on.
 */
export async function notFound<Payload, Type extends ChannelType>(
  claimed: Claimed[],
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<Claimed[]> {
  const { channel } = delivery
  const inDoubt = claimed.filter(({ inDoubtSince }) => inDoubtSince !== undefined)
  if (!channel.find || inDoubt.length === 0) return claimed
  try {
    const found = await lookFor(inDoubt, config, delivery)
    const notifiedAt = new Date().toISOString()
    const received = inDoubt.filter((_, n) => found[n]?.isAll)
    await inParts(received, (one) => {
      const said = channel.firstLine(channel.render(one.notification))
      return finish(one, { notifiedAt, said, posted: found[inDoubt.indexOf(one)]?.posted }, delivery)
    })
    for (const [n, one] of inDoubt.entries()) {
      const posted = found[n]?.posted
      if (posted) Object.assign(one, { posted, ...asReceived(one) })
    }
    return claimed.filter((one) => !received.includes(one))
  } catch (error) {
    await settle(inDoubt, error, delivery)
    return claimed.filter((one) => !inDoubt.includes(one))
  }
}

/** It received the firing after all: its end is no episode that it has missed. */
function asReceived({ notification, owed }: Claimed): Pick<Claimed, 'notification' | 'owed'> {
  const [{ missed: _missed, ...shown }, { missed: _toSend, ...mark }] = [notification, owed]
  return { notification: shown, owed: mark }
}

/** What can't be asked, because the bot may not read the channel, is sent: twice is better than never. */
async function lookFor<Payload, Type extends ChannelType>(
  inDoubt: Claimed[],
  config: Extract<ChannelConfig, { type: Type }>,
  delivery: Delivery<Payload, Type>,
): Promise<(Found | undefined)[]> {
  const { id: notificationId, channel: name } = firstOf(inDoubt)
  const sought = inDoubt.map(({ notification, posted, inDoubtSince = '' }) => ({
    ...{ notification, posted },
    since: inDoubtSince,
  }))
  try {
    return await callTarget({ name }, config, delivery, async (to) => {
      return (await delivery.channel.find?.(sought, { ...to, notificationId })) ?? []
    })
  } catch (error) {
    if (error instanceof ChannelError && error.retry !== 'later') return []
    throw error
  }
}
