import { type Config, SEVERITIES } from '../../schemas/config.ts'
import type { Random } from './random.ts'
import type { Spell } from './spells.ts'
import { plainConfig } from './themes.ts'
import type { Input, Reaction, World } from './world.ts'

/*
 * Worlds in which much happens while an alert fires: it is held, reminded of and escalated, and people acknowledge it.
 */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Plan = Pick<Config, 'hold' | 'remind' | 'escalate' | 'flapping'>

/** Every fourth world has rules about that, and people; half of these are about nothing else. */
export function whileItFires(world: World, random: Random): World {
  // Where messages get lost, nobody can say since when it fires.
  if (!random.chance(0.25) || world.reconciles) return world
  const base = random.chance(0.5) ? steady(world, random) : world
  const plans = Object.fromEntries(SEVERITIES.map((severity) => [severity, planOf(random)]))
  const ofFile = random.chance(0.2) ? planOf(random) : {}
  const planned = (config: Config) => withPlans(config, plans, ofFile)
  const lastMs = Math.max(...base.inputs.map(({ atMs }) => atMs))
  const whole = {
    ...base,
    config: planned(base.config),
    // Some edits of the rules end all of it.
    pushes: base.pushes.map((push) => (random.chance(0.3) ? push : { ...push, config: planned(push.config) })),
    // Reminders for a week would take long.
    redrives: base.redrives.filter(({ atMs }) => atMs < lastMs + 3 * HOUR_MS),
    reactions: reactionsTo(base.inputs, random),
  }
  return base !== world && random.chance(0.25) ? flapping(whole, random) : whole
}

/** Alarms that begin to fire and end again and again. */
function flapping(world: World, random: Random): World {
  const inputs = Array.from({ length: 1 + random.int(2) }, (_, number) => flappyLife(number, random)).flat()
  const rule = {
    changes: 3 + random.int(3),
    within: random.pick(['10m', '30m']),
    calmAfter: random.pick(['5m', '15m']),
  }
  const ofSeverity = SEVERITIES.map((name) => {
    const { hold, ...severity } = world.config.severities[name]
    return [name, { ...severity, ...(hold !== undefined && random.chance(0.3) && { hold }), flapping: rule }]
  })
  const severities = Object.fromEntries(ofSeverity) as Config['severities']
  const { hold: _hold, ...config } = world.config
  return { ...world, inputs, reactions: [], config: { ...config, severities } }
}

function flappyLife(number: number, random: Random): Input[] {
  const severity = random.pick(SEVERITIES)
  let changedAtMs = MINUTE_MS + random.int(10 * MINUTE_MS)
  return Array.from({ length: 4 + random.int(12) }, (_, index): Input => {
    if (index > 0) changedAtMs += Math.round(random.between(0.2, 1) * random.pick(SHORT_PAUSES_MS))
    const status = index % 2 === 0 ? 'firing' : 'resolved'
    const mark = `mark-${number}-${index}`
    return { atMs: changedAtMs + 500, alert: `alert-${number}`, status, changedAtMs, severity, form: 'alarm', mark }
  })
}

const SHORT_PAUSES_MS = [MINUTE_MS, 3 * MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS]

function planOf(random: Random): Plan & { to?: number[] } {
  const steps = random.chance(0.6) ? 1 + random.int(2) : 0
  const first = random.pick([5, 15, 40])
  const minutes = [first, first + random.pick([5, 20, 45])].slice(0, steps)
  return {
    ...(random.chance(0.4) && { hold: random.pick(['1m', '3m', '5m', '10m']) }),
    ...(random.chance(0.5) && { remind: random.pick(REMINDERS) }),
    ...(steps > 0 && {
      escalate: minutes.map((after) => ({ after: `${after}m`, to: [] })),
      to: minutes.map(() => random.int(10)),
    }),
  }
}

const REMINDERS: (string | string[])[] = ['15m', '20m', '1h', ['5m', '30m'], ['10m', '20m', '1h']]

/** Channels have other names after an edit: a plan has their numbers. */
function withPlans(config: Config, plans: Record<string, ReturnType<typeof planOf>>, ofFile: Plan): Config {
  const names = Object.keys(config.channels)
  const here = ({ to = [], escalate, ...plan }: ReturnType<typeof planOf>) => ({
    ...plan,
    ...(Array.isArray(escalate) && {
      escalate: escalate.map(({ after }, index) => ({ after, to: [names[(to[index] ?? 0) % names.length] as string] })),
    }),
  })
  const severities = SEVERITIES.map((name) => [name, { ...config.severities[name], ...here(plans[name] ?? {}) }])
  return { ...config, ...here(ofFile), severities: Object.fromEntries(severities) as Config['severities'] }
}

/** Alarms that fire for long or briefly, one after the other; little fails, if anything. */
function steady(world: World, random: Random): World {
  const inputs = Array.from({ length: random.pick([1, 1, 2, 5]) }, (_, number) => lifeOf(number, random)).flat()
  const lastMs = Math.max(...inputs.map(({ atMs }) => atMs))
  const config = plainConfig(random)
  const { chat, mail } = config.channels
  return {
    ...{ ...world, startAt: '2026-03-05T10:00:00.000Z', inputs, pushes: [], redrives: [], deploys: [], most: {} },
    config: {
      ...config,
      channels: {
        ...config.channels,
        ...(chat && random.chance(0.3) && { chat: { ...chat, fallback: 'mail', patience: '5m' } }),
        ...(mail && random.chance(0.15) && { mail: { ...mail, mute: ['night'] } }),
      },
    },
    spells: random.chance(0.5) ? [] : spellsOf(lastMs, random),
  }
}

function lifeOf(number: number, random: Random): Input[] {
  const form = random.pick(['alarm', 'alarm', 'event'] as const)
  let severity = random.pick(SEVERITIES)
  let changedAtMs = MINUTE_MS + random.int(10 * MINUTE_MS)
  const episodes = 1 + random.int(3)
  const statuses = Array.from({ length: episodes }, () => statusesOf(random)).flat()
  return statuses.slice(0, random.chance(0.5) ? undefined : -1).map((status, index): Input => {
    if (index > 0) changedAtMs += Math.round(random.between(0.3, 1) * random.pick(PAUSES_MS))
    if (random.chance(0.15)) severity = random.pick(SEVERITIES)
    const mark = `mark-${number}-${index}`
    return { atMs: changedAtMs + 500, alert: `alert-${number}`, status, changedAtMs, severity, form, mark }
  })
}

const statusesOf = (random: Random): Input['status'][] =>
  random.pick([['firing', 'resolved'], ['firing', 'resolved'], ['firing', 'firing', 'resolved'], LOST])
const LOST: Input['status'][] = ['firing', 'insufficient-data', 'resolved']
const PAUSES_MS = [20_000, 3 * MINUTE_MS, 12 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS]

const TROUBLES: Pick<Spell, 'on' | 'kind' | 'rate'>[] = [
  ...(['refused', 'throttled', 'slow', 'lost', 'hangs'] as const).map((kind) => ({ on: 'vendors', kind, rate: 1 })),
  ...(['refused', 'bad', 'lost-500'] as const).map((kind) => ({ on: 'slack', kind, rate: 0.5 })),
  { on: 'sqs', kind: 'again', rate: 0.5 },
  { on: 'sqs', kind: 'shuffled', rate: 0.5 },
  { on: 'sns', kind: 'again', rate: 0.5 },
  { on: 'sns', kind: 'delayed', rate: 0.5 },
  { on: 'dynamodb', kind: 'stale', rate: 1 },
  { on: 'dynamodb', kind: 'slow', rate: 1 },
  { on: 'dynamodb', kind: 'throttled', rate: 0.3 },
  { on: 'tick', kind: 'dead', rate: 1 },
  { on: 'tick', kind: 'twice', rate: 1 },
  { on: 'tick', kind: 'dies', rate: 0.3 },
  { on: 'deliver-slack', kind: 'dies', rate: 0.2 },
  { on: 'route', kind: 'dies', rate: 0.2 },
]

function spellsOf(lastMs: number, random: Random): Spell[] {
  return Array.from({ length: 1 + random.int(2) }, () => {
    const fromMs = random.int(lastMs)
    return {
      ...random.pick(TROUBLES),
      ...{ fromMs, untilMs: fromMs + random.pick([MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS]) },
    }
  })
}

/** People acknowledge: soon or late, twice, for an hour; as it ends, or after that; and take it back. */
function reactionsTo(inputs: Input[], random: Random): Reaction[] {
  const firing = inputs.filter(({ status, form }) => status === 'firing' && form !== 'text')
  return firing
    .flatMap((input, index): Reaction[] => {
      if (!random.chance(0.5)) return []
      const { alert, form } = input
      const next = inputs.find((other) => other.alert === alert && other.atMs > input.atMs)
      const isRace = next !== undefined && random.chance(0.15)
      const afterMs = random.pick([MINUTE_MS, 10 * MINUTE_MS, HOUR_MS]) * random.between(0.1, 1.5)
      const atMs = Math.round(isRace ? next.atMs + random.between(-3_000, 3_000) : input.atMs + afterMs)
      const lateMs = random.chance(0.15) ? random.int(10 * MINUTE_MS) : 0
      const lastsMs = random.pick([7, 30, 90]) * MINUTE_MS
      const one: Reaction = {
        ...{ atMs, saidAtMs: Math.max(0, atMs - lateMs), alert, form, by: `ann-${index}` },
        ...(random.chance(0.3) && { untilMs: atMs + lastsMs }),
      }
      const later = (more: Partial<Reaction>): Reaction => {
        const laterMs = atMs + random.pick([500, MINUTE_MS, 20 * MINUTE_MS])
        return { ...one, atMs: laterMs, saidAtMs: laterMs, ...more }
      }
      return random.pick<() => Reaction[]>([
        () => [one],
        () => [one],
        () => [one, later({})],
        () => [one, later({ by: `bob-${index}` })],
        () => [one, later({ isTakenBack: true })],
      ])()
    })
    .sort((a, b) => a.atMs - b.atMs)
}
