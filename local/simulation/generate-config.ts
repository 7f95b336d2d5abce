import type { ChannelConfig } from '../../schemas/channel.ts'
import { type Config, SEVERITIES, type Severity } from '../../schemas/config.ts'
import type { Random } from './random.ts'

/*
 * The rules of a world, and later edits of them.
 */

type Channels = Config['channels']

/** A rule for each severity; channels with fallbacks, rate limits, groups and windows. */
export function configOf(random: Random): Config {
  const channels: Channels = {
    pager: { type: 'pagerduty', secret: 'pager', region: 'us' },
    chat: { type: 'slack', secret: 'chat' },
    mail: { type: 'email', addresses: ['mail@example.com'] },
  }
  if (random.chance(0.2)) channels['chat-b'] = { type: 'slack', secret: 'chat-b' }
  // Another PagerDuty service, or the same under another name.
  if (random.chance(0.2))
    channels['pager-b'] = { type: 'pagerduty', secret: random.pick(['pager', 'pager-b']), region: 'us' }
  const names = Object.keys(channels)
  for (const name of names) Object.assign(channels[name] as object, optionsOf(name, names, random))
  const also = (name: string) => (channels[name] && random.chance(0.6) ? [name] : [])
  const zone = random.pick(['UTC', 'Europe/Berlin'])
  return {
    channels,
    ...(zone !== 'UTC' && { timezone: zone }),
    windows: {
      office: { from: '09:00', to: '17:00' },
      night: { from: '22:00', to: '06:00' },
      early: { from: '01:30', to: '02:30' },
    },
    severities: {
      critical: { channels: ['pager', 'chat', ...also('pager-b')] },
      warning: {
        channels: [...(random.chance(0.5) ? ['chat'] : ['chat', 'mail']), ...also('chat-b')],
        ...timesOf(0.1, random),
      },
      info: { channels: ['mail'], ...timesOf(0.05, random) },
    },
    rules: SEVERITIES.map((severity) => ({
      ...ruleOf(severity),
      ...(random.chance(0.05) && { groupBy: ['namespace'] }),
    })),
    default: { severity: 'info' },
    ...(random.chance(0.1) && {
      nonProduction: { when: { title: 'alert-0*' }, highest: random.pick(['warning', 'info'] as const) },
    }),
    ...(random.chance(0.1) && { maintenance: maintenanceOf(random) }),
  }
}

/** The rule for a severity. */
export function ruleOf(severity: Severity): Config['rules'][number] {
  return {
    name: severity,
    when: [{ namespace: `Simulated/${severity}` }, { declaredSeverity: severity }],
    severity,
  }
}

function optionsOf(name: string, names: string[], random: Random): Partial<ChannelConfig> {
  const others = names.filter((other) => other !== name)
  return {
    ...(random.chance(0.25) && { fallback: random.pick(others), patience: random.pick(['1m', '5m', '10m']) }),
    ...(random.chance(0.05) && { perMinute: random.pick([1, 6, 60]) }),
    ...(random.chance(name.startsWith('pager') ? 0.2 : 0.03) && { groupBy: random.pick([['namespace'], ['kind']]) }),
    ...timesOf(0.06, random),
  }
}

function timesOf(probability: number, random: Random) {
  if (!random.chance(probability)) return {}
  return random.pick([
    { active: ['office'] },
    { mute: ['night'] },
    { mute: ['early'] },
    { active: ['office', 'night'] },
  ])
}

function maintenanceOf(random: Random): NonNullable<Config['maintenance']> {
  const window = random.pick(['night', 'early'])
  return [{ name: 'works', window, ...(random.chance(0.5) && { covers: { title: 'alert-0*' } }) }]
}

/** Edits of the rules while alerts are being processed. */
export function changed(config: Config, first: Config, random: Random): Config {
  const name = random.pick(Object.keys(config.channels))
  return random.pick([
    () => renamed(config, name, `${name}-x`, true),
    () => renamed(config, name, `${name}-x`, true),
    () => renamed(config, name, `${name}-y`, false),
    () => without(config, name),
    () => joined(config),
    () => moved(config, random),
    () => moved(config, random),
    () => ruled(config, random),
    () => withOption(config, name, { active: undefined, mute: undefined, ...timesOf(0.5, random) }),
    () => ({ ...config, maintenance: random.chance(0.5) ? undefined : maintenanceOf(random) }),
    () => withOption(config, name, { groupBy: random.pick([undefined, ['namespace'], ['kind']]) }),
    () => first,
  ])()
}

function withOption(config: Config, name: string, options: Partial<ChannelConfig>): Config {
  const channel = { ...config.channels[name], ...options } as ChannelConfig
  return { ...config, channels: { ...config.channels, [name]: channel } }
}

/** A severity is sent elsewhere. */
function moved(config: Config, random: Random): Config {
  const severity = random.pick(['critical', 'warning'] as const)
  const names = Object.keys(config.channels)
  const channels = [...new Set([random.pick(names), random.pick(names)])]
  return { ...config, severities: { ...config.severities, [severity]: { channels } } }
}

/** A rule names channels of its own. */
function ruled(config: Config, random: Random): Config {
  const [first, ...rules] = config.rules
  if (!first) return config
  const to = [random.pick(Object.keys(config.channels))]
  return { ...config, rules: [{ ...first, channels: random.chance(0.5) ? to : { add: to } }, ...rules] }
}

function renamed(config: Config, from: string, to: string, isSaid: boolean): Config {
  const { [from]: channel, ...others } = config.channels
  if (!channel || config.channels[to]) return config
  const formerly = isSaid ? [from, ...(channel.formerly ?? [])] : undefined
  const now = { ...channel, ...(formerly ? { formerly } : { formerly: undefined }) } as ChannelConfig
  return withNames({ ...config, channels: { ...others, [to]: now } }, (name) => (name === from ? to : name))
}

/** A channel is removed, and another one replaces it. */
function without(config: Config, gone: string): Config {
  const { [gone]: _, ...channels } = config.channels
  const heir = Object.keys(channels)[0] as string
  if (Object.keys(channels).length < 2) return config
  return withNames({ ...config, channels }, (name) => (name === gone ? heir : name))
}

/** Two channels become one. */
function joined(config: Config): Config {
  const { 'chat-b': other, ...channels } = config.channels
  const { chat } = channels
  if (!other || !chat) return config
  const formerly = ['chat-b', ...(chat.formerly ?? []), ...(other.formerly ?? [])]
  return withNames({ ...config, channels: { ...channels, chat: { ...chat, formerly } } }, (name) =>
    name === 'chat-b' ? 'chat' : name,
  )
}

/** With another name for each channel, everywhere. */
function withNames(config: Config, nameOf: (name: string) => string): Config {
  const all = (names: string[]) => [...new Set(names.map(nameOf))]
  const channels = Object.entries(config.channels).map(([name, { fallback, ...rest }]) => {
    const now = fallback === undefined ? undefined : nameOf(fallback)
    return [name, { ...rest, ...(now !== undefined && now !== name && { fallback: now }) }]
  })
  const severities = Object.entries(config.severities).map(([name, of]) => [
    name,
    { ...of, channels: all(of.channels) },
  ])
  const rules = config.rules.map(({ channels: to, ...rule }) => ({
    ...rule,
    ...(to && { channels: Array.isArray(to) ? all(to) : { add: all(to.add) } }),
  }))
  return {
    ...config,
    channels: Object.fromEntries(channels),
    severities: Object.fromEntries(severities) as Config['severities'],
    rules,
  }
}
