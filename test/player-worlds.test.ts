import { expect, test } from 'vitest'
import { worldOf } from '../local/simulation/generate.ts'
import { messageOf, orderOf, reactionOf, silenceOrdersOf } from '../local/simulation/inputs.ts'
import { judge } from '../local/simulation/judge.ts'
import { isAbout } from '../local/simulation/knowledge.ts'
import { allowedFrom, readerOf } from '../local/simulation/reference.ts'
import type { Incident, Taken } from '../local/simulation/taken.ts'
import type { Run, World } from '../local/simulation/world.ts'
import type { ChannelConfig } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'
import type { NewSilence } from '../schemas/silence.ts'
import { render as email } from '../shared/channels/email/render.ts'
import { render as pagerduty } from '../shared/channels/pagerduty/render.ts'
import { render as slack } from '../shared/channels/slack/render.ts'
import { add, expire, extend } from '../shared/decide/silencing.ts'
import { parsePublished } from '../shared/parse/published.ts'
import { type Played, play } from '../shared/player/player.ts'
import type { Sent, Step } from '../shared/player/step.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'

/*
 * The player in the worlds of the simulation in which nothing fails: what it sends is judged by the simulation's
 * reference, which shares no code with the rules.
 */

const DAY_MS = 86_400_000
const SEEDS = Array.from({ length: Math.ceil(FUZZ_RUNS / 3) }, (_, seed) => seed)

/** A world of this seed in which nothing fails. The player sends each alert on its own, by rules that never change. */
function calm(seed: number): World {
  const { reconciles: _, regions: _regions, ...world } = worldOf(seed)
  const inputs = world.inputs.flatMap(({ isLost, ...input }) => (isLost ? [] : input))
  // Orders that are late, or take something back, have no step.
  const reactions = world.reactions?.flatMap((one) => (one.isTakenBack ? [] : { ...one, saidAtMs: one.atMs }))
  return {
    ...{ ...world, inputs, config: alone(world.config), ...(reactions && { reactions }) },
    ...{ spells: [], pushes: [], redrives: [], deploys: [], most: {} },
  }
}

function alone(config: Config): Config {
  const { channels, ...rest } = JSON.parse(
    JSON.stringify(config, (key, value) => (key === 'groupBy' || key === 'perMinute' ? undefined : value)),
  ) as Config
  return { ...rest, channels: Object.fromEntries(Object.entries(channels).map(([name, one]) => [name, plain(one)])) }
}

/** By a webhook and by SNS: whom a play notifies, and when, is the same. */
function plain(channel: ChannelConfig): ChannelConfig {
  if (channel.type === 'slack-app') {
    const { channel: _, ...webhook } = channel
    return { ...webhook, type: 'slack' }
  }
  if (channel.type !== 'email') return channel
  const { via: _via, from: _from, ...email } = channel
  return email
}

function stepsOf({ inputs, reactions = [], silences = [], startAt }: World): Step[] {
  const startedAt = Date.parse(startAt)
  const said = reactions.map((one): Step => {
    const { acknowledge: alert, by, until } = JSON.parse(reactionOf(one, startedAt)) as Record<string, string>
    return { kind: 'acknowledge', at: startedAt + one.atMs, alert: alert ?? '', by: by ?? '', ...(until && { until }) }
  })
  const orders = silences.flatMap((one) => silenceOrdersOf(one, startedAt))
  const silenced = orders.map(
    ({ atMs, body }): Step => ({ kind: 'silence', at: startedAt + atMs, does: silencing(JSON.parse(body)) }),
  )
  const changes = inputs.flatMap((input): Step[] => {
    const at = startedAt + input.atMs
    if (input.by === 'hand') {
      const { resolve, by } = JSON.parse(orderOf(input)) as { resolve: string; by: string }
      return [{ kind: 'resolve', at, alert: resolve, by }]
    }
    const alerts = parsePublished(messageOf(input, startedAt), { now: new Date(at), received: new Date(at) })
    return alerts.map((alert) => ({ kind: 'change', at, alert }))
  })
  return [...silenced, ...changes, ...said]
}

type Silencing = Extract<Step, { kind: 'silence' }>['does']
type Ordered = { silence?: NewSilence; expireSilence?: string; extendSilence?: string; until: string; at: string }

function silencing({ silence, expireSilence, extendSilence = '', until, at }: Ordered): Silencing {
  const said = { by: 'ann', via: 'cli', at } as const
  return (silences, now) => {
    if (silence) return add(silences, silence, now)
    if (expireSilence !== undefined) return expire(silences, expireSilence, said, now)
    return extend(silences, extendSilence, { ...said, until }, now)
  }
}

function played(world: World, steps = stepsOf(world), more: { tickEveryMs?: number } = {}): Played {
  const startsAt = Date.parse(world.startAt)
  const last = Math.max(...[...world.inputs, ...(world.reactions ?? [])].map(({ atMs }) => atMs))
  const days = world.reactions ? 1 : 5
  return play(steps, { config: world.config, startsAt, ...more }, startsAt + last + days * DAY_MS)
}

/** What a vendor would have got. */
function takenOf({ at, channel, notification }: Sent, config: Config): Taken {
  const [type = '', target = ''] = readerOf(channel, config).split(':')
  const common = { at, target, isAnswered: true }
  if (type === 'slack') return { ...common, type, action: 'message', body: slack(notification) }
  if (type === 'email') return { ...common, type, action: 'message', body: email(notification) }
  const { kind, data } = pagerduty(notification)
  if (kind === 'change') return { ...common, type: 'pagerduty', action: 'change', body: data }
  return { ...common, type: 'pagerduty', action: data.event_action, dedupKey: data.dedup_key, body: data }
}

function incidentsOf(taken: Taken[]): Incident[] {
  const incidents: Incident[] = []
  for (const { target, dedupKey, action, at } of taken) {
    if (dedupKey === undefined) continue
    const open = incidents.find((one) => one.isOpen && one.target === target && one.dedupKey === dedupKey)
    if (action === 'resolve' && open) Object.assign(open, { isOpen: false, resolvedAt: at })
    if (action === 'trigger' && open) open.triggers++
    if (action === 'trigger' && !open) incidents.push({ target, dedupKey, isOpen: true, openedAt: at, triggers: 1 })
  }
  return incidents
}

/** As a run of the simulation, for its judge. */
function runOf(world: World, { sent, endsAt, isAtRest }: Played): Run {
  const startedAt = Date.parse(world.startAt)
  const taken = sent.map((one) => takenOf(one, world.config))
  const counts = { invocations: 0, deaths: 0, timeouts: 0, throws: [], calls: 0, steps: 0, lostNotes: 0, notes: 0 }
  return {
    // What nobody acknowledges is reminded of for ever.
    ...{ world, startedAt, endedAt: endsAt, isAtRest: isAtRest || world.reactions !== undefined },
    ...{ taken, byApp: [], incidents: incidentsOf(taken) },
    published: world.inputs.map((input) => ({ input, at: startedAt + input.atMs, isTaken: true })),
    ...{ refused: [], letters: [], expired: [], loops: [], left: [], items: [], wrongItems: [], debts: [] },
    ...{ counts: counts as unknown as Run['counts'], cast: {}, trace: [] },
  }
}

/** What the judge finds wrong with what was sent in a world; and what was sent before it may be. */
function wrongWith(world: World, all: Played): string[] {
  const run = runOf(world, all)
  const early = run.taken.filter((taken) => taken.action !== 'resolve' && isEarly(taken, all, run))
  return [...judge(run), ...early.map(({ target, at }) => `${target} received something early, at ${at}`)]
}

/** Before its message arrived, or while a window holds it. */
function isEarly(taken: Taken, { sent }: Played, { world, published, taken: allTaken }: Run): boolean {
  const { channel, kind } = sent[allTaken.indexOf(taken)] as Sent
  const about = published.filter(({ input }) => isAbout(taken, input))
  const arrived = about.filter(({ at }) => at <= taken.at)
  if (arrived.length === 0) return about.length > 0
  const mayBeHeld = kind === 'firing' || kind === 'no data'
  return (
    mayBeHeld && arrived.every(({ input }) => allowedFrom(input, channel, world.config, taken.at, world) > taken.at)
  )
}

test(
  'what is sent is what the reference demands, at its time',
  () => {
    const broken = SEEDS.flatMap((seed) => {
      const world = calm(seed)
      const promises = wrongWith(world, played(world))
      return promises.length > 0 ? [`seed ${seed}: ${promises.join('; ')}`] : []
    })
    expect(broken).toEqual([])
  },
  FUZZ_TIMEOUT_MS,
)

test.each<[string, (sent: Sent[], world: World) => Sent[]]>([
  ['nothing is sent', () => []],
  ['all is sent twice', (sent) => sent.flatMap((one) => [one, one])],
  ['all is sent an hour early', (sent) => sent.map((one) => ({ ...one, at: one.at - 3_600_000 }))],
  ['all is sent to the last channel', (sent, { config }) => sent.map((one) => ({ ...one, channel: lastOf(config) }))],
])('the reference notices it if %s', (_, spoilt) => {
  const noticed = SEEDS.slice(0, 40).filter((seed) => {
    const world = calm(seed)
    const all = played(world)
    return wrongWith(world, { ...all, sent: spoilt(all.sent, world) }).length > 0
  })
  expect(noticed.length).toBeGreaterThan(8)
})

const lastOf = ({ channels }: Config) => Object.keys(channels).at(-1) as string

/** When each channel was first sent something of each alert. */
function firsts({ sent }: Played): Map<string, number> {
  const first = new Map<string, number>()
  for (const { channel, alert, at } of sent.toReversed()) first.set(`${channel} ${alert}`, at)
  return first
}

test('a clock that runs each five minutes sends nothing earlier than an exact one', () => {
  for (const seed of SEEDS) {
    const world = calm(seed)
    const exact = firsts(played(world))
    const rarely = firsts(played(world, stepsOf(world), { tickEveryMs: 300_000 }))
    for (const [name, at] of rarely) expect(at, `seed ${seed}: ${name}`).toBeGreaterThanOrEqual(exact.get(name) ?? 0)
  }
})

const keyOf = (step: Step) =>
  step.kind === 'change' ? step.alert.fingerprint : 'alert' in step ? step.alert : step.kind
const textOf = ({ at, channel, alert, kind, text }: Sent) => `${at} ${channel} ${alert} ${kind} ${text}`

test('of one moment, it does not matter which alert comes first', () => {
  for (const seed of SEEDS) {
    const world = calm(seed)
    // In whole minutes, so that there are such moments.
    const steps = stepsOf(world).map((step) => ({ ...step, at: Math.ceil(step.at / 60_000) * 60_000 }))
    const byAlert = Map.groupBy(steps, keyOf)
    const shuffled = [...byAlert.values()].reverse().flat()
    const sent = (some: Step[]) => played(world, some).sent.map(textOf).sort()
    expect(sent(shuffled), `seed ${seed}`).toEqual(sent(steps))
  }
})

test('a change that arrives again, at any time, changes nothing', () => {
  for (const seed of SEEDS) {
    const world = calm(seed)
    const steps = stepsOf(world)
    const again = steps.flatMap((step, index) =>
      step.kind === 'change' ? [{ ...step, at: step.at + (index % 5) * 600_000 }] : [],
    )
    const sent = (some: Step[]) => played(world, some).sent.map(textOf)
    expect(sent([...steps, ...again]), `seed ${seed}`).toEqual(sent(steps))
  }
})
