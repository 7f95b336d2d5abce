import type { Alert } from '../schemas/alert.ts'
import type { Config, Inhibition, Rule, When } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { email } from '../shared/channels/email/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { decide } from '../shared/decide/decide.ts'
import { hold } from '../shared/decide/hold.ts'
import { mutedIn, mutes } from '../shared/decide/inhibit.ts'
import { compileWhen } from '../shared/decide/rules.ts'
import { withSilences } from '../shared/decide/silence.ts'
import { keptTrace } from '../shared/explain/kept-trace.ts'
import { parse } from '../shared/parse/parse.ts'
import { median, type Ratio, ratioOf } from './ratio.ts'

export interface Cost {
  name: string
  /** CPU for one alert, microseconds. */
  us: number
  /** How often `JSON.parse` could read the same event in that time. */
  overJsonParse: Ratio
}

/** The cost of one alert in each pure step, alternating with `JSON.parse` of the same event. */
export function alertCosts(eventText: string, config: Config): Cost[] {
  const [alert] = parse(JSON.parse(eventText)) as [Alert]
  const at = new Date(alert.changedAt)
  const decided = decide(alert, config)
  const decision = hold(alert, decided, config, at)
  const { severity, rule } = decision
  const notification = { id: 'bench', channel: 'bench', alert, severity, rule }
  const as = (type: Notification['type']): Notification => ({ ...notification, type })
  const steps: [string, () => unknown][] = [
    ['JSON.parse of the event', () => JSON.parse(eventText)],
    ['parse', () => parse(JSON.parse(eventText))],
    ['decide (shipped rules)', () => decide(alert, config)],
    ['trace what decided', () => keptTrace({ alert, config, firing: undefined, decided, decision, at })],
    ['render for PagerDuty', () => pagerduty.render(as('pagerduty'))],
    ['render for Slack', () => slack.render(as('slack'))],
    ['render for email', () => email.render(as('email'))],
  ]
  const measured = inTurns(steps.map(([, step]) => step))
  const [base = []] = measured
  return steps.map(([name], index) => {
    const us = measured[index] ?? []
    return { name, us: median(us), overJsonParse: ratioOf(us, base) }
  })
}

/** Rules as a large company would have, each for one service, in the forms that people write. */
function rulesOf(size: number): Rule[] {
  return Array.from({ length: size }, (_, index) => ({
    name: `rule ${index}`,
    when: FORMS[index % FORMS.length]?.(`service-${index}`) ?? {},
    severity: 'warning',
  }))
}

const FORMS: ((service: string) => When)[] = [
  (service) => ({ name: `${service}-errors`, namespace: 'AWS/Lambda' }),
  (service) => ({ 'tags.service': service, 'threshold.value': '>= 1' }),
  (service) => ({ all: [{ 'dimensions.FunctionName': [service, `${service}-canary`] }], not: { region: 'us-*' } }),
  (service) => ({ any: [{ name: `${service}-errors` }, { resource: service, name: '/errors/i' }] }),
]

/** CPU of one decision for each number of rules, relative to the first; compared with a scan of all rules. */
export function decideCosts(sizes: number[], shipped: Config, alert: Alert) {
  // Only the last rule matches.
  const hits = sizes.map((size): Alert => {
    const service = `service-${size - 1}`
    return {
      ...alert,
      name: `${service}-errors`,
      namespace: 'AWS/Lambda',
      region: 'eu-west-1',
      tags: { service },
      dimensions: { FunctionName: service },
      threshold: { value: 5 },
    }
  })
  const decisions = sizes.map((size, index) => {
    const config: Config = { ...shipped, nonProduction: undefined, rules: rulesOf(size) }
    const hit = hits[index] as Alert
    if (decide(hit, config).rule !== `rule ${size - 1}`) throw new Error('the bench decides on the wrong rule')
    return () => decide(hit, config)
  })
  const scans = sizes.map((size, index) => {
    const predicates = rulesOf(size).map(({ when }) => compileWhen(when))
    const subject = { alert: hits[index] as Alert }
    return () => predicates.findIndex((matches) => matches(subject))
  })
  const measured = inTurns([...decisions, ...scans])
  const [base = []] = measured
  return sizes.map((size, index) => {
    const us = measured[index] ?? []
    return { size, us: median(us), overFirst: ratioOf(us, base), scanUs: median(measured[index + sizes.length] ?? []) }
  })
}

/** Silences as people make them in a large company: of a team, an alert, some services, all that begins so. */
const SILENCED: ((service: string) => When)[] = [
  (service) => ({ 'tags.team': service }),
  (service) => ({ fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${service}` }),
  (service) => ({ name: `${service}-*` }),
  (service) => ({ name: [`${service}-errors`, `${service}-latency`], account: '123456789012' }),
]

/** Inhibitions, as of many systems: whatever is down mutes what it slows. */
const inhibitionOf = (_: unknown, index: number): Inhibition => ({
  name: `inhibition ${index}`,
  when: index % 2 === 0 ? { name: `service-${index}-down` } : { 'tags.service': `service-${index}`, metric: 'Up' },
  mutes: index % 2 === 0 ? { name: `service-${index}-*` } : { 'tags.service': `service-${index}` },
  equal: ['account', 'region'],
})

/**
 * CPU of one decision with so many silences in force and so many inhibitions in the rules, over that with none: of an alert
 * that none concerns, and that a silence and an inhibition do. Whether what mutes it fires, the table says.
 */
export function silenceCosts(
  { silences, inhibitions }: Record<'silences' | 'inhibitions', number>,
  shipped: Config,
  alert: Alert,
) {
  const at = new Date(alert.changedAt)
  const config: Config = { ...shipped, inhibit: Array.from({ length: inhibitions }, inhibitionOf) }
  const silenced = withSilences(
    config,
    Array.from({ length: silences }, (_, index) => ({
      ...{ id: `silence-${index}`, when: SILENCED[index % SILENCED.length]?.(`service-${index}`) ?? {} },
      ...{ about: 'bench', by: 'bench', via: 'cli' as const, why: 'bench', at: at.toISOString() },
      until: new Date(at.getTime() + 3_600_000).toISOString(),
    })),
  )
  const service = `service-${inhibitions - 1}`
  const covered = { ...alert, tags: { ...alert.tags, service, team: `service-${silences - SILENCED.length}` } }
  const decideWith = (of: Config, one: Alert) => () => {
    const groups = [...mutes(one, of), ...mutedIn(one, of)]
    return { groups, timed: hold(one, decide(one, of), of, at) }
  }
  const { groups, timed } = decideWith(silenced, covered)()
  if (timed.held.length === 0 || groups.length === 0) throw new Error('the bench silences or mutes nothing')
  const [none = [], ...others] = inTurns([
    decideWith(shipped, alert),
    decideWith(silenced, alert),
    decideWith(silenced, covered),
  ])
  return ['that none concerns', 'that one of each does'].map((what, index) => {
    const us = others[index] ?? []
    return { what, us: median(us), overNone: ratioOf(us, none) }
  })
}

const ROUNDS = 31
const ROUND_MS = 4

/** Microseconds per call, of each of many short rounds; each round runs every step once. */
function inTurns(steps: (() => unknown)[]): number[][] {
  const calls = steps.map(callsInARound)
  const rounds = steps.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    steps.forEach((step, index) => {
      const count = calls[index] ?? 1
      const from = process.cpuUsage()
      const wall = performance.now()
      for (let call = 0; call < count; call++) step()
      const cpu = process.cpuUsage(from)
      // If the CPU clock is coarse, wall time is more accurate.
      const us = cpu.user + cpu.system || (performance.now() - wall) * 1_000
      rounds[index]?.push(us / count)
    })
  }
  return rounds
}

function callsInARound(step: () => unknown): number {
  // The first call may do one-time work, such as compiling the rules.
  step()
  const until = performance.now() + 40
  let count = 0
  while (performance.now() < until) {
    step()
    count++
  }
  return Math.max(1, Math.round((count / 40) * ROUND_MS))
}
