import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { ruleOf } from './generate-config.ts'
import type { Random } from './random.ts'
import type { Spell } from './spells.ts'
import type { Input, World } from './world.ts'

/*
 * Worlds about one subject: little else happens in them, so that more can be promised (promises.ts).
 */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Theme = (world: World, random: Random) => World

/** Some worlds are about only one subject. */
export function themed(world: World, random: Random): World {
  if (!random.chance(0.3)) return world
  const plain = { ...world, config: plainConfig(random), pushes: [], redrives: [], deploys: [], most: {}, spells: [] }
  return random.pick(THEMES)(plain, random)
}

const channelsOf = (pager: object = {}, chat: object = {}): Config['channels'] =>
  ({
    pager: { type: 'pagerduty', secret: 'pager', region: 'us', ...pager },
    chat: { type: 'slack', secret: 'chat', ...chat },
    mail: { type: 'email', addresses: ['mail@example.com'] },
  }) as Config['channels']

export function plainConfig(random: Random): Config {
  return {
    channels: channelsOf(),
    windows: { office: { from: '09:00', to: '17:00' }, night: { from: '22:00', to: '06:00' } },
    severities: {
      critical: { channels: ['pager', 'chat'] },
      warning: { channels: random.chance(0.5) ? ['chat'] : ['chat', 'mail'] },
      info: { channels: ['mail'] },
    },
    rules: SEVERITIES.map(ruleOf),
    default: { severity: 'info' },
  }
}

/** The changes of one alarm, each with its delay after the previous one. */
export function alarm(number: number, severity: Input['severity'], changes: [Input['status'], number][]): Input[] {
  let changedAtMs = 0
  return changes.map(([status, afterMs], index) => {
    changedAtMs += Math.round(afterMs)
    const mark = `mark-${number}-${index}`
    return { atMs: changedAtMs + 500, alert: `alert-${number}`, status, changedAtMs, severity, form: 'alarm', mark }
  })
}

export const spell = (on: string, kind: Spell['kind'], fromMs: number, lastsMs: number, rate = 1): Spell => ({
  ...{ fromMs: Math.round(fromMs), untilMs: Math.round(fromMs + lastsMs), on, kind, rate },
})

const aSeverity = (random: Random) => random.pick(['critical', 'critical', 'warning'] as const)

/** Nothing is wrong, and changes follow each other quickly. */
const calm: Theme = (world, random) => ({
  ...world,
  inputs: alarm(0, aSeverity(random), [
    ['firing', random.between(1_000, MINUTE_MS)],
    ['resolved', random.between(500, 20_000)],
    ['firing', random.between(500, 20_000)],
  ]),
})

/** A service fails when the first message arrives. */
const briefly: Theme = (world, random) => {
  const atMs = random.between(MINUTE_MS, 3 * MINUTE_MS)
  const sns = ['sns', ['refused', 'reset', 'partial', 'partial'], 12_000] as const
  const [on, kinds, longestMs] = random.pick([sns, sns, ['dynamodb', ['partial'], HOUR_MS] as const])
  const lastsMs = random.between(0.3, 1) * longestMs
  const before = random.between(1_000, longestMs / 2)
  return {
    ...world,
    inputs: alarm(0, aSeverity(random), [
      ['firing', atMs],
      ['resolved', random.between(20 * MINUTE_MS, HOUR_MS)],
    ]),
    spells: [spell(on, random.pick(kinds), atMs - before, lastsMs)],
  }
}

/** A channel is down for some seconds. */
const hiccup: Theme = (world, random) => ({
  ...world,
  inputs: alarm(0, aSeverity(random), [['firing', MINUTE_MS]]),
  spells: [spell('vendors', random.pick(['refused', 'reset']), MINUTE_MS + random.between(500, 3_000), 4_000)],
})

/** Many are held until the same minute. */
const held: Theme = (world, random) => ({
  ...world,
  startAt: '2026-03-05T04:30:00.000Z',
  config: {
    ...world.config,
    severities: { ...world.config.severities, warning: { channels: ['chat'], mute: ['night'] } },
  },
  inputs: Array.from({ length: 6 + random.int(5) }, (_, number) =>
    alarm(number, 'warning', [['firing', random.between(MINUTE_MS, HOUR_MS)]]),
  ).flat(),
  spells: [spell(random.pick(['dynamodb', 'sqs']), 'partial', 0, 3 * HOUR_MS)],
})

/** Two channels are held until different times. */
const heldApart: Theme = (world, random) => ({
  ...world,
  startAt: '2026-03-05T04:30:00.000Z',
  config: {
    ...world.config,
    channels: channelsOf({ mute: ['night'] }, { active: ['office'] }),
  },
  inputs: alarm(0, 'critical', [['firing', random.between(MINUTE_MS, HOUR_MS)]]),
})

/** The pager is down twice; it has a fallback. */
const outages: Theme = (world, random) => {
  const patience = random.pick(['1m', '5m'])
  const fallback = 'mail'
  const kind = random.pick(['refused', 'throttled', 'reset'] as const)
  const firstMs = random.between(MINUTE_MS, 5 * MINUTE_MS)
  const outageMs = 30 * MINUTE_MS
  const [first, calmMs, second] = [outageMs, random.between(HOUR_MS, 3 * HOUR_MS), outageMs]
  const isSecond = random.chance(0.5)
  return {
    ...world,
    config: { ...world.config, channels: channelsOf({ fallback, patience }) },
    inputs: alarm(0, 'critical', [
      ['firing', firstMs],
      [random.pick(['resolved', 'firing']), outageMs + calmMs / 2],
      ...(isSecond ? ([['firing', calmMs / 2]] as [Input['status'], number][]) : []),
    ]),
    spells: [
      spell('pagerduty', kind, firstMs - 10_000, first),
      ...(isSecond ? [spell('pagerduty', kind, firstMs + outageMs + calmMs - 10_000, second)] : []),
    ],
  }
}

/** The alert fires and resolves while the pager is down; or the pager is down at the resolve. */
const endsInAnOutage: Theme = (world, random) => {
  const firstMs = random.between(MINUTE_MS, 5 * MINUTE_MS)
  const endMs = random.between(5 * MINUTE_MS, 20 * MINUTE_MS)
  const fromMs = random.pick([firstMs - 10_000, firstMs + endMs - 10_000])
  const kind = random.pick(['refused', 'throttled', 'lost'] as const)
  const down = random.pick(['pagerduty', 'pagerduty', 'slack'])
  const fallback = { fallback: 'mail', patience: '1m' }
  return {
    ...world,
    config: { ...world.config, channels: channelsOf(fallback, fallback) },
    inputs: alarm(0, 'critical', [
      ['firing', firstMs],
      ['resolved', endMs],
    ]),
    spells: [spell(down, kind, fromMs, endMs + random.between(3 * MINUTE_MS, 15 * MINUTE_MS))],
  }
}

/** A channel rate limits for a long time. */
const busy: Theme = (world, random) => ({
  ...world,
  config: { ...world.config, channels: channelsOf({ fallback: 'mail', patience: '10m' }) },
  inputs: alarm(0, 'critical', [['firing', 2 * MINUTE_MS]]),
  spells: [spell('pagerduty', 'throttled', MINUTE_MS, random.between(5 * MINUTE_MS, HOUR_MS))],
})

/** A channel rejects a message, and SQS accepts no dead letter at first; or a person redrives it a day later. */
const refused: Theme = (world, random) => {
  const on = random.pick(['pagerduty', 'slack'])
  const backMs = random.between(25 * HOUR_MS, 30 * HOUR_MS)
  const isBack = random.chance(0.5)
  return {
    ...world,
    inputs: alarm(0, 'critical', [['firing', 2 * MINUTE_MS]]),
    redrives: isBack ? [{ atMs: Math.round(backMs), how: random.pick(['command', 'console'] as const) }] : [],
    spells: [
      spell(on, random.pick(['bad', 'revoked'] as const), 0, 10 * MINUTE_MS),
      isBack
        ? spell(on, random.pick(['refused', 'reset'] as const), backMs - 1_000, random.between(8_000, 20_000))
        : spell('sqs', 'refused', 0, random.between(3, 9) * MINUTE_MS),
    ],
  }
}

/** The alert resolves while its slow channel receives the firing. */
const crossing: Theme = (world, random) => ({
  ...world,
  inputs: alarm(0, random.pick(['warning', 'critical']), [
    ['firing', MINUTE_MS],
    ['resolved', random.between(500, 12_000)],
  ]),
  spells: [spell('vendors', 'slow', 0, HOUR_MS)],
})

/** Messages arrive twice, and queue for a channel that takes ten seconds for one. */
const paced: Theme = (world, random) => ({
  ...world,
  config: { ...world.config, channels: channelsOf({}, { perMinute: 6 }) },
  inputs: Array.from({ length: 2 }, (_, number) =>
    alarm(number, 'warning', [['firing', MINUTE_MS + random.int(500)]]),
  ).flat(),
  spells: [spell('sns', 'again', 0, HOUR_MS), spell('vendors', 'slow', 0, HOUR_MS)],
})

/** The table fails during a delivery, or before. */
const unmarked: Theme = (world, random) => ({
  ...world,
  inputs: alarm(0, aSeverity(random), [
    ['firing', MINUTE_MS],
    ['resolved', random.between(5 * MINUTE_MS, HOUR_MS)],
  ]),
  spells: [
    spell('vendors', 'slow', 0, HOUR_MS),
    spell('dynamodb', random.pick(['refused', 'reset', 'hangs']), MINUTE_MS + random.between(-1_000, 9_000), 40_000),
  ],
})

/** The alert fires and resolves at once, and the table is slow: two functions read it before either has written. */
const atOnce: Theme = (world, random) => ({
  ...world,
  inputs: alarm(0, random.pick(['warning', 'critical']), [
    ['firing', MINUTE_MS],
    [random.pick(['resolved', 'firing', 'insufficient-data']), random.between(50, 1_500)],
  ]),
  spells: [spell('dynamodb', 'slow', MINUTE_MS, 20_000)],
})

/** The alert's severity changes, so that it is sent elsewhere, while its channel is down for a while. */
const moved: Theme = (world, random) => {
  const { critical } = world.config.severities
  const isShared = random.chance(0.5)
  const warning = { channels: isShared ? ['pager', 'mail'] : ['mail'] }
  const at = (number: number, severity: Input['severity']) => alarm(0, severity, MOVES).slice(number, number + 1)
  return {
    ...world,
    config: {
      ...world.config,
      channels: channelsOf(isShared ? { groupBy: ['kind'] } : {}),
      severities: { ...world.config.severities, critical, warning },
    },
    inputs: isShared
      ? [...at(0, 'critical'), ...at(2, 'warning'), ...at(3, 'warning')]
      : [...at(0, 'critical'), ...at(1, 'critical'), ...at(2, 'warning')],
    spells: isShared ? [] : [spell('vendors', random.pick(['refused', 'reset']), 10 * MINUTE_MS, 5 * MINUTE_MS)],
  }
}

const MOVES: [Input['status'], number][] = [
  ['firing', MINUTE_MS],
  ['resolved', 10 * MINUTE_MS],
  ['firing', MINUTE_MS],
  ['resolved', HOUR_MS],
]

/** A channel is renamed, or replaced, while it is owed something. */
const otherChannels: Theme = (world, random) => {
  const { config } = world
  const isRenamed = random.chance(0.5)
  const warning = { channels: ['chat'], ...(!isRenamed && { mute: ['night'] }) }
  const now = { type: 'slack' as const, ...(isRenamed ? { secret: 'chat', formerly: ['chat'] } : { secret: 'chat-b' }) }
  const { chat: _, ...others } = channelsOf()
  const later = (channels: string[]) => channels.map((name) => (name === 'chat' ? 'chat-b' : name))
  const { critical, info } = config.severities
  return {
    ...world,
    startAt: '2026-03-05T04:30:00.000Z',
    config: { ...config, severities: { critical, warning, info } },
    inputs: alarm(0, 'warning', [
      ['firing', random.between(MINUTE_MS, 5 * MINUTE_MS)],
      ...(isRenamed ? ([['resolved', HOUR_MS]] as [Input['status'], number][]) : []),
    ]),
    pushes: [
      {
        atMs: Math.round(random.between(10 * MINUTE_MS, 40 * MINUTE_MS)),
        config: {
          ...config,
          channels: { ...others, 'chat-b': now },
          severities: {
            critical: { channels: later(critical.channels) },
            warning: { ...warning, channels: ['chat-b'] },
            info,
          },
        },
      },
    ],
  }
}

/** A non-production alert that Slack rejects; the pager is Slack's fallback. */
const staging: Theme = (world, random) => ({
  ...world,
  config: {
    ...world.config,
    channels: channelsOf({}, { fallback: 'pager', patience: '1m' }),
    nonProduction: { when: { title: 'alert-0*' }, highest: 'warning' },
  },
  inputs: alarm(0, aSeverity(random), [['firing', MINUTE_MS]]),
  spells: [spell('slack', random.pick(['bad', 'refused'] as const), 0, HOUR_MS)],
})

/** The alarm's missing data arrives before its firing; or it is deleted while firing. */
const oddEnds: Theme = (world, random) => {
  const inputs = alarm(0, aSeverity(random), [
    ['firing', MINUTE_MS],
    [random.pick(['insufficient-data', 'resolved']), random.between(MINUTE_MS, 5 * MINUTE_MS)],
  ])
  const [fires, ends] = inputs as [Input, Input]
  if (ends.status === 'resolved') return { ...world, inputs: [fires, { ...ends, by: 'deletion' }] }
  // Missing data has another recipient, as in the shipped rules.
  const late = { ...fires, severity: 'critical' as const, atMs: ends.atMs + random.int(10 * MINUTE_MS) }
  return { ...world, inputs: [late, { ...ends, severity: 'info' }] }
}

/** Alerts share an incident that one of them can't join at first, or leaves before the others. */
const shared: Theme = (world, random) => {
  const isLeft = random.chance(0.3)
  const [a, b, c] = [0, 1, 2].map((number) => {
    const isOver = isLeft && number === 1
    const over: [Input['status'], number][] = isOver ? [['resolved', random.between(5, 30) * MINUTE_MS]] : []
    return alarm(number, 'critical', [['firing', MINUTE_MS + number * random.between(5_000, 15_000)], ...over])
  }) as [Input[], Input[], Input[]]
  return {
    ...world,
    config: {
      ...world.config,
      channels: channelsOf({ groupBy: ['kind'] }),
      severities: { ...world.config.severities, critical: { channels: ['pager'] } },
    },
    inputs: [...a, ...b, ...c],
    spells: isLeft ? [] : [spell('dynamodb.UpdateItem', 'refused', MINUTE_MS + 5_000, random.between(10_000, 40_000))],
  }
}

const THEMES: Theme[] = [
  ...[calm, briefly, held, heldApart, hiccup, outages, outages, endsInAnOutage, busy, refused],
  ...[crossing, paced, unmarked, moved, otherChannels, staging, oddEnds, shared, atOnce],
]

/**
 * In some worlds the rules select the pager, which is also Slack's fallback. The alert flaps while Slack recovers,
 * or the pager fails.
 */
export function sentTwice(world: World, random: Random): World {
  if (!random.chance(0.03)) return world
  const groupBy = random.chance(0.7) ? { groupBy: ['kind'] } : {}
  const fallback = { fallback: 'pager', patience: random.pick(['1m', '5m']) }
  const endMs = random.between(10 * MINUTE_MS, 20 * MINUTE_MS)
  const flaps = Array.from({ length: 1 + random.int(4) }, (_, index): [Input['status'], number] => [
    index % 2 === 0 ? 'firing' : 'resolved',
    random.between(200, random.pick([4_000, MINUTE_MS])),
  ])
  const config = { ...plainConfig(random), channels: channelsOf(groupBy, fallback) }
  return {
    ...{ ...world, config, pushes: [], redrives: [], deploys: [], most: {} },
    inputs: alarm(0, 'critical', [['firing', MINUTE_MS], ['resolved', endMs], ...flaps]),
    spells: [
      spell('slack', random.pick(['refused', 'bad']), 0, endMs + random.between(-MINUTE_MS, 5 * MINUTE_MS)),
      ...(random.chance(0.5)
        ? [spell('pagerduty', random.pick(['refused', 'throttled', 'slow']), endMs + MINUTE_MS - 1_000, 15_000)]
        : []),
    ],
  }
}
