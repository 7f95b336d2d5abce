import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Random } from './random.ts'
import type { Spell } from './spells.ts'
import { plainConfig } from './themes.ts'
import type { Input, World } from './world.ts'

/*
 * Worlds in which Slack's channels are an app's, or email goes by SES: the same alerts, rules, people and failures as before.
 */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export function byAppOrSes(world: World, random: Random): World {
  const inSlack = random.chance(0.3) ? byApp(maybeStormy(world, random.of('storm')), random.of('app')) : world
  return random.chance(0.3) ? shorter(withChannels(inSlack, bySes)) : inSlack
}

/** SES takes one email for each alert, and each is retried on its own: an hour of that is more steps than a world has. */
function shorter(world: World): World {
  const spells = world.spells.map((spell) =>
    spell.kind === 'throttled' ? { ...spell, untilMs: Math.min(spell.untilMs, spell.fromMs + HOUR_MS / 2) } : spell,
  )
  return { ...world, spells }
}

/** Each of Slack's channels becomes an app's; in some worlds only when the rules are edited, in some only one of them. */
function byApp(world: World, random: Random): World {
  const isLater = world.pushes.length > 0 && random.chance(0.15)
  const only = random.chance(0.15) ? random.pick(['chat', 'chat-b', 'b', 'x']) : undefined
  const convert = (channel: ChannelConfig): ChannelConfig =>
    channel.type === 'slack' && (only === undefined || channel.secret === only) ? ofApp(channel) : channel
  const { config } = world
  const converted = withChannels(world, convert)
  if (isLater) return { ...converted, config }
  const most = world.most.slack === undefined ? world.most : { ...world.most, 'slack-app': world.most.slack }
  const moved = { ...converted, most, spells: world.spells.map((spell) => ({ ...spell, on: placeOf(spell.on) })) }
  if (only !== undefined || world.reconciles || !random.chance(0.4)) return moved
  const lastMs = Math.max(...world.inputs.map(({ atMs }) => atMs))
  return { ...moved, spells: [...moved.spells, spellOf(lastMs, random)] }
}

/** In some, many alarms fire at once, so that they are in digests; they end together or one by one, and may fire again. */
function maybeStormy(world: World, random: Random): World {
  if (world.reconciles || !random.chance(0.15)) return world
  const { seed, startAt } = world
  const inputs = Array.from({ length: 4 + random.int(6) }, (_, number) => lifeOf(number, random)).flat()
  const config = plainConfig(random)
  return { seed, startAt, config, inputs, spells: [], pushes: [], redrives: [], deploys: [], most: {} }
}

const ENDS_MS = [MINUTE_MS, 2 * MINUTE_MS, 2 * MINUTE_MS + 2_000, 10 * MINUTE_MS]

function lifeOf(number: number, random: Random): Input[] {
  let changedAtMs = MINUTE_MS + random.int(1_500)
  return Array.from({ length: random.pick([1, 2, 2, 2, 3, 4]) }, (_, index): Input => {
    if (index > 0) changedAtMs += random.pick(ENDS_MS) + random.int(3_000)
    const status = index % 2 === 0 ? 'firing' : 'resolved'
    const mark = `mark-${number}-${index}`
    return {
      ...{ atMs: changedAtMs + 500, alert: `alert-${number}`, status, changedAtMs, severity: 'warning', form: 'alarm' },
      mark,
    }
  })
}

function withChannels(world: World, convert: (channel: ChannelConfig) => ChannelConfig): World {
  const all = (config: Config): Config => ({
    ...config,
    channels: Object.fromEntries(Object.entries(config.channels).map(([name, channel]) => [name, convert(channel)])),
  })
  const pushes = world.pushes.map((push) => ({ ...push, config: all(push.config) }))
  return { ...world, config: all(world.config), pushes }
}

function ofApp({ secret, type: _type, ...options }: Extract<ChannelConfig, { type: 'slack' }>): ChannelConfig {
  const channel = `C0${secret.replace(/\W/g, '').toUpperCase()}000000`
  return { ...options, type: 'slack-app', secret: `bot-${secret}`, channel }
}

function bySes(channel: ChannelConfig): ChannelConfig {
  return channel.type === 'email' ? { ...channel, via: 'ses', from: 'alerts@example.com' } : channel
}

/** `slack:chat` → `slack-app:bot-chat`. */
function placeOf(on: string): string {
  return on.replace(/^(|deliver-|sns:)slack(?::(.+))?$/, (_, before, secret) => {
    return `${before}slack-app${secret === undefined ? '' : `:bot-${secret}`}`
  })
}

/** What fails of an app's calls alone: its answers get lost, or nothing can be looked for. */
const TROUBLES: Pick<Spell, 'on' | 'kind'>[] = [
  ...(['lost', 'lost-500', 'hangs-after', 'cut', 'slow'] as const).map((kind) => ({
    on: 'slack-app.chat.postMessage',
    kind,
  })),
  ...(['lost', 'refused', 'slow'] as const).map((kind) => ({ on: 'slack-app.chat.update', kind })),
  { on: 'slack-app.conversations.history', kind: 'refused' },
  { on: 'slack-app.conversations.replies', kind: 'refused' },
  { on: 'deliver-slack-app', kind: 'dies' },
]

function spellOf(lastMs: number, random: Random): Spell {
  const fromMs = random.chance(0.4) ? 0 : random.int(lastMs + 1)
  const lastsMs = random.pick([MINUTE_MS, 10 * MINUTE_MS, HOUR_MS])
  return { ...random.pick(TROUBLES), fromMs, untilMs: fromMs + lastsMs, rate: random.pick([0.2, 0.5, 1]) }
}
