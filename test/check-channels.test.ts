import { describe, expect, test } from 'vitest'
import { findingsOf } from '../shared/check/findings.ts'
import { someConfig } from './some-config.ts'

/** What the check says of channels, and of what is not production. */

const NOW = new Date('2026-10-14T10:00:00Z')

function found(config: ReturnType<typeof someConfig>, ...codes: string[]) {
  const { findings } = findingsOf(config, { now: NOW })
  return findings.filter(({ code }) => codes.some((one) => code.startsWith(one)))
}

const slack = (name: string, more = {}) => ({ [name]: { type: 'slack', secret: name, ...more } })
const pager = (name: string, more = {}) => ({ [name]: { type: 'pagerduty', secret: name, ...more } })
const mail = (name: string, more = {}) => ({ [name]: { type: 'email', addresses: ['a@example.com'], ...more } })
const severities = (critical: string[], others = ['chat']) => ({
  ...{ critical: { channels: critical }, warning: { channels: others }, info: { channels: others } },
})

describe('channels', () => {
  const base = { channels: { ...pager('page'), ...slack('chat') }, severities: severities(['page']) }
  const codes = (more: object, rules: object[] = []) =>
    found(someConfig(rules, { ...base, ...more }), 'unused', 'fallback', 'patience', 'critical-w')
      .map(({ code, path, also }) => [code, path.join('.'), ...(also ?? []).map((one) => one.join('.'))].join(' '))
      .filter((line) => !line.startsWith('unused-window'))
  const rule = (channels: unknown, more = {}) => [{ when: { name: 'a' }, severity: 'critical', channels, ...more }]

  test.each<[string, object, object[], string[]]>([
    ['nothing', {}, [], []],
    [
      'one that nothing names',
      { channels: { ...base.channels, ...mail('post') } },
      [],
      ['unused-channel channels.post'],
    ],
    ['one of a rule', { channels: { ...base.channels, ...mail('post') } }, rule(['post', 'page']), []],
    ['one that a rule adds', { channels: { ...base.channels, ...mail('post') } }, rule({ add: ['post'] }), []],
    [
      'one of the default',
      { channels: { ...base.channels, ...mail('post') }, default: { severity: 'info', channels: ['post'] } },
      [],
      [],
    ],
    [
      'one that is a fallback',
      { channels: { ...pager('page', { fallback: 'post' }), ...slack('chat'), ...mail('post') } },
      [],
      [],
    ],
    [
      'a fallback of the same vendor',
      { channels: { ...pager('page'), ...slack('chat', { fallback: 'more' }), ...slack('more') } },
      [],
      ['fallback-same-vendor channels.chat.fallback channels.more'],
    ],
    [
      'a fallback by SNS of an email by SES, which does not fail together',
      {
        channels: {
          ...pager('page'),
          ...slack('chat', { fallback: 'mail' }),
          ...mail('mail', { via: 'ses', from: 'a@example.com', fallback: 'post' }),
          ...mail('post'),
        },
      },
      [],
      [],
    ],
    [
      'two that are each other’s',
      { channels: { ...pager('page', { fallback: 'chat' }), ...slack('chat', { fallback: 'page' }) } },
      [],
      ['fallback-cycle channels.page.fallback channels.chat.fallback'],
    ],
    [
      'one that leads into a cycle',
      {
        channels: {
          ...mail('post', { fallback: 'page' }),
          ...pager('page', { fallback: 'chat' }),
          ...slack('chat', { fallback: 'page' }),
        },
      },
      [],
      ['unused-channel channels.post', 'fallback-cycle channels.page.fallback channels.chat.fallback'],
    ],
    [
      'a row of them',
      {
        channels: { ...mail('post', { fallback: 'page' }), ...pager('page', { fallback: 'chat' }), ...slack('chat') },
      },
      [],
      ['unused-channel channels.post'],
    ],
    [
      'little patience',
      { channels: { ...pager('page', { fallback: 'chat', patience: '29s' }), ...slack('chat') } },
      [],
      ['patience-too-short channels.page.patience'],
    ],
    [
      'some patience',
      { channels: { ...pager('page', { fallback: 'chat', patience: '30s' }), ...slack('chat') } },
      [],
      [],
    ],
    [
      'a critical that wakes nobody',
      { severities: severities(['chat']) },
      rule(['page'], { severity: 'info' }),
      ['critical-wakes-nobody severities.critical.channels'],
    ],
    ['a critical rule that wakes nobody', {}, rule(['chat']), ['critical-wakes-nobody rules.0.channels']],
    ['a critical rule that goes on', {}, rule(['chat'], { continue: true }), []],
    ['a warning that wakes nobody', {}, rule(['chat'], { severity: 'warning' }), []],
    ['a rule that adds one that does not page', {}, rule({ add: ['chat'] }), []],
    [
      'a default that wakes nobody',
      { default: { severity: 'critical', channels: ['chat'] } },
      [],
      ['critical-wakes-nobody default.channels'],
    ],
    ['a default that is a warning', { default: { severity: 'warning', channels: ['chat'] } }, [], []],
    ['a default that pages', { default: { severity: 'critical' } }, [], []],
  ])('%s', (_, more, rules, lines) => {
    expect(codes(more, rules)).toEqual(lines)
  })

  test('what is said of them', () => {
    const [one] = found(
      someConfig([], { ...base, severities: severities(['chat']), channels: slack('chat') }),
      'critical-w',
    )
    expect(one).toMatchObject({
      message: 'a critical alert wakes nobody: "chat" does not page',
      fix: 'Define a channel of type pagerduty and name it here, or make it a warning',
    })
    const channels = { ...base.channels, ...mail('post') }
    const [two] = found(someConfig([], { severities: severities(['chat', 'post']), channels }), 'critical-w')
    expect(two).toMatchObject({
      message: 'a critical alert wakes nobody: "chat" and "post" do not page',
      fix: 'Add a channel that pages: "page"',
    })
    const same = { ...slack('chat', { fallback: 'more' }), ...slack('more') }
    expect(found(someConfig([], { channels: same, severities: severities(['chat']) }), 'fallback-same')).toMatchObject([
      { fix: 'Name a channel of another type: (none defined)' },
    ])
    expect(
      found(
        someConfig([], { channels: { ...same, ...mail('post') }, severities: severities(['chat']) }),
        'fallback-same',
      ),
    ).toMatchObject([{ fix: 'Name a channel of another type: "post"' }])
  })
})

describe('non-production', () => {
  const env = { when: { 'tags.env': ['dev', 'staging'] }, highest: 'warning' }
  const lines = (rules: object[], more: object = {}) =>
    found(someConfig(rules, { nonProduction: env, ...more }), 'non-production', 'never-as').map(
      ({ code, path, example }) => [code, path.join('.'), JSON.stringify(example)].join(' '),
    )
  const pages = (when: object, more = {}) => [{ when, severity: 'critical', ...more }]

  test.each<[string, object[], object, string[]]>([
    ['nothing', pages({ name: 'a' }), {}, []],
    [
      'a rule that pages for another environment',
      pages({ 'tags.env': 'qa' }),
      {},
      ['non-production-pages rules.0.name {"tags.env":"qa"}'],
    ],
    [
      'a rule that pages for some of its environments',
      pages({ 'dimensions.Stage': ['test', 'uat'], name: 'a' }),
      { nonProduction: { when: { 'dimensions.Stage': 'test' }, highest: 'warning' } },
      ['non-production-pages rules.0.name {"dimensions.Stage":"uat","name":"a"}'],
    ],
    ['a rule for production as well', pages({ 'tags.env': ['qa', 'prod'] }), {}, []],
    ['a rule for what looks like one', pages({ 'tags.environs': 'qa' }), {}, []],
    ['a rule for all but one', pages({ 'tags.env': { not: 'qa' } }), {}, []],
    ['a rule for one by a glob', pages({ 'tags.env': ['qa', 'qa*'] }), {}, []],
    ['a rule that does not page', [{ when: { 'tags.env': 'qa' } }], {}, []],
    [
      'a rule with a channel that pages',
      [{ when: { 'tags.env': 'qa' }, channels: ['pager'] }],
      {},
      ['non-production-pages rules.0.name {"tags.env":"qa"}'],
    ],
    [
      'a rule that adds one that pages',
      [{ when: { 'tags.env': 'qa' }, channels: { add: ['pager'] } }],
      {},
      ['non-production-pages rules.0.name {"tags.env":"qa"}'],
    ],
    ['a critical rule with another channel', pages({ 'tags.env': 'qa' }, { channels: ['slack'] }), {}, []],
    [
      'a critical rule that adds another channel',
      pages({ 'tags.env': 'qa' }, { channels: { add: ['slack'] } }),
      {},
      ['non-production-pages rules.0.name {"tags.env":"qa"}'],
    ],
    ['a critical rule of non-production', pages({ 'tags.env': 'dev' }), {}, ['never-as-severe rules.0.severity ']],
    ['a critical rule of which a part is', pages([{ 'tags.env': 'dev' }, { name: 'a' }]), {}, []],
    ['a rule that is as severe as it may be', [{ when: { 'tags.env': 'dev' } }], {}, []],
    ['a rule that nothing matches', pages({ 'tags.env': 'dev', name: { not: '*' } }), {}, []],
    [
      'a rule of another severity',
      [{ when: { 'tags.env': 'dev' }, severity: '{declaredSeverity}', otherwise: 'info' }],
      {},
      [],
    ],
    [
      'critical at most',
      pages({ 'tags.env': 'dev' }),
      { nonProduction: { ...env, highest: 'info' } },
      ['never-as-severe rules.0.severity '],
    ],
    [
      'none, where something pages',
      pages({ name: 'a' }),
      { nonProduction: undefined },
      ['non-production-pages rules '],
    ],
    ['none, without rules', [], { nonProduction: undefined }, ['non-production-pages severities ']],
    [
      'none, where only a rule pages',
      [{ when: { name: 'a' }, channels: { add: ['pager'] } }],
      { nonProduction: undefined, severities: severities(['slack'], ['slack']) },
      ['non-production-pages rules '],
    ],
    [
      'none, where only the default pages',
      [],
      {
        nonProduction: undefined,
        severities: severities(['slack'], ['slack']),
        default: { severity: 'info', channels: ['pager'] },
      },
      ['non-production-pages severities '],
    ],
    [
      'none, where nothing pages',
      [{ when: { name: 'a' }, channels: ['slack'] }],
      { nonProduction: undefined, severities: severities(['slack'], ['slack']) },
      [],
    ],
  ])('%s', (_, rules, more, expected) => {
    expect(lines(rules, more)).toEqual(expected)
  })

  test.each<[string, object, object[], string[]]>([
    [
      'falls back to a pager',
      { ...pager('pager'), ...slack('slack', { fallback: 'pager' }) },
      [],
      ['non-production-fallback channels.slack.fallback {"tags.env":"dev"}'],
    ],
    ['falls back to mail', { ...pager('pager'), ...slack('slack', { fallback: 'post' }), ...mail('post') }, [], []],
    [
      'falls back to a pager where a rule sends it',
      { ...pager('pager'), ...slack('slack'), ...slack('own', { fallback: 'pager' }) },
      [{ when: { name: 'a', firingFor: '> 10m' }, channels: ['own'] }],
      ['non-production-fallback channels.own.fallback {"tags.env":"dev","name":"a","firingFor":"601"}'],
    ],
    [
      'is nothing that a rule sends',
      { ...pager('pager'), ...slack('slack'), ...slack('own', { fallback: 'pager' }) },
      [{ when: { 'tags.env': 'prod' }, channels: ['own'] }],
      [],
    ],
    [
      'falls back in two channels',
      { ...pager('pager'), ...slack('slack', { fallback: 'pager' }), ...mail('post', { fallback: 'pager' }) },
      [{ when: { name: 'a' }, channels: ['post'] }],
      [
        'non-production-fallback channels.slack.fallback {"tags.env":"dev"}',
        'non-production-fallback channels.post.fallback {"tags.env":"dev","name":"a"}',
      ],
    ],
  ])('%s', (_, channels, rules, expected) => {
    expect(lines(rules, { channels })).toEqual(expected)
  })

  test('falls back in two channels: only one is found when time is up', () => {
    const channels = {
      ...pager('pager'),
      ...slack('slack', { fallback: 'pager' }),
      ...mail('post', { fallback: 'pager' }),
    }
    const config = someConfig([{ when: { name: 'a' }, channels: ['post'] }], { channels })
    const { findings } = findingsOf(config, { now: NOW, startTime: () => () => false })
    expect(findings.filter(({ code }) => code === 'non-production-fallback')).toHaveLength(1)
  })
})

describe('while it fires', () => {
  const base = { channels: { ...pager('page'), ...slack('chat'), ...mail('post') }, severities: severities(['page']) }
  const codes = (more: object, rule: object = {}) =>
    found(
      someConfig([{ when: { name: 'a' }, severity: 'critical', ...rule }], { ...base, ...more }),
      'hold',
      'escal',
    ).map(({ code, path }) => `${code} ${path.join('.')}`)
  const steps = (...to: string[][]) => ({
    escalate: to.map((names, index) => ({ after: `${index + 1}0m`, to: names })),
  })

  test.each<[string, object, object, string[]]>([
    ['nothing', {}, {}, []],
    ['a short hold', {}, { hold: '3m', response: { acknowledge: '15m' } }, []],
    ['a hold of a rule', {}, { hold: '20m', response: { acknowledge: '15m' } }, ['hold-too-long rules.0.hold']],
    ['a hold of the file', { hold: '20m' }, { response: { resolve: '10m' } }, ['hold-too-long rules.0.response']],
    [
      'what flaps held for long',
      { flapping: { changes: 4, within: '1h', calmAfter: '20m' } },
      { severity: 'warning', response: { acknowledge: '15m' } },
      ['hold-too-long rules.0.response'],
    ],
    [
      'a critical one that flaps',
      {},
      { flapping: { changes: 4, within: '1h', calmAfter: '20m' }, response: { acknowledge: '15m' } },
      [],
    ],
    ['none of that', { hold: '20m' }, { hold: 'none', response: { resolve: '10m' } }, []],
    ['somebody else', {}, steps(['chat'], ['post']), []],
    ['the same again', {}, steps(['chat'], ['chat']), ['escalates-to-nobody-new rules.0.escalate.1']],
    ['those who were notified', {}, steps(['page']), ['escalates-to-nobody-new rules.0.escalate.0']],
    ['no pager', {}, { channels: ['chat'], ...steps(['post']) }, ['escalation-wakes-nobody rules.0.escalate']],
    ['a late reminder', {}, { remind: '2h', ...steps(['chat']) }, ['escalates-before-reminder rules.0.remind']],
  ])('%s', (_, more, rule, expected) => {
    expect(codes(more, rule)).toEqual(expected)
  })

  test('whoever is escalated to alone is used', () => {
    const config = someConfig([], { ...base, ...steps(['post']) })
    expect(found(config, 'unused-channel')).toEqual([])
  })
})
