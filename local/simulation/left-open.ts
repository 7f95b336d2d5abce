import { sharedOf } from '../../shared/decide/left-open.ts'
import { placeOf } from '../../shared/decide/place.ts'
import type { Knowledge } from './knowledge.ts'
import type { Kind } from './spells.ts'
import type { OpenedMessage } from './world.ts'

/*
 * Dead letters that ask a person to close an incident: only for open incidents, and only if the router can't.
 */

/** Failures after which a call may or may not have had its effect. */
const NO_ANSWER: Kind[] = ['refused', 'reset', 'hangs', 'lost', 'lost-500', 'hangs-after', 'cut']

/** Dead letters that ask for something already done, or for the router's own work. */
export function askedInVain(known: Knowledge): string[] {
  return known.run.letters.flatMap((letter) => {
    const { close = '', incident = '', channel } = closeIn(letter) ?? {}
    const at = known.configs
      .flatMap(({ channels }) => Object.values(channels))
      .find((one) => incident.startsWith(placeOf(one) ?? ' '))
    const target = at && 'secret' in at ? at.secret : undefined
    if (close === '' || target === undefined) return []
    const about = `a person is to close an incident of ${close.split(':').at(-1)} that ${channel} opened`
    const reader = `pagerduty:${target}`
    return [
      ...(known.isStable(reader) && !known.wasElsewhere(reader) ? [`${about}: its channel still sends there`] : []),
      ...(isClosed({ close, incident, target }, letter, known) ? [`${about}: it is closed`] : []),
    ]
  })
}

function isClosed(
  { close, incident, target }: { close: string; incident: string; target: string },
  letter: OpenedMessage,
  { run: { taken, counts, world } }: Knowledge,
): boolean {
  // Without a response, an incident may have been opened; a shared one may have been closed by another
  // alert since.
  const isInDoubt = counts.deaths + counts.timeouts > 0 || world.spells.some(({ kind }) => NO_ANSWER.includes(kind))
  if (isInDoubt || sharedOf(incident) !== undefined) return false
  const last = taken.findLast(
    (one) => one.target === target && one.dedupKey === close && one.at <= letter.at && one.action !== 'acknowledge',
  )
  return last?.action !== 'trigger'
}

/** The incident that a dead letter asks a person to close. */
export function closeIn({ body }: OpenedMessage): { close: string; incident: string; channel: string } | undefined {
  return body.startsWith('{"close":') ? JSON.parse(body) : undefined
}
