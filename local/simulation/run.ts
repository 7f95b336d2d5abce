import { existsSync } from 'node:fs'
import { textAttributes } from '../../shared/aws/queue.ts'
import { deadLettersOf, FUNCTION_OF, QUEUES, type QueueName, queueName } from '../topology.ts'
import type { Queue } from './aws/sqs.ts'
import type { Message } from './aws/sqs-messages.ts'
import type { HttpRequest } from './aws/wire.ts'
import { Clock } from './clock.ts'
import { CloudWatch } from './cloudwatch.ts'
import { type Code, loadCode } from './code.ts'
import { type Container, touched } from './container.ts'
import { type Debt, debtsIn } from './debts.ts'
import { enter } from './globals.ts'
import { messageOf, orderOf, reactionOf, silenceOrdersOf } from './inputs.ts'
import { onlyReminds, wrongIn } from './items.ts'
import type { Counts } from './lambda.ts'
import { Network } from './network.ts'
import { indexAt, pairOf } from './pair.ts'
import { randomOf } from './random.ts'
import { startReconciler } from './reconciler.ts'
import { isDuring, isLosing, newRegion, planLosses, REGIONS, type Region, spellsOfLoss } from './region.ts'
import { endOf } from './silences.ts'
import { asNoticed } from './slack-app.ts'
import { Spells } from './spells.ts'
import { environmentOf } from './stack.ts'
import {
  type Line,
  marksIn,
  type OpenedMessage,
  type Published,
  type Reaction,
  type Run,
  timeOf,
  type World,
} from './world.ts'

/** The deployed functions that a world uses, by name. */
export const FUNCTIONS: Record<string, string> = Object.fromEntries(
  [...QUEUES.map((queue) => FUNCTION_OF[queue]), 'tick', 'reconcile'].flatMap((name) => {
    const path = `functions/${name}.ts`
    return existsSync(new URL(`../../${path}`, import.meta.url)) ? [[name, path]] : []
  }),
)

const DAY_MS = 86_400_000
/** A world that is not at rest this long after its last input never will be. */
const MAX_REST_MS = 5 * DAY_MS
/** For an hour a region may be without its table, of which each message asks ten times. */
const MAX_STEPS = 200_000
/** How long after the last event reminders are judged. */
const REMINDED_MS = 3 * 60 * 60_000
/** How long after a push tick runs every minute. */
const PUSHED_MS = 20 * 60_000
/** How long after the last event two regions say each minute which of them sends. */
const BEATS_AFTER_MS = 20 * 60_000
/** After a silence has got another end, the clock has what it holds evaluated. */
const SILENCED_MS = 5 * 60_000

export interface Options {
  /** Functions to use instead of the deployed ones, for tests. */
  code?: Code
  /** Whether the functions' own logs are in the trace. */
  withLogs?: boolean
}

let deployed: Promise<Code> | undefined

/** The code of the functions in this folder. Bundled once. */
export function deployedCode(): Promise<Code> {
  deployed ??= loadCode(FUNCTIONS)
  return deployed
}

/** Runs a world from its start until it is at rest. The same world always gives the same run. */
export async function run(world: World, { code, withLogs = false }: Options = {}): Promise<Run> {
  const running = new Running(world, code ?? (await deployedCode()), withLogs)
  return running.toRest()
}

class Running {
  readonly #world: World
  readonly #clock: Clock
  readonly #network: Network
  readonly #spells: Spells
  /** One; or two, of which one sends. */
  readonly #regions: Region[]
  readonly #code: Code
  readonly #withLogs: boolean
  readonly #startedAt: number
  readonly #trace: Line[] = []
  readonly #published: Published[] = []
  readonly #letters: OpenedMessage[] = []
  readonly #wrongItems: string[] = []
  readonly #debts: Debt[] = []
  #steps = 0

  constructor(world: World, code: Code, withLogs: boolean) {
    this.#world = world
    this.#code = code
    this.#withLogs = withLogs
    this.#startedAt = Date.parse(world.startAt)
    const clock = new Clock(this.#startedAt)
    const random = randomOf(world.seed)
    const losses = (world.regions?.lost ?? []).flatMap(spellsOfLoss)
    const spells = new Spells([...world.spells, ...losses], random.of('spells'), () => this.#elapsed())
    const report = (container: Container | undefined, line: string) => this.#report(container, line)
    const network = new Network({ clock, random: random.of('network'), spells, report })
    this.#clock = clock
    this.#network = network
    this.#spells = spells
    const around = {
      ...{ world, clock, spells, network, report, start: code.start, hasTick: code.has('tick') },
      keepLetter: (queue: QueueName, message: Message) => this.#keepLetter(queue, message),
    }
    const environment = (name: string) => this.#environment(environmentOf(name))
    const isOver = () => this.#elapsed() > Math.max(0, ...lastOf(world)) + BEATS_AFTER_MS
    this.#regions = world.regions
      ? pairOf(world.regions.lost, { ...around, random }, (env) => this.#environment(env), {
          ...{ elapsed: () => this.#elapsed(), isOver },
        })
      : [newRegion({ ...around, random, environment })]
    for (const [index, { stack }] of this.#regions.entries()) {
      stack.table.onWritten = (item) => {
        this.#wrongItems.push(...wrongIn(item))
        // What the other replica writes later, replaces it.
        const mayBeReplaced = isLosing(world.regions?.lost ?? [], index, this.#elapsed())
        if (!mayBeReplaced) this.#debts.push(...debtsIn(item))
      }
    }
    network.kill = (container) => {
      for (const { lambda } of this.#regions) lambda.kill(container)
    }
    if (world.reconciles) {
      this.#home.stack.cloudWatch = new CloudWatch(clock, random.of('cloudwatch'), world.inputs)
      startReconciler({ clock, spells, lambda: this.#home.lambda }, Math.max(0, ...lastOf(world)))
    }
  }

  /** What a host is of. */
  #stackAt(hostname: string): Region['stack'] {
    return (this.#regions[indexAt(hostname)] ?? this.#home).stack
  }

  /** The only one, or the first of two. */
  get #home(): Region {
    return this.#regions[0] as Region
  }

  #elapsed(): number {
    return this.#clock.now - this.#startedAt
  }

  #environment(env: Record<string, string>): Record<string, string> {
    return { ...env, ...(this.#withLogs && { LOG_LEVEL: 'INFO' }) }
  }

  #report(container: Container | undefined, line: string): void {
    const where = this.#world.regions && container ? `@${container.env.AWS_REGION}` : ''
    this.#trace.push({ ms: this.#elapsed(), who: container ? `${container.id}${where}` : '-', what: line })
  }

  async toRest(): Promise<Run> {
    enter({
      clock: this.#clock,
      written: (container, line) => this.#withLogs && this.#report(container, `  ${line.trim().slice(0, 400)}`),
      fetch: (url, init) => this.#home.stack.vendors.fetch(url, init),
      callAws: (question, patience) => this.#stackAt(question.url.hostname).exchange(question, patience),
      readFile: () => JSON.stringify(this.#world.config),
    })
    // Nobody reads the stack traces of a world's errors, and they are expensive.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      this.#answerSdk()
      this.#plan()
      return this.#result(await this.#untilRest())
    } finally {
      Error.stackTraceLimit = stackTraceLimit
      enter(undefined)
    }
  }

  /** The only place where the SDK meets the models, where it is used: its lowest layer. */
  #answerSdk(): void {
    const { NodeHttpHandler } = this.#code.packaged('@smithy/node-http-handler') as {
      NodeHttpHandler: { prototype: { handle: unknown } }
    }
    const { SignatureV4 } = this.#code.packaged('@smithy/signature-v4') as { SignatureV4: { prototype: object } }
    // The models need no signature.
    Object.assign(SignatureV4.prototype, { sign: async (request: unknown) => request })
    const stackAt = (hostname: string) => this.#stackAt(hostname)
    NodeHttpHandler.prototype.handle = async function (
      this: SdkHandler,
      request: HttpRequest,
      options: SdkOptions = {},
    ) {
      const config = await this.configProvider
      const timeoutMs = options.requestTimeout ?? config.requestTimeout
      return stackAt(request.hostname).handle(request, {
        signal: options.abortSignal,
        timeoutMs: config.throwOnRequestTimeout ? timeoutMs : undefined,
      })
    }
  }

  #plan(): void {
    const { inputs, pushes, redrives, spells, deploys, reactions = [], silences = [], regions } = this.#world
    const at = (ms: number, run: () => void) => this.#clock.plan(this.#startedAt + ms, run)
    for (const input of inputs) at(input.atMs, () => this.#publish(input))
    for (const { atMs, config } of pushes) {
      at(atMs, () => {
        this.#report(undefined, 'new rules are pushed')
        this.#home.stack.push(config)
        this.#home.ticker.keepGoing(PUSHED_MS)
      })
    }
    for (const { atMs, how } of redrives) at(atMs, () => this.#redrive(how))
    for (const reaction of reactions) at(reaction.atMs, () => this.#react(reaction))
    for (const order of silences.flatMap((one) => silenceOrdersOf(one, this.#startedAt))) {
      at(order.atMs, () => this.#silence(order.body))
    }
    for (const { untilMs } of spells) at(untilMs, () => {})
    for (const atMs of deploys) at(atMs, () => this.#home.lambda.deploy())
    if (!regions) return
    planLosses(this.#regions, regions.lost, at)
    for (const one of regions.switches) at(one.atMs, () => this.#switch(one))
  }

  #publish(input: World['inputs'][number]): void {
    const index = input.isInSecond ? 1 : 0
    const { stack } = this.#regions[index] ?? this.#home
    const isGone = (this.#world.regions?.lost ?? []).some(
      (one) => one.region === index && one.how === 'all' && isDuring(one, this.#elapsed()),
    )
    const isTaken = !isGone && this.#spells.on(['publisher'], ['refused']) === undefined
    this.#published.push({ input, at: this.#clock.now, isTaken })
    this.#report(
      undefined,
      `${input.isLost ? 'lost' : isTaken ? 'published' : 'not taken'}: ${input.mark} ${input.alert} ${input.status} of ${timeOf(input.changedAtMs)}`,
    )
    if (!isTaken || input.isLost) return
    if (input.by === 'hand') {
      this.#order(orderOf(input))
      return
    }
    const TopicArn = `arn:aws:sns:us-east-1:000000000000:${queueName('alarms')}`
    stack.sns.call('Publish', { TopicArn, Message: messageOf(input, this.#startedAt) }, {})
  }

  #react(reaction: Reaction): void {
    const { alert, by, isTakenBack } = reaction
    this.#report(undefined, `published: ${by} ${isTakenBack ? 'takes it back' : 'acknowledges'} ${alert}`)
    this.#order(reactionOf(reaction, this.#startedAt))
  }

  #silence(body: string): void {
    this.#report(undefined, `published: ${body}`)
    this.#order(body)
    this.#home.ticker.keepGoing(SILENCED_MS)
  }

  /** A person's, to the region that this person knows. */
  #order(body: string, { queue, stack } = this.#home): void {
    queue('alarms').add(stack.sqs.message(body, {}, 0, {}))
  }

  #switch({ to }: { to: 0 | 1 }): void {
    const takeOver = REGIONS[to]
    this.#report(undefined, `a person wants ${takeOver} to send`)
    const at = new Date(this.#clock.now).toISOString()
    this.#order(JSON.stringify({ takeOver, by: 'a person', at }), this.#regions[to])
  }

  #keepLetter(queue: QueueName, { id, body, attributes }: Message): void {
    this.#letters.push({ queue, at: this.#clock.now, id, body, attributes })
    this.#report(
      undefined,
      `a dead letter of ${queue}: ${marksIn(body).join(' ')} ${attributes.reason?.StringValue ?? ''}`,
    )
  }

  #redrive(how: 'command' | 'console'): void {
    const { queue: queueOf, stack } = this.#home
    for (const queue of QUEUES) {
      const letters = queueOf(deadLettersOf(queue))
      for (const message of [...letters.messages.values()]) {
        this.#report(
          undefined,
          `a dead letter of ${queue} is redriven by the ${how}: ${marksIn(message.body).join(' ')}`,
        )
        letters.messages.delete(message.id)
        for (const letter of this.#letters) if (letter.id === message.id) letter.redrivenAt ??= this.#clock.now
        queueOf(queue).add(stack.sqs.message(message.body, attributesAfter(message, how), 0, {}))
      }
    }
  }

  async #untilRest(): Promise<boolean> {
    const last = Math.max(0, ...lastOf(this.#world))
    const latest = this.#startedAt + last + MAX_REST_MS
    for (;;) {
      const isAtRest = () => this.#regions.every(({ ticker }) => ticker.isAtRest)
      if (!this.#clock.isBusy && (isAtRest() || this.#onlyReminds(last))) return true
      const task = this.#clock.next()
      if (!task) return true
      if (this.#clock.now > latest || ++this.#steps > MAX_STEPS) return false
      task.run()
      if (touched.is) await settled()
      touched.is = false
    }
  }

  /** What nobody acknowledges is reminded of for ever. */
  #onlyReminds(lastMs: number): boolean {
    if (this.#clock.now < this.#startedAt + lastMs + REMINDED_MS) return false
    const due = this.#home.stack.table.items().filter(({ dueAt }) => dueAt !== undefined)
    return due.every(onlyReminds)
  }

  #result(isAtRest: boolean): Run {
    const inQueues = <Of extends object>(of: (queue: Queue) => Iterable<Of>) =>
      this.#regions.flatMap((region) =>
        QUEUES.flatMap((queue) => [...of(region.queue(queue))].map((message) => ({ ...message, queue }))),
      )
    const { taken, incidents, refused } = this.#home.stack.vendors
    return {
      world: this.#world,
      startedAt: this.#startedAt,
      endedAt: this.#clock.now,
      published: this.#published,
      taken: asNoticed(taken),
      byApp: taken.filter(({ type }) => type === 'slack-app'),
      incidents,
      refused,
      letters: this.#letters,
      expired: inQueues(({ expired }) => expired),
      loops: this.#regions.flatMap(({ sources }) => sources.flatMap(({ loops }) => loops)),
      left: inQueues(({ messages }) => messages.values()),
      items: this.#home.stack.table.items(),
      ...(this.#world.regions && { secondItems: this.#regions[1]?.stack.table.items() ?? [] }),
      wrongItems: this.#wrongItems,
      debts: this.#debts,
      counts: {
        ...countsOf(this.#regions.map(({ lambda }) => lambda.counts)),
        calls: this.#network.calls,
        lostNotes: this.#network.lostNotes,
        notes: this.#network.notes,
        steps: this.#steps,
      },
      cast: Object.fromEntries(this.#spells.cast),
      isAtRest,
      trace: this.#trace,
    }
  }
}

function countsOf([first, second]: Counts[]): Counts {
  if (!first || !second) return first as Counts
  const { throws, ...numbers } = first
  const both = Object.entries(numbers).map(([name, n]) => [name, n + second[name as keyof typeof numbers]])
  return { ...(Object.fromEntries(both) as typeof numbers), throws: [...throws, ...second.throws] }
}

interface SdkHandler {
  configProvider: Promise<{ requestTimeout?: number; throwOnRequestTimeout?: boolean }>
}
interface SdkOptions {
  abortSignal?: AbortSignal
  requestTimeout?: number
}

/** Waits until the code has done everything that needs no time: no pending promise can continue. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** When each external event has happened. */
function lastOf({
  inputs,
  spells,
  pushes,
  redrives,
  deploys,
  reactions = [],
  silences = [],
  regions,
}: World): number[] {
  return [
    ...(regions ? [...regions.lost.map(({ untilMs }) => untilMs), ...regions.switches.map(({ atMs }) => atMs)] : []),
    ...deploys,
    ...[...inputs, ...reactions].map(({ atMs }) => atMs),
    ...silences.flatMap((one) => [one.atMs, endOf(one)]),
    ...spells.map(({ untilMs }) => untilMs),
    ...[...pushes, ...redrives].map(({ atMs }) => atMs),
  ]
}

function attributesAfter({ id, sentAt, attributes }: Message, how: 'command' | 'console'): Message['attributes'] {
  if (how === 'console') return attributes
  const messageId = attributes.messageId?.StringValue ?? id
  const sent = attributes.sentAt?.StringValue ?? String(sentAt)
  return textAttributes({ messageId, sentAt: sent, redriven: new Date(sentAt).toISOString() }) as Message['attributes']
}
