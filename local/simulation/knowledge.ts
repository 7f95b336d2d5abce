import type { AlertStatus } from '../../schemas/alert.ts'
import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { fallbacksOf, namesOf, readerOf, type Truth, timeOfChange, truthsOf } from './reference.ts'
import type { Kind } from './spells.ts'
import type { Taken } from './vendors.ts'
import { type Input, marksIn, type OpenedMessage, type Run } from './world.ts'

/** What a message says of an alert that ended before anybody could be told of it. */
export const MISSED = /delivery was delayed|told late/

/** That an alarm was deleted is an event of its own, beside the end of what fires by it. */
const OF_ITS_OWN = /#configuration|Configuration Change|was deleted|alarm deleted/i
const BY_HAND = /Resolved by hand: (mark-\d+-\d+)/

/** Something that a reader took, and what it says of one alert. */
export interface Received {
  taken: Taken
  input: Input
  /** That it is over, where it tells of an alert that came too late to be told. */
  status: AlertStatus
  isMissed: boolean
}

/** A dead letter that nobody has brought back, and the changes that it names. */
interface Known {
  letter: OpenedMessage
  marks: string[]
}

/** A run, looked at by alert and reader (reference.ts). */
export class Knowledge {
  readonly run: Run
  readonly configs: Config[]
  readonly truths: Truth[]
  readonly readers: string[]
  readonly #told = new Map<string, Received[]>()
  readonly #letters: Known[]

  constructor(run: Run) {
    this.run = run
    this.configs = [run.world.config, ...run.world.pushes.map(({ config }) => config)]
    this.truths = truthsOf(run.published, run.world)
    this.readers = [
      ...new Set(this.configs.flatMap((config) => Object.keys(config.channels).map((name) => readerOf(name, config)))),
    ]
    const inputs = new Map(this.truths.flatMap(({ changes }) => changes.map((input) => [input.mark, input])))
    for (const taken of run.taken) for (const input of inputsIn(taken, inputs)) this.#add(taken, input)
    this.#letters = run.letters
      .filter(({ redrivenAt }) => redrivenAt === undefined)
      .map((letter) => ({ letter, marks: marksIn(letter.body) }))
  }

  #add(taken: Taken, input: Input): void {
    const name = `${taken.type}:${taken.target} ${identity(input)}`
    const received = this.#told.get(name) ?? []
    const isMissed = isMissedIn(taken, input)
    received.push({ taken, input, status: isMissed ? 'resolved' : input.status, isMissed })
    this.#told.set(name, received)
  }

  /** All that a reader was told of an alert, in the order of effect. */
  received(reader: string, alert: string): Received[] {
    return this.#told.get(`${reader} ${alert}`) ?? []
  }

  isPager(reader: string): boolean {
    return reader.startsWith('pagerduty:')
  }

  /** The channels that a reader is behind, by any rules. */
  channels(reader: string): ChannelConfig[] {
    return this.configs.flatMap((config) => namesOf(reader, config).flatMap((name) => config.channels[name] ?? []))
  }

  /** Under how many names, and in place of how many others, a reader may be told of the same. */
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

  /** Whether several channels lead to it: what one was told is not the last word to another. */
  hasSeveral(reader: string): boolean {
    return this.configs.some((config) => namesOf(reader, config).length > 1)
  }

  /** Whether each name that it ever had leads to it by all rules that came later: else it can't be told what it should. */
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
   * Whether a channel of it leads elsewhere by other rules, under this
   * very name: both hold for a while, and messages go either way.
   */
  wasElsewhere(reader: string): boolean {
    const names = this.configs.flatMap((config) => namesOf(reader, config))
    return this.configs.some((config) =>
      names.some((name) => config.channels[name] && readerOf(name, config) !== reader),
    )
  }

  /** Other readers that its names lead to by other rules. */
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

  /** Two channels that became one, or one that leads here now: it hears of what the other knew. */
  isJoined(reader: string): boolean {
    const isAlike = (other: string) => other.split(':')[0] === reader.split(':')[0]
    const hasOldNames = this.channels(reader).some(({ formerly = [] }) => formerly.length > 0)
    return hasOldNames || this.elsewhere(reader).some(isAlike)
  }

  /** Whether something of it lies in the dead letters, where a person has been told of it. */
  isInLetters(truth: Truth, reader: string): boolean {
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

  /** Whether a dead letter says that it could not be closed: the resolve itself, or a request to close it by hand. */
  isEndInLetters(truth: Truth, reader: string): boolean {
    const without = this.#letters.filter(({ letter }) => !this.#isOfBeginning(letter, truth))
    return this.#isIn(without, truth, reader)
  }

  /** Is a letter of a channel about a change that ended nothing? */
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

/** With the names that its channels had before. */
function namesEverOf(reader: string, config: Config): string[] {
  return namesOf(reader, config).flatMap((name) => [name, ...(config.channels[name]?.formerly ?? [])])
}

/** Does a message say of a change that it came too late? In one about several, the change's own line says so. */
function isMissedIn({ body }: Taken, { mark }: Input): boolean {
  const text = JSON.stringify(body)
  // What a person ended shows the change before it, too.
  if (marksIn(text).length === 1 || BY_HAND.test(text)) return MISSED.test(text)
  return text.split('\\n').some((line) => marksIn(line).includes(mark) && MISSED.test(line))
}

function identity({ form, alert, mark }: Input): string {
  return form === 'text' ? mark : alert
}

/** Does a message tell of a change? That an alarm was deleted is told as the end of what fired, and as news by itself. */
export function isAbout(taken: Taken, input: Input): boolean {
  return inputsIn(taken, new Map([[input.mark, input]])).length > 0
}

/** The changes that a message tells of. */
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
