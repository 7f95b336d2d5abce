import type { Random } from './random.ts'
import type { Spell } from './spells.ts'
import { plainConfig } from './themes.ts'
import type { Input, World } from './world.ts'

/*
 * Worlds in which CloudWatch's messages do not arrive, or an hour late: its topic's policy was broken, its key disabled.
 */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Some worlds are about messages that get lost. */
export function withLosses(world: World, random: Random): World {
  if (!random.chance(0.1)) return world
  const lives = Array.from({ length: 1 + random.int(3) }, (_, number) => lifeOf(number, random))
  const inputs = lives.flatMap((life, number) => withSequels(life, random.of(`sequels ${number}`)))
  const lastMs = Math.max(...inputs.map(({ atMs }) => atMs))
  return {
    ...{ ...world, inputs, pushes: [], redrives: [], deploys: [], most: {}, reconciles: true },
    config: random.chance(0.5) ? plainConfig(random) : world.config,
    spells: random.chance(0.5) ? [] : spellsOf(lastMs, random),
  }
}

/** An alarm fires and ends in turn, as CloudWatch's do: each change is sent once. */
function lifeOf(number: number, random: Random): Input[] {
  const severity = random.pick(['critical', 'critical', 'warning', 'info'] as const)
  let changedAtMs = 5 * MINUTE_MS + random.int(10 * MINUTE_MS)
  const changes = Array.from({ length: 1 + random.int(5) }, (_, index): Input => {
    if (index > 0) changedAtMs += Math.round(random.between(0.5, 1.5) * random.pick(PAUSES_MS))
    const status = index % 2 === 0 ? 'firing' : 'resolved'
    const mark = `mark-${number}-${index}`
    const late = random.chance(0.15) ? random.int(HOUR_MS) : random.int(1_500)
    return {
      ...{ atMs: changedAtMs + late, alert: `alert-${number}`, status, changedAtMs, severity, form: 'alarm', mark },
      ...(random.chance(0.5) && { isLost: true as const }),
    }
  })
  const last = changes.at(-1)
  if (last?.status === 'resolved' && random.chance(0.2)) Object.assign(last, { by: 'deletion' })
  return changes
}

/** Its data is lost now and then; at the end somebody mutes it, or creates it again. */
function withSequels(life: Input[], random: Random): Input[] {
  return life.map((input, index) => {
    const isLast = index === life.length - 1
    const sequel = input.by === 'deletion' ? 'created again' : isLast && random.chance(0.3) ? 'muted' : 'without data'
    return random.chance(0.3) ? { ...input, sequel } : input
  })
}

const PAUSES_MS = [20_000, 2 * MINUTE_MS, 6 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS]

const TROUBLES: Pick<Spell, 'on' | 'kind' | 'rate'>[] = [
  { on: 'reconcile', kind: 'dies', rate: 0.2 },
  { on: 'reconcile', kind: 'twice', rate: 1 },
  { on: 'reconcile', kind: 'dead', rate: 1 },
  { on: 'cloudwatch', kind: 'refused', rate: 0.3 },
  { on: 'cloudwatch', kind: 'throttled', rate: 0.3 },
  { on: 'cloudwatch', kind: 'hangs', rate: 0.1 },
  { on: 'dynamodb', kind: 'throttled', rate: 0.1 },
  { on: 'dynamodb', kind: 'stale', rate: 1 },
  { on: 'dynamodb', kind: 'partial', rate: 0.3 },
  { on: 'sqs', kind: 'again', rate: 0.5 },
  { on: 'sqs', kind: 'partial', rate: 0.3 },
  { on: 'sqs', kind: 'shuffled', rate: 0.5 },
  { on: 'route', kind: 'dies', rate: 0.1 },
  { on: 'vendors', kind: 'slow', rate: 1 },
]

function spellsOf(lastMs: number, random: Random): Spell[] {
  return Array.from({ length: 1 + random.int(2) }, () => {
    const fromMs = random.int(lastMs)
    return {
      ...random.pick(TROUBLES),
      fromMs,
      untilMs: fromMs + random.pick([10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS]),
    }
  })
}
