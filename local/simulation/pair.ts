import { QUEUES, queueName } from '../topology.ts'
import type { Random } from './random.ts'
import { cutUntilMs, heldUntilMs, isDown, newRegion, REGIONS, type Region } from './region.ts'
import { replicate } from './replication.ts'
import { environmentInPair } from './stack.ts'
import type { Lost } from './world.ts'

type Around = Omit<Parameters<typeof newRegion>[0], 'environment' | 'ofPair'>

/** From one region's topic into the other's queue. */
const ACROSS_MS = [20, 600] as const

/** Two regions with the same stack: one table in two replicas, and each alarm in both queues. */
export function pairOf(
  lost: Lost[],
  { random, ...around }: Around & { random: Random },
  environment: (env: Record<string, string>) => Record<string, string>,
  { elapsed, isOver }: { elapsed: () => number; isOver: () => boolean },
): Region[] {
  const { clock } = around
  const regions: Region[] = []
  const regionOf = (index: 0 | 1, first?: Region) =>
    newRegion({
      ...around,
      random: index === 0 ? random : random.of('second region'),
      environment: (name) => environment(environmentInPair(name, REGIONS[index], REGIONS)),
      ofPair: {
        ...{ name: REGIONS[index], index, isDown: () => isDown(lost, index, elapsed()) },
        mayRest: () => isOver() && regions.every(hasNothing),
        ...(first && { vendors: first.stack.vendors }),
      },
    })
  const home = regionOf(0)
  const second = regionOf(1, home)
  const absolute = (ms: number | undefined) => (ms === undefined ? undefined : clock.now - elapsed() + ms)
  const tables = [home.stack.table, second.stack.table] as const
  second.stack.table.replica = 1
  replicate(tables, {
    ...{ clock, random: random.of('replication') },
    heldUntil: () => absolute(heldUntilMs(lost, elapsed())),
  })
  const across = random.of('across')
  const handTo = (to: Region) => (body: string) => {
    const arrive = () => {
      const until = absolute(cutUntilMs(lost, elapsed()))
      // SNS tries for days.
      if (until !== undefined) clock.plan(until + across.between(100, 20_000), arrive)
      else to.stack.sqs.queues.get(queueName('alarms'))?.add(to.stack.sqs.message(body, {}, 0, {}))
    }
    clock.after(across.between(...ACROSS_MS), arrive)
  }
  home.stack.toOther = handTo(second)
  second.stack.toOther = handTo(home)
  regions.push(home, second)
  return regions
}

/** Nothing is in its queues, and nothing is due. */
function hasNothing({ queue, ticker }: Region): boolean {
  return ticker.isAtRest && QUEUES.every((name) => queue(name).messages.size === 0)
}

/** Which region a host is in. */
export function indexAt(hostname: string): number {
  return Math.max(
    0,
    REGIONS.findIndex((name) => hostname.includes(`.${name}.`)),
  )
}
