import { orderElsewhere } from '../aws/queue.ts'
import { nextBeat, type Standing, standingOf } from '../decide/standing.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { type Pair, pairHere } from '../observe/regions.ts'
import { keepBeat, readBeats } from '../store/beats.ts'

/**
 * Says in the table whether this region sends, and notifies the other one, once a minute. @returns what this one may do: all,
 * where it is alone.
 */
export async function beat(now: Date, rules: () => Promise<{ version: string }>): Promise<Standing> {
  const pair = pairHere()
  if (!pair) return 'active'
  const [beats, { version }] = await Promise.all([readBeats(pair), rules()])
  const { beat: said, became } = nextBeat(pair, beats, now)
  const own = { ...said, rules: version }
  // Else a person wanted it to send meanwhile: what that comes to, the next run says.
  if (!(await keepBeat(own))) return 'waiting'
  await notify(pair, own)
  if (became) report(became, own.term, pair)
  if (beats.other) measure({ OtherSilentMs: Math.max(0, now.getTime() - Date.parse(beats.other.at)) })
  return standingOf(pair, { ...beats, own }, now)
}

/** It may be lost: no reason not to send. */
async function notify({ other }: Pair, said: Parameters<typeof keepBeat>[0]): Promise<void> {
  try {
    await orderElsewhere(other, { beat: said }, { maxAttempts: 1 })
  } catch (error) {
    log.warn('pair.not_notified', 'the other region was not notified by a message', { other, reason: String(error) })
  }
}

function report(became: 'active' | 'standby', term: number, { here, other }: Pair): void {
  if (became === 'standby') {
    log.warn('pair.stood_down', 'the other region sends', { here, other, term })
    return
  }
  log.error('pair.took_over', 'this region sends from now on: nothing is heard of the other', { here, other, term })
  measure({ TookOver: 1 })
}
