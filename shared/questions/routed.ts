import { mean, median } from 'simple-statistics'
import type { RoutedAlert } from './ask.ts'
import { episodesOf, inTime } from './episodes.ts'
import { duration, figure } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_S, lastDays } from './spans.ts'

const SHOWN = 8
/** More in a night is more than a person who is on call can work off (Site Reliability Engineering, Being On-Call). */
const PAGES_A_NIGHT = 2
/** So often in any 24 hours: it says nothing any more. */
const FLAPPING = 5
const NIGHT = { from: 22, to: 7 }

type Change = RoutedAlert['changes'][number]

/** What the router knows of a week: who was notified of what, how often, and for how long it lasted. */
export function routed(context: Context): Question[] {
  return [byRule, byChannel, nights, noisiest, toResolve, toAcknowledge, reactions, unmatched].map((asked) =>
    asked(context),
  )
}

const asksOf = ({ now, days }: Context) => ({ alerts: { kind: 'alerts', since: lastDays(now, days).from } as const })

/** New for the router, and not an end. */
const firings = ({ changes }: RoutedAlert): Change[] =>
  changes.filter(({ status, isRepeated }) => status === 'firing' && !isRepeated)

const all = (alerts: RoutedAlert[]): Change[] => alerts.flatMap(firings)

function byRule(context: Context): Question {
  return question({
    id: 'alerts by rule',
    title: 'Alerts that fired',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const fired = all(alerts)
      if (fired.length === 0) return { verdict: 'shown', says: 'none' }
      const rows = inOrder(Map.groupBy(fired, ({ rule }) => rule)).map(([rule, of]) => [
        rule,
        figure(of.length, 'Count'),
        [...new Set(of.map(({ severity }) => severity))].join(', '),
        figure(of.flatMap(({ deliveries }) => deliveries).filter(isDelivered).length, 'Count'),
      ])
      const of = alerts.filter((one) => firings(one).length > 0).length
      return {
        verdict: 'shown',
        says: `${figure(fired.length, 'Count')}, of ${of === 1 ? 'one alarm' : `${figure(of, 'Count')} alarms`}`,
        table: { head: ['rule', 'fired', 'severity', 'notified of it'], rows },
        line: { unit: 'Count', periodS: DAY_S, points: byDay(fired, context) },
      }
    },
  })
}

const isDelivered = ({ outcome }: Change['deliveries'][number]) => outcome === 'delivered'
const isLost = ({ outcome }: Change['deliveries'][number]) => outcome === 'dead-lettered' || outcome === 'failed'

/** How many on each day of the span: none is 0 here, since the router would have known. */
function byDay(fired: Change[], { now, days }: Context): [number, number][] {
  const end = Date.parse(lastDays(now, days).to) / 1_000
  return Array.from({ length: days }, (_, at) => end - (days - at) * DAY_S).map((from) => [
    from,
    fired.filter(({ at }) => Date.parse(at) / 1_000 >= from && Date.parse(at) / 1_000 < from + DAY_S).length,
  ])
}

function byChannel(context: Context): Question {
  return question({
    id: 'notifications by channel',
    title: 'Notifications by channel',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const sent = alerts.flatMap(({ changes }) => changes.flatMap(({ deliveries }) => deliveries))
      if (sent.length === 0) return { verdict: 'shown', says: 'none' }
      const lost = sent.filter(isLost)
      const delivered = sent.filter(isDelivered).length
      const ofFirings = all(alerts).flatMap(({ deliveries }) => deliveries.filter(isDelivered)).length
      const rows = inOrder(Map.groupBy(sent, ({ channel }) => channel)).map(([channel, of]) => [
        channel,
        figure(of.filter(isDelivered).length, 'Count'),
        figure(of.filter(isLost).length, 'Count'),
      ])
      return {
        verdict: lost.length > 0 ? 'bad' : 'good',
        says: `${figure(delivered, 'Count')} delivered, ${figure(lost.length, 'Count')} not`,
        bound: 'none that was not delivered',
        ...(lost.length > 0 && { todo: 'Read "alert-router dead-letters list", fix the channel, and redrive them' }),
        compared: [
          `${figure(ofFirings, 'Count')} when alerts fired, ${figure(delivered - ofFirings, 'Count')} of what came after`,
        ],
        table: { head: ['channel', 'delivered', 'not delivered'], rows },
      }
    },
  })
}

function nights(context: Context): Question {
  const { rules, platform } = context
  const pages = ({ channel, outcome }: Change['deliveries'][number]) =>
    outcome === 'delivered' && rules.channels[channel]?.type === 'pagerduty'
  return question({
    id: 'pages by night',
    title: `Pages at night (${NIGHT.from}:00 to 0${NIGHT.to}:00)`,
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const paged = alerts.flatMap((alert) =>
        firings(alert).flatMap(({ at, deliveries }) => {
          const night = deliveries.some(pages) ? nightOf(at, platform.timezone) : undefined
          return night === undefined ? [] : [{ night, title: alert.title }]
        }),
      )
      const byNight = inOrder(Map.groupBy(paged, ({ night }) => night))
      const [worst] = byNight
      const isBad = worst !== undefined && worst[1].length > PAGES_A_NIGHT
      return {
        verdict: isBad ? 'bad' : 'good',
        says: worst ? `${paged.length} in ${byNight.length === 1 ? 'one night' : `${byNight.length} nights`}` : 'none',
        bound: `at most ${PAGES_A_NIGHT} a night`,
        ...(isBad && { todo: `Find out what woke people ${worst[1].length} times in the night of ${worst[0]}` }),
        ...(worst && {
          table: {
            head: ['night of', 'pages', 'of'],
            rows: byNight.map(([night, of]) => [
              night,
              String(of.length),
              [...new Set(of.map(({ title }) => title))].join(', '),
            ]),
          },
        }),
      }
    },
  })
}

/** `Thu 2026-11-26`: of the evening on which a night began; nothing by day. */
function nightOf(at: string, timezone: string): string | undefined {
  const hour = Number(localTime(at, timezone).slice(15, 17))
  if (hour >= NIGHT.to && hour < NIGHT.from) return undefined
  // Half a day earlier it is surely the day before, whatever the clocks do.
  const evening = hour < NIGHT.to ? new Date(Date.parse(at) - 12 * 3_600_000).toISOString() : at
  return localTime(evening, timezone).slice(0, 14)
}

function noisiest(context: Context): Question {
  return question({
    id: 'noisiest alarms',
    title: 'The noisiest alarms',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const loud = alerts
        .map((alert) => ({ title: alert.title, fired: firings(alert), lasted: episodesS(alert) }))
        .filter(({ fired }) => fired.length > 0)
        .toSorted((one, other) => other.fired.length - one.fired.length)
      if (loud.length === 0) return { verdict: 'good', says: 'no alert fired' }
      const total = loud.reduce((sum, { fired }) => sum + fired.length, 0)
      const flapping = loud.filter(({ fired }) => isFlapping(fired))
      const names = flapping.map(({ title, fired }) => `${title} (${fired.length} times)`).join(', ')
      const [first] = loud
      return {
        verdict: flapping.length > 0 ? 'bad' : 'good',
        says: `${first?.title}: ${first?.fired.length} of ${total}`,
        bound: `none fires ${FLAPPING} times in a day`,
        ...(flapping.length > 0 && { todo: `Fix what flaps, or its threshold: ${names}` }),
        table: {
          head: ['alarm', 'fired', 'of all', 'lasted (median)'],
          rows: loud
            .slice(0, SHOWN)
            .map((one) => [
              one.title,
              `${figure(one.fired.length, 'Count')}${isFlapping(one.fired) ? ', flaps' : ''}`,
              `${Math.round((100 * one.fired.length) / total)} %`,
              one.lasted.length === 0 ? 'it still fires' : duration(median(one.lasted)),
            ]),
        },
      }
    },
  })
}

function isFlapping(fired: Change[]): boolean {
  const times = fired.map(({ at }) => Date.parse(at) / 1_000).sort((one, other) => one - other)
  return times.some((time, at) => at >= FLAPPING - 1 && time - (times[at - FLAPPING + 1] ?? 0) <= DAY_S)
}

/** How long each firing lasted, in seconds, of those that have ended. */
export function episodesS({ changes }: RoutedAlert): number[] {
  let since: number | undefined
  const lasted: number[] = []
  for (const { at, status, isRepeated, firingSince } of inTime(changes)) {
    if (status === 'firing') since ??= Date.parse(at)
    if (status !== 'resolved') continue
    // It may have fired before the span, and the end says since when; a repeated end says what the first has said.
    const began = firingSince === undefined || isRepeated ? since : Date.parse(firingSince)
    if (began !== undefined) lasted.push((Date.parse(at) - began) / 1_000)
    since = undefined
  }
  return lasted
}

function toResolve(context: Context): Question {
  return question({
    id: 'time to resolve',
    title: 'Time to resolve',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const lasted = alerts.flatMap(episodesS)
      if (lasted.length === 0) return { verdict: 'no data', says: 'no alert has ended' }
      return {
        verdict: 'shown',
        says: `${duration(mean(lasted))} on average, ${duration(median(lasted))} for half of them, of ${figure(lasted.length, 'Count')} that have ended`,
      }
    },
  })
}

function toAcknowledge(context: Context): Question {
  return question({
    id: 'time to acknowledge',
    title: 'Time to acknowledge, and never acknowledged',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const episodes = alerts.flatMap(acknowledgedAfterS)
      const acknowledged = episodes.filter((after) => after !== undefined)
      if (acknowledged.length === 0)
        return {
          verdict: 'no data',
          says: 'nobody has acknowledged anything here: the router hears of it by "alert-router ack" and the inbox',
        }
      const never = episodes.length - acknowledged.length
      return {
        verdict: 'shown',
        says: `${duration(mean(acknowledged))} on average, ${duration(median(acknowledged))} for half of them; ${figure(never, 'Count')} of ${figure(episodes.length, 'Count')} that fired were never acknowledged`,
      }
    },
  })
}

/** For each firing, how long it took until somebody acknowledged it, in seconds; `undefined`: nobody did. */
function acknowledgedAfterS(alert: RoutedAlert): (number | undefined)[] {
  return episodesOf(alert).map(({ since, acknowledgedAt }) =>
    acknowledgedAt === undefined ? undefined : (Date.parse(acknowledgedAt) - Date.parse(since)) / 1_000,
  )
}

function reactions(context: Context): Question {
  return question({
    id: 'reminders and escalations',
    title: 'Reminders, escalations, acknowledgements',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const sent = alerts.flatMap(({ title, changes }) =>
        changes.flatMap(({ updates = [] }) => updates.map((update) => ({ title, ...update }))),
      )
      if (sent.length === 0) return { verdict: 'shown', says: 'none' }
      const count = (is: string, of = sent) => of.filter((one) => one.is === is).length
      const rows = inOrder(Map.groupBy(sent, ({ title }) => title))
        .slice(0, SHOWN)
        .map(([title, of]) => [title, ...COUNTED.map((is) => figure(count(is, of), 'Count'))])
      return {
        verdict: 'shown',
        says: `reminders: ${figure(count('reminder'), 'Count')}; escalations: ${figure(count('escalation'), 'Count')}; messages that somebody works on it: ${figure(count('acknowledged'), 'Count')}`,
        table: { head: ['alarm', 'reminders', 'escalations', 'acknowledged'], rows },
      }
    },
  })
}

const COUNTED = ['reminder', 'escalation', 'acknowledged']

function unmatched(context: Context): Question {
  return question({
    id: 'rules that matched nothing',
    title: 'Rules that matched nothing',
    asks: asksOf(context),
    answer: ({ alerts }) => {
      const used = new Set(alerts.flatMap(({ changes }) => changes.flatMap(({ rule, matched }) => [rule, ...matched])))
      const idle = context.rules.rules.map(({ name }) => name).filter((name) => !used.has(name))
      return {
        verdict: 'shown',
        says: `${idle.length} of ${context.rules.rules.length}`,
        ...(idle.length > 0 && { compared: [idle.join(', ')] }),
      }
    },
  })
}

/** The most first. */
function inOrder<Of>(groups: Map<string, Of[]>): [string, Of[]][] {
  return [...groups].sort(([, one], [, other]) => other.length - one.length)
}
