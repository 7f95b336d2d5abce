import { asObject, asText } from '../../schemas/loose.ts'
import { askAlarmTags, askContributors, askFiring, askHistory, askNamed } from '../asking/alarm-states.ts'
import { askEventRules, askMuteRules } from '../asking/estate.ts'
import { outcomeOf } from '../asking/refused.ts'
import { type EstateAlarm, metricsOf } from '../estate/alarm.ts'
import { type EventRule, isCovered, type MuteRule } from '../estate/estate.ts'
import { tagsPassedOn } from '../estate/message.ts'
import type { Contributor, HistoryItem } from '../estate/past.ts'
import { alarmFingerprint } from '../parse/alarm.ts'
import { nameIn } from '../parse/alarm-rule.ts'
import { parseArn } from '../parse/arn.ts'
import { readAlert, readAlerts } from '../store/alerts.ts'
import { changesBetween } from '../store/changes.ts'
import { type Difference, differenceOf } from './differ.ts'
import type { Place } from './places.ts'
import { type Around, isSentToUs, leadsToUs, type Received, type Seen, type SendsToUs } from './seen.ts'

/** What a place's CloudWatch and the table differ in. */
export interface Looked {
  differences: { difference: Difference; seen: Seen }[]
  /** What could not be asked. */
  refused: string[]
  /** All of the history was read that was asked for. */
  isWhole: boolean
}

interface Asked {
  place: Place
  signal: AbortSignal
  refused: string[]
}

/**
 * Compares an account's alarms with the table: those that fire, those that fire here, and those that changed since.
 * @param open fingerprints of the alarms that have not ended here.
 * @param how.asOf the time of an end whose own is unknown.
 * @throws {Error} when the alarms themselves can't be read.
 */
export async function look(
  place: Place,
  open: string[],
  { since, asOf, isUs, signal }: { since: Date; asOf: Date; isUs: Around['isUs']; signal: AbortSignal },
): Promise<Looked> {
  const asked: Asked = { place, signal, refused: [] }
  const { cloudWatch, events } = place
  const here = open.filter((fingerprint) => isIn(place, fingerprint))
  const [firing, history, eventRules] = await Promise.all([
    askFiring(cloudWatch, signal),
    part(asked, 'cloudwatch:DescribeAlarmHistory', () =>
      askHistory(cloudWatch, { from: since, to: new Date() }, signal),
    ),
    part(asked, 'events:ListRules, events:ListTargetsByRule', () => askEventRules(events, signal)),
  ])
  if (history?.hasMore) asked.refused.push(`${place.name}: more alarm history than a run reads: the oldest is left out`)
  const items = Map.groupBy(history?.items ?? [], ({ alarm }) => alarm)
  const isSentByEvents = sentBy(eventRules ?? [], isUs)
  const known = { items, isUs, isSentByEvents }
  const names = new Set([...here.flatMap(namesOf), ...sentIn(known)])
  const ours = firing.filter((alarm) => names.has(alarm.name) || leadsToUs(alarm, known))
  const seen = await alertsOf(asked, { ...known, alarms: await named(asked, ours, names), here })
  const around = { isUs, isSentByEvents, seesAll: place.isOwn, now: asOf }
  const isWhole = history !== undefined && !history.hasMore
  const differing = (quietBy: Around['quietBy']) =>
    seen.flatMap((one) => {
      const difference = differenceOf(one, { ...around, quietBy })
      return difference ? [{ difference, seen: one }] : []
    })
  // Most of the time, this is all: nothing differs but what is left alone anyway.
  const unmuted = differing(() => undefined)
  if (unmuted.every(({ difference }) => difference.kind === 'left')) {
    return { differences: unmuted, refused: asked.refused, isWhole }
  }
  const muteRules = await part(asked, 'cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule', () =>
    askMuteRules(cloudWatch, signal, ['ACTIVE']),
  )
  return { differences: differing(quietOf(muteRules)), refused: asked.refused, isWhole }
}

/** A part that is refused is named, and the rest stands. */
async function part<Data>(
  { place, refused }: Asked,
  action: string,
  ask: () => Promise<Data>,
): Promise<Data | undefined> {
  const outcome = await outcomeOf(action, () => new Date(), ask)
  if ('data' in outcome) return outcome.data
  const { needs = action, why } = outcome.refused
  refused.push(`${place.name}: ${needs}: ${why}`)
  return undefined
}

function isIn({ account, region }: Place, fingerprint: string): boolean {
  const arn = parseArn(fingerprint)
  return arn?.account === account && arn.region === region
}

const arnIn = ({ partition, region, account }: Place, name: string): string =>
  `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`

/** After a `#` comes a contributor, or the rest of the name. An alarm's name has at most 255 characters. */
function namesOf(fingerprint: string): string[] {
  const name = nameIn(fingerprint)
  const [, alarm] = /^(.+)#[^#]+$/.exec(name) ?? []
  return [name, ...(alarm === undefined ? [] : [alarm])].filter(({ length }) => length > 0 && length <= MAX_NAME)
}

const MAX_NAME = 255

interface Sent extends SendsToUs {
  items: Map<string, HistoryItem[]>
}

/** Whose messages CloudWatch sent the router, or tried to. */
function sentIn({ items, ...to }: Sent): string[] {
  return [...items].flatMap(([name, all]) => (all.some((item) => isSentToUs(item, to)) ? name : []))
}

/** By name: those that fire, and those that are asked for besides. */
async function named(
  { place, signal }: Asked,
  firing: EstateAlarm[],
  names: Set<string>,
): Promise<Map<string, EstateAlarm>> {
  const known = new Map(firing.map((alarm) => [alarm.name, alarm]))
  const others = [...names].filter((name) => !known.has(name))
  for (const alarm of await askNamed(place.cloudWatch, others, signal)) known.set(alarm.name, alarm)
  return known
}

interface Known extends Sent {
  alarms: Map<string, EstateAlarm>
  /** Fingerprints of those that have not ended here. */
  here: string[]
}

/** Every alert that may differ: an alarm, or each of its contributors. */
async function alertsOf(asked: Asked, { alarms, here, ...sent }: Known): Promise<Seen[]> {
  const open = here.map((fingerprint) => alertHere(fingerprint, alarms, sent.items))
  const series = Map.groupBy(
    open.filter(({ isSeries }) => isSeries),
    ({ name }) => name,
  )
  const contributors = await contributorsOf(asked, [...alarms.values()], series)
  const all = new Map<string, Pick<Seen, 'name' | 'alarm' | 'contributor'>>()
  for (const alarm of alarms.values()) {
    const { name } = alarm
    const fingerprint = alarmFingerprint(alarm)
    const firing = contributors.get(name)
    if (!firing) all.set(fingerprint, { name, alarm })
    for (const contributor of firing?.firing ?? [])
      all.set(`${fingerprint}#${contributor.id}`, { name, alarm, contributor })
  }
  for (const { fingerprint, name, isSeries } of open) {
    if (all.has(fingerprint)) continue
    const alarm = alarms.get(name)
    const contributor = contributors.get(name)?.areAll ? 'quiet' : 'unknown'
    all.set(fingerprint, { name, alarm, ...(isSeries && { contributor }) })
  }
  // Deleted since they fired. What was sent of one with series, was of these.
  const isGone = (name: string) => !alarms.has(name) && !series.has(name)
  for (const name of sentIn(sent)) if (isGone(name)) all.set(arnIn(asked.place, name), { name })
  const states = await readAlerts([...all.keys()])
  return Promise.all(
    [...all].map(async ([fingerprint, one]) => {
      const state = states.get(fingerprint) ?? (one.alarm?.state === 'ALARM' ? await readAlert(fingerprint) : undefined)
      const history = sent.items.get(one.name) ?? []
      const received = state?.firing ? [] : await receivedOf(fingerprint, history, sent)
      return { ...one, fingerprint, state, history, received }
    }),
  )
}

interface Here {
  fingerprint: string
  /** Its alarm's. */
  name: string
  /** It is a time series of that alarm. */
  isSeries: boolean
}

/** An alert that has not ended here. Its alarm may be gone: then the history knows its name. */
function alertHere(fingerprint: string, alarms: Known['alarms'], items: Sent['items']): Here {
  const own = nameIn(fingerprint)
  const name = namesOf(fingerprint).find((one) => alarms.has(one) || items.has(one)) ?? own
  const alarm = alarms.get(name)
  return { fingerprint, name, isSeries: alarm ? alarmFingerprint(alarm) !== fingerprint : name !== own }
}

/** Around each message that CloudWatch sent the router, as far as its API may differ from it. */
async function receivedOf(fingerprint: string, history: HistoryItem[], sentTo: SendsToUs): Promise<Received[]> {
  const times = history.flatMap((item) => (isSentToUs(item, sentTo) ? [item.at] : [])).sort()
  const [from, to] = [times[0], times.at(-1)]
  if (from === undefined || to === undefined) return []
  const shifted = (at: string, byMs: number) => new Date(Date.parse(at) + byMs).toISOString()
  return changesBetween(fingerprint, shifted(from, -10_000), shifted(to, 10_000))
}

interface Contributors {
  firing: Contributor[]
  /** Those are all that fire: any other does not. */
  areAll: boolean
}

/**
 * Of the alarms with a time series for each of something: by what CloudWatch says of them, or because one of theirs fires
 * here. Where they are refused, nothing is known of that alarm alone.
 */
async function contributorsOf(
  asked: Asked,
  alarms: EstateAlarm[],
  open: Map<string, Here[]>,
): Promise<Map<string, Contributors>> {
  const found = new Map<string, Contributors>()
  for (const alarm of alarms) {
    const { name, state, evaluationState } = alarm
    const [isGrouped, isOpen] = [hasSeries(alarm), open.has(name)]
    if (!isOpen && !(isGrouped && state === 'ALARM')) continue
    // Without data, none is evaluated.
    const isEvaluated = state === 'ALARM' || state === 'OK'
    const firing = isEvaluated ? await contributorsNow(asked, name) : undefined
    // Of one that fires, one series does: else it is an alarm without series, or CloudWatch's answer is not complete.
    const isOdd = state === 'ALARM' && firing?.length === 0
    if (isOdd && !(isGrouped && isOpen)) continue
    found.set(name, { firing: firing ?? [], areAll: firing !== undefined && evaluationState === undefined && !isOdd })
  }
  return found
}

function contributorsNow(asked: Asked, name: string): Promise<Contributor[] | undefined> {
  return part(asked, 'cloudwatch:DescribeAlarmContributors', () =>
    askContributors(asked.place.cloudWatch, name, asked.signal),
  )
}

/** A Metrics Insights query or a log query with groups, or PromQL (CloudWatch User Guide, Alarms with multiple time series). */
function hasSeries(alarm: EstateAlarm): boolean {
  const { raw } = alarm
  if (asObject(raw.EvaluationCriteria)) return true
  const { AggregationExpression } = asObject(raw.ScheduledQueryConfiguration) ?? {}
  const isGrouped = metricsOf(alarm).some(({ expression = '' }) => /\bGROUP\s+BY\b/i.test(expression))
  return isGrouped || /\bby\b/i.test(asText(AggregationExpression) ?? '')
}

/** @param muteRules undefined: nobody may say that an alarm is not muted. */
function quietOf(muteRules: MuteRule[] | undefined): Around['quietBy'] {
  return ({ name, actionsEnabled, raw }) => {
    const muting = muteRules?.find(({ alarms }) => alarms.includes(name))
    if (muting) return `muted by the rule ${muting.name}`
    if (!actionsEnabled) return 'its actions are disabled'
    const by = asText(raw.ActionsSuppressedBy)
    if (by !== undefined) return `its actions are suppressed (${by})`
    return muteRules ? undefined : 'nothing says whether it is muted'
  }
}

function sentBy(rules: EventRule[], isUs: Around['isUs']): SendsToUs['isSentByEvents'] {
  const ours = rules.filter(({ targets }) => targets.some(isUs))
  return ({ name }) => ours.some(({ covers }) => isCovered(covers, name) === true)
}

/** Of an alarm that passes them on in its messages: none for any other. */
export async function tagsOf(
  { cloudWatch }: Place,
  { alarm }: Seen,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (alarm?.arn === undefined || tagsPassedOn(alarm.raw, {}) === undefined) return {}
  const { arn } = alarm
  const outcome = await outcomeOf(
    'cloudwatch:ListTagsForResource',
    () => new Date(),
    () => askAlarmTags(cloudWatch, arn, signal),
  )
  return 'data' in outcome ? outcome.data : {}
}
