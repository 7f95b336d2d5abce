import { describe, expect, test } from 'vitest'
import type { Condition } from '../schemas/config.ts'
import type { Finding } from '../shared/check/finding.ts'
import { pathsLikeRegexes } from '../shared/check/path-like.ts'
import { unlikelyPatterns } from '../shared/check/unlikely.ts'
import { someConfig } from './some-config.ts'

/** Patterns that are valid and hardly meant: what is said of them, and how to write them. */

function found(when: object, more: object = {}): Finding[] {
  const config = someConfig([{ when }], more)
  return [...pathsLikeRegexes(config), ...unlikelyPatterns(config)]
}

const value = (message: string, fix: string, field: string) => {
  return { code: 'unlikely-value', message, fix, path: ['rules', 0, 'when', field] }
}

describe('a text that looks like a regular expression', () => {
  test.each<[Condition, string]>([
    [{ name: 'orders.*' }, `'/orders.*/', as a glob "orders*"`],
    [{ name: '^orders-.*' }, `'/^orders-.*/', as a glob "orders-*"`],
    [{ name: '^orders-' }, `'/^orders-/', as a glob "orders-*"`],
    [{ name: '^orders$' }, `'/^orders$/', as a glob "orders"`],
    [{ name: '.*orders$' }, `'/.*orders$/', as a glob "*orders"`],
    [{ name: '.*orders' }, `'/.*orders/', as a glob "*orders"`],
    [{ name: '^a^b' }, `'/^a^b/'`],
    [{ name: 'a$b$' }, `'/a$b$/'`],
    [{ name: 'orders-.*|payments' }, `'/orders-.*|payments/', as a list ["orders-*", payments]`],
    [{ name: '^a-.*|b$' }, `'/^a-.*|b$/', as a list ["a-*", "*b"]`],
    [{ metric: 'Errors|Faults' }, `'/Errors|Faults/', as a list [Errors, Faults]`],
    [{ metric: 'Errors|the faults|a/b' }, `'/Errors|the faults|a/b/', as a list [Errors, "the faults", "a/b"]`],
    [{ name: '(orders|carts)-down' }, `'/(orders|carts)-down/'`],
    [{ name: 'a|b(c)' }, `'/a|b(c)/'`],
    [{ name: '(a)|b' }, `'/(a)|b/'`],
    [{ name: 'a|(b)' }, `'/a|(b)/'`],
    [{ name: ':|(b)' }, `'/:|(b)/'`],
    [{ name: '(a)|:' }, `'/(a)|:/'`],
    [{ name: 'Errors$' }, `'/Errors$/', as a glob "*Errors"`],
    [{ name: '*Errors$' }, `'/.*Errors$/', as a glob "*Errors"`],
    [{ name: 'orders-\\d+' }, "'/orders-\\d+/'"],
    [{ name: 'a\\s' }, "'/a\\s/'"],
    [{ name: 'a\\.b' }, "'/a\\.b/'"],
    [{ name: 'a\\)b' }, "'/a\\)b/'"],
    [{ name: 'a.+b' }, "'/a.+b/'"],
    [{ name: 'orders-[0-9]+' }, "'/orders-[0-9]+/'"],
    [{ name: 'orders-[x1-4y]*' }, "'/orders-[x1-4y]*/'"],
    [{ name: '[a-z]?x' }, "'/[a-z]?x/'"],
    [{ name: '[A-F_]{4}' }, "'/[A-F_]{4}/'"],
    [{ 'tags.team': { not: ['a', '^b.*'] } }, `'/^b.*/', as a glob "b*"`],
  ])('%j', (when, fix) => {
    const [field = ''] = Object.keys(when)
    const [pattern] = Object.values(when)
    const text = typeof pattern === 'string' ? pattern : '^b.*'
    const as = /[*?]/.test(text) ? 'a glob' : 'a literal value'
    expect(found(when)).toEqual([
      {
        code: 'regex-like-text',
        message: `"${text}" looks like a regular expression, but is read as ${as}`,
        fix: `Write a regular expression as ${fix}`,
        path: ['rules', 0, 'when', field],
      },
    ])
    // As it says to write it, it is one.
    expect(found({ name: /'([^']+)'/.exec(fix)?.[1] })).toEqual([])
  })

  test.each<Condition>([
    { name: 'orders | errors*' },
    { name: '[P1] *' },
    { name: '[us-east-1]*' },
    { name: '[eu-2]*' },
    { name: '[5-7]+' },
    { name: ['orders-*', 'carts-??'] },
    { source: 'aws.*' },
    { 'details.type': '*BitcoinTool.*' },
    { 'links.logs': 'ab.*' },
    { title: '*198.51.100.*' },
    { title: '*.*' },
    { title: '10.*' },
    { title: ['*over 5$', '*100 US$', 'a $', '$$'] },
    { title: 'a ^ b $ c' },
    { name: 'com.acme.orders.*' },
    { expression: 'm1|m2*' },
    { description: '^a$' },
    { reason: '^a$' },
    { alarmRule: 'a|b' },
    { 'details.path': 'C:\\data\\*' },
  ])('but not %j', (when) => {
    expect(found(when)).toEqual([])
  })
})

describe('a value that no alert has', () => {
  test.each<[string, string]>([
    ['“orders-*”', 'orders-*'],
    ['„orders“', 'orders'],
    ['«a»', 'a'],
    ['‘a', 'a'],
    ['“a', 'a'],
    ['a”', 'a'],
    ['a»', 'a'],
    ["'orders-*'", 'orders-*'],
    ['""orders""', 'orders'],
    ['`a`', 'a'],
    ['“it’s”', 'it’s'],
  ])('has quotes: %s', (text, meant) => {
    expect(found({ name: text })).toEqual([
      value(
        `the quotes in ${text} are part of the value: no alert contains them`,
        `Write it in straight quotes, once: "${meant}"`,
        'name',
      ),
    ])
  })

  test.each(['“Ledger” is down', 'it’s', 'a “b” c', '""', '“”', '"a b"', 'down: “a”', "'a", 'a’', 'a“', '”a', 'x"a"'])(
    'may have quotes within: %s',
    (name) => {
      expect(found({ name })).toEqual([])
    },
  )

  test.each<[Condition, string, string]>([
    [{ name: 'orders-* ' }, '"orders-* " starts or ends with a blank, which no alert\'s text does', 'Write "orders-*"'],
    [{ metric: ' Errors' }, '" Errors" starts or ends with a blank, which no alert\'s text does', 'Write "Errors"'],
    [{ metric: 'Errors\u200b' }, '"Errors\u200b" contains an invisible character (U+200B)', 'Retype it by hand'],
    [{ metric: 'a\u00a0b' }, '"a\u00a0b" contains an invisible character (U+00A0)', 'Retype it by hand'],
    [{ metric: 'a\ufeff' }, '"a\ufeff" contains an invisible character (U+FEFF)', 'Retype it by hand'],
    [
      { account: '1234-5678-9012' },
      '"1234-5678-9012" is not an AWS account id: 12 digits without separators',
      'Write "123456789012"',
    ],
    ...['prod', 'a123456789012', '123456789012b'].map((account): [Condition, string, string] => [
      { account },
      `"${account}" is not an AWS account id: 12 digits without separators`,
      account !== 'prod' ? 'Write "123456789012"' : 'Write its id, as in "111122223333"',
    ]),
    [{ region: 'us-esat-1' }, '"us-esat-1" is not an AWS region', 'Write us-east-1'],
    [{ region: 'Frankfurt' }, '"Frankfurt" is not an AWS region', 'Write eu-central-1'],
    [{ region: { not: 'everywhere' } }, '"everywhere" is not an AWS region', 'Write its code, as in eu-west-1'],
    [
      { namespace: 'AWS/lambda' },
      '"AWS/lambda" differs in case from AWS\'s name, and patterns are case-sensitive',
      'Write AWS/Lambda',
    ],
    [
      { namespace: ['x', 'aws/SQS'] },
      '"aws/SQS" differs in case from AWS\'s name, and patterns are case-sensitive',
      'Write AWS/SQS',
    ],
    [
      { metric: 'duration', namespace: ['own', 'AWS/Lambda'] },
      '"duration" differs in case from AWS\'s name, and patterns are case-sensitive',
      'Write Duration',
    ],
  ])('%j', (when, message, fix) => {
    expect(found(when)).toEqual([value(message, fix, Object.keys(when)[0] ?? '')])
  })

  test.each<Condition>([
    { name: ' ' },
    { account: ['123456789012', '1234*'] },
    { region: ['us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-isob-east-1', 'eu-west-9', 'us-*'] },
    { metric: 'errors' },
    { metric: 'duration', source: 'AWS/Lambda' },
    { metric: 'duration', namespace: 'own/AWS/Lambda' },
    { metric: 'Duration', namespace: 'AWS/Lambda' },
    { title: 'aws/lambda', namespace: 'AWS/Lambda' },
    { namespace: ['AWS/Lambda', 'aws-orders/lambda', 'AWS/Brand-new'] },
    { name: '/ a|b$/' },
    { 'tags.n': '> 5' },
  ])('but not %j', (when) => {
    expect(found(when)).toEqual([])
  })

  test('in a set is reported where it is written, once', () => {
    const sets = { some: ['111122223333', '4444-5555-6666'] }
    const rules = [{ when: { account: '$some', metric: 'x' } }, { when: { account: { not: '$some' } } }]
    expect(unlikelyPatterns(someConfig(rules, { sets }))).toEqual([
      { ...value('', 'Write "444455556666"', ''), message: expect.any(String), path: ['sets', 'some', 1] },
    ])
  })

  test('is found wherever there is a condition', () => {
    const paths = (when: object, more = {}) => found(when, more).map(({ path }) => path.join('.'))
    const bad = { account: 'x' }
    expect(paths([{ metric: 'm' }, { all: [{ any: [bad] }], not: { not: [{ any: [bad] }] } }])).toEqual([
      'rules.0.when.1.all.0.any.0.account',
      'rules.0.when.1.not.not.0.any.0.account',
    ])
    const maintenance = [
      { name: 'm', window: { from: '2026-12-01', to: '2026-12-02' } },
      { name: 'n', window: { from: '2026-12-01', to: '2026-12-02' }, covers: bad },
    ]
    expect(paths({ metric: 'm' }, { maintenance })).toEqual(['maintenance.1.covers.account'])
    expect(paths({ metric: 'm' }, { nonProduction: { when: bad, highest: 'warning' } })).toEqual([
      'nonProduction.when.account',
    ])
    expect(paths({ metric: 'm' }, { nonProduction: undefined })).toEqual([])
  })
})

describe('an account of which it is not clear whether it is production', () => {
  const [ONE, TWO, THREE] = ['111122223333', '444455556666', '777788889999']
  const both = (account: string, path: string, other: string) => ({
    code: 'account-on-both-sides',
    path: path.split('.').map((step) => (/^\d$/.test(step) ? Number(step) : step)),
    message: `account "${account}" is included in nonProduction here, and excluded elsewhere`,
    fix: 'Keep one of the two: an account is either production or not',
    also: [other.split('.').map((step) => (/^\d$/.test(step) ? Number(step) : step))],
  })

  test.each<[object, object[]]>([
    [
      { not: { account: [ONE, TWO] }, any: [{ account: [TWO, THREE] }] },
      [both(TWO, 'nonProduction.when.any.0.account', 'nonProduction.when.not.account')],
    ],
    [
      { not: { account: '$live' }, any: [{ account: TWO }] },
      [both(TWO, 'nonProduction.when.any.0.account', 'sets.live.1')],
    ],
    [
      { not: { account: { not: ONE } }, any: [{ account: { not: ONE } }] },
      [both(ONE, 'nonProduction.when.not.account', 'nonProduction.when.any.0.account')],
    ],
    [{ not: { account: '$live' }, any: [{ account: THREE }] }, []],
    [{ not: { name: ONE }, account: ONE }, []],
    [{ account: ONE, not: { title: ONE } }, []],
  ])('%j', (when, findings) => {
    const more = { nonProduction: { highest: 'warning', when }, sets: { live: [ONE, TWO] } }
    expect(found({ account: '$live' }, more)).toEqual(findings)
  })
})

describe('a path that is read as a regular expression', () => {
  test.each<[Condition, string, string, string]>([
    [{ 'dimensions.Resource': '/orders/' }, 'orders', '/^\\/orders\\/$/', '/orders/*'],
    [{ 'dimensions.Resource': '/v1/s' }, 'v1', '/^\\/v1\\/s$/', '/v1/s/*'],
    [{ 'details.url': ['/cart.html', '/cart.v2/'] }, 'cart.v2', '/^\\/cart\\.v2\\/$/', '/cart.v2/*'],
    [{ name: '/aws/lambda/' }, 'aws/lambda', '/^\\/aws\\/lambda\\/$/', '/aws/lambda/*'],
    [{ resource: { not: '/orders/' } }, 'orders', '/^\\/orders\\/$/', '/orders/*'],
    [{ 'tags.log-group': '/a/' }, 'a', '/^\\/a\\/$/', '/a/*'],
  ])('%j', (when, source, exact, below) => {
    const [field = ''] = Object.keys(when)
    const text = below.replace(/\/\*$/, source === 'v1' ? '' : '/')
    expect(found(when)).toEqual([
      {
        code: 'path-like-regex',
        path: ['rules', 0, 'when', field],
        message: `"${text}" is a regular expression here: it matches any value that contains "${source}", such as "/pre${source}"`,
        fix: `To match only this path write '${exact}', to match everything below it "${below}"`,
      },
    ])
  })

  test.each<Condition>([
    { 'dimensions.Resource': '/^.orders/' },
    { 'dimensions.Resource': '/orders|carts/' },
    { name: '/errors/' },
    { 'details.resourceful': '/x y/' },
    { 'dimensions.Resource': '/orders/v1x2' },
  ])('but not %j', (when) => {
    expect(found(when)).toEqual([])
  })
})
