import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Condition, Config, Rule, When } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { type Decision, decide, type Firing } from '../shared/decide/decide.ts'
import { globMatches, isNot, patternTexts, textMatcher } from '../shared/decide/pattern.ts'
import { compileRules, fieldValues } from '../shared/decide/rules.ts'

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
  ])('%s', (_, when, matches) => {
    const config = configOf([{ name: 'it', when, severity: 'info' }])
    expect(decide(alertOf(), config).rule).toBe(matches ? 'it' : 'default')
  })

  test('a composite’s children', () => {
    const config = configOf([{ name: 'it', when: { children: 'checkout-*' }, severity: 'info' }])
    const children = [{ name: 'other' }, { name: 'checkout-p99' }]
    expect(decide(alertOf({ children }), config).rule).toBe('it')
  })
})

describe('what a decision is', () => {
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
  ])('a rule gives %s', (_, more, channels) => {
    expect(decide(alertOf(), configOf([{ ...CRITICAL, ...more }])).channels).toEqual(channels)
  })

  test('what no rule matches gets the default, and is explained by it', () => {
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

  test('a resolved alert goes to those who were told that it fires, whatever the rules say now', () => {
    const decision = decide(alertOf({ status: 'resolved' }), configOf([]), FIRING)
    expect(decision).toMatchObject({
      severity: 'critical',
      rule: 'an earlier rule',
      channels: ['pager', 'slack-warning'],
    })
  })

  test('a resolved alert that we never saw fire is decided by the rules', () => {
    expect(decide(alertOf({ status: 'resolved' }), configOf([CRITICAL])).channels).toContain('pager')
  })

  test('a resolved alert whose channels are all gone from the config still reaches somebody', () => {
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
    ])('%s', (_, rule, expected) => {
      expect(decide(staging, configOf([{ ...CRITICAL, ...rule }], NON_PRODUCTION))).toMatchObject(expected)
    })

    test('production pages', () => {
      expect(decide(alertOf(), configOf([CRITICAL], NON_PRODUCTION)).channels).toContain('pager')
    })
  })
})

describe('ten thousand rules', () => {
  const value = fc.constantFrom('a', 'b', 'c', 'ab', 'a*', '?b', '/a/', '/^b$/')
  const pattern = fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }), fc.record({ not: value }))
  const field = fc.constantFrom('name', 'metric', 'namespace', 'status', 'children', 'tags.team', 'dimensions.Function')
  const condition = fc.dictionary(field, pattern, { minKeys: 1, maxKeys: 3 })
  const when = fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 3 }))
  const text = fc.constantFrom('a', 'b', 'c', 'ab', 'x')
  const alert = fc
    .record({
      name: text,
      metric: text,
      namespace: text,
      team: fc.option(text),
      fn: fc.option(text),
      child: fc.option(text),
    })
    .map(({ name, metric, namespace, team, fn, child }) =>
      alertOf({
        name,
        metric,
        namespace,
        tags: team ? { team } : {},
        dimensions: fn ? { Function: fn } : {},
        children: child ? [{ name: child }] : [],
      }),
    )

  test('give the same answer by the index as by trying them one after the other', () => {
    fc.assert(
      fc.property(
        fc.array(when, { maxLength: 12 }),
        fc.array(alert, { minLength: 1, maxLength: 8 }),
        (whens, alerts) => {
          const rules = whens.map((one, index) => ({ name: `rule ${index}`, when: one, severity: 'info' }))
          // Not checked: a status "a*" is nothing that a config may say, but the index must bear it.
          const config = { ...configOf([]), rules: rules as Rule[] }
          const compiled = compileRules(config)
          for (const one of alerts) expect(compiled.firstMatch(one)?.name).toBe(plainScan(config, one))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  function plainScan(config: Config, one: Alert): string | undefined {
    return config.rules.find((rule) => [rule.when].flat().some((c) => matches(c, one)))?.name
  }

  function matches(c: Condition, one: Alert): boolean {
    return Object.entries(c).every(([name, p]) => {
      const hit = patternTexts(p).some((t) => fieldValues(one, name).some((v) => textMatcher(t).matches(v)))
      return hit !== isNot(p)
    })
  }
})

describe('globs', () => {
  test('match as the regular expression that means the same', () => {
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

  test('take no exponential time', () => {
    // As a backtracking regular expression this would run for longer than the universe has.
    expect(globMatches(`${'*a'.repeat(40)}b`, 'a'.repeat(5_000))).toBe(false)
  })
})
