import { DRILL_CLASSES } from '../../schemas/drill.ts'
import { pages } from '../channels/types.ts'
import { decidedOf, someTopic } from '../drill/decided.ts'
import type { Proposal } from './answer.ts'
import type { ProvenDrill } from './ask.ts'
import { duration } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { quoted, shell } from './shell.ts'
import { ageS } from './spans.ts'

/** A month, and some days for one that begins late. */
const PROVEN_DAYS = 40
const BOUND = `proven within ${PROVEN_DAYS} days`

/** When each class of alerts, and each channel, was last proven to arrive. */
export function drills(context: Context): Question[] {
  return [
    question({
      id: 'drills',
      title: 'Classes of alerts, proven to arrive',
      asks: { proven: { kind: 'drills' } },
      answer: ({ proven }) => ofClasses(proven, context),
    }),
    question({
      id: 'drilled channels',
      title: 'Channels, proven to work',
      asks: { proven: { kind: 'drills' } },
      answer: ({ proven }) => ofChannels(proven, context),
    }),
  ]
}

/** What was last proven, of those that are asked for; `undefined`: never, of one of them at least. */
interface Proof {
  name: string
  at: string | undefined
  tookMs?: number
  /** Channels that have never accepted one. */
  missing?: string[]
}

const isDue = ({ at }: Proof, now: Date) => at === undefined || ageS(now, at) > PROVEN_DAYS * 86_400

/** Those of the schedule, and those that wake somebody, have to be proven; others are shown. */
function ofClasses(proven: ProvenDrill[], context: Context) {
  const { rules, now, platform, routerMetrics, region, topicArn = someTopic(region) } = context
  const classes = DRILL_CLASSES.map((name) => {
    const { channels } = decidedOf(name, rules, { topicArn, now })
    const isWanted =
      platform.drills?.classes.includes(name) || channels.some((channel) => pages(rules.channels[channel]))
    return { ...proofOf(name, channels, proven), isWanted }
  })
  const due = classes.filter((one) => one.isWanted && isDue(one, now))
  return {
    ...answerOf(
      due.map(({ name }) => name),
      classes.filter(({ isWanted }) => isWanted).length,
      { what: 'Drill', commands: due.map(({ name }) => drillOf(name, routerMetrics)) },
    ),
    table: {
      head: ['class', 'last proven', 'the slowest took', 'never in'],
      rows: classes.map((one) => [one.name, ...describe(one, platform.timezone), (one.missing ?? []).join(', ')]),
    },
  }
}

function ofChannels(proven: ProvenDrill[], { rules, now, platform, routerMetrics }: Context) {
  const channels = Object.keys(rules.channels).map((name) => {
    const [last] = proven
      .filter(({ channel, provenAt }) => channel === name && provenAt !== undefined)
      .toSorted((a, b) => (b.provenAt ?? '').localeCompare(a.provenAt ?? ''))
    return { name, at: last?.provenAt, tookMs: last?.tookMs, by: last?.subject ?? '' }
  })
  const due = channels.filter((one) => isDue(one, now))
  return {
    ...answerOf(
      due.map(({ name }) => name),
      channels.length,
      { what: 'Try', commands: due.map(({ name }) => sendTo(name, routerMetrics)) },
    ),
    table: {
      head: ['channel', 'last proven', 'took', 'by'],
      rows: channels.map((one) => [one.name, ...describe(one, platform.timezone), one.by]),
    },
  }
}

function answerOf(due: string[], count: number, { what, commands }: { what: string; commands: Proposal[] }) {
  return {
    verdict: due.length > 0 ? ('bad' as const) : ('good' as const),
    says: `${count - due.length} of ${count} ${BOUND}`,
    bound: BOUND,
    ...(due.length > 0 && { todo: `${what} ${due.join(', ')}: not ${BOUND}`, proposals: commands }),
  }
}

/** The oldest of its channels: a class has arrived where all of them have it. */
function proofOf(name: string, channels: string[], proven: ProvenDrill[]): Proof {
  const each = channels.map((channel) => proven.find((one) => one.subject === name && one.channel === channel))
  const times = each.map((one) => one?.provenAt)
  const missing = channels.filter((_, index) => times[index] === undefined)
  if (channels.length === 0 || missing.length > 0) {
    return { name, at: undefined, ...(missing.length < channels.length && { missing }) }
  }
  return { name, at: times.sort()[0], tookMs: Math.max(...each.map((one) => one?.tookMs ?? 0)) }
}

function describe({ at, tookMs = 0 }: Proof, timezone: string): [string, string] {
  return at === undefined ? ['never', ''] : [localTime(at, timezone), duration(tookMs / 1_000)]
}

const BACK = 'It resolves what it has fired, itself.'

function drillOf(name: string, routerMetrics: string): Proposal {
  return {
    command: shell('alert-router drill', { class: name, stage: stageOf(routerMetrics) }),
    effect: 'Fires a marked test to the real channels, and says how long each took',
    risk: 'It reaches whom a real one would: a critical one pages whoever is on call. It asks first.',
    back: BACK,
  }
}

function sendTo(channel: string, routerMetrics: string): Proposal {
  const words = quoted('A test: nothing is wrong.')
  return {
    command: shell(`alert-router send ${quoted(channel)} ${words}`, { stage: stageOf(routerMetrics) }),
    effect: 'Sends a marked text to this channel alone, and says how long that took',
    risk: 'People read it. In PagerDuty it may page: it asks first.',
    back: BACK,
  }
}

/** `alert-router/prod` */
const stageOf = (routerMetrics: string) => routerMetrics.split('/').at(-1) ?? ''
