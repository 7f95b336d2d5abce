import type { Random } from './random.ts'
import type { Spell } from './spells.ts'
import { alarm, plainConfig, spell } from './themes.ts'
import type { Input, Lost, World } from './world.ts'

/*
 * Worlds with the same stack in two regions: one is lost in the middle of a storm, and comes back; or a person changes which
 * one sends.
 */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Story = (stormMs: number, random: Random) => NonNullable<World['regions']>

/** Some of the worlds in which people do nothing and rules stay. */
export function inTwoRegions(world: World, random: Random): World {
  if (world.reactions || world.silences || world.reconciles || world.others || !random.chance(1 / 14)) return world
  const { seed, startAt } = world
  const stormMs = random.between(4, 12) * MINUTE_MS
  const inputs = stormOf(Math.round(stormMs), random.of('storm'))
  const regions = random.pick(STORIES)(stormMs, random.of('story'))
  const plain = { seed, startAt, config: plainConfig(random), inputs, regions }
  return { ...plain, spells: troubleOf(random.of('trouble')), pushes: [], redrives: [], deploys: [], most: {} }
}

const aSeverity = (random: Random) => random.pick(['critical', 'warning', 'warning', 'info'] as const)

/** Some alarms within a few minutes; most end while it is over, or much later. */
function stormOf(atMs: number, random: Random): Input[] {
  const storm = Array.from({ length: random.pick([1, 2, 4, 8]) }, (_, number) => {
    const again: [Input['status'], number][] = random.chance(0.3)
      ? [
          ['firing', random.between(10_000, 5 * MINUTE_MS)],
          ['resolved', random.between(1, 30) * MINUTE_MS],
        ]
      : []
    const end: [Input['status'], number][] = random.chance(0.8)
      ? [['resolved', random.pick([random.between(5_000, MINUTE_MS), random.between(1, 90) * MINUTE_MS])], ...again]
      : []
    const life = alarm(number, aSeverity(random), [
      ['firing', atMs + random.between(-2 * MINUTE_MS, 2 * MINUTE_MS)],
      ...end,
    ])
    return random.chance(0.5) ? life : life.map((one) => ({ ...one, isInSecond: true as const }))
  })
  return [...storm.flat(), ...textOf(atMs, random)]
}

/** An event without a state. */
function textOf(stormMs: number, random: Random): Input[] {
  if (!random.chance(0.3)) return []
  const atMs = Math.round(stormMs + random.between(0, 2 * MINUTE_MS))
  return [
    {
      ...{ atMs, changedAtMs: atMs, alert: 'alert-90', status: 'firing', severity: 'info', form: 'text' },
      ...{ mark: 'mark-90-0', ...(random.chance(0.5) && { isInSecond: true as const }) },
    },
  ]
}

/** Around the storm, at its height, or with its first message. */
const during = (stormMs: number, random: Random) => Math.round(stormMs + random.between(-2, 2.5) * MINUTE_MS)

const lostFor = (lost: Omit<Lost, 'untilMs'>, lastsMs: number): Lost => ({
  ...lost,
  fromMs: Math.max(3 * MINUTE_MS, lost.fromMs),
  untilMs: Math.max(3 * MINUTE_MS, lost.fromMs) + Math.round(lastsMs),
})

const aLoss = (random: Random) => random.pick(['all', 'all', 'functions', 'table', 'clock'] as const)
const awhile = (random: Random) => random.pick([random.between(10, 40), random.between(60, 150)]) * MINUTE_MS

const homeIsLost: Story = (stormMs, random) => ({
  lost: [lostFor({ region: 0, how: aLoss(random), fromMs: during(stormMs, random) }, awhile(random))],
  switches: [],
})

/** Too short for anybody to take over, or just as long as that takes. */
const homeStumbles: Story = (stormMs, random) => ({
  lost: [
    lostFor({ region: 0, how: aLoss(random), fromMs: during(stormMs, random) }, random.between(0.2, 6) * MINUTE_MS),
  ],
  switches: [],
})

const secondIsLost: Story = (stormMs, random) => ({
  lost: [lostFor({ region: 1, how: aLoss(random), fromMs: during(stormMs, random) }, awhile(random))],
  switches: [],
})

/** The home comes back; later the one that took over is lost. */
const oneAfterTheOther: Story = (stormMs, random) => {
  const first = lostFor(
    { region: 0, how: aLoss(random), fromMs: during(stormMs, random) },
    random.between(8, 15) * MINUTE_MS,
  )
  const fromMs = first.untilMs + Math.round(random.between(5, 20) * MINUTE_MS)
  return { lost: [first, lostFor({ region: 1, how: aLoss(random), fromMs }, awhile(random))], switches: [] }
}

/** By hand, there and back, in the middle of the storm. */
const switched: Story = (stormMs, random) => {
  const there = Math.max(3 * MINUTE_MS, during(stormMs, random))
  const back = there + Math.round(random.between(4, 40) * MINUTE_MS)
  const all = [
    { atMs: there, to: 1 as const },
    { atMs: back, to: 0 as const },
  ]
  return { lost: [], switches: random.chance(0.6) ? all : all.slice(0, 1) }
}

/** It is lost, and a person has it send again once it is back. */
const lostAndBack: Story = (stormMs, random) => {
  const lost = lostFor(
    { region: 0, how: aLoss(random), fromMs: during(stormMs, random) },
    random.between(10, 30) * MINUTE_MS,
  )
  return { lost: [lost], switches: [{ atMs: lost.untilMs + Math.round(random.between(6, 20) * MINUTE_MS), to: 0 }] }
}

/** Each is well, and nothing gets from one to the other. */
const apart: Story = (stormMs, random) => ({
  lost: [lostFor({ region: 0, how: 'apart', fromMs: during(stormMs, random) }, random.between(1, 40) * MINUTE_MS)],
  switches: [],
})

/** The replicas are far behind each other. */
const behind: Story = (stormMs, random) => ({
  lost: [
    lostFor({ region: 0, how: 'replication', fromMs: during(stormMs, random) }, random.between(1, 60) * MINUTE_MS),
  ],
  switches: [],
})

const quiet: Story = () => ({ lost: [], switches: [] })

const STORIES: Story[] = [
  ...[homeIsLost, homeIsLost, homeIsLost, homeStumbles, homeStumbles, secondIsLost, oneAfterTheOther],
  ...[switched, lostAndBack, apart, behind, quiet],
]

/** Half of them have nothing else. */
function troubleOf(random: Random): Spell[] {
  if (random.chance(0.5)) return []
  return [
    random.pick([
      () => spell('sqs', random.pick(['again', 'shuffled'] as const), 0, 3 * HOUR_MS, random.pick([0.1, 0.5])),
      () => spell('sns', 'again', 0, 3 * HOUR_MS, random.pick([0.1, 0.5])),
      () => spell('dynamodb', random.pick(['partial', 'slow'] as const), 0, 3 * HOUR_MS, 0.3),
    ])(),
  ]
}
