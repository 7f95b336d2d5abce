import type { AlertStatus } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import { amongOthers } from './among-others.ts'
import { byAppOrSes } from './by-app-or-ses.ts'
import { edited } from './edits.ts'
import { changed, configOf } from './generate-config.ts'
import { withLosses } from './lost-messages.ts'
import { type Random, randomOf } from './random.ts'
import { silenced } from './silences.ts'
import type { Kind, Spell } from './spells.ts'
import { sentTwice, themed } from './themes.ts'
import { inTwoRegions } from './two-regions.ts'
import { whileItFires } from './while-it-fires.ts'
import type { Input, World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Generates a world from a seed. Most are small: what fails in a large one usually fails in a small one. */
export function worldOf(seed: number): World {
  const random = randomOf(`world ${seed}`)
  const config = configOf(random)
  const lives = apart(livesOf(random))
  const lastMs = Math.max(...lives.map(({ atMs }) => atMs))
  const inputs = [...lives, ...orderOf(lives, lastMs, random)]
  const spells = spellsOf(random, lastMs)
  const world = {
    seed,
    startAt: startOf(random),
    config,
    inputs,
    spells,
    pushes: pushesOf(config, lastMs, random),
    redrives: redrivesOf(random, lastMs),
    deploys: random.chance(0.1) ? [random.int(lastMs + HOUR_MS)] : [],
    most: random.chance(0.3) ? { alarms: 1 + random.int(4) } : {},
  }
  const special = sentTwice(edited(themed(world, random.of('theme')), random.of('edit')), random.of('told twice'))
  const played = whileItFires(withLosses(special, random.of('losses')), random.of('while it fires'))
  const explained = amongOthers(silenced(played, random.of('silences')), random.of('others'))
  return inTwoRegions(byAppOrSes(explained, random.of('by app or SES')), random.of('home and second'))
}

/** An alarm has one state at a time: it can't fire with two severities at the same time. */
function apart(inputs: Input[]): Input[] {
  const said = new Map<string, Input>()
  return inputs.map((input) => {
    let { changedAtMs } = input
    for (;;) {
      const key = `${input.alert} ${input.status} ${changedAtMs}`
      const other = said.get(key) ?? input
      said.set(key, other)
      if (input.form !== 'alarm' || other.mark === input.mark || other.severity === input.severity) break
      changedAtMs += 1
    }
    return { ...input, changedAtMs }
  })
}

/** A Thursday, so that windows open and close within the world; or the evening before a clock change. */
function startOf(random: Random): string {
  const [month, day, hour] = random.chance(0.1)
    ? random.pick([
        [2, 28, 20],
        [9, 24, 20],
      ] as const)
    : [2, 5, 0]
  return new Date(
    Date.UTC(2026, month, day, hour + (hour > 0 ? random.int(6) : random.int(24)), random.int(60)),
  ).toISOString()
}

function pushesOf(config: World['config'], lastMs: number, random: Random): World['pushes'] {
  const pushes: World['pushes'] = []
  const often = random.chance(0.3) ? 1 + random.int(3) : 0
  const times = Array.from({ length: often }, () => random.int(lastMs + random.pick([0, 5 * MINUTE_MS, HOUR_MS])))
  for (const atMs of times.sort((a, b) => a - b)) {
    pushes.push({ atMs, config: changed(pushes.at(-1)?.config ?? config, config, random) })
  }
  return pushes
}

function livesOf(random: Random): Input[] {
  const alerts = random.pick([1, 1, 1, 2, 2, 3, 5])
  return Array.from({ length: alerts }, (_, number) => lifeOf(number, random)).flat()
}

/**
 * One alert's life: it fires, resolves, fires again; some of its messages arrive twice, late, or in the wrong order.
 */
function lifeOf(number: number, random: Random): Input[] {
  const form = random.pick(['alarm', 'alarm', 'alarm', 'alarm', 'event', 'text'] as const)
  const pauseMs = random.pick([500, 5_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS])
  // Two publishers, one with a wrong clock.
  const skewMs = random.chance(0.1) ? random.int(4 * MINUTE_MS) : 0
  const isOftenLate = random.chance(0.3)
  let severity = severityOf(random)
  let changedAtMs = 5 * MINUTE_MS + random.int(10 * MINUTE_MS)
  let status: AlertStatus = 'resolved'
  const most = random.chance(0.1) ? 12 : 5
  return Array.from({ length: 1 + random.int(most) }, (_, index) => {
    status = index === 0 ? 'firing' : nextStatus(status, random)
    if (random.chance(0.1)) severity = severityOf(random)
    // Sometimes two changes have the same time.
    if (index > 0 && !random.chance(0.05)) changedAtMs += Math.ceil(random.between(0.2, 2) * pauseMs)
    const isDeletion = form === 'alarm' && status === 'resolved' && random.chance(0.05)
    const input: Input = {
      atMs: Math.round(changedAtMs + latenessMs(isOftenLate, random)),
      alert: `alert-${number}`,
      status: form === 'text' ? 'firing' : status,
      changedAtMs: changedAtMs + (random.chance(0.5) ? skewMs : 0),
      severity,
      form,
      ...(isDeletion && { by: 'deletion' as const }),
      mark: `mark-${number}-${index}`,
    }
    const again = { ...input, atMs: input.atMs + random.int(5 * MINUTE_MS) }
    return random.chance(0.15) ? [input, again] : [input]
  }).flat()
}

function severityOf(random: Random): Severity {
  return random.pick(['critical', 'critical', 'warning', 'warning', 'info'])
}

function nextStatus(before: AlertStatus, random: Random): AlertStatus {
  if (random.chance(0.15)) return 'insufficient-data'
  if (random.chance(0.12)) return before
  return before === 'firing' || before === 'insufficient-data' ? 'resolved' : 'firing'
}

function latenessMs(isOftenLate: boolean, random: Random): number {
  if (random.chance(isOftenLate ? 0.5 : 0.95)) return random.between(100, 1_500)
  return random.between(1_000, random.pick([10_000, 5 * MINUTE_MS, HOUR_MS]))
}

/** A person resolves an alert after its last change. */
function orderOf(lives: Input[], lastMs: number, random: Random): Input[] {
  const [first] = lives.filter(({ form }) => form !== 'text')
  if (!first || !random.chance(0.05)) return []
  const atMs = lastMs + 20 * MINUTE_MS + random.int(HOUR_MS)
  const { alert, form, severity } = first
  const mark = first.mark.replace(/\d+$/, '99')
  return [{ atMs, changedAtMs: atMs, alert, form, severity, status: 'resolved', by: 'hand', mark }]
}

/** What can go wrong with each target, and how often. */
const TROUBLES: { on: string[]; kinds: Kind[]; rates: number[] }[] = [
  {
    on: ['dynamodb', 'sqs', 'sns', 'secrets', 'appconfig', 'aws'],
    kinds: ['refused', 'throttled', 'reset', 'hangs', 'lost', 'lost-500', 'hangs-after', 'slow', 'partial'],
    rates: [0.02, 0.1, 0.3, 1],
  },
  {
    on: ['dynamodb.PutItem', 'dynamodb.Query', 'sns.PublishBatch', 'sqs.ChangeMessageVisibility', 'sqs.SendMessage'],
    kinds: ['refused', 'lost', 'hangs', 'slow'],
    rates: [0.1, 0.3, 1],
  },
  { on: ['dynamodb'], kinds: ['stale'], rates: [0.5, 1] },
  { on: ['sqs'], kinds: ['again', 'shuffled'], rates: [0.1, 0.5] },
  { on: ['sns'], kinds: ['again', 'delayed', 'never'], rates: [0.1, 0.5] },
  {
    on: ['pagerduty', 'slack', 'email', 'vendors'],
    kinds: ['refused', 'throttled', 'reset', 'hangs', 'lost', 'lost-500', 'hangs-after', 'cut', 'slow'],
    rates: [0.1, 0.5, 1],
  },
  { on: ['pagerduty', 'slack'], kinds: ['bad', 'revoked'], rates: [0.2, 1] },
  {
    on: ['lambda', 'route', 'deliver-pagerduty', 'deliver-slack', 'deliver-email', 'tick'],
    kinds: ['dies'],
    rates: [0.02, 0.1, 0.3],
  },
  { on: ['tick'], kinds: ['dead', 'twice'], rates: [1] },
]

function spellsOf(random: Random, lastMs: number): Spell[] {
  return Array.from({ length: random.pick([0, 0, 1, 2, 2, 3, 4, 5]) }, () => {
    const { kinds, rates, ...trouble } = random.pick(TROUBLES)
    const on = random.pick(trouble.on)
    const rate = random.pick(rates)
    const fromMs = random.chance(0.4) ? 0 : random.int(lastMs + 1)
    // A permanent failure usually ends sooner.
    const longest = /pagerduty|slack|email|vendors|tick/.test(on) ? 5 * HOUR_MS : 20 * MINUTE_MS
    const lastsMs = random.pick(
      rate === 1 ? [10_000, MINUTE_MS, 5 * MINUTE_MS, longest] : [MINUTE_MS, HOUR_MS, lastMs + HOUR_MS],
    )
    const kind = random.pick(kinds)
    // A rate limited caller retries every few seconds: an hour of that is enough.
    const mostMs = kind === 'throttled' ? HOUR_MS : lastsMs
    return { fromMs, untilMs: fromMs + Math.min(lastsMs, mostMs), on, kind, rate }
  })
}

/** At any time, and sometimes only after a day or a week. */
function redrivesOf(random: Random, lastMs: number): World['redrives'] {
  return Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => ({
    atMs: random.pick([0, lastMs, lastMs + DAY_MS, lastMs + 7 * DAY_MS]) + random.int(6 * HOUR_MS),
    how: random.pick(['command', 'console'] as const),
  })).sort((a, b) => a.atMs - b.atMs)
}
