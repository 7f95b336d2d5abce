import * as z from 'zod'
import type { Alert } from '../../schemas/alert.ts'
import { lineSchema } from '../../schemas/case.ts'
import type { Config } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import { oneLine } from '../channels/outside-text.ts'
import { allowed, didYouMean, nearestFirst, nearestOf } from '../config/allowed.ts'
import { noSuchChannel } from '../config/channel-problems.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import type { Moment } from './moment.ts'
import { inSingleSpaces, linesIn } from './story.ts'
import { DONE, type Happening, type Read, readHappening, readWhen, type StepLine } from './story-line.ts'

/*
 * What people did on a day, and what became of the channels: lines as in a story, about the alerts of events. An alert
 * is named as it is, whatever its name, or by its fingerprint. Pure.
 */

const FORM = 'a list of what people do and when, as in "- at 09:30: orders-errors acknowledged by ann in Slack"'
const TIMES = 'a line starts with its time, as in "at 09:30"'
const NO_EXPECTING = 'nothing is expected here: write a story for that (rules test)'
const IN_EVENTS = 'what alarms do is in the events; what people do ends in who did it, as in "resolved by ann"'

const linesSchema = /* @__PURE__ */ (() => z.array(lineSchema))()

/** An alert of the events. */
interface Subject {
  /** `identityOf` it. */
  key: string
  name: string
  /** What no other has: its fingerprint; of a drill, with its id. */
  id: string
}

/** What lines may be about. */
interface About {
  all: Subject[]
  /** By name or id, then by id: two accounts may have an alarm of one name. */
  named: Map<string, Map<string, Subject>>
  /** When they first and last changed, in ms since 1970. */
  first: number
  last: number
  channels: Config['channels']
}

/**
 * Checks what people did on a day with these alerts, by rules with these channels. In what it returns, an alert is named
 * by its key. Pure: `readYaml` adds file and line.
 * @throws {ConfigError} with all problems.
 */
export function checkPeople(data: unknown, alerts: Alert[], channels: Config['channels']): StepLine[] {
  const lines = linesSchema.safeParse(data ?? [])
  if (!lines.success) throw new ConfigError([{ path: [], message: `this file holds ${FORM}` }])
  if (lines.data.length === 0) return []
  const about = aboutOf(alerts, channels)
  const steps: StepLine[] = []
  const problems: Problem[] = []
  for (const { key, path, said } of linesIn(lines.data)) {
    const when = readWhen(key, TIMES)
    const isExpected = /^expect\b/.test(key)
    if (isExpected || 'wrong' in when) {
      problems.push({ path, message: 'wrong' in when && !isExpected ? when.wrong : NO_EXPECTING })
      continue
    }
    const at = when.line.period.from as Moment
    if (isFar(at, about)) {
      problems.push({ path, message: `found "${key}": that is more than a year after the last event` })
      continue
    }
    for (const { text, path } of said) {
      const found = readDone(text, about)
      if ('wrong' in found) problems.push({ path, message: found.wrong })
      else steps.push({ at, what: found.line, text })
    }
  }
  if (problems.length === 0 && steps.length === 0) {
    const example = about.all[0]?.name ?? 'orders-errors'
    const message = `nothing happens in it: write a line such as "at 09:30: ${oneLine(example)} acknowledged by ann"`
    problems.push({ path: [], message })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return steps
}

function aboutOf(alerts: Alert[], channels: Config['channels']): About {
  // Of one-time events with one id, any is meant: the last. They may have several names.
  const subjects = alerts.map((one) => ({
    ...{ key: identityOf(one), name: inSingleSpaces(one.name) },
    id: inSingleSpaces(one.drill === undefined ? one.fingerprint : identityOf(one)),
  }))
  const all = [...new Map(subjects.map((one) => [JSON.stringify([one.id, one.name]), one])).values()]
  const named = new Map<string, Map<string, Subject>>()
  for (const one of all) {
    for (const name of [one.name, one.id]) named.set(name, (named.get(name) ?? new Map()).set(one.id, one))
  }
  const times = alerts.map(({ changedAt }) => Date.parse(changedAt)).sort((a, b) => a - b)
  return { all, named, channels, first: times[0] ?? 0, last: times.at(-1) ?? 0 }
}

const YEAR_MS = 366 * 86_400_000

/** Until then its reminders would be played, of each alert that fires: millions, if it is far enough. */
function isFar(moment: Moment, { first, last }: About): boolean {
  if ('afterMs' in moment) return first + moment.afterMs > last + YEAR_MS
  return 'date' in moment && Date.parse(moment.date) > last + YEAR_MS
}

/** Reads what was done: `orders cpu high acknowledged by ann`, `slack down`. */
function readDone(text: string, about: About): Read<Happening> {
  const [, channel] = /^(\S+) (?:is )?(?:down|up)$/.exec(text) ?? []
  const wrong = channel === undefined ? undefined : noSuchChannel(channel, about.channels)
  if (wrong !== undefined) return { wrong }
  if (channel !== undefined || /^tick (?:late by \S+|on time)$/.test(text)) return readHappening(text, [], DONE)
  const split = splitIn(text, about)
  if (!split) return { wrong: `found "${text}". ${verbMeant(text)}${allowed('', DONE)}` }
  const { name, verb } = split
  if (/^(firing|no data|duplicate)\b/.test(verb) || /^resolved(?! by )/.test(verb)) {
    return { wrong: `found "${text}": ${IN_EVENTS}` }
  }
  // Only of a change may more be said after a comma.
  const [, form] = /^(acknowledged|resolved) by .*(?:,| with )/.exec(verb) ?? []
  if (form !== undefined) return { wrong: `found "${verb}": write it as "${form} by WHO", and nothing after it` }
  const [, done] = /^(acknowledged|silenced|silence extended|silence ended)(?! by )/.exec(verb) ?? []
  if (done !== undefined) return { wrong: `found "${text}": write it as "${DONE.find((one) => one.startsWith(done))}"` }
  const subject = subjectOf(name, about)
  if ('wrong' in subject) return subject
  const found = readHappening(verb, [], DONE)
  return 'wrong' in found ? found : { line: { ...found.line, alert: subject.line.key } as Happening }
}

const VERBS =
  /(?:^| )(?=(?:firing|resolved|no data|duplicate|acknowledged|silenced|silence (?:extended|ended))(?:[ ,]|$))/g

/** Where the name of the alert ends: it may have any words, those of what is done among them. */
function splitIn(text: string, { named }: About): { name: string | undefined; verb: string } | undefined {
  const all = [...text.matchAll(VERBS)].map(({ index, 0: space }) => ({
    name: index === 0 && space === '' ? undefined : text.slice(0, index),
    verb: text.slice(index + space.length),
  }))
  const known = all.findLast(({ name = '' }) => subjectsNamed(name, named).length > 0)
  return known ?? all.find(({ name = '' }) => QUOTED.test(name)) ?? all[0]
}

const QUOTED = /^"(.*)"$/

/** In quotes or not: a name may have some of its own. */
function subjectsNamed(given: string, named: About['named']): Subject[] {
  const found = named.get(given) ?? named.get(QUOTED.exec(given)?.[1] ?? '')
  return [...(found?.values() ?? [])]
}

/** Which alert is meant? */
function subjectOf(given: string | undefined, { all, named }: About): Read<Subject> {
  const [first] = all
  if (given === undefined) {
    if (first && all.length === 1) return { line: first }
    const names = all.map(({ name, id }) => (named.get(name)?.size === 1 ? name : id))
    return { wrong: `which alert? Name one of ${some(names)}, as in "${oneLine(names[0] ?? '')} resolved by ann"` }
  }
  const [, inner = given] = QUOTED.exec(given) ?? []
  const found = subjectsNamed(given, named)
  const [only] = found
  if (only && found.length === 1) return { line: only }
  if (only) {
    const which = some(found.map(({ id }) => id))
    return { wrong: `${found.length} alerts are named "${inner}": write in place of the name which one, of ${which}` }
  }
  const names = nearestFirst(inner, [...new Set(all.map(({ name }) => name))])
  return { wrong: `unknown alert "${inner}". ${didYouMean(inner, names)}In the events: ${some(names)}.` }
}

/** A day may have thousands. */
const SHOWN = 5

function some(names: string[]): string {
  const rest = names.length - SHOWN
  return `${names.slice(0, SHOWN).map(oneLine).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`
}

const WORDS = ['acknowledged', 'resolved', 'silenced', 'silence']

/** Of `orders acknowleged by ann`. */
function verbMeant(text: string): string {
  const meant = text.split(' ').flatMap((word) => nearestOf(word, WORDS) ?? [])
  const form = DONE.find((one) => one.split(' ')[0] === meant[0])
  return form === undefined ? '' : `Did you mean "${form}"? `
}
