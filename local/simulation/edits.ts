import type { ChannelConfig } from '../../schemas/channel.ts'
import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { ruleOf } from './generate-config.ts'
import type { Random } from './random.ts'
import type { Kind, Spell } from './spells.ts'
import type { Input, World } from './world.ts'

/*
 * Worlds in which people edit the rules during deliveries: two channels become one, names are added, removed and
 * restored, a channel sends elsewhere, a fallback is replaced. The alerts change around that time.
 */

const MINUTE_MS = 60_000

type Channels = Record<string, object>
type Edit = (random: Random) => Pick<World, 'config' | 'pushes'>

/** Some worlds are about an edit of the rules. */
export function edited(world: World, random: Random): World {
  if (!random.chance(0.15)) return world
  const { config, pushes } = random.pick(EDITS)(random)
  const lastMs = Math.max(...pushes.map(({ atMs }) => atMs))
  return {
    ...{ ...world, startAt: '2026-03-05T10:00:00.000Z', config, pushes, deploys: [] },
    inputs: random.chance(0.7) ? livesOf(lastMs, random) : stormOf(random),
    spells: spellsOf(config, lastMs, random),
    redrives: random.chance(0.3)
      ? [{ atMs: lastMs + random.int(60 * MINUTE_MS), how: random.pick(['command', 'console'] as const) }]
      : [],
    most: random.chance(0.5) ? { alarms: 3, pagerduty: 3, slack: 3 } : {},
  }
}

/** Two channels become one, with a new name or one of theirs; they had the same target, or different ones. */
const joined: Edit = (random) => {
  const kind = kindOf(random)
  const [a, b] = random.pick([
    ['x', 'x'],
    ['x', 'y'],
    ['y', 'x'],
  ])
  const name = random.pick(['both', 'both', 'day'])
  const formerly = name === 'day' ? ['night'] : ['day', 'night']
  return {
    config: rulesOf({ day: kind(a), night: kind(b) }, ['day', 'night'], random.pick([['day'], ['night'], undefined])),
    pushes: [{ atMs: soon(random), config: rulesOf({ [name]: kind(a, { formerly }) }, [name]) }],
  }
}

/** A channel is renamed; sometimes it later gets its old name back. */
const renamed: Edit = (random) => {
  const kind = kindOf(random)
  const atMs = soon(random)
  const backMs = atMs + random.pick([1, 5, 12, 30]) * MINUTE_MS
  const is = (name: string, formerly?: string[]) => rulesOf({ [name]: kind('x', { formerly }) }, [name])
  const pushes = [{ atMs, config: is('b', ['a']) }]
  return {
    config: is('a'),
    pushes: random.chance(0.5) ? pushes : [...pushes, { atMs: backMs, config: is('a', ['b']) }],
  }
}

/** A channel's fallback is renamed, replaced, added or removed; so is the channel. */
const standIns: Edit = (random) => {
  const patience = random.pick(['1m', '5m'])
  const pager = (fallback: string | undefined, more: object = {}) =>
    channel('pagerduty', 'a', { ...(fallback !== undefined && { fallback, patience }), ...more })
  const chats = { b: channel('slack', 'b'), c: channel('slack', 'c') }
  const after = random.pick<[Channels, string]>([
    [{ a: pager('c'), ...chats }, 'a'],
    [{ a: pager('bb'), bb: channel('slack', 'b', { formerly: ['b'] }), c: chats.c }, 'a'],
    [{ aa: pager('b', { formerly: ['a'] }), ...chats }, 'aa'],
    [{ aa: pager('bb', { formerly: ['a'] }), bb: channel('slack', 'b', { formerly: ['b'] }), c: chats.c }, 'aa'],
    [{ a: pager(undefined), ...chats }, 'a'],
    [{ a: pager('b'), b: channel('slack', 'b', { formerly: ['c'] }) }, 'a'],
  ])
  return {
    config: rulesOf({ a: pager(random.pick(['b', 'b', undefined])), ...chats }, ['a']),
    pushes: [{ atMs: soon(random), config: rulesOf(after[0], [after[1]]) }],
  }
}

/** A channel becomes its own fallback; or two fallbacks become one. */
const standInsJoin: Edit = (random) => {
  const patience = random.pick(['1m', '5m'])
  const pager = (secret: string, fallback: string, more: object = {}) =>
    channel('pagerduty', secret, { fallback, patience, ...more })
  const [b, c] = [channel('slack', 'b'), channel('slack', 'c')]
  const one = channel('slack', 'b', { formerly: ['b', 'c'] })
  const both = { formerly: ['a', 'k'] }
  const [config, after] = random.pick([
    [rulesOf({ a: pager('a', 'b'), b }, ['a']), rulesOf({ b: channel('slack', 'b', { formerly: ['a'] }) }, ['b'])],
    ...[
      rulesOf({ a: pager('a', 'd'), k: pager('k', 'd'), d: one }, ['a', 'k'], ['a']),
      rulesOf({ ak: pager('a', 'd', both), d: one }, ['ak']),
      rulesOf({ ak: pager('a', 'b', both), b, c }, ['ak']),
    ].map((next) => [rulesOf({ a: pager('a', 'b'), k: pager('k', 'c'), b, c }, ['a', 'k'], ['a']), next] as const),
  ])
  return { config, pushes: [{ atMs: soon(random), config: after }] }
}

/** Three channels become one. */
const threeJoined: Edit = (random) => {
  const kind = kindOf(random)
  const [one, ...others] = ['a', 'b', 'c'] as const
  return {
    config: rulesOf(
      { a: kind('x'), b: kind('x'), c: kind(random.pick(['x', 'y'])) },
      [one, ...others],
      random.pick([[one], others]),
    ),
    pushes: [{ atMs: soon(random), config: rulesOf({ d: kind('x', { formerly: ['c', 'a', 'b'] }) }, ['d']) }],
  }
}

/** A channel is renamed repeatedly, or has another type for a while. */
const twice: Edit = (random) => {
  const kind = kindOf(random)
  const atMs = soon(random)
  const laterMs = atMs + random.pick([1, 3, 10]) * MINUTE_MS
  const is = (name: string, of: object) => rulesOf({ [name]: of }, [name])
  const [one, other] = random.pick([
    [channel('pagerduty', 'p'), channel('slack', 's')],
    [channel('slack', 's'), channel('pagerduty', 'p')],
  ])
  const [config, then, last] = random.pick([
    [is('a', kind('x')), is('b', kind('x', { formerly: ['a'] })), is('c', kind('x', { formerly: ['b', 'a'] }))],
    [is('a', one), is('a', other), is('a', one)],
  ])
  return {
    config,
    pushes: [
      { atMs, config: then },
      { atMs: laterMs, config: last },
    ],
  }
}

/** A channel with the same name sends elsewhere: to another target, or with another type. */
const elsewhere: Edit = (random) => {
  const groupBy = random.chance(0.5) ? { groupBy: ['kind'] } : {}
  const pagers = ['p', 'q'].map((secret) => channel('pagerduty', secret, groupBy))
  const kinds = [...pagers, channel('slack', 's'), channel('slack', 't')]
  const before = random.pick(kinds)
  const after = random.pick(kinds.filter((one) => one !== before))
  return {
    config: rulesOf({ a: before }, ['a']),
    pushes: [{ atMs: soon(random), config: rulesOf({ a: after }, ['a']) }],
  }
}

/** A channel is removed. */
const gone: Edit = (random) => {
  const kind = kindOf(random)
  const heir = random.pick([channel('slack', 'y'), channel('pagerduty', 'y')])
  return {
    config: rulesOf({ a: kind('x'), b: heir }, random.pick([['a'], ['a', 'b']])),
    pushes: [{ atMs: soon(random), config: rulesOf({ b: heir }, ['b']) }],
  }
}

const EDITS: Edit[] = [
  ...[joined, joined, threeJoined, renamed, renamed, twice, standIns, standIns, standInsJoin, elsewhere, gone],
]

const soon = (random: Random) => 2 * MINUTE_MS + random.int(10 * MINUTE_MS)

function channel(type: 'pagerduty' | 'slack', secret: string, more: object = {}): ChannelConfig {
  return { type, secret, ...(type === 'pagerduty' && { region: 'us' }), ...more } as ChannelConfig
}

/** Channels of one kind, by their secrets: Slack, PagerDuty, PagerDuty with shared incidents. */
function kindOf(random: Random): (secret: string, more?: object) => ChannelConfig {
  const type = random.pick(['pagerduty', 'slack'] as const)
  const groupBy = type === 'pagerduty' && random.chance(0.5) ? { groupBy: ['kind'] } : {}
  return (secret, more) => channel(type, secret, { ...groupBy, ...more })
}

function rulesOf(channels: Channels, critical: string[], warning = critical): Config {
  return {
    channels: { ...channels, mail: { type: 'email', addresses: ['mail@example.com'] } } as Config['channels'],
    severities: { critical: { channels: critical }, warning: { channels: warning }, info: { channels: ['mail'] } },
    rules: SEVERITIES.map(ruleOf),
    default: { severity: 'info' },
  }
}

/** One or two alarms that fire, lose their data, resolve and fire again until some time after the rules changed. */
function livesOf(editedMs: number, random: Random): Input[] {
  return Array.from({ length: random.pick([1, 1, 2]) }, (_, number) => {
    const changes = Array.from({ length: 2 + random.int(7) }, () => ({
      pauseMs: random.between(1_000, random.pick([5_000, MINUTE_MS, 5 * MINUTE_MS])),
      lateMs: random.chance(0.8) ? random.between(100, 1_500) : random.between(1_000, 5 * MINUTE_MS),
    }))
    const fromMs = random.chance(0.5) ? MINUTE_MS : Math.max(MINUTE_MS, editedMs - random.int(3 * MINUTE_MS))
    return alarm(number, fromMs, changes, random)
  }).flat()
}

/** Four alarms that change at the same times, some seconds apart. */
function stormOf(random: Random): Input[] {
  return Array.from({ length: 4 }, (_, number) => {
    const changes = Array.from({ length: 7 }, () => ({ pauseMs: 15_000 * (1 + random.int(6)), lateMs: 100 }))
    return alarm(number, MINUTE_MS, changes, random)
  }).flat()
}

function alarm(
  number: number,
  fromMs: number,
  changes: { pauseMs: number; lateMs: number }[],
  random: Random,
): Input[] {
  let changedAtMs = fromMs
  let status: Input['status'] = 'resolved'
  let severity: Input['severity'] = random.pick(['critical', 'critical', 'warning'])
  return changes.map(({ pauseMs, lateMs }, index) => {
    if (index > 0) changedAtMs += Math.round(pauseMs)
    const next = random.pick(['resolved', 'resolved', 'resolved', 'firing', 'insufficient-data'] as const)
    status = status === 'resolved' ? 'firing' : next
    if (random.chance(0.2)) severity = random.pick(['critical', 'warning'])
    const atMs = Math.round(changedAtMs + lateMs)
    const mark = `mark-${number}-${index}`
    return { atMs, alert: `alert-${number}`, status, changedAtMs, severity, form: 'alarm', mark }
  })
}

/** A target is down, or wake-ups are late or duplicated, or functions are slow. */
function spellsOf({ channels }: Config, editedMs: number, random: Random): Spell[] {
  const places = Object.values(channels).flatMap((one) => ('secret' in one ? `${one.type}:${one.secret}` : []))
  const troubles: [string, Kind[], number[]][] = [
    [
      random.pick([...places, 'pagerduty', 'slack']),
      ['refused', 'reset', 'bad', 'throttled', 'slow', 'lost'],
      [0.5, 1],
    ],
    [random.pick([...places, 'pagerduty', 'slack']), ['refused', 'reset', 'bad'], [1]],
    [random.pick(['sns', 'sns:pagerduty', 'sns:slack']), ['again', 'delayed', 'never'], [0.3, 0.5]],
    [random.pick(['dynamodb', 'sqs']), ['slow', 'refused', 'lost'], [0.2, 0.3]],
    [random.pick(['route', 'deliver-slack', 'deliver-pagerduty']), ['dies'], [0.1]],
  ]
  return Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => {
    const [on, kinds, rates] = random.pick(troubles)
    const fromMs = Math.max(0, editedMs + Math.round(random.between(-5 * MINUTE_MS, 5 * MINUTE_MS)))
    const lastsMs = random.pick([10_000, MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS])
    return { fromMs, untilMs: fromMs + lastsMs, on, kind: random.pick(kinds), rate: random.pick(rates) }
  })
}
