import fc from 'fast-check'
import { type Alert, KINDS } from '../schemas/alert.ts'
import type { Condition, Config, Pattern, When } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Subject } from '../shared/decide/rules.ts'

/** Sets that they name. */
export const SETS = { pair: ['a', 'b'], mixed: ['c', 'a*', '> 1'] }

const word = fc.constantFrom(
  ...['a', 'b', 'ab', 'ba', '2', 'a*', '*b', '*a*', '?', '??', '?b', '*', '**'],
  ...['/a/', '/^B$/i', '/b$/', '/./', '/.*/', '/a|b/', '/[ab]/', '/^a/m', '$pair', '$mixed'],
  ...['> 1', '<= 1', '>= 2', '< 2', '> 2'],
)
const number = fc.constantFrom('> 1', '<= 1', '>= 2', '< 2', '> 2', '2', '1', '*')
const duration = fc.constantFrom('> 1s', '<= 1s', '>= 2s', '< 1m', '> 2s')
const kind = fc.constantFrom('metric-alarm', 'event', '*alarm', '/event|budget/', '*')
const status = fc.constantFrom('firing', 'resolved', 'insufficient-data', '*ed', '*', '/i/')
const VALUES: Record<string, fc.Arbitrary<string>> = {
  name: word,
  metric: word,
  children: word,
  'tags.team': word,
  'threshold.value': number,
  firingFor: duration,
  kind,
  status,
  previousStatus: status,
}

const line = fc.constantFrom(...Object.keys(VALUES)).chain((field) => {
  const value = VALUES[field] as fc.Arbitrary<string>
  const list = fc.array(value, { minLength: 1, maxLength: 3 })
  const pattern: fc.Arbitrary<Pattern> = fc.oneof(value, list, fc.record({ not: fc.oneof(value, list) }))
  return pattern.map((one): Condition => ({ [field]: one }))
})
const lines = fc.array(line, { minLength: 1, maxLength: 2 }).map((all): Condition => Object.assign({}, ...all))
const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const some = fc.array(tie('condition'), { minLength: 1, maxLength: 3 })
  return {
    condition: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'nesting' },
      { weight: 3, arbitrary: lines },
      { weight: 1, arbitrary: fc.tuple(lines, fc.record({ any: some })).map(([own, more]) => ({ ...own, ...more })) },
      { weight: 1, arbitrary: fc.record({ all: some, not: tie('condition') }) },
      { weight: 1, arbitrary: fc.record({ not: fc.oneof(tie('condition'), some) }) },
      { weight: 1, arbitrary: fc.record({ any: some }) },
    ),
  } as never
})
const when: fc.Arbitrary<When> = fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 3 }))
const times = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ active: 'day' }, { mute: 'day' }, { active: 'evening' }) },
)
/** Rules that shadow and contradict each other often: values are few and near each other. */
export const anyRules = fc.array(fc.tuple(when, fc.boolean(), times), { minLength: 2, maxLength: 12 }).map((all) =>
  all.map(([one, goesOn, more], index) => ({
    ...{ name: `rule ${index}`, when: one, severity: index % 2 ? 'warning' : 'info', ...more },
    ...(goesOn && index % 3 === 0 && { continue: true }),
  })),
)

const value = fc.constantFrom('a', 'b', 'ab', 'ba', 'x', 'aab', '2', '1', '1.5', '', 'A', 'B', 'b\na', 'c')
/** Alerts that such rules match. */
export const anyAlert: fc.Arbitrary<Subject> = fc
  .record({
    name: value,
    metric: fc.option(value),
    team: fc.option(value),
    children: fc.array(value, { maxLength: 3 }),
    threshold: fc.option(fc.constantFrom(0, 1, 1.5, 2, 3)),
    kind: fc.oneof(fc.constantFrom('metric-alarm', 'event', 'budget'), fc.constantFrom(...KINDS)),
    status: fc.constantFrom('firing', 'resolved', 'insufficient-data'),
    previousStatus: fc.option(fc.constantFrom('firing', 'resolved', 'insufficient-data')),
    since: fc.option(fc.constantFrom(0, 0.5, 1, 1.5, 2, 3, 60, 90)),
    hour: fc.constantFrom(3, 10, 19),
  })
  .map(({ team, threshold, children, since, hour, metric, previousStatus, ...own }) => {
    const changedAt = `2026-11-03T${String(hour).padStart(2, '0')}:00:00.000Z`
    const fields = {
      ...{
        fingerprint: 'a',
        title: 'a',
        source: 'a',
        resource: 'a',
        changedAt,
        dimensions: {},
        details: {},
        links: {},
      },
      ...{ ...own, metric: metric ?? undefined, previousStatus: previousStatus ?? undefined },
      ...{ tags: team === null ? {} : { team }, children: children.map((name) => ({ name })) },
      ...(threshold !== null && { threshold: { value: threshold } }),
    }
    const firingSince = since === null ? undefined : new Date(Date.parse(changedAt) - since * 1_000).toISOString()
    return { alert: fields as Alert, firingSince }
  })

export function randomConfig(some: unknown[]): Config {
  const uses = [{ name: 'uses', when: { name: ['$pair', '$mixed'], kind: 'subscription' }, severity: 'info' }]
  return checkConfig({
    channels: { email: { type: 'email', addresses: ['a@example.com'] } },
    severities: {
      critical: { channels: ['email'] },
      warning: { channels: ['email'] },
      info: { channels: ['email'] },
    },
    windows: { day: { from: '09:00', to: '17:00' }, evening: { from: '18:00', to: '20:00' } },
    default: { severity: 'warning' },
    sets: SETS,
    rules: [...some, ...uses],
  })
}
