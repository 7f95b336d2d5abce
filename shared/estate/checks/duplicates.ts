import { SEVERITIES } from '../../../schemas/config.ts'
import { asList, asObject, asText, type Json } from '../../../schemas/loose.ts'
import { oneLine } from '../../channels/outside-text.ts'
import { recipientsOf } from '../../decide/decision.ts'
import { namedByComposite } from '../../parse/alarm-rule.ts'
import { type EstateAlarm, metricsOf, objectsIn } from '../alarm.ts'
import { type Covers, type Estate, isCovered } from '../estate.ts'
import { type Finding, found } from '../finding.ts'
import { NAMED_AND_NOTIFIES, PUT, remove } from '../fix.ts'
import type { Check } from '../judged.ts'
import { tagsPassedOn } from '../message.ts'
import type { RoutedAlarm } from '../routed.ts'
import { isWhole } from '../whole.ts'

/** Whether two alarms report one problem: which of them may go, and which somebody must decide about. */

/** Those that read the same, and compare and notify the same. */
export const duplicate: Check = ({ estate, all }) => {
  const alike = Map.groupBy(
    all.filter(({ alarm }) => alarm.type === 'metric' && metricsOf(alarm).length > 0 && isWhole(estate, alarm)),
    ({ alarm }) => conditionOf(alarm),
  )
  const composites = compositesByChild(estate)
  return [...alike.values()].flatMap((those) => {
    if (those.length < 2) return []
    const [kept, ...others] = those.toSorted(byWorth) as [RoutedAlarm, ...RoutedAlarm[]]
    return others.map((one) => twinOf({ ...estate, namedBy: composites }, kept, one))
  })
}

/** An estate, and which composite names an alarm: of many twins, each composite is read once. */
type Read = Estate & { namedBy: ReadonlyMap<string, string> }

function compositesByChild({ alarms }: Estate): Map<string, string> {
  const found = new Map<string, string>()
  for (const composite of alarms) {
    for (const child of namedByComposite(composite)) if (!found.has(child)) found.set(child, composite.name)
  }
  return found
}

/** Who wakes somebody stays. */
function byWorth(one: RoutedAlarm, other: RoutedAlarm): number {
  const rank = ({ decision }: RoutedAlarm) => SEVERITIES.indexOf(decision.severity)
  return (
    Number(other.isPage) - Number(one.isPage) ||
    rank(one) - rank(other) ||
    one.alarm.name.localeCompare(other.alarm.name, 'en')
  )
}

function twinOf(estate: Read, kept: RoutedAlarm, one: RoutedAlarm): Finding {
  const as = `as ${oneLine(kept.alarm.name)}`
  const byHand = whyNotDelete(estate, kept, one)
  if (byHand === undefined) return found('duplicate', one.alarm, as, { commands: remove(one.alarm) })
  return found('duplicate', one.alarm, `${as}; ${byHand}`, { byHand })
}

/** The rules send them to others; who would miss it; or what is not known, of which it may be one. */
function whyNotDelete(estate: Read, kept: RoutedAlarm, one: RoutedAlarm): string | undefined {
  const [theirs, its] = [kept, one].map(destination)
  if (theirs !== its) return `that one is ${theirs}; this one ${its}`
  return whoNames(estate, kept.alarm, one.alarm)
}

function destination({ decision }: Pick<RoutedAlarm, 'decision'>): string {
  return `${decision.severity}, to ${recipientsOf(decision).toSorted().join(', ') || 'nobody'}`
}

/** Does it send this one for its name: would it not send the other, or does it list names? */
function isOfName(covers: Covers, name: string, other: string): boolean {
  const isSent = isCovered(covers, name) === true
  return isSent && (Array.isArray(covers) || isCovered(covers, other) !== true)
}

function whoNames(estate: Read, kept: EstateAlarm, { name, raw }: EstateAlarm): string | undefined {
  const { namedBy, composites, muteRules, eventRules, tags } = estate
  const composite = namedBy.get(name)
  if (composite !== undefined) return `the composite ${oneLine(composite)} names it`
  if ('refused' in composites) return 'whether a composite names it is not known'
  if ('refused' in muteRules) return 'whether a mute rule names either is not known'
  const mute = muteRules.data.find((one) => one.alarms.includes(name) || one.alarms.includes(kept.name))
  if (mute) return `the mute rule ${oneLine(mute.name)} names ${mute.alarms.includes(name) ? 'it' : 'the other'}`
  if ('refused' in eventRules) return 'whether a rule of EventBridge names it is not known'
  const rule = eventRules.data.find(({ covers }) => covers === 'maybe' || isOfName(covers, name, kept.name))
  if (rule) return `the rule ${oneLine(rule.name)} of EventBridge ${rule.covers === 'maybe' ? 'may send' : 'names'} it`
  if ('refused' in tags && tagsPassedOn(raw, {}) !== undefined)
    return 'its tags, by which rules may decide, are not known'
  return undefined
}

/** Those have several forms, or a default. */
const APART = [...NAMED_AND_NOTIFIES, 'Metrics', 'Dimensions', 'DatapointsToAlarm', 'TreatMissingData']
const COMPARED = PUT.metric.takes.filter((key) => !APART.includes(key))

function conditionOf({ raw, actions, actionsEnabled, account, region }: EstateAlarm): string {
  return JSON.stringify(
    [
      [account, region, actionsEnabled],
      COMPARED.map((key) => raw[key]),
      linesOf(raw),
      dimensionsOf(raw.Dimensions),
      [raw.DatapointsToAlarm ?? raw.EvaluationPeriods, raw.TreatMissingData ?? 'missing'],
      [actions.alarm, actions.ok, actions.insufficientData].map((list) => list.toSorted()),
    ],
    inOrder,
  )
}

/** Of metric math: the Ids say what the expressions mean, whatever its order; its labels are only shown. */
function linesOf({ Metrics }: Json): Json[] {
  return objectsIn(Metrics)
    .map(({ Label: _label, ...line }): Json => ({ ...line, ReturnData: line.ReturnData !== false }))
    .sort((one, other) => compare(asText(one.Id) ?? '', asText(other.Id) ?? ''))
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other))

const dimensionsOf = (list: unknown): string[] =>
  asList(list)
    .map((one) => JSON.stringify(one, inOrder))
    .sort()

/** An object by its keys, dimensions by their names: a file may have them in any order. */
function inOrder(key: string, value: unknown): unknown {
  if (key === 'Dimensions') return dimensionsOf(value)
  const object = asObject(value)
  if (!object) return value
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => compare(one, other)))
}
