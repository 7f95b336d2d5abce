import type { Config, Rule } from '../../schemas/config.ts'
import type { Silence } from '../../schemas/silence.ts'
import { pages } from '../channels/types.ts'
import { isInForce, type Silences } from './in-force.ts'
import { AT_ONCE_AND_ONCE, SILENCE_SOURCE } from './maintenance.ts'
import { minuteOf } from './minute.ts'

/*
 * Nobody forgets a silence: its start is announced if it covers critical alerts, and so is another end; whoever has one is
 * reminded before it ends; and its end goes to all who heard of it. As our own events (schemas/event.ts). Pure.
 */

/** What has been announced of a silence: until when it lasts, its start, and that it ends soon. */
interface AnnouncedSilence {
  until: string
  began?: true
  reminded?: true
}
/** By the silence's id. */
export type AnnouncedSilences = Record<string, AnnouncedSilence>

/**
 * The notices due at a moment, derived from the present silences and not from what happened to them: so nothing is missed
 * after a pause of the clock, and repeating it gives the same events.
 *
 * @returns the events, and what has been announced once they are sent.
 */
export function silenceNoticesDue(
  silences: Silences,
  announced: AnnouncedSilences,
  now: Date,
): { events: object[]; announced: AnnouncedSilences } {
  const byId = new Map(silences.map((silence) => [silence.id, silence]))
  const events: object[] = []
  const then: [string, AnnouncedSilence][] = []
  for (const id of new Set([...Object.keys(announced), ...byId.keys()])) {
    const before = Object.hasOwn(announced, id) ? announced[id] : undefined
    const silence = byId.get(id)
    if (!silence || !isInForce(silence, now)) {
      if (before) events.push(over(id, silence, before))
      continue
    }
    const due = noticesOf(silence, before, now)
    events.push(...due.events)
    if (due.announced) then.push([id, due.announced])
  }
  return { events, announced: Object.fromEntries(then) }
}

function noticesOf(
  silence: Silence,
  before: AnnouncedSilence | undefined,
  now: Date,
): { events: object[]; announced?: AnnouncedSilence } {
  const { until, critical, changes = [] } = silence
  const events: object[] = []
  const isMoved = before !== undefined && before.until !== until
  const announced: AnnouncedSilence = { ...before, until }
  if (critical !== undefined && !before?.began) {
    events.push(notice(silence, { title: `Silence: ${silence.about}`, time: critical }))
    announced.began = true
  } else if (isMoved) {
    const last = changes.at(-1)
    const by = last ? ` by ${last.by}` : ''
    events.push(notice(silence, { title: `Silence extended${by}: ${silence.about}`, time: last?.at ?? silence.at }))
  }
  if (isMoved) delete announced.reminded
  const endsSoonAt = reminderOf(silence)
  if (!announced.reminded && endsSoonAt !== undefined && endsSoonAt <= now.toISOString()) {
    events.push(notice(silence, { title: `Silence ends soon: ${silence.about}`, time: endsSoonAt }))
    announced.reminded = true
  }
  return { events, ...((before || events.length > 0) && { announced }) }
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** A tenth of its length before its end, at least ten minutes and at most a day; `undefined`: it was set so late. */
function reminderOf({ at, until, changes = [] }: Silence): string | undefined {
  const setAt = Date.parse(changes.at(-1)?.at ?? at)
  const end = Date.parse(until)
  const before = Math.min(DAY_MS, Math.max(10 * MINUTE_MS, (end - setAt) / 10))
  return end - before > setAt ? new Date(end - before).toISOString() : undefined
}

function notice({ id, about, by, until, why }: Silence, { title, time }: { title: string; time: string }) {
  return {
    ...{ title, time, status: 'firing' },
    description: `By ${by}, until ${minuteOf(until)} UTC: ${why}. Matching alerts are held until then; resolves are still sent.`,
    ...noticeOf(id, about),
    details: { silence: id },
  }
}

/** What is gone from the table ended as it was announced. */
function over(id: string, silence: Silence | undefined, { until }: AnnouncedSilence) {
  const last = silence?.changes?.at(-1)
  const isEarly = last !== undefined && last.at === silence?.until
  return {
    title: `Silence ended${isEarly ? ` by ${last.by}` : ''}: ${silence?.about ?? id}`,
    time: silence?.until ?? until,
    status: 'resolved',
    description: 'Alerts still firing are sent now.',
    ...noticeOf(id, silence?.about ?? id),
  }
}

function noticeOf(id: string, resource: string) {
  return { source: SILENCE_SOURCE, id, resource, class: 'silence', severity: 'info' }
}

const NOTICES = { fingerprint: `event:${SILENCE_SOURCE}:*` }

/** Is it the router's own rule about these notices? */
export function isSilenceRule({ when }: Pick<Rule, 'when'>): boolean {
  return when === NOTICES
}

/**
 * A config with the notices' rule, before all others: they go to whoever would have heard of critical alerts, and page
 * nobody.
 */
export function withSilenceNotices(config: Config): Config {
  const channels = config.severities.critical.channels.filter((name) => !pages(config.channels[name]))
  const rule: Rule = {
    name: 'silence notice',
    when: NOTICES,
    severity: 'info',
    ...(channels.length > 0 && { channels }),
    ...AT_ONCE_AND_ONCE,
  }
  return { ...config, rules: [rule, ...config.rules] }
}
