import type { AlertStatus } from '../../schemas/alert.ts'
import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { fallbacksOf, namesOf, readerOf, type Truth, timeOfChange, truthsOf } from './reference.ts'
import type { Kind } from './spells.ts'
import type { Taken } from './taken.ts'
import { type Said, saidIn } from './updates.ts'
import { type Input, marksIn, type OpenedMessage, type Run } from './world.ts'

/** The words of a message about an alert that ended before anybody could be notified. */
export const MISSED = /delivery was delayed|delivered late/

/** The deletion of an alarm is a separate event, in addition to the resolve of its alert. */
const OF_ITS_OWN = /#configuration|Configuration Change|was deleted|alarm deleted/i
const BY_HAND = /Resolved by hand: (mark-\d+-\d+)/

/** A message that a reader accepted, and its content about one alert. */
export interface Received {
  taken: Taken
  input: Input
  /** Resolved, if it is about an alert that was too late to be sent. */
  status: AlertStatus
  isMissed: boolean
  /** What it says about the firing beside the change. */
  said?: Said | undefined
}

/** A dead letter that was not redriven, and the changes in it. */
interface Known {
  letter: OpenedMessage
  marks: string[]
}

/** A run, by alert and reader (reference.ts). */
export class Knowledge {
  readonly run: Run
  readonly configs: Config[]
  readonly truths: Truth[]
  readonly readers: string[]
  readonly #received = new Map<string, Received[]>()
  readonly #letters: Known[]

  constructor(run: Run) {
    this.run = run
    this.configs = [run.world.config, ...run.world.pushes.map(({ config }) => config)]
    this.truths = truthsOf(run.published, run.world)
    this.readers = [
      ...new Set(this.configs.flatMap((config) => Object.keys(config.channels).map((name) => readerOf(name, config)))),
    ]
    const inputs = new Map(this.truths.flatMap(({ changes }) => changes.map((input) => [input.mark, input])))
    const deletions = new Map(
      this.truths.flatMap(({ alert, changes }) => {
        const deletion = run.world.reconciles && changes.find(({ by }) => by === 'deletion')
        return deletion ? [[alert, deletion] as const] : []
      }),
    )
    for (const taken of run.taken) {
      for (const input of inputsIn(taken, inputs)) this.#add(taken, ofDeletion(taken, input, deletions))
    }
    this.#letters = run.letters
      .filter(({ redrivenAt }) => redrivenAt === undefined)
      .map((letter) => ({ letter, marks: marksIn(letter.body) }))
  }

  #add(taken: Taken, input: Input): void {
    const name = `${taken.type}:${taken.target} ${identity(input)}`
    const received = this.#received.get(name) ?? []
    const isMissed = isMissedIn(taken, input)
    // An incident is resolved, whichever change that names.
    const status = isMissed || taken.action === 'resolve' ? 'resolved' : input.status
    received.push({ taken, input, status, isMissed, said: saidIn(taken, input) })
    this.#received.set(name, received)
  }

  /** Everything that a reader received about an alert, in the order of effect. */
  received(reader: string, alert: string): Received[] {
    return this.#received.get(`${reader} ${alert}`) ?? []
  }

  isPager(reader: string): boolean {
    return reader.startsWith('pagerduty:')
  }

  /** The channels of a reader, by any rules. */
  channels(reader: string): ChannelConfig[] {
    return this.configs.flatMap((config) => namesOf(reader, config).flatMap((name) => config.channels[name] ?? []))
  }

  /** Under how many names, and as the fallback of how many others, a reader may receive the same. */
  ways(reader: string): number {
    const names = Math.max(...this.configs.map((config) => namesOf(reader, config).length))
    const ever = new Set(this.configs.flatMap((config) => namesEverOf(reader, config)))
    const renamed = ever.size > names ? 1 : 0
    const others = this.configs.map(
      (config) =>
        Object.keys(config.channels).filter((name) => fallbacksOf(readerOf(name, config), config).includes(reader))
          .length,
    )
    return names + renamed + Math.max(...others)
  }

  /** Whether several channels have this target: the last message of one is not the last of another. */
  hasSeveral(reader: string): boolean {
    return this.configs.some((config) => namesOf(reader, config).length > 1)
  }

  /** Whether each name that it ever had leads to it in all later rules: otherwise it can't receive what it should. */
  isStable(reader: string): boolean {
    return this.configs.every((config, index) =>
      namesOf(reader, config).every((name) =>
        this.configs.slice(index).every((later) => {
          const now = later.channels[name]
            ? name
            : Object.keys(later.channels).find((one) => later.channels[one]?.formerly?.includes(name))
          return now !== undefined && readerOf(now, later) === reader
        }),
      ),
    )
  }

  /**
   * Whether one of its channels sends elsewhere in other rules, under the same name: both are active for a while,
   * and messages may be sent to either.
   */
  wasElsewhere(reader: string): boolean {
    const names = this.configs.flatMap((config) => namesOf(reader, config))
    return this.configs.some((config) =>
      names.some((name) => config.channels[name] && readerOf(name, config) !== reader),
    )
  }

  /** Other readers that its names lead to in other rules. */
  elsewhere(reader: string): string[] {
    const names = this.configs.flatMap((config) => namesEverOf(reader, config))
    const readers = this.configs.flatMap((config) =>
      names.flatMap((name) => (config.channels[name] ? [readerOf(name, config)] : [])),
    )
    return [...new Set(readers)].filter((other) => other !== reader)
  }

  isFallback(reader: string): boolean {
    return this.configs.some((config) =>
      Object.keys(config.channels).some((name) => fallbacksOf(readerOf(name, config), config).includes(reader)),
    )
  }

  /** Two channels that became one, or one that now sends here: it receives resolves of what the other received. */
  isJoined(reader: string): boolean {
    const isAlike = (other: string) => other.split(':')[0] === reader.split(':')[0]
    const hasOldNames = this.channels(reader).some(({ formerly = [] }) => formerly.length > 0)
    return hasOldNames || this.elsewhere(reader).some(isAlike)
  }

  /** Whether it has a dead letter, about which a person was notified. */
  hasDeadLetter(truth: Truth, reader: string): boolean {
    return this.#isIn(this.#letters, truth, reader)
  }

  #isIn(letters: Known[], { alert, form, changes }: Truth, reader: string): boolean {
    const [type] = reader.split(':')
    return letters.some(({ letter: { queue, body }, marks }) => {
      if (queue !== 'alarms' && queue !== type) return false
      if (changes.some(({ mark }) => marks.includes(mark))) return true
      return form === 'text' ? !/alert-\d/.test(body) && marks.length === 0 : new RegExp(`${alert}(?!\\d)`).test(body)
    })
  }

  /**
   * Whether a dead letter reports that it could not be closed: the resolve itself, or a request to close it by hand.
   */
  hasDeadResolve(truth: Truth, reader: string): boolean {
    const without = this.#letters.filter(({ letter }) => !this.#isOfBeginning(letter, truth))
    return this.#isIn(without, truth, reader)
  }

  /** Whether a channel's dead letter is about a change that resolved nothing. */
  #isOfBeginning({ body }: OpenedMessage, { alert, changes }: Truth): boolean {
    const [, changedAt = ''] = /"change":"change#([^#]+)#/.exec(body) ?? []
    if (changedAt === '' || !body.includes(alert)) return false
    const atMs = Date.parse(changedAt) - this.run.startedAt
    const then = changes.filter((change) => Math.abs(timeOfChange(change) - atMs) < 1)
    return then.length > 0 && then.every(({ status }) => status !== 'resolved')
  }

  has(kinds: Kind[], on?: RegExp): boolean {
    return this.run.world.spells.some((spell) => kinds.includes(spell.kind) && (!on || on.test(spell.on)))
  }
}

/** Including the former names of its channels. */
function namesEverOf(reader: string, config: Config): string[] {
  return namesOf(reader, config).flatMap((name) => [name, ...(config.channels[name]?.formerly ?? [])])
}

/** Whether a message marks a change as late. In a digest, the change's own line does. */
function isMissedIn({ body }: Taken, { mark }: Input): boolean {
  const text = JSON.stringify(body)
  // A manual resolve also shows the change before it.
  if (marksIn(text).length === 1 || BY_HAND.test(text)) return MISSED.test(text)
  return text.split('\\n').some((line) => marksIn(line).includes(mark) && MISSED.test(line))
}

function identity({ form, alert, mark }: Input): string {
  return form === 'text' ? mark : alert
}

/**
 * Whether a message is about a change. The deletion of an alarm is sent both as the resolve, and as an event of its
 * own.
 */
export function isAbout(taken: Taken, input: Input): boolean {
  return inputsIn(taken, new Map([[input.mark, input]])).length > 0
}

/** A deletion that is found in CloudWatch is known by the message that the alert had before. */
function ofDeletion({ body, action }: Taken, input: Input, deletions: Map<string, Input>): Input {
  const deletion = deletions.get(input.alert)
  const isEnd = action === 'resolve' || /The alarm was deleted/.test(JSON.stringify(body))
  return deletion && isEnd ? deletion : input
}

/** The changes in a message. */
function inputsIn({ body, dedupKey = '' }: Taken, inputs: Map<string, Input>): Input[] {
  const text = JSON.stringify(body)
  const byHand = BY_HAND.exec(text)?.[1]
  const marks = byHand === undefined ? marksIn(text) : [byHand]
  return marks.flatMap((mark) => {
    const input = inputs.get(mark)
    return !input ||
      (input.by === 'deletion' && OF_ITS_OWN.test(text + dedupKey) && !/The alarm was deleted/.test(text))
      ? []
      : input
  })
}

/**
 * Of a change that is reminded of, escalated and acknowledged, each is a message of its own; and all again, once another
 * has responded.
 */
export function nameOf({ said, taken }: Received, all: Received[]): string {
  if (said === undefined) return ''
  const others = all.filter((one) => one.taken.at < taken.at && one.said?.is.endsWith('acknowledged'))
  return `${said.name} after ${others.filter((one) => one.said?.name !== said.name).length}`
}
