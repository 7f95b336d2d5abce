import { type Config, SEVERITIES, type Severity } from '../../../schemas/config.ts'
import { oneLine } from '../../../shared/channels/outside-text.ts'
import { pages } from '../../../shared/channels/types.ts'
import { alike } from '../../../shared/decide/channels-by-field.ts'
import { isFixed } from '../../../shared/decide/fill.ts'
import { type Branch, type Tree, timesOf } from '../../../shared/explain/tree.ts'
import { bold, dim, SEVERITY_COLOURS } from '../../decision-text.ts'
import { wrap } from '../../wrap.ts'
import type { Fields } from '../set.ts'

/** What a channel is sent: the rules that select it, by severity, or the field with the severity. */
type ByChannel = Map<string, Record<string, string[]>>

/** Who receives what, for a person: the rules by severity, then by channel. */
export function describeTree(
  tree: Tree,
  config: Config,
  { path, fields, width }: { path: string; fields: Fields; width: number },
): string {
  const which = [...fields].map(([field, value]) => `${field} "${value}"`).join(' and ')
  const head = `${which === '' ? 'All alerts' : `Alerts with ${which}`}, by the rules in ${path}`
  const blocks = [
    ...(tree.branches.some(({ continues }) => continues) ? [describeGoing(tree, width)] : []),
    ...SEVERITIES.map((severity) => describeSeverity(severity, tree, config, width)),
    ...describeFields(tree, width),
    ...describeDefault(tree, width),
    describeChannels(channelsByName(tree, config), config, width),
  ]
  return `${[wrap(head, width).map(bold), describeNonProduction(tree, config, width), ...blocks]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function describeNonProduction({ nonProduction }: Tree, { nonProduction: said }: Config, width: number): string[] {
  if (!said || nonProduction === 'no') return []
  const what = nonProduction === 'yes' ? 'This is non-production' : 'Non-production among them'
  return wrap(`${what}: at most ${said.highest}, and never PagerDuty.`, width)
}

function describeGoing({ branches }: Tree, width: number): string[] {
  const going = branches.filter(({ continues }) => continues)
  return [
    bold('First; later rules are also evaluated'),
    ...rows(going, (branch) => [severityOf(branch), own(branch)], width),
  ]
}

function severityOf({ severity, otherwise }: Branch): string {
  if (severity === undefined) return ''
  return otherwise === undefined ? severity : `${severity}, otherwise ${otherwise}`
}

function own({ channels, instead, nobody }: Branch): string {
  if (nobody !== undefined) return nobodyBecause(nobody)
  return channels.length === 0 ? '' : `${instead ? '→' : '+'} ${channels.join(', ')}`
}

const nobodyBecause = (reason: string): string => `→ nobody: ${oneLine(reason)}`

function describeSeverity(severity: Severity, tree: Tree, config: Config, width: number): string[] {
  const deciding = tree.branches.filter((branch) => !branch.continues && branch.severity === severity)
  if (deciding.length === 0) return []
  const base = baseOf(severity, tree, config)
  const times = timesOf(config.severities[severity])
  const head = `${SEVERITY_COLOURS[severity]?.(severity)} → ${base.join(', ') || 'nobody'}${times ? ` (${times})` : ''}`
  return [...wrap(head, width, '', '  '), ...rows(deciding, (branch) => [differenceFrom(base, branch)], width)]
}

/** The channels of a severity, unless a rule adds to it. */
function baseOf(severity: Severity, { nonProduction }: Tree, { severities, channels }: Config): string[] {
  const all = severities[severity].channels
  return nonProduction === 'yes' ? all.filter((name) => !pages(channels[name])) : all
}

function differenceFrom(base: string[], { channels, nobody }: Branch): string {
  if (nobody !== undefined) return nobodyBecause(nobody)
  const added = channels.filter((name) => !base.includes(name))
  if (channels.length !== base.length + added.length) return `→ ${channels.join(', ')}`
  return added.length === 0 ? '' : `+ ${added.join(', ')}`
}

/** Rules that take their severity from a field that is not set. */
function describeFields({ branches }: Tree, width: number): string[][] {
  const open = Map.groupBy(
    branches.filter(({ continues, severity }) => !continues && severity?.startsWith('{')),
    severityOf,
  )
  return [...open].map(([severity, some]) => [
    ...wrap(`${severity} → as that severity`, width, '', '  '),
    ...rows(some, (branch) => [own(branch)], width),
  ])
}

function describeDefault({ byDefault, neverReached }: Tree, width: number): string[][] {
  if (!byDefault) {
    const what = neverReached === 1 ? '1 later rule is' : `${neverReached} later rules are`
    return neverReached > 0 ? [[dim(`${what} never reached.`)]] : []
  }
  const { severity, channels, nobody } = byDefault
  const to = nobody ? nobodyBecause(nobody.reason) : `→ ${channels.join(', ')}`
  return [wrap(`where no rule matches: ${severity} ${to}`, width, '', '  ')]
}

function rows(branches: Branch[], more: (branch: Branch) => string[], width: number): string[] {
  const column = Math.min(40, Math.max(...branches.map(({ rule }) => rule.length))) + 2
  return branches.flatMap((branch) => {
    const { position, rule, matches, times } = branch
    const notes = [
      ...more(branch).filter((text) => text !== ''),
      ...(times === undefined ? [] : [dim(`(${times})`)]),
      ...(matches === 'yes' ? [dim('(always)')] : []),
    ]
    const start = `${String(position).padStart(5)}  `
    if (notes.length === 0) return [start + rule]
    return wrap(notes.join('  '), width, start + rule.padEnd(column), ' '.repeat(start.length + column))
  })
}

function worstFirst(a: { severity: string }, b: { severity: string }): number {
  const rank = ({ severity }: { severity: string }) => (SEVERITIES as readonly string[]).indexOf(severity)
  return (rank(a) < 0 ? SEVERITIES.length : rank(a)) - (rank(b) < 0 ? SEVERITIES.length : rank(b))
}

/** What each channel is sent, in the order of the config. */
export function channelsByName(tree: Tree, config: Config): ByChannel {
  const { branches, byDefault } = tree
  const { channels } = config
  const ofAnySeverity = SEVERITIES.flatMap((severity) => baseOf(severity, tree, config))
  const all = [
    ...branches.map(({ rule, severity = '', channels: own, instead }) => ({
      ...{ rule, severity },
      named: severity.startsWith('{') && !instead ? [...ofAnySeverity, ...own] : own,
    })),
    ...(byDefault ? [{ rule: 'default', severity: byDefault.severity, named: byDefault.channels }] : []),
  ]
  return new Map(
    Object.keys(channels).map((name) => {
      const isNamed = (written: string) =>
        written === name || (!isFixed(written) && alike(written, channels).includes(name))
      const mine = all.filter(({ named }) => named.some(isNamed))
      const bySeverity = Map.groupBy(mine.toSorted(worstFirst), ({ severity }) => severity)
      return [
        name,
        Object.fromEntries([...bySeverity].map(([severity, some]) => [severity, some.map((one) => one.rule)])),
      ]
    }),
  )
}

function describeChannels(byChannel: ByChannel, { channels }: Config, width: number): string[] {
  const column = Math.max(...Object.keys(channels).map((name) => name.length)) + 2
  const lines = [...byChannel].flatMap(([name, bySeverity]) => {
    const backs = Object.keys(channels).filter((other) => channels[other]?.fallback === name)
    const times = channels[name] && timesOf(channels[name])
    const said = [
      ...Object.entries(bySeverity).map(([severity, names]) => `${severity || 'beside others'}: ${names.join(', ')}`),
      ...(backs.length > 0 ? [`fallback of ${backs.join(', ')}`] : []),
    ]
    const text = `${said.join('; ') || 'nothing'}${times ? ` (${times})` : ''}`
    return wrap(text, width, `  ${name.padEnd(column)}`, ' '.repeat(column + 2))
  })
  return [bold('Channels'), ...lines]
}
