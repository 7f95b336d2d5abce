import type { Config } from '../../schemas/config.ts'
import { checkConfig } from '../../shared/config/check.ts'

/** The names of a run's channels. Slack's alternates between two names where rules are pushed. */
export const PAGERS = ['pager']

/** PagerDuty and Slack each receive every alarm, as fast as possible: a rate limit would only make a run longer. */
export function usualRules(): Config {
  return rules({ pager: { perMinute: FAST }, chat: { perMinute: FAST } })
}

/** With the vendors' rate limits, and an incident per namespace. */
export function stormRules(): Config {
  return rules({ pager: { groupBy: ['namespace'] }, chat: {} })
}

/** The same with Slack's messages by an app. */
export function appRules(): Config {
  const chat = { type: 'slack-app', channel: 'C0123456789', perMinute: FAST }
  return rules({ pager: { perMinute: FAST }, chat })
}

/** The channels of alerts that are reminded of and escalated. */
export const FOLLOWED = {
  channels: {
    chat: { type: 'slack-app', channel: 'C0123456789', secret: 'chat', perMinute: 60_000 },
    lead: { type: 'slack-app', channel: 'C0000000001', secret: 'chat', perMinute: 60_000 },
  },
} as const

/** Slack as an app, so that people can answer; who does not, is reminded of it, and it is escalated. */
export function followedRules(): Config {
  const { channels, ...others } = appRules()
  return checkConfig({
    ...others,
    channels: { ...channels, ...FOLLOWED.channels },
    remind: '30m',
    escalate: [{ after: '1h', to: ['lead'] }],
  })
}

export const INHIBITIONS = 200

/** `down-7` mutes `held-7-123`, and so on. What is silenced (muted.ts) is no more than a warning: no silence is announced. */
export function mutingRules(): Config {
  return checkConfig({
    ...usualRules(),
    rules: [{ name: 'silenced', when: { name: 'quiet-*' }, severity: 'warning' }],
    inhibit: Array.from({ length: INHIBITIONS }, (_, number) => ({
      name: `system ${number}`,
      when: { name: `down-${number}` },
      mutes: { name: `held-${number}-*` },
    })),
  })
}

/** Nobody is paged: everything is sent to Slack, several alerts per message. */
export function quietRules(): Config {
  return { ...usualRules(), default: { severity: 'warning' } }
}

/** A window holds everything for Slack, and nobody is paged. */
export function nightRules(from: Date, to: Date): Config {
  const minute = (at: Date) => at.toISOString().slice(0, 16)
  const mute = { from: minute(from), to: minute(to) }
  const { channels, ...others } = quietRules()
  return checkConfig({ ...others, channels: { ...channels, chat: { ...channels.chat, mute } } })
}

/** Missing data pages nobody. */
export function noDataRules(): Config {
  const when = { status: 'insufficient-data' as const }
  return checkConfig({ ...usualRules(), rules: [{ name: 'no data', when, severity: 'warning' }] })
}

/**
 * The `n`th push: Slack's channel has its other name, and the rules, which all have the same effect, another order.
 */
export function pushedRules(n: number): Config {
  const { channels, ...others } = usualRules()
  const [now, formerly] = n % 2 === 0 ? ['chat', 'talk'] : ['talk', 'chat']
  const all = ['Faults/1*', 'Faults/2*', 'Faults/*'].map((namespace) => ({
    name: `those in ${namespace}`,
    when: { namespace },
    severity: 'critical' as const,
  }))
  return checkConfig({
    ...others,
    channels: { pager: channels.pager, [now]: { ...channels.chat, formerly: [formerly] } },
    severities: severitiesOf(now),
    rules: all.map((_, index) => all[(index + n) % all.length]),
  })
}

const FAST = 60_000

function rules({ pager, chat }: { pager: object; chat: object }): Config {
  return checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager', ...pager },
      chat: { type: 'slack', secret: 'chat', ...chat },
    },
    severities: severitiesOf('chat'),
    default: { severity: 'critical' },
    rules: [],
  })
}

function severitiesOf(chat: string) {
  return { critical: { channels: ['pager', chat] }, warning: { channels: [chat] }, info: { channels: [chat] } }
}
