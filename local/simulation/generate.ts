import type { AlertStatus } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import { type Random, randomOf } from './random.ts'
import type { Kind, Spell } from './spells.ts'
import { themed } from './themes.ts'
import type { Input, World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** A world that a seed decides. Most are small: what goes wrong in a large one mostly does in a small one. */
export function worldOf(seed: number): World {
  const random = randomOf(`world ${seed}`)
  const config = configOf(random)
  const inputs = inputsOf(random)
  const lastMs = Math.max(...inputs.map(({ atMs }) => atMs))
  const spells = spellsOf(random, lastMs)
  const world = {
    seed,
    // A Thursday, so that windows open and close within the world.
    startAt: new Date(Date.UTC(2026, 2, 5, random.int(24), random.int(60))).toISOString(),
    config,
    inputs,
    spells,
    pushes: random.chance(0.15) ? [{ atMs: random.int(lastMs + HOUR_MS), config: changed(config, random) }] : [],
    redrives: redrivesOf(random, lastMs),
    most: random.chance(0.3) ? { alarms: 1 + random.int(4) } : {},
  }
  return themed(world, random.of('theme'))
}

type Channels = Config['channels']

/** A rule for each severity; two or three channels, at times with a fallback, a pace, a group or times of their own. */
function configOf(random: Random): Config {
  const channels: Channels = {
    pager: { type: 'pagerduty', secret: 'pager', region: 'us' },
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', addresses: ['someone@example.com'] },
  }
  if (random.chance(0.3))
    Object.assign(channels.pager as object, {
      fallback: random.pick(['chat', 'mail']),
      patience: random.pick(['1m', '10m']),
    })
  if (random.chance(0.2)) Object.assign(channels.chat as object, { fallback: 'mail', patience: '5m' })
  if (random.chance(0.15)) Object.assign(channels.chat as object, { perMinute: random.pick([1, 6, 60]) })
  if (random.chance(0.1)) Object.assign(channels.pager as object, { groupBy: ['namespace'] })
  if (random.chance(0.15))
    Object.assign(channels[random.pick(['chat', 'mail', 'pager'])] as object, { active: ['office'] })
  return {
    channels,
    windows: { office: { from: '09:00', to: '17:00' }, night: { from: '22:00', to: '06:00' } },
    severities: {
      critical: { channels: ['pager', 'chat'] },
      warning: {
        channels: random.chance(0.5) ? ['chat'] : ['chat', 'mail'],
        ...(random.chance(0.1) && { mute: ['night'] }),
      },
      info: { channels: ['mail'] },
    },
    rules: (['critical', 'warning', 'info'] as const).map((severity) => ({
      name: severity,
      when: [{ namespace: `Simulated/${severity}` }, { declaredSeverity: severity }],
      severity,
    })),
    default: { severity: 'info' },
  }
}

/** Other rules: a severity goes elsewhere. */
function changed(config: Config, random: Random): Config {
  const severity = random.pick(['critical', 'warning'] as const)
  const channels = random.pick([['mail'], ['pager'], ['chat', 'mail']])
  return { ...config, severities: { ...config.severities, [severity]: { channels } } }
}

function inputsOf(random: Random): Input[] {
  const alerts = random.pick([1, 1, 1, 2, 2, 3, 5])
  return Array.from({ length: alerts }, (_, number) => lifeOf(number, random)).flat()
}

/** One alert's life: it fires, resolves, fires again; some of its messages come twice, late, or in the wrong order. */
function lifeOf(number: number, random: Random): Input[] {
  const form = random.pick(['alarm', 'alarm', 'alarm', 'alarm', 'event', 'text'] as const)
  const severity: Severity = random.pick(['critical', 'critical', 'warning', 'warning', 'info'])
  const pauseMs = random.pick([500, 5_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS])
  let changedAtMs = random.int(10 * MINUTE_MS)
  let status: AlertStatus = 'resolved'
  return Array.from({ length: 1 + random.int(5) }, (_, index) => {
    status = index === 0 ? 'firing' : nextStatus(status, random)
    // At times two changes are of the same moment.
    if (index > 0 && !random.chance(0.05)) changedAtMs += Math.ceil(random.between(0.2, 2) * pauseMs)
    const input: Input = {
      atMs: Math.round(changedAtMs + latenessMs(random)),
      alert: `alert-${number}`,
      status: form === 'text' ? 'firing' : status,
      changedAtMs,
      severity,
      form,
      mark: `mark-${number}-${index}`,
    }
    const again = { ...input, atMs: input.atMs + random.int(5 * MINUTE_MS) }
    return random.chance(0.15) ? [input, again] : [input]
  }).flat()
}

function nextStatus(before: AlertStatus, random: Random): AlertStatus {
  if (random.chance(0.12)) return 'insufficient-data'
  if (random.chance(0.1)) return before
  return before === 'firing' || before === 'insufficient-data' ? 'resolved' : 'firing'
}

function latenessMs(random: Random): number {
  if (random.chance(0.8)) return random.between(100, 1_500)
  return random.between(1_000, random.pick([10_000, 5 * MINUTE_MS, HOUR_MS]))
}

/** What can go wrong with whom, and how often it does then. */
const TROUBLES: { on: string[]; kinds: Kind[]; rates: number[] }[] = [
  {
    on: ['dynamodb', 'sqs', 'sns', 'secrets', 'appconfig', 'aws'],
    kinds: ['refused', 'throttled', 'reset', 'hangs', 'lost', 'lost-500', 'hangs-after', 'slow', 'partial'],
    rates: [0.02, 0.1, 0.3, 1],
  },
  { on: ['dynamodb'], kinds: ['stale'], rates: [0.5, 1] },
  { on: ['sqs'], kinds: ['again', 'shuffled'], rates: [0.1, 0.5] },
  { on: ['sns'], kinds: ['again', 'delayed'], rates: [0.1, 0.5] },
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
  return Array.from({ length: random.pick([0, 1, 1, 2, 2, 3, 4]) }, () => {
    const { on, kinds, rates } = random.pick(TROUBLES)
    const rate = random.pick(rates)
    const fromMs = random.chance(0.5) ? 0 : random.int(lastMs + 1)
    // What fails each time is over sooner, mostly.
    const lastsMs = random.pick(
      rate === 1 ? [10_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS] : [MINUTE_MS, HOUR_MS, lastMs + HOUR_MS],
    )
    return { fromMs, untilMs: fromMs + lastsMs, on: random.pick(on), kind: random.pick(kinds), rate }
  })
}

function redrivesOf(random: Random, lastMs: number): World['redrives'] {
  if (random.chance(0.5)) return []
  return [{ atMs: lastMs + random.int(6 * HOUR_MS), how: random.pick(['command', 'console']) }]
}
