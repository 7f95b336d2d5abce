import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { pages, vendorOf } from '../channels/types.ts'
import { possibleIn } from '../decide/channels-by-field.ts'
import { durationMs } from '../decide/duration.ts'
import { fixedSeverity } from './analysed.ts'
import { type Finding, named, type Path } from './finding.ts'

/** Unused channels, fallbacks that do not help, and critical alerts that wake nobody. */
export function channelFindings(config: Config): Finding[] {
  return [...unused(config), ...fallbacks(config), ...wakesNobody(config)]
}

function unused({ channels, severities, rules, default: fallback, escalate }: Config): Finding[] {
  const plans = [{ escalate }, ...Object.values(severities), ...rules]
  const used = new Set([
    ...plans.flatMap((one) => (Array.isArray(one.escalate) ? one.escalate.flatMap(({ to }) => to) : [])),
    ...Object.values(severities).flatMap((severity) => severity.channels),
    ...(fallback.channels ?? []),
    ...rules.flatMap((rule) => possibleIn(rule, channels)),
    ...Object.values(channels).flatMap((channel) => channel.fallback ?? []),
  ])
  return Object.keys(channels)
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: 'unused-channel',
      path: ['channels', name],
      message: `nothing is ever sent to "${name}": no severity, rule or fallback names it`,
      fix: 'Name it in a list of channels, or remove it',
    }))
}

/** The shortest patience that makes sense: after some failures in a row the circuit opens, and the fallback is used at once. */
const MIN_PATIENCE_MS = 30_000

function fallbacks({ channels }: Config): Finding[] {
  const cycles = new Set<string>()
  return Object.entries(channels).flatMap(([name, channel]): Finding[] => {
    const { type, fallback, patience } = channel
    const other = fallback === undefined ? undefined : channels[fallback]
    if (fallback === undefined || !other) return []
    const path = ['channels', name, 'fallback']
    const findings: Finding[] = []
    if (vendorOf(other) === vendorOf(channel)) {
      findings.push({
        code: 'fallback-same-vendor',
        path,
        message: `"${fallback}" is ${vendorOf(channel)} too: during an outage neither "${name}" nor its fallback gets alerts`,
        fix: `Name a channel of another type: ${named(namesOfOther(channels, type)) || '(none defined)'}`,
        also: [['channels', fallback]],
      })
    }
    const cycle = cycleFrom(name, channels)
    if (cycle && !cycle.some((one) => cycles.has(one))) {
      for (const one of cycle) cycles.add(one)
      findings.push({
        code: 'fallback-cycle',
        path,
        message: `the fallbacks form a cycle: ${[...cycle, name].join(' → ')}. A fallback has no further fallback, so if these fail together nobody is notified`,
        fix: 'Give the last of them a fallback outside the cycle, or none',
        also: cycle.slice(1).map((one) => ['channels', one, 'fallback']),
      })
    }
    if (patience !== undefined && durationMs(patience) < MIN_PATIENCE_MS) {
      findings.push({
        code: 'patience-too-short',
        path: ['channels', name, 'patience'],
        message: `${patience} allows only a few attempts on "${name}": every short outage sends alerts to "${fallback}"`,
        fix: 'Give it a minute or more, as in patience: 5m',
      })
    }
    return findings
  })
}

function namesOfOther(channels: Config['channels'], type: ChannelConfig['type']): string[] {
  return Object.keys(channels).filter((name) => channels[name]?.type !== type)
}

/** The fallbacks that lead back to the start. */
function cycleFrom(start: string, channels: Config['channels']): string[] | undefined {
  const path = [start]
  for (;;) {
    const next = channels[path.at(-1) ?? '']?.fallback
    if (next === start) return path
    if (next === undefined || path.includes(next)) return undefined
    path.push(next)
  }
}

function wakesNobody(config: Config): Finding[] {
  const { channels } = config
  const pagers = Object.keys(channels).filter((name) => pages(channels[name]))
  return criticalLists(config)
    .filter(({ names }) => !names.some((name) => pagers.includes(name)))
    .map(({ path, what, names }) => ({
      code: 'critical-wakes-nobody',
      path,
      message: `${what} wakes nobody: ${named(names)} ${names.length === 1 ? 'does' : 'do'} not page`,
      fix:
        pagers.length > 0
          ? `Add a channel that pages: ${named(pagers)}`
          : 'Define a channel of type pagerduty and name it here, or make it a warning',
    }))
}

/** The channel lists of critical alerts: the severity's, those of rules with their own, and the default's. */
export function criticalLists(config: Config): { path: Path; what: string; names: string[] }[] {
  const { severities, rules, channels, default: fallback } = config
  return [
    { path: ['severities', 'critical', 'channels'], what: 'a critical alert', names: severities.critical.channels },
    ...rules.flatMap((rule, index) => {
      if (fixedSeverity(rule) !== 'critical' || !Array.isArray(rule.channels) || rule.continue) return []
      const what = 'an alert that this rule makes critical'
      return [{ path: ['rules', index, 'channels'], what, names: possibleIn(rule, channels) }]
    }),
    ...(fallback.severity === 'critical' && fallback.channels
      ? [{ path: ['default', 'channels'], what: 'an alert that is critical by default', names: fallback.channels }]
      : []),
  ]
}
