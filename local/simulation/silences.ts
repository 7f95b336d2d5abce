import type { Random } from './random.ts'
import type { Input, SilenceInWorld, World } from './world.ts'

/*
 * Worlds in which people silence alerts, extend that, and end it early.
 */

const MINUTE_MS = 60_000
/** Of orders about one silence: whichever comes first must have been handled before the next. */
const APART_MS = 3 * MINUTE_MS

/** Every eighth world without other people has some; half of these have nothing that fails. */
export function silenced(world: World, random: Random): World {
  const named = world.inputs.filter(({ form }) => form !== 'text')
  if (world.reactions || world.reconciles || named.length === 0 || !random.chance(0.125)) return world
  const isCalm = random.chance(0.5)
  const calm = isCalm ? { spells: [], pushes: [], redrives: [], deploys: [] } : {}
  const silences = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, number) => silenceOf(number, named, random))
  return { ...world, ...calm, silences }
}

function silenceOf(number: number, inputs: Input[], random: Random): SilenceInWorld {
  const input = random.pick(inputs)
  const atMs = Math.max(MINUTE_MS, Math.round(input.atMs + random.between(-20, 10) * MINUTE_MS))
  const untilMs = atMs + random.pick([5, 20, 60, 180]) * MINUTE_MS
  const changes: SilenceInWorld['changes'] = []
  const mayChange = () => endOf({ untilMs, changes }) - (changes.at(-1)?.atMs ?? atMs) > 2 * APART_MS
  const soon = () =>
    Math.round(random.between((changes.at(-1)?.atMs ?? atMs) + APART_MS, endOf({ untilMs, changes }) - APART_MS))
  if (mayChange() && random.chance(0.4)) {
    changes.push({ atMs: soon(), untilMs: untilMs + random.pick([10, 45, 240]) * MINUTE_MS })
  }
  if (mayChange() && random.chance(0.4)) {
    const end = soon()
    changes.push({ atMs: end, untilMs: end })
  }
  const isCritical = input.severity === 'critical' && random.chance(0.5)
  return {
    ...{ id: `silence-${number}`, alert: input.alert, by: `ann-${number}`, atMs, untilMs, changes },
    ...(isCritical && { isCritical: true as const }),
  }
}

/** When it ends, if each of its orders is handled in its time. */
export function endOf({ untilMs, changes }: Pick<SilenceInWorld, 'untilMs' | 'changes'>): number {
  return changes.at(-1)?.untilMs ?? untilMs
}
