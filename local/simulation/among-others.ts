import type { Config } from '../../schemas/config.ts'
import type { Random } from './random.ts'
import { alarm, plainConfig, spell } from './themes.ts'
import type { Input, World } from './world.ts'

/*
 * Worlds in which alerts say something to each other: one explains others, or several make them worth a message.
 */

const MINUTE_MS = 60_000

type Story = (world: World, random: Random) => World

/** One in sixteen worlds in which people do nothing; half of these have nothing that fails. */
export function amongOthers(world: World, random: Random): World {
  if (world.reactions || world.silences || world.reconciles || !random.chance(1 / 16)) return world
  const plain = { ...world, config: plainConfig(random), pushes: [], redrives: [], deploys: [], most: {}, spells: [] }
  const told = random.pick([explained, explained, inARow, eachOther, counted, counted])(plain, random)
  return random.chance(0.5) ? told : { ...told, spells: [failure(random)] }
}

function failure(random: Random): World['spells'][number] {
  const atMs = random.between(MINUTE_MS, 40 * MINUTE_MS)
  return random.pick([
    () => spell('dynamodb', random.pick(['partial', 'slow']), 0, 3 * 60 * MINUTE_MS),
    () => spell('dynamodb', random.pick(['refused', 'reset', 'hangs']), atMs, random.between(10_000, 90_000)),
    () => spell('sns', random.pick(['again', 'shuffled', 'refused']), atMs, random.between(10_000, 90_000)),
    () => spell('sqs', random.pick(['again', 'shuffled', 'partial']), 0, 3 * 60 * MINUTE_MS),
  ])()
}

const aSeverity = (random: Random) => random.pick(['critical', 'warning', 'info'] as const)

/** It fires, and ends; and perhaps both again, soon. */
function source(number: number, random: Random): Input[] {
  const again: [Input['status'], number][] = random.chance(0.3)
    ? [
        ['firing', random.between(2_000, 5 * MINUTE_MS)],
        ['resolved', random.between(1, 20) * MINUTE_MS],
      ]
    : []
  return alarm(number, aSeverity(random), [
    ['firing', random.between(4, 8) * MINUTE_MS],
    ['resolved', random.between(1, 60) * MINUTE_MS],
    ...again,
  ])
}

/** It fires before the source, with it or after it, and may go on. */
function target(number: number, random: Random): Input[] {
  const end: [Input['status'], number][] = random.chance(0.6) ? [['resolved', random.between(1, 90) * MINUTE_MS]] : []
  return alarm(number, aSeverity(random), [['firing', random.between(1, 30) * MINUTE_MS], ...end])
}

const named = (...numbers: number[]) => ({ title: numbers.map((number) => `alert-${number}*`) })
const mutesBy = (name: string, sources: number[], targets: number[], equal?: string[]) => ({
  ...{ name, when: named(...sources), mutes: named(...targets) },
  ...(equal && { equal }),
})

function muted(
  world: World,
  inputs: Input[],
  inhibit: NonNullable<Config['inhibit']>,
  mutes: [number, number][],
): World {
  const nameOf = (number: number) => `alert-${number}`
  return {
    ...world,
    inputs,
    config: { ...world.config, inhibit },
    others: { mutes: mutes.map(([one, other]) => [nameOf(one), nameOf(other)]) },
  }
}

const explained: Story = (world, random) => {
  const equal = random.chance(0.5) ? ['account', 'region'] : undefined
  const inputs = [...source(0, random), ...target(1, random), ...target(2, random)]
  return muted(
    world,
    inputs,
    [mutesBy('explained', [0], [1, 2], equal)],
    [
      [0, 1],
      [0, 2],
    ],
  )
}

/** What is muted mutes others. */
const inARow: Story = (world, random) => {
  const inputs = [...source(0, random), ...source(1, random), ...target(2, random)]
  return muted(
    world,
    inputs,
    [mutesBy('first', [0], [1]), mutesBy('second', [1], [2])],
    [
      [0, 1],
      [1, 2],
    ],
  )
}

const eachOther: Story = (world, random) => {
  const inputs = [...source(0, random), ...source(1, random)]
  const isAtOnce = random.chance(0.5)
  const [first] = inputs
  const together = inputs.map((one) =>
    isAtOnce && one.mark === 'mark-1-0' && first ? { ...one, atMs: first.atMs, changedAtMs: first.changedAtMs } : one,
  )
  return muted(
    world,
    together,
    [mutesBy('twins', [0, 1], [0, 1])],
    [
      [0, 1],
      [1, 0],
    ],
  )
}

/** Each ends one day: fewer than enough wait until then. */
const counted: Story = (world, random) => {
  const atLeast = random.pick([2, 2, 3])
  const withinMs = random.pick([5, 20]) * MINUTE_MS
  const inputs = Array.from({ length: 2 + random.int(3) }, (_, number) =>
    alarm(number, 'warning', [
      ['firing', random.between(1, 25) * MINUTE_MS],
      ['resolved', random.between(1, 60) * MINUTE_MS],
    ]),
  ).flat()
  const count = { atLeast, within: `${withinMs / MINUTE_MS}m`, by: ['account'] }
  const { severities } = world.config
  return {
    ...world,
    inputs,
    config: { ...world.config, severities: { ...severities, warning: { ...severities.warning, count } } },
    others: { mutes: [], counts: { atLeast, withinMs } },
  }
}
