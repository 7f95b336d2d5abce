import { deadLettersOf, QUEUES, type QueueName, queueName } from '../topology.ts'
import type { Queue } from './aws/sqs.ts'
import type { Message } from './aws/sqs-messages.ts'
import type { Clock } from './clock.ts'
import { type Container, touched } from './container.ts'
import { EventSource } from './event-source.ts'
import { Lambda, type Parts } from './lambda.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Spell, Spells } from './spells.ts'
import { Stack } from './stack.ts'
import { Ticker } from './ticker.ts'
import type { Vendors } from './vendors.ts'
import type { Lost, World } from './world.ts'

/** A stack, its functions and what invokes them: the whole router, or that of one of two regions. */
export interface Region {
  stack: Stack
  lambda: Lambda
  sources: EventSource[]
  ticker: Ticker
  queue(name: string): Queue
}

interface Around {
  world: World
  clock: Clock
  random: Random
  spells: Spells
  network: Network
  start: Parts['start']
  hasTick: boolean
  environment: Parts['environment']
  report: (container: Container | undefined, line: string) => void
  keepLetter: (queue: QueueName, message: Message) => void
  /** One of two: its name, the vendors that the other one calls, too, and what is lost of it. */
  ofPair?: { name: string; index: number; vendors?: Vendors; isDown: () => boolean; mayRest: () => boolean }
}

export function newRegion(around: Around): Region {
  const { world, clock, random, spells, network, report, ofPair } = around
  const configs = [world.config, ...world.pushes.map(({ config }) => config)]
  const inPair = ofPair && { region: ofPair.name, ...(ofPair.vendors && { vendors: ofPair.vendors }) }
  const stack = new Stack({ clock, random: random.of('stack'), spells, network, ...inPair }, configs)
  const parts: Parts = {
    clock,
    random: random.of('lambda'),
    takesTurns: world.pushes.length > 0 && random.of('turns').chance(0.5) ? random.of('turns') : undefined,
    spells,
    start: around.start,
    environment: around.environment,
    report,
    ...(ofPair && { isDown: ofPair.isDown }),
  }
  const lambda = new Lambda(parts)
  const queue = (name: string) => {
    const found = stack.sqs.queues.get(queueName(name))
    if (!found) throw new Error(`no queue ${name}`)
    return found
  }
  const sources = QUEUES.map((name) => {
    queue(deadLettersOf(name)).onArrived = (message) => around.keepLetter(name, message)
    return new EventSource(name, queue(name), world.most[name] ?? 2, stack.sqs, lambda, parts)
  })
  const inTurn = ofPair && {
    mayRest: ofPair.mayRest,
    beginsAfterMs: 17_000 + 23_000 * ofPair.index,
    region: ofPair.name,
  }
  const ticker = new Ticker({ clock, spells, lambda, table: stack.table }, !around.hasTick, inTurn)
  return { stack, lambda, sources, ticker, queue }
}

/** The names of the regions of a world that has two: the home is the first. */
export const REGIONS = ['us-east-1', 'us-west-2'] as const

/** Does nothing run there now? */
export function isDown(lost: Lost[], region: number, elapsedMs: number): boolean {
  return lost.some((one) => one.region === region && /all|functions/.test(one.how) && isDuring(one, elapsedMs))
}

export function isDuring({ fromMs, untilMs }: Lost, elapsedMs: number): boolean {
  return fromMs <= elapsedMs && elapsedMs < untilMs
}

/** What has reached the other replica by the time a region is lost, was written this long before. */
const REPLICATED_MS = 20_000

/** Is what a region writes now perhaps not known to the other one, which goes on without it? */
export function isLosing(lost: Lost[], region: number, elapsedMs: number): boolean {
  return lost.some((one) => {
    const isOfIt = one.region === region || one.how === 'apart' || one.how === 'replication'
    return isOfIt && isDuring({ ...one, fromMs: one.fromMs - REPLICATED_MS }, elapsedMs)
  })
}

/** Until when nothing of the table gets from one region to the other. */
export function heldUntilMs(lost: Lost[], elapsedMs: number): number | undefined {
  const holding = lost
    .filter(({ how }) => how !== 'functions' && how !== 'clock')
    .filter((one) => isDuring(one, elapsedMs))
  return holding.length === 0 ? undefined : Math.max(...holding.map(({ untilMs }) => untilMs))
}

/** Until when no message of the other region's topic gets into a region's queue. */
export function cutUntilMs(lost: Lost[], elapsedMs: number): number | undefined {
  const cutting = lost.filter(({ how }) => how === 'all' || how === 'apart').filter((one) => isDuring(one, elapsedMs))
  return cutting.length === 0 ? undefined : Math.max(...cutting.map(({ untilMs }) => untilMs))
}

/** What calls meet in a region of which something is lost. */
export function spellsOfLoss({ region, how, fromMs, untilMs }: Lost): Spell[] {
  const during = { fromMs, untilMs, rate: 1 }
  const named = REGIONS[region]
  switch (how) {
    case 'all':
      return [{ ...during, on: `aws@${named}`, kind: 'reset' }]
    case 'table':
      return [{ ...during, on: `dynamodb@${named}`, kind: 'refused' }]
    case 'clock':
      return [{ ...during, on: `tick@${named}`, kind: 'dead' }]
    case 'apart':
      return REGIONS.map((one) => ({ ...during, on: `from another@${one}`, kind: 'reset' }))
    default:
      return []
  }
}

/** Its functions end, and begin again: what a loss means for one of two regions. */
export function planLosses(regions: Region[], lost: Lost[], at: (ms: number, run: () => void) => void): void {
  for (const { region, how, fromMs, untilMs } of lost) {
    const { lambda, sources } = regions[region] as Region
    at(fromMs, () => {
      touched.is = true
      if (how === 'all' || how === 'functions') lambda.lose()
    })
    at(untilMs, () => {
      for (const source of sources) source.wake()
    })
  }
}
