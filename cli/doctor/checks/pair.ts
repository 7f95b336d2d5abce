import { commandLine } from '../../../shared/config/command-line.ts'
import { LEASE_MS, SILENT_MS } from '../../../shared/decide/standing.ts'
import type { Pair } from '../../../shared/observe/regions.ts'
import { describeBeat, whoSends } from '../../regions/describe.ts'
import { type Check, deploy, type Finding, prefixOf, shortName } from '../finding.ts'
import type { Stage } from '../stage.ts'

/** Checks that one of two regions could take over from the other (docs/second-region.md). */
export const pairIsWell: Check = (stage) => {
  const { pair } = stage
  if (!pair || stage.source === 'template') return []
  return [
    ...replicaIsThere(stage, pair),
    ...otherIsSubscribed(stage, pair),
    ...bothAreHeard(stage, pair),
    ...replicaIsNear(stage, pair),
    ...rulesAreTheSame(stage, pair),
  ]
}

const KEEPS = 'what this region cannot send while it is lost'
const show = ({ name }: Stage) => commandLine(`regions show --stage ${name}`)

function replicaIsThere(stage: Stage, { other, home }: Pair): Finding[] {
  return stage.tables.flatMap((table): Finding[] => {
    const replica = table.replicas?.find(({ region }) => region === other)
    if (replica?.status === 'ACTIVE') return []
    const what = replica ? `is ${replica.status}` : 'does not exist'
    return [
      {
        ...{ id: 'replica-missing', severity: 'error', about: table.name },
        what: `Its replica in ${other} ${what}: that region knows nothing of what is sent here.`,
        keeps: KEEPS,
        fix: [deploy({ ...stage, place: { ...stage.place, region: home } })],
      },
    ]
  })
}

/** What is published here has to get into the other region's queue. The other direction is checked there. */
function otherIsSubscribed(stage: Stage, { other, home }: Pair): Finding[] {
  const topic = stage.topics.find(({ name }) => shortName(stage, name) === 'alarms')
  if (!topic?.subscriptions) return []
  const queue = `arn:${stage.place.partition}:sqs:${other}:${stage.place.account}:${prefixOf(stage)}alarms`
  if (topic.subscriptions.some(({ endpoint, state }) => endpoint === queue && state === 'confirmed')) return []
  const second = home === other ? stage.place.region : other
  return [
    {
      ...{ id: 'other-region-not-subscribed', severity: 'error', about: topic.name, resource: topic.id },
      what: `The queue of ${other} is not subscribed: it does not get the alarms that are published here.`,
      keeps: KEEPS,
      fix: [deploy({ ...stage, place: { ...stage.place, region: second } })],
    },
  ]
}

function bothAreHeard(stage: Stage, pair: Pair): Finding[] {
  const { beats, now } = stage
  if (!beats) return []
  const silent = (what: string, limitMs: number, at: string | undefined) =>
    at === undefined || now - Date.parse(at) > limitMs ? [what] : []
  const found = [
    ...silent(describeBeat(pair.here, beats.own, now), LEASE_MS, beats.own?.at),
    ...silent(describeBeat(pair.other, beats.other, now), SILENT_MS, beats.other?.at),
  ]
  const nobody = whoSends(pair, beats, new Date(now)) === undefined
  if (found.length === 0 && !nobody) return []
  const none = nobody ? ['No region sends at this moment: one of them does within six minutes.'] : []
  return [
    {
      ...{ id: 'region-silent', severity: nobody ? 'error' : 'warning', about: `${pair.here} and ${pair.other}` },
      what: [...found, ...none].join(' '),
      keeps: nobody ? 'every alert, until one of them does' : KEEPS,
      fix: [show(stage)],
    },
  ]
}

/** What is known by a message alone, the table has not. */
function replicaIsNear({ beats, ...stage }: Stage, { other }: Pair): Finding[] {
  const { replicated } = beats ?? {}
  if (!beats?.other || !replicated) return []
  const behindMs = Date.parse(beats.other.at) - Date.parse(replicated.at)
  if (behindMs <= LEASE_MS) return []
  return [
    {
      ...{ id: 'replica-behind', severity: 'warning', about: stage.tables[0]?.name ?? 'the table' },
      what: `What ${other} writes arrives here ${Math.round(behindMs / 60_000)} minutes late: a region that took over now would send again what the other one has sent meanwhile.`,
      keeps: 'nothing; but let no region take over by hand until this ends',
      fix: [show({ ...stage, beats })],
    },
  ]
}

function rulesAreTheSame(stage: Stage, { other, here }: Pair): Finding[] {
  const { own, other: theirs } = stage.beats ?? {}
  if (own?.rules === undefined || theirs?.rules === undefined || own.rules === theirs.rules) return []
  const push = (region: string) => `AWS_REGION=${region} ${commandLine(`rules push --stage ${stage.name}`)}`
  return [
    {
      ...{ id: 'rules-differ', severity: 'warning', about: `${here} and ${other}` },
      what: `Their rules differ: version ${own.rules} here, ${theirs.rules} in ${other}. Rules are pushed to each region.`,
      keeps: 'what the rules of one region send, and those of the other do not',
      fix: [push(here), push(other)],
    },
  ]
}
