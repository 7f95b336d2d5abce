import type { AlertStatus } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { brokenPromises } from './promises.ts'
import { allowedFrom, type Truth, truthsOf } from './reference.ts'
import type { Kind } from './spells.ts'
import type { Taken } from './vendors.ts'
import { type Input, type Letter, marksIn, type Run, timeOf } from './world.ts'

/** What a message says that tells of something that is over by now, and of which nobody could be told in time. */
const MISSED = /delivery was delayed|told late/i
/** So often a function may be invoked for each message that came in: a message that fails for hours comes each 90 s. */
const MOST_INVOCATIONS = 400
/** What a channel has to get within, when nothing is wrong: a batch's window, cold starts, a minute's tick. */
const PROMPT_MS = 90_000
const HOUR_MS = 3_600_000

/** Something that a channel took, and what it says of one alert. */
interface Told {
  taken: Taken
  input: Input
  /** That it is over, where it tells of an alert that came too late to be told. */
  status: AlertStatus
}

/** The promises that a run broke, in words; none is how it should be. */
export function judge(run: Run): string[] {
  const known = new Knowledge(run)
  return [
    ...rests(run),
    ...lettersMakeSense(run),
    ...run.refused.map(({ target, why }) => `${target} refused a message as wrong: ${why}`),
    ...doubled(known),
    ...brokenPromises(run),
    // Of what was stopped in the middle nobody knows how it would have ended.
    ...(run.isAtRest ? [...known.truths.flatMap((truth) => ofAlert(truth, known)), ...incidents(known)] : []),
  ]
}

/** A run, looked at by alert and channel. */
class Knowledge {
  readonly run: Run
  readonly configs: Config[]
  readonly truths: Truth[]
  readonly #told = new Map<string, Told[]>()
  readonly #letters: { letter: Letter; marks: string[] }[]

  constructor(run: Run) {
    this.run = run
    this.configs = [run.world.config, ...run.world.pushes.map(({ config }) => config)]
    this.truths = truthsOf(run.published, this.configs)
    const inputs = new Map(this.truths.flatMap(({ changes }) => changes.map((input) => [input.mark, input])))
    for (const taken of run.taken) {
      for (const input of marksIn(taken.body).flatMap((mark) => inputs.get(mark) ?? [])) this.#add(taken, input)
    }
    this.#letters = run.letters
      .filter(({ redrivenAt }) => redrivenAt === undefined)
      .map((letter) => ({ letter, marks: marksIn(letter.body) }))
  }

  #add(taken: Taken, input: Input): void {
    const name = `${taken.target} ${identity(input)}`
    const told = this.#told.get(name) ?? []
    told.push({ taken, input, status: isMissed(taken) ? 'resolved' : input.status })
    this.#told.set(name, told)
  }

  get channels(): string[] {
    return [...new Set(this.configs.flatMap(({ channels }) => Object.keys(channels)))]
  }

  channel(name: string) {
    const config = this.configs.find(({ channels }) => channels[name])?.channels[name]
    if (!config) throw new Error(`no rules name the channel ${name}`)
    return config
  }

  /** All that a channel was told of an alert, in the order of effect. */
  told(channel: string, alert: string): Told[] {
    const config = this.channel(channel)
    return this.#told.get(`${'secret' in config ? config.secret : channel} ${alert}`) ?? []
  }

  /** Whether something of it lies in the dead letters, where a person has been told of it. */
  isInLetters({ alert, form, changes }: Truth, channel: string): boolean {
    const { type } = this.channel(channel)
    return this.#letters.some(({ letter: { queue, body }, marks }) => {
      if (queue !== 'alarms' && queue !== type) return false
      if (changes.some(({ mark }) => marks.includes(mark))) return true
      return form === 'text' ? !/alert-\d/.test(body) && marks.length === 0 : new RegExp(`${alert}(?!\\d)`).test(body)
    })
  }

  has(kinds: Kind[], on?: RegExp): boolean {
    return this.run.world.spells.some((spell) => kinds.includes(spell.kind) && (!on || on.test(spell.on)))
  }
}

const isMissed = ({ body }: Taken) => MISSED.test(JSON.stringify(body))

const identity = ({ form, alert, mark }: Input) => (form === 'text' ? mark : alert)

function rests({ isAtRest, left, expired, loops, counts, world, endedAt, startedAt }: Run): string[] {
  const broken: string[] = []
  if (!isAtRest) broken.push(`it has not come to rest after ${timeOf(endedAt - startedAt)} and ${counts.steps} steps`)
  const most = MOST_INVOCATIONS * (world.inputs.length + world.redrives.length)
  if (counts.invocations > most) broken.push(`${counts.invocations} invocations for ${world.inputs.length} messages`)
  if (isAtRest && left.length > 0) broken.push(`${left.length} messages are left in queues`)
  for (const { queue, body } of expired) broken.push(`SQS dropped a message of ${queue}: ${marksIn(body).join(' ')}`)
  for (const { body } of loops) broken.push(`Lambda stopped a loop: ${marksIn(body).join(' ')}`)
  if (world.spells.length === 0) for (const error of new Set(counts.throws)) broken.push(`a function threw: ${error}`)
  return broken
}

/** After these nobody knows whether a call had an effect. */
const UNCERTAIN: Kind[] = ['refused', 'reset', 'hangs', 'lost', 'lost-500', 'hangs-after', 'dies', 'cut']

/** What can end in a dead letter: a vendor that says no for good, or a trouble of an hour. */
const DEADLY: Kind[] = ['bad', 'revoked']

function lettersMakeSense({ letters, world }: Run): string[] {
  const isHard = world.spells.some(
    ({ kind, rate, fromMs, untilMs }) => DEADLY.includes(kind) || (rate >= 0.3 && untilMs - fromMs >= HOUR_MS),
  )
  if (isHard || letters.length === 0) return []
  return [`${letters.length} dead letters, though nothing was broken for long`]
}

function ofAlert(truth: Truth, known: Knowledge): string[] {
  return known.channels.flatMap((channel) => {
    const told = known.told(channel, truth.alert)
    return [
      ...mayKnow(truth, channel, told),
      ...(known.isInLetters(truth, channel)
        ? []
        : [...knowsTheTruth(truth, channel, told, known), ...hasHeard(truth, channel, told, known)]),
      ...knewBefore(truth, channel, told, known),
      ...inTime(truth, channel, told, known),
    ]
  })
}

function mayKnow({ alert, mayHear }: Truth, channel: string, told: Told[]): string[] {
  return told.length > 0 && !mayHear.has(channel) ? [`${channel} was told of ${alert}, and no rule says so`] : []
}

/** Whoever was told of an alert, and whoever the rules name, was told last what is so now. */
function knowsTheTruth(truth: Truth, channel: string, told: Told[], known: Knowledge): string[] {
  const { alert, final, since, mustKnow } = truth
  const last = told.at(-1)
  if (last === undefined)
    return mustKnow.has(channel) ? [`${channel} was never told that ${alert} is ${final.status}`] : []
  const isOfNow =
    last.input.changedAtMs >= since.changedAtMs || (final.status === 'resolved' && mayMiss(truth, channel, known))
  if (last.status === final.status && isOfNow) return []
  return [
    `${channel} was told last that ${alert} is ${last.status} (${last.input.mark}); it is ${final.status} (${final.mark})`,
  ]
}

/** Nothing is dropped: of what is over, too, all have heard who were to be told. */
function hasHeard(truth: Truth, channel: string, told: Told[], known: Knowledge): string[] {
  const { alert, final, mustHear } = truth
  if (final.status !== 'resolved' || !mustHear.has(channel) || told.length > 0 || mayMiss(truth, channel, known))
    return []
  return [`${channel} never heard of ${alert}, which fired and is over`]
}

/** A pager need not be told of what was over before it could be told, and nobody of what was held until then. */
function mayMiss({ changes, since, mustHear }: Truth, channel: string, known: Knowledge): boolean {
  if (known.channel(channel).type === 'pagerduty' || isHeld(changes, channel, known)) return true
  return since.status === 'resolved' || !mustHear.has(channel)
}

function isHeld(changes: Input[], channel: string, known: Knowledge): boolean {
  const { run, configs } = known
  return configs.some((config) =>
    changes.some((change) => {
      const at = run.startedAt + change.atMs
      return allowedFrom(change, channel, config, at) > at
    }),
  )
}

/** A channel is told that something is over only if it knew of it. */
function knewBefore({ alert }: Truth, channel: string, told: Told[], known: Knowledge): string[] {
  const [first] = told
  // What was on its way, and had no answer, may have opened an incident.
  if (known.channel(channel).type === 'pagerduty' && known.has(UNCERTAIN)) return []
  if (first?.input.status !== 'resolved' || isMissed(first.taken)) return []
  // Several changes of one alert in one message.
  if (told.some(({ taken, input }) => taken === first.taken && input.status !== 'resolved')) return []
  return [`${channel} was told that ${alert} is over (${first.input.mark}), and had not been told of it`]
}

/** When nothing goes wrong: at once, or as soon as its window opens; and not before. */
function inTime({ alert, changes, mustHear }: Truth, channel: string, told: Told[], known: Knowledge): string[] {
  const { run, configs } = known
  const [config] = configs
  const { perMinute } = known.channel(channel)
  if (!config || configs.length > 1 || run.world.spells.length > 0 || perMinute !== undefined || !mustHear.has(channel))
    return []
  return told.flatMap(({ taken, input }) => {
    if (input.status === 'resolved') return []
    const times = run.published.filter(({ input: { mark }, at }) => mark === input.mark && at <= taken.at)
    const publishedAt = times.at(input.form === 'text' ? -1 : 0)?.at ?? 0
    const from = allowedFrom(input, channel, config, publishedAt)
    const now = `${alert} (${input.mark}) at ${timeOf(taken.at - run.startedAt)}`
    // A later firing may be what it is told of then, and many at once take turns.
    if (taken.at > from + PROMPT_MS && changes.length < 10)
      return [`${channel} was told late of ${now}: ${Math.round((taken.at - from) / 1_000)} s`]
    return allowedFrom(input, channel, config, taken.at) > taken.at
      ? [`${channel} was told of ${now}, when it must not be told`]
      : []
  })
}

/** The same is said twice only where it could not be known that it had been said. */
function doubled(known: Knowledge): string[] {
  const { counts } = known.run
  if (counts.deaths + counts.timeouts > 0) return []
  return known.truths.flatMap(({ alert, changes }) =>
    known.channels.flatMap((channel) => {
      if (known.channel(channel).type === 'pagerduty') return []
      const inPlaceOf = known.channels.filter((one) => known.channel(one).fallback === channel).length
      return changes.flatMap(({ mark, form }) => {
        // A text that comes again is news.
        const events = form === 'text' ? known.run.published.filter(({ input }) => input.mark === mark).length : 1
        const times = known.told(channel, alert).filter(({ input }) => input.mark === mark)
        const answered = times.filter(({ taken }) => taken.isAnswered).length
        if (answered <= events * (1 + inPlaceOf)) return []
        return [
          `${channel} was told ${times.length} times of ${alert} (${mark}), though ${answered} answers had arrived`,
        ]
      })
    }),
  )
}

/** An incident is open as long as its alert fires, or any of those that share it. */
function incidents(known: Knowledge): string[] {
  return known.channels.flatMap((channel) => {
    const config = known.channel(channel)
    if (config.type !== 'pagerduty') return []
    const open = known.run.incidents.filter(({ isOpen, target }) => isOpen && target === config.secret)
    const truths = known.truths.filter(
      (truth) => known.told(channel, truth.alert).length > 0 && !known.isInLetters(truth, channel),
    )
    if (config.groupBy) return sharedIncidents(channel, truths, open.length)
    return truths.flatMap((truth) =>
      ofIncident(channel, truth, open.filter(({ dedupKey }) => isOf(dedupKey, truth, known, channel)).length),
    )
  })
}

function isOf(dedupKey: string, truth: Truth, known: Knowledge, channel: string): boolean {
  return known.told(channel, truth.alert).some(({ taken }) => taken.dedupKey === dedupKey)
}

function ofIncident(channel: string, { alert, final }: Truth, open: number): string[] {
  if (final.status === 'resolved') return open > 0 ? [`${channel} has an open incident of ${alert}, which is over`] : []
  return open === 0 ? [`${channel} has no open incident of ${alert}, which is ${final.status}`] : []
}

function sharedIncidents(channel: string, truths: Truth[], open: number): string[] {
  const firing = truths.filter(({ final }) => final.status !== 'resolved').length
  if (firing === 0 && open > 0) return [`${channel} has ${open} open incidents, and all alerts are over`]
  return firing > 0 && open === 0 ? [`${channel} has no open incident, and ${firing} alerts fire`] : []
}
