import { getHeapStatistics } from 'node:v8'
import type { Config } from '../../schemas/config.ts'
import type { World } from './world.ts'

/** The kind of a broken promise, without the alert, the time and the number. */
export function kindOf(broken: string): string {
  return broken.replace(/\b(alert-\d+|mark-\d+-\d+)|[\d:.]+/g, '…')
}

/**
 * The smallest world that breaks the same promise, found by removing one thing after another. `breaks`: what a world
 * breaks; it runs at most `most` times, and stops when memory runs short.
 */
export async function shrink(
  world: World,
  kind: string,
  breaks: (world: World) => Promise<string[]>,
  most = 400,
): Promise<World> {
  let smallest = world
  let left = most
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const candidate of smallerThan(smallest)) {
      if (left-- <= 0 || isMemoryShort()) return smallest
      const broken = await breaks(candidate)
      if (!broken.some((one) => kindOf(one) === kind)) continue
      smallest = candidate
      isSmaller = true
      break
    }
  }
  return smallest
}

/** The packages leak a little of each world, and more of a large one. */
function isMemoryShort(): boolean {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return used_heap_size > heap_size_limit / 2
}

/** Slightly smaller worlds, the largest reduction first. */
function* smallerThan(world: World): Generator<World> {
  const alerts = [...new Set(world.inputs.map(({ alert }) => alert))]
  if (alerts.length > 1) {
    for (const alert of alerts) yield { ...world, inputs: world.inputs.filter((input) => input.alert !== alert) }
  }
  for (const part of ['spells', 'pushes', 'redrives', 'deploys'] as const) {
    if (world[part].length > 1) yield { ...world, [part]: [] }
    for (const rest of without<unknown>(world[part])) yield { ...world, [part]: rest }
  }
  if (world.inputs.length > 1) for (const inputs of without(world.inputs)) yield { ...world, inputs }
  if (world.reactions) for (const reactions of without(world.reactions)) yield { ...world, reactions }
  if (world.silences) for (const silences of without(world.silences)) yield { ...world, silences }
  for (const config of simpler(world.config)) yield { ...world, config }
  for (const [index, push] of world.pushes.entries()) {
    for (const config of simpler(push.config)) yield { ...world, pushes: world.pushes.with(index, { ...push, config }) }
  }
  if (Object.keys(world.most).length > 0) yield { ...world, most: {} }
  for (const [index, spell] of world.spells.entries()) {
    const lastsMs = spell.untilMs - spell.fromMs
    const replaced = (by: Partial<typeof spell>) => ({
      ...world,
      spells: world.spells.with(index, { ...spell, ...by }),
    })
    if (lastsMs > 2_000) {
      yield replaced({ untilMs: spell.fromMs + Math.round(lastsMs / 2) })
      yield replaced({ fromMs: spell.fromMs + Math.round(lastsMs / 2) })
    }
    if (spell.rate < 1) yield replaced({ rate: 1 })
  }
}

function* without<T>(all: T[]): Generator<T[]> {
  for (let index = all.length - 1; index >= 0; index--) yield all.toSpliced(index, 1)
}

const OPTIONS = ['fallback', 'patience', 'perMinute', 'groupBy', 'active', 'mute', 'hold', 'remind', 'escalate']

/** Without one of its parts, or an option of a channel or a severity; without a channel. */
function* simpler(config: Config): Generator<Config> {
  for (const option of ['nonProduction', 'maintenance', 'hold', 'remind', 'escalate'] as const) {
    if (config[option] !== undefined) yield { ...config, [option]: undefined }
  }
  for (const part of ['channels', 'severities'] as const) {
    for (const [name, of] of Object.entries(config[part])) {
      for (const option of OPTIONS) {
        if (!Object.hasOwn(of, option)) continue
        const { [option]: _, ...rest } = of as Record<string, unknown>
        yield { ...config, [part]: { ...config[part], [name]: rest } } as Config
      }
    }
  }
  for (const [name, { channels, ...rest }] of Object.entries(config.severities)) {
    if (channels.length < 2) continue
    for (const fewer of without(channels))
      yield { ...config, severities: { ...config.severities, [name]: { ...rest, channels: fewer } } }
  }
}
