import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Condition, Config, Pattern, Rule, When } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import type { Decision, Firing } from '../shared/decide/decision.ts'
import { globMatches } from '../shared/decide/pattern.ts'
import { compileRules } from '../shared/decide/rules.ts'

const CHANNELS = {
  pager: { type: 'pagerduty', secret: 'pager' },
  'slack-critical': { type: 'slack', secret: 'slack-critical' },
  'slack-warning': { type: 'slack', secret: 'slack-warning' },
  email: { type: 'email', addresses: ['a@example.com'] },
}

function configOf(rules: unknown[], more: object = {}): Config {
  return checkConfig({
    channels: CHANNELS,
    severities: {
      critical: { channels: ['pager', 'slack-critical', 'email'] },
      warning: { channels: ['slack-warning'] },
      info: { channels: ['email'] },
    },
    default: { severity: 'warning' },
    rules,
    ...more,
  })
}

function alertOf(fields: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-errors',
    kind: 'metric-alarm',
    status: 'firing',
    name: 'orders-errors',
    title: 'orders-errors',
    changedAt: '2026-11-03T10:00:00.000Z',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    namespace: 'AWS/Lambda',
    metric: 'Errors',
    dimensions: { FunctionName: 'orders' },
    tags: { team: 'orders' },
    resource: 'orders (FunctionName)',
    children: [],
    details: {},
    links: {},
    ...fields,
  }
}

describe('what a rule can match', () => {
  test.each<[string, Condition | When, boolean]>([
    ['an exact value', { name: 'orders-errors' }, true],
    ['only the whole value', { name: 'orders' }, false],
    ['a case that is not the same', { name: 'Orders-Errors' }, false],
    ['any of a list', { metric: ['Throttles', 'Errors'] }, true],
    ['a glob', { name: 'orders-*' }, true],
    ['a glob of one character', { name: 'orders-error?' }, true],
    ['a regex anywhere in the value', { name: '/ERR/i' }, true],
    ['a regex that minds the case', { name: '/ERR/' }, false],
    ['a dimension', { 'dimensions.FunctionName': 'orders' }, true],
    ['a tag', { 'tags.team': ['billing', 'orders'] }, true],
    ['a tag that the alert has not', { 'tags.owner': '*' }, false],
    ['not', { region: { not: 'us-east-1' } }, true],
    ['not any of a list', { region: { not: ['us-east-1', 'eu-west-1'] } }, false],
    ['not, on a field that the alert has not', { 'tags.owner': { not: 'x' } }, true],
    ['every line of a condition', { name: 'orders-*', metric: 'Throttles' }, false],
    ['any condition of a list', [{ metric: 'Throttles' }, { name: 'orders-*' }], true],
    ['an account written as a number', { account: 123456789012 as unknown as string }, true],
    ['a label called like a method of objects', { 'tags.constructor': '*' }, false],
    ['every condition of all', { all: [{ name: 'orders-*' }, { metric: 'Errors' }] }, true],
    ['not only one of all', { all: [{ name: 'orders-*' }, { metric: 'Throttles' }] }, false],
    ['any of any, beside a line of its own', { name: 'orders-*', any: [{ metric: 'x' }, { region: 'eu-*' }] }, true],
    ['none of any', { name: 'orders-*', any: [{ metric: 'x' }, { region: 'us-*' }] }, false],
    ['not a whole condition', { name: 'orders-*', not: { metric: 'Errors', region: 'us-east-1' } }, true],
    ['not a condition that matches', { not: { metric: 'Errors', region: 'eu-west-1' } }, false],
    ['neither of two conditions', { not: [{ metric: 'x' }, { region: 'eu-west-1' }] }, false],
    ['each inside the other', { not: { any: [{ all: [{ name: '*' }, { not: { metric: 'Errors' } }] }] } }, true],
    ['a number at least', { 'threshold.value': '>= 99' }, true],
    ['a number above', { 'threshold.value': '> 99' }, false],
    ['a number between', { all: [{ 'threshold.value': '> 98.5' }, { 'threshold.value': '<= 1e2' }] }, true],
    ['a number that the alert has not', { 'threshold.observed': '< 1000' }, false],
    ['a label that is a number', { 'tags.tier': '< 2' }, true],
    ['no number', { 'tags.team': '> 0' }, false],
    ['a number with a unit', { 'details.size': '> 0' }, false],
    ['a duration', { 'threshold.periodSeconds': '>= 5m' }, true],
    ['a shorter duration', { 'threshold.periodSeconds': '< 300s' }, false],
    ['any of numbers and texts', { 'tags.tier': ['gold', '>= 1'] }, true],
    ['not a number', { 'tags.tier': { not: '>= 1' } }, false],
    ['a set', { account: '$production' }, true],
    ['a set among others', { account: ['999999999999', '$production'] }, true],
    ['not a set', { account: { not: '$production' } }, false],
    ['a set of patterns', { name: '$ours' }, true],
    ['the description', { description: '/checkout/' }, true],
  ])('%s', (_, when, matches) => {
    const sets = { production: ['111122223333', 123456789012], ours: ['billing-*', '/^orders-/'] }
    const users = [{ name: 'users', when: { account: '$production', name: '$ours', kind: 'budget' }, severity: 'info' }]
    const config = configOf([{ name: 'it', when, severity: 'info' }, ...users], { sets })
    const threshold = { value: 99, periodSeconds: 300 }
    const alert = alertOf({
      threshold,
      description: 'Slow checkout',
      tags: { team: 'orders', tier: '1' },
      details: { size: '5 GB' },
    })
    expect(decide(alert, config).rule).toBe(matches ? 'it' : 'default')
  })

  test.each<[string, Partial<Alert>, string | undefined, boolean]>([
    ['an alert that has been firing for longer', {}, '2026-11-03T09:49:59.000Z', true],
    ['an alert that has been firing for so long', {}, '2026-11-03T09:50:00.000Z', false],
    ['an alert that begins to fire', {}, undefined, false],
    ['one that fires and has lost its data', { status: 'insufficient-data' }, '2026-11-03T09:00:00.000Z', true],
    ['one that was not seen firing', { status: 'resolved' }, undefined, false],
  ])('firing for more than ten minutes: %s', (_, fields, since, matches) => {
    const config = configOf([{ name: 'it', when: { firingFor: '> 10m' }, severity: 'info' }])
    const firing: Firing | undefined = since ? { since, severity: 'warning', rule: 'x', channels: [] } : undefined
    expect(decide(alertOf(fields), config, firing).rule).toBe(matches ? 'it' : 'default')
  })

  test('a composite’s children', () => {
    const config = configOf([{ name: 'it', when: { children: 'checkout-*' }, severity: 'info' }])
    const children = [{ name: 'other' }, { name: 'checkout-p99' }]
    expect(decide(alertOf({ children }), config).rule).toBe('it')
  })
})

describe('a decision', () => {
  const CRITICAL = { name: 'all', when: { name: '*' }, severity: 'critical' }

  test('the first matching rule wins', () => {
    const config = configOf([
      { name: 'other', when: { metric: 'Throttles' }, severity: 'info' },
      { name: 'first', when: { metric: 'Errors' }, severity: 'critical' },
      { name: 'second', when: { name: 'orders-errors' }, severity: 'info' },
    ])
    expect(decide(alertOf(), config)).toMatchObject({
      rule: 'first',
      severity: 'critical',
      channels: ['pager', 'slack-critical', 'email'],
    })
  })

  test.each<[string, object, string[]]>([
    ['the severity’s channels', {}, ['pager', 'slack-critical', 'email']],
    ['channels of its own instead', { channels: ['slack-warning'] }, ['slack-warning']],
    ['more channels', { channels: { add: ['slack-warning'] } }, ['pager', 'slack-critical', 'email', 'slack-warning']],
    ['each channel once', { channels: { add: ['email', 'pager'] } }, ['pager', 'slack-critical', 'email']],
  ])('a rule sets %s', (_, more, channels) => {
    expect(decide(alertOf(), configOf([{ ...CRITICAL, ...more }])).channels).toEqual(channels)
  })

  test('an alert that no rule matches gets the default, with that explanation', () => {
    expect(decide(alertOf(), configOf([]))).toEqual({
      rule: 'default',
      severity: 'warning',
      channels: ['slack-warning'],
      because: ['no rule matches: the default severity is warning'],
    })
  })

  const FIRING: Firing = {
    since: '2026-11-03T09:00:00.000Z',
    severity: 'critical',
    rule: 'an earlier rule',
    channels: ['pager', 'slack-warning'],
  }

  test('a resolve goes to the recipients of the firing, whatever the rules are now', () => {
    const decision = decide(alertOf({ status: 'resolved' }), configOf([]), FIRING)
    expect(decision).toMatchObject({
      severity: 'critical',
      rule: 'an earlier rule',
      channels: ['pager', 'slack-warning'],
    })
  })

  test('the rules decide a resolve whose firing we never saw', () => {
    expect(decide(alertOf({ status: 'resolved' }), configOf([CRITICAL])).channels).toContain('pager')
  })

  test('a resolve whose channels were all removed from the config still reaches somebody', () => {
    const gone = { ...FIRING, channels: ['old-slack'] }
    expect(decide(alertOf({ status: 'resolved' }), configOf([]), gone).channels).toEqual(['slack-warning'])
  })

  describe('non-production never pages', () => {
    const NON_PRODUCTION = { nonProduction: { highest: 'warning', when: { 'tags.environment': 'staging' } } }
    const staging = alertOf({ tags: { environment: 'staging' } })

    test.each<[string, object, Partial<Decision>]>([
      ['a critical rule', {}, { severity: 'warning', channels: ['slack-warning'] }],
      ['a rule that names the pager', { severity: 'warning', channels: ['pager'] }, { channels: ['slack-warning'] }],
      ['a rule that adds the pager', { severity: 'info', channels: { add: ['pager'] } }, { channels: ['email'] }],
      ['a rule below', { severity: 'info' }, { severity: 'info', channels: ['email'] }],
      [
        'a critical rule with channels of its own keeps those that do not page',
        { channels: ['pager', 'email'] },
        { severity: 'warning', channels: ['email'] },
      ],
      [
        'a critical rule that adds channels keeps them beside those of the lowered severity',
        { channels: { add: ['pager', 'email'] } },
        { severity: 'warning', channels: ['slack-warning', 'email'] },
      ],
      [
        'a critical rule that names the pager alone goes where the lowered severity goes',
        { channels: ['pager'] },
        { severity: 'warning', channels: ['slack-warning'] },
      ],
    ])('%s', (_, rule, expected) => {
      expect(decide(staging, configOf([{ ...CRITICAL, ...rule }], NON_PRODUCTION))).toMatchObject(expected)
    })

    test('an alert that no rule matches keeps the default’s channels, except the pager', () => {
      const byDefault = { ...NON_PRODUCTION, default: { severity: 'critical', channels: ['pager', 'email'] } }
      expect(decide(staging, configOf([], byDefault))).toMatchObject({ severity: 'warning', channels: ['email'] })
    })

    test('it goes where it would go if its rules had set the lowered severity', () => {
      const channels = fc.uniqueArray(fc.constantFrom(...Object.keys(CHANNELS)), { minLength: 1 })
      const rule = fc.record(
        {
          channels: fc.oneof(
            channels,
            channels.map((add) => ({ add })),
          ),
          continue: fc.boolean(),
        },
        { requiredKeys: [] },
      )
      fc.assert(
        fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), (rules) => {
          const all = (severity: string) =>
            rules.map((one, index) => ({ ...CRITICAL, ...one, name: `rule ${index}`, when: { name: '*' }, severity }))
          const [lowered, said] = ['critical', 'warning'].map((severity) =>
            decide(staging, configOf(all(severity), NON_PRODUCTION)),
          )
          expect(lowered?.channels).toEqual(said?.channels)
        }),
      )
    })

    test('production pages', () => {
      expect(decide(alertOf(), configOf([CRITICAL], NON_PRODUCTION)).channels).toContain('pager')
    })
  })
})

describe('the severity declared by the alarm', () => {
  const config = configOf([{ name: 'it', when: { name: '*' }, severity: '{tags.severity}', otherwise: 'warning' }])

  test.each<[string, string | undefined, Decision['severity'], string]>([
    ['a severity', 'critical', 'critical', 'critical, from tags.severity'],
    ['in any case', ' Info ', 'info', 'info, from tags.severity " Info "'],
    ['a word that means one', 'SEV1', 'critical', 'critical, from tags.severity "SEV1"'],
    ['no severity', 'purple', 'warning', 'warning, because tags.severity "purple" is not a severity'],
    [
      'a name that objects have',
      'constructor',
      'warning',
      'warning, because tags.severity "constructor" is not a severity',
    ],
    ['nothing', undefined, 'warning', 'warning, because tags.severity is missing'],
  ])('%s', (_, word, severity, why) => {
    const decision = decide(alertOf({ tags: word === undefined ? {} : { severity: word } }), config)
    expect(decision).toMatchObject({ severity, rule: 'it', because: [`rule "it" matches first: ${why}`] })
  })

  test('the severity declared by an event', () => {
    const declared = configOf([{ name: 'it', when: { name: '*' }, severity: '{declaredSeverity}', otherwise: 'info' }])
    expect(decide(alertOf({ declaredSeverity: 'error' }), declared).severity).toBe('warning')
  })
})

describe('what a rule sets besides severity and channels', () => {
  const RUNBOOK = 'https://wiki.example.com/orders'
  const rule = {
    ...{ name: 'it', when: { name: '*' }, severity: 'warning' },
    ...{ groupBy: ['tags.team', 'region'], runbook: RUNBOOK, labels: { owner: 'orders', tier: 1 } },
  }

  test('groupBy, a runbook and labels', () => {
    expect(decide(alertOf(), configOf([rule]))).toMatchObject({
      groupBy: ['tags.team', 'region'],
      runbook: RUNBOOK,
      labels: { owner: 'orders', tier: '1' },
    })
  })

  test('no runbook if the alert has its own', () => {
    const alert = alertOf({ links: { runbook: 'https://wiki.example.com/its-own' } })
    expect(decide(alert, configOf([rule]))).not.toHaveProperty('runbook')
  })

  test('the resolve has the same', () => {
    const extras = { groupBy: ['name'], runbook: RUNBOOK, labels: { owner: 'us' } }
    const firing: Firing = {
      since: '2026-11-03T09:00:00.000Z',
      severity: 'info',
      rule: 'x',
      channels: ['email'],
      ...extras,
    }
    expect(decide(alertOf({ status: 'resolved' }), configOf([rule]), firing)).toMatchObject(extras)
  })

  test('a rule without them leaves them out', () => {
    const bare = { name: 'it', when: { name: '*' }, severity: 'info' }
    expect(Object.keys(decide(alertOf(), configOf([bare])))).toEqual(['severity', 'rule', 'channels', 'because'])
  })
})

describe('a rule that continues', () => {
  const ALL = { when: { name: '*' } }
  const team = {
    ...ALL,
    name: 'team',
    continue: true,
    channels: { add: ['email'] },
    labels: { owner: 'orders', a: '1' },
  }

  test('adds to what a later rule sets', () => {
    const later = {
      ...ALL,
      name: 'errors',
      severity: 'warning',
      channels: { add: ['slack-critical'] },
      labels: { a: '2' },
    }
    expect(decide(alertOf(), configOf([team, later]))).toEqual({
      severity: 'warning',
      rule: 'errors',
      channels: ['slack-warning', 'email', 'slack-critical'],
      labels: { owner: 'orders', a: '2' },
      because: [
        'rule "team" matches first: later rules are evaluated too',
        'rule "team" adds email',
        'rule "team" sets owner=orders, a=1',
        'rule "errors" also matches: warning',
        'rule "errors" adds slack-critical',
        'rule "errors" sets a=2',
      ],
    })
  })

  test('adds to the default if no later rule matches', () => {
    const decision = decide(alertOf(), configOf([team], { default: { severity: 'info', channels: ['slack-warning'] } }))
    expect(decision).toMatchObject({ severity: 'info', rule: 'default', channels: ['slack-warning', 'email'] })
    expect(decision.because.at(-1)).toBe('no matching rule sets a severity: the default is info')
  })

  test('is overridden by a later rule that sets the same', () => {
    const first = {
      ...{ ...ALL, name: 'first', continue: true, severity: 'critical', channels: ['pager'] },
      ...{ groupBy: ['name'], runbook: 'https://a.example.com/' },
    }
    const second = {
      ...{ ...ALL, name: 'second', severity: 'info', channels: ['slack-critical'] },
      ...{ groupBy: ['region'], runbook: 'https://b.example.com/' },
    }
    expect(decide(alertOf(), configOf([first, second]))).toMatchObject({
      ...{ severity: 'info', rule: 'second', channels: ['slack-critical'] },
      ...{ groupBy: ['region'], runbook: 'https://b.example.com/' },
      because: [
        'rule "first" matches first: critical; later rules are evaluated too',
        'rule "first" sends to pager instead of the severity\'s channels',
        'rule "first" groups by name',
        'rule "first" sets the runbook https://a.example.com/',
        'rule "second" also matches: info, overriding rule "first"',
        'rule "second" sends to slack-critical instead of the severity\'s channels, overriding rule "first"',
        'rule "second" groups by region, overriding rule "first"',
        'rule "second" sets the runbook https://b.example.com/, overriding rule "first"',
      ],
    })
  })

  test('keeps what later rules do not set', () => {
    const own = { ...ALL, name: 'own', continue: true, channels: ['email'] }
    const later = { ...ALL, name: 'later', severity: 'critical' }
    expect(decide(alertOf(), configOf([own, later]))).toMatchObject({ severity: 'critical', channels: ['email'] })
  })

  test('keeps its severity if no later rule sets one', () => {
    const raise = { ...ALL, name: 'raise', continue: true, severity: 'critical' }
    expect(decide(alertOf(), configOf([raise, team]))).toMatchObject({
      ...{ severity: 'critical', rule: 'raise', channels: ['pager', 'slack-critical', 'email'] },
    })
  })

  test('the first rule that does not continue is the last', () => {
    const stop = { ...ALL, name: 'stop', severity: 'warning' }
    const never = { ...ALL, name: 'never', severity: 'critical' }
    expect(decide(alertOf(), configOf([team, stop, never]))).toMatchObject({ severity: 'warning', rule: 'stop' })
  })

  test('non-production never pages, whatever was added', () => {
    const adds = { ...ALL, name: 'adds', continue: true, channels: { add: ['pager'] } }
    const nonProduction = { highest: 'warning', when: { 'tags.team': 'orders' } }
    expect(decide(alertOf(), configOf([adds], { nonProduction })).channels).toEqual(['slack-warning'])
  })
})

describe('ten thousand rules', () => {
  const SETS = { pair: ['a', 'b'], mixed: ['c', 'a*', '> 1'] }
  const value = fc.constantFrom('a', 'b', 'c', 'ab', '2', 'a*', '?b', '/a/', '/^B$/i', '$pair', '$mixed', '> 1', '<= 2')
  const pattern: fc.Arbitrary<Pattern> = fc.oneof(
    { weight: 3, arbitrary: value },
    fc.array(value, { minLength: 1, maxLength: 3 }),
    fc.record({ not: fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 2 })) }),
  )
  const FIELDS = [
    'name',
    'metric',
    'namespace',
    'status',
    'region',
    'children',
    'tags.team',
    'dimensions.Function',
    'threshold.value',
  ]
  const { condition } = fc.letrec<{ condition: Condition; inner: Condition }>((tie) => {
    const lines = fc.dictionary(fc.constantFrom(...FIELDS), pattern, { minKeys: 1, maxKeys: 3 })
    const some = fc.array(tie('inner'), { minLength: 1, maxLength: 3 })
    const nested = fc.tuple(
      fc.dictionary(fc.constantFrom(...FIELDS), pattern, { maxKeys: 1 }),
      fc.oneof(
        fc.record({ all: some }),
        fc.record({ any: some }),
        fc.record({ not: fc.oneof(tie('inner'), some) }),
        fc.record({ all: some, any: some, not: some }),
      ),
    )
    const both = fc.oneof(
      { maxDepth: 3, depthIdentifier: 'nesting' },
      { weight: 2, arbitrary: lines },
      { weight: 1, arbitrary: nested.map(([own, inner]) => ({ ...own, ...inner })) },
    )
    return { condition: both, inner: both } as never
  })
  const when: fc.Arbitrary<When> = fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 3 }))
  const rules = fc.array(fc.record({ when, continue: fc.boolean() }), { minLength: 1, maxLength: 12 })
  const text = fc.constantFrom('a', 'b', 'c', 'ab', 'x', '2')
  const alerts = fc.array(
    fc
      .record({
        ...{ name: text, metric: text, namespace: text, team: fc.option(text), fn: fc.option(text) },
        ...{
          children: fc.array(text, { maxLength: 2 }),
          region: fc.option(text),
          value: fc.option(fc.integer({ max: 3, min: 0 })),
        },
      })
      .map(({ name, metric, namespace, team, fn, children, region, value }) =>
        alertOf({
          ...{ name, metric, namespace, region: region ?? undefined },
          ...{ tags: team ? { team } : {}, dimensions: fn ? { Function: fn } : {} },
          ...{
            children: children.map((child) => ({ name: child })),
            threshold: value === null ? undefined : { value },
          },
        }),
      ),
    { minLength: 20, maxLength: 40 },
  )

  test('give the same answer by the index as one after the other', () => {
    fc.assert(
      fc.property(rules, alerts, (some, many) => {
        const named = some.map((rule, index): Rule => ({ ...rule, name: `rule ${index}`, severity: 'info' }))
        // Not checked: a status "a*" is nothing that a config may say, but the index must bear it.
        const config: Config = { ...configOf([]), sets: SETS, rules: named }
        const compiled = compileRules(config)
        for (const alert of many) {
          expect(compiled.matching({ alert }).map(({ name }) => name)).toEqual(plainScan(named, alert))
        }
      }),
      { numRuns: 300 },
    )
  })

  // The meaning of the language, written a second time, as simply as possible and with JavaScript's own expressions.

  function plainScan(all: Rule[], alert: Alert): string[] {
    const names: string[] = []
    for (const rule of all) {
      if (!holds(rule.when, alert)) continue
      names.push(rule.name)
      if (!rule.continue) break
    }
    return names
  }

  function holds(one: When, alert: Alert): boolean {
    if (Array.isArray(one)) return one.some((inner) => holds(inner, alert))
    return Object.entries(one).every(([key, what]) => {
      if (key === 'all') return (what as Condition[]).every((inner) => holds(inner, alert))
      if (key === 'any') return (what as Condition[]).some((inner) => holds(inner, alert))
      if (key === 'not') return !holds(what as When, alert)
      const is = what as Pattern
      if (typeof is === 'object' && 'not' in is) return !valuesIn(alert, key).some((v) => fits([is.not].flat(), v))
      return valuesIn(alert, key).some((v) => fits([is].flat() as string[], v))
    })
  }

  function fits(texts: string[], found: string): boolean {
    return texts.some((wanted) => {
      if (wanted === '$pair' || wanted === '$mixed') return fits(SETS[wanted === '$pair' ? 'pair' : 'mixed'], found)
      if (wanted === '> 1') return /^\d+$/.test(found) && Number(found) > 1
      if (wanted === '<= 2') return /^\d+$/.test(found) && Number(found) <= 2
      if (wanted === '/a/') return found.includes('a')
      if (wanted === '/^B$/i') return found.toLowerCase() === 'b'
      if (wanted === 'a*') return found.startsWith('a')
      if (wanted === '?b') return found.length === 2 && found.endsWith('b')
      return found === wanted
    })
  }

  function valuesIn(alert: Alert, field: string): string[] {
    const { tags, dimensions, threshold, children } = alert
    if (field === 'children') return children.map(({ name }) => name)
    const labels = {
      'tags.team': tags.team,
      'dimensions.Function': dimensions.Function,
      'threshold.value': threshold?.value,
    }
    const found = field in labels ? labels[field as keyof typeof labels] : alert[field as 'name']
    return found === undefined ? [] : [`${found}`]
  }
})

describe('globs', () => {
  test('match like the equivalent regular expression', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 })
    fc.assert(
      fc.property(glob, text, (g, t) => {
        const regex = g.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
        expect(globMatches(g, t)).toBe(new RegExp(`^${regex}$`).test(t))
      }),
      { numRuns: 2_000 },
    )
  })

  test('never take exponential time', () => {
    // As a backtracking regular expression this would run for longer than the universe has.
    expect(globMatches(`${'*a'.repeat(40)}b`, 'a'.repeat(5_000))).toBe(false)
  })
})

describe('the explanation', () => {
  const quiet = { nonProduction: { when: { account: '123456789012' }, highest: 'warning' } }
  const because = (rules: unknown[], more: object = {}, alert: Partial<Alert> = {}, firing?: Firing) =>
    decide(alertOf(alert), configOf(rules, more), firing).because
  const critical = { name: 'all', when: { name: '*' }, severity: 'critical' }

  test('non-production is lowered, and never pages', () => {
    expect(because([critical], quiet)).toEqual([
      'rule "all" matches first: critical',
      'non-production: lowered from critical to warning',
    ])
    expect(because([{ ...critical, channels: ['pager'] }], quiet).at(-1)).toBe('non-production: never pages')
    expect(because([{ ...critical, severity: 'warning' }], quiet)).toEqual(['rule "all" matches first: warning'])
    expect(decide(alertOf(), configOf([critical], quiet)).neverPages).toBe(true)
    expect(decide(alertOf(), configOf([{ ...critical, channels: ['pager'] }], quiet)).neverPages).toBe(true)
  })

  test('a rule gives a title and a text, and a later rule another', () => {
    const words = { name: 'words', when: { name: '*' }, continue: true, title: 'T {{name}}', text: 'X' }
    const decision = decide(alertOf(), configOf([words, { ...critical, text: 'Y' }]))
    expect(decision).toMatchObject({ title: 'T {{name}}', text: 'Y' })
    expect(decision.because.join()).toMatch(
      /"words" sets its own title.*"words" sets its own text.*"all" sets its own text/,
    )
    expect(decide(alertOf(), configOf([critical]))).not.toHaveProperty('text')
  })

  test('an alert that has a runbook keeps it', () => {
    const rules = [{ ...critical, runbook: 'https://wiki.example.com/rule' }]
    expect(decide(alertOf(), configOf(rules)).runbook).toBe('https://wiki.example.com/rule')
    expect(decide(alertOf({ links: { runbook: 'https://x.example.com' } }), configOf(rules)).runbook).toBeUndefined()
  })

  test('a resolve goes where its firing went, and nothing else does', () => {
    const firing: Firing = { since: '2026-11-03T09:00:00.000Z', severity: 'info', rule: 'then', channels: ['email'] }
    expect(because([critical], {}, { status: 'resolved' }, firing)).toEqual([
      'resolves the firing since 2026-11-03T09:00:00.000Z: sent to the same channels',
    ])
    for (const status of ['firing', 'insufficient-data'] as const) {
      expect(because([critical], {}, { status }, firing)).toEqual(['rule "all" matches first: critical'])
    }
    expect(because([critical], {}, { status: 'resolved' })).toEqual(['rule "all" matches first: critical'])
  })
})
