import type { Knowledge, Received } from './knowledge.ts'
import { inOrder, type Truth } from './reference.ts'

/*
 * Which incidents may be open at PagerDuty when everything is delivered.
 */

/** An incident is open while its alert fires, or any alert that shares it. */
export function incidents(known: Knowledge): string[] {
  return known.readers.flatMap((reader) => {
    if (!known.isPager(reader)) return []
    const open = known.run.incidents.filter(
      ({ isOpen, target, dedupKey }) =>
        isOpen && `pagerduty:${target}` === reader && !dedupKey.includes('#configuration'),
    )
    const isShared = [...known.channels(reader), ...known.configs.flatMap(({ rules }) => rules)].some(
      ({ groupBy }) => groupBy,
    )
    if (isShared) return sharedIncidents(reader, known, open.length)
    return known.truths.flatMap((truth) => {
      if (truth.form === 'text') return []
      const keys = known.received(reader, truth.alert).map(({ taken }) => taken.dedupKey)
      const own = open.filter(({ dedupKey }) => keys.includes(dedupKey)).length
      return keys.length > 0 ? ofIncident(reader, truth, own, known) : []
    })
  })
}

function ofIncident(reader: string, truth: Truth, open: number, known: Knowledge): string[] {
  const { alert, status } = truth
  if (status !== 'resolved')
    return open === 0 && !known.hasDeadLetter(truth, reader) && hasReceivedSince(reader, alert, known)
      ? [`${reader} has no open incident for ${alert}, which is ${status}`]
      : []
  return open > 0 && !known.hasDeadResolve(truth, reader)
    ? [`${reader} has an open incident for ${alert}, which is resolved`]
    : []
}

/** Whether it received the firing, since the previous resolve: an acknowledgement or a note opens nothing. */
function hasReceivedSince(reader: string, alert: string, known: Knowledge): boolean {
  const truth = known.truths.find((one) => one.alert === alert)
  const changes = truth?.changes ?? []
  const present = changes.slice(changes.findLastIndex(({ status }) => status === 'resolved') + 1)
  return known.received(reader, alert).some(({ taken, input }) => taken.action === 'trigger' && present.includes(input))
}

function sharedIncidents(reader: string, known: Knowledge, open: number): string[] {
  const firing = known.truths.filter(({ alert, form, status }) =>
    form === 'text' ? known.received(reader, alert).length > 0 : status !== 'resolved',
  )
  // The deletion of an alarm is a separate event without a resolve; a maintenance or a silence may last for hours.
  const hasEvents =
    known.run.published.some(({ input }) => input.by === 'deletion') ||
    known.run.taken.some(
      ({ type, target, body }) =>
        `${type}:${target}` === reader && /Maintenance started|Silence/.test(JSON.stringify(body)),
    )
  const isEndReceived = known.truths.some((truth) => known.hasDeadResolve(truth, reader))
  if (firing.length === 0 && open > 0 && !hasEvents && !isEndReceived)
    return [`${reader} has ${open} open incidents, but all alerts are resolved`]
  const hasDeadLetter = known.truths.some((truth) => known.hasDeadLetter(truth, reader))
  if (hasDeadLetter || !known.isStable(reader) || known.wasElsewhere(reader)) return []
  const received = firing.filter(({ alert }) => hasReceivedSince(reader, alert, known))
  return received.length > 0 && open === 0 ? [`${reader} has no open incident, but ${received.length} alerts fire`] : []
}

/** No resolve is sent once a later firing is known; without duplicates, it closes an open incident. */
export function reopened(known: Knowledge): string[] {
  const { counts, world } = known.run
  if (counts.deaths + counts.timeouts > 0 || world.pushes.length > 0) return []
  return known.readers
    .filter((reader) => known.isPager(reader))
    .flatMap((reader) =>
      known.truths.flatMap(({ alert }) => {
        const received = known.received(reader, alert).filter(({ taken }) => taken.action !== 'acknowledge')
        const late = received.find(({ taken, input, status }, index) => {
          const ofKey = received.slice(0, index).filter((one) => one.taken.dedupKey === taken.dedupKey)
          const isNewer = ({ input: other, taken: { action, isAnswered } }: Received) =>
            action === 'trigger' && isAnswered && inOrder(other, input) > 0
          // A closed incident is not closed again.
          const isOpen = ofKey.at(-1)?.taken.action === 'trigger'
          const isEnd = taken.action === 'resolve' && status === 'resolved' && input.status === 'resolved'
          return isEnd && isOpen && ofKey.some(isNewer)
        })
        return late ? [`${reader} received the resolve of ${alert} (${late.input.mark}) after a newer change`] : []
      }),
    )
}
