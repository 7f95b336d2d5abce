import type { Alert } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import { MAX_ABOUT, type NewSilence } from '../../schemas/silence.ts'
import type { Order } from '../../schemas/wake.ts'
import { sourceOf } from '../alert/identity.ts'
import { oneLine, shorten } from '../channels/outside-text.ts'
import type { Silences } from '../decide/in-force.ts'
import { onlyThis, type Silenced, silencesOn } from '../decide/silence.ts'
import { add, criticalSince, expire, extend, type Silenceable } from '../decide/silencing.ts'
import { log } from '../observe/log.ts'
import { readAlert } from '../store/alerts.ts'
import { readLastChange } from '../store/changes.ts'
import { changeSilences } from '../store/silences.ts'

/** What a person wants of silences. */
export type OrderOfSilence = Extract<
  Order,
  { silence: unknown } | { silenceAlert: string } | { extendSilence: string } | { expireSilence: string }
>

export function isOfSilence(order: Order): order is OrderOfSilence {
  return 'silence' in order || 'silenceAlert' in order || 'extendSilence' in order || 'expireSilence' in order
}

/** Makes, extends or ends a silence. An order that changes nothing any more is ignored, and logged. */
export async function silence(order: OrderOfSilence): Promise<void> {
  const wanted = await wantedBy(order)
  if ('refused' in wanted) return ignored(order, wanted.refused)
  const now = new Date()
  let done: Silenceable = { refused: 'nothing was read' }
  await changeSilences((silences) => {
    done = wanted.by(silences, now)
    return 'refused' in done ? silences : done.silences
  })
  // It is assigned in the function above.
  const outcome = done as Silenceable
  if ('refused' in outcome) return ignored(order, outcome.refused)
  const { id, about, by, until, why, changes = [] } = outcome.silence
  const whoLast = changes.at(-1)?.by ?? by
  log.info('silence.changed', WHAT[kindOf(order)], { id, about, by: whoLast, until, why })
}

const WHAT = {
  made: 'alerts are silenced',
  extended: 'a silence lasts longer',
  expired: 'a silence was ended',
} as const

function kindOf(order: OrderOfSilence): keyof typeof WHAT {
  if ('extendSilence' in order) return 'extended'
  return 'expireSilence' in order ? 'expired' : 'made'
}

function ignored(order: OrderOfSilence, reason: string): void {
  const { by } = 'silence' in order ? order.silence : order
  log.warn('silence.ignored', 'an order about a silence changes nothing', { what: kindOf(order), by, reason })
}

type Wanted = { by: (silences: Silences, now: Date) => Silenceable }

async function wantedBy(order: OrderOfSilence): Promise<Wanted | { refused: string }> {
  if ('silence' in order) return { by: (silences, now) => add(silences, order.silence, now) }
  if ('silenceAlert' in order) {
    const asked = await ofAlert(order)
    return 'refused' in asked ? asked : { by: (silences, now) => add(silences, asked, now) }
  }
  const { by, via, at } = order
  if ('expireSilence' in order) {
    return { by: (silences, now) => expire(silences, order.expireSilence, { by, via, at }, now) }
  }
  return { by: (silences, now) => extend(silences, order.extendSilence, { by, via, at, until: order.until }, now) }
}

/** A silence of one alert, whatever it is called. */
async function ofAlert(
  order: Extract<OrderOfSilence, { silenceAlert: string }>,
): Promise<NewSilence | { refused: string }> {
  const { silenceAlert: alertKey, Records: _none, ...asked } = order
  const state = await readAlert(alertKey)
  if (!state) return { refused: 'unknown alert' }
  if (state.drill !== undefined) return { refused: 'a drill is never silenced' }
  const fingerprint = state.once ? sourceOf(alertKey) : alertKey
  const severity = state.firing?.severity ?? (await readLastChange(alertKey))?.severity
  return {
    ...asked,
    when: onlyThis(fingerprint),
    about: shorten(oneLine(state.title), MAX_ABOUT) || 'an alert without a name',
    // Of what nobody knows how severe it is, nobody says that it is not.
    ...((severity === undefined || severity === 'critical') && { critical: true as const }),
  }
}

/** Silences that hold a critical alert, of which nobody had known that they would, are announced from now on. */
export async function announceCritical(
  alerts: Iterable<Alert>,
  severity: Severity | undefined,
  config: Silenced,
  now: Date,
): Promise<void> {
  if (severity !== 'critical') return
  const silences = [...alerts].flatMap((alert) => silencesOn(alert, config, now))
  const ids = silences.flatMap(({ id, critical }) => (critical === undefined ? id : []))
  if (ids.length > 0) await changeSilences((all) => criticalSince(all, ids, now) ?? all)
}
