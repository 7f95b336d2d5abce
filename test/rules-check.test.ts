import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, rules } from './command.ts'

const HEAD = readFileSync('test/configs/bad/shadowed-rule.yml', 'utf8').split('rules:')[0]

function check(some: string, ...args: string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'alerts.yml')
  writeFileSync(file, `${HEAD}rules:\n${some}`)
  return rules(['check', '--config', file, ...args])
}

async function codes(some: string): Promise<string[]> {
  const { stdout } = await check(some, '--json')
  return JSON.parse(stdout).findings.map(({ code }: { code: string }) => code)
}

/** Without the line breaks, which depend on how long a path is. */
const inOneLine = (text: string) => text.replace(/\s+/g, ' ')

const rule = (name: string, when: string, more = 'severity: warning') =>
  `  - { name: ${name}, when: ${when}, ${more} }\n`

describe('a rule that can never match, for', () => {
  test.each<[string, string[], string]>([
    ['the same value', ['{ metric: Errors }'], '{ metric: Errors, region: eu-west-1 }'],
    ['a list that has all of its values', ['{ metric: [a, b, c] }'], '{ metric: [a, c] }'],
    ['lists that have them together', ['{ metric: [a, b] }', '{ metric: [c, d] }'], '{ metric: [a, c] }'],
    ['a glob that is wider', ['{ name: "a*" }'], '{ name: "ab?-*" }'],
    ['what a glob leaves over', ['{ name: "a*" }', '{ name: { not: "a*" } }'], '{ metric: Errors }'],
    ['a number that is lower', ['{ threshold.value: ">= 5" }'], '{ threshold.value: "> 5" }'],
    ['numbers that meet', ['{ tags.n: "< 5" }', '{ tags.n: ">= 5" }'], '{ tags.n: "> 1" }'],
    ['a longer time', ['{ firingFor: "> 10m" }'], '{ firingFor: ">= 1h" }'],
    ['a regex that matches its value', ['{ name: /err/i }'], '{ name: [my-ERROR, errors] }'],
    ['the very same regex', ['{ name: "/^a|b$/" }'], '{ name: "/^a|b$/", metric: x }'],
    ['a child that is wanted', ['{ children: "a*" }'], '{ all: [{ children: ab }, { children: c }] }'],
    ['a label that is there', ['{ tags.team: "*" }'], '{ tags.team: /x/ }'],
    ['each kind alone', ['{ kind: "*alarm" }', '{ kind: { not: "*alarm" } }'], '{ region: us-east-1 }'],
    ['what is not excluded', ['{ not: { name: a, metric: b } }'], '{ name: a, metric: c }'],
    ['any of what is nested', ['[{ name: a }, { all: [{ any: [{ name: b }, { name: c }] }] }]'], '{ name: [a, b, c] }'],
  ])('%s', async (_, earlier, last) => {
    const all = [...earlier, last].map((when, index) => rule(`r${index}`, when)).join('')
    expect(await codes(all)).toEqual(['shadowed-rule'])
    // Each of those is needed, and a rule that continues shadows nothing.
    for (const left of earlier.keys()) {
      const others = earlier.map((when, at) => {
        return rule(`r${at}`, when, at === left ? 'severity: warning, continue: true' : 'severity: warning')
      })
      expect(await codes([...others, rule('last', last)].join(''))).not.toContain('shadowed-rule')
    }
  })

  test.each([
    ['other values', '{ metric: Errors }', '{ metric: [Errors, Faults] }'],
    ['another field', '{ name: a }', '{ title: a }'],
    ['a value in another case', '{ name: Errors }', '{ name: errors }'],
    ['a narrower glob', '{ name: "ab*" }', '{ name: "a*" }'],
    ['a line more', '{ metric: a, region: us-east-1 }', '{ metric: a }'],
    ['a regex that covers another', '{ name: "/a/" }', '{ name: "/^ab/" }'],
    ['a label that is not there', '{ tags.team: { not: x } }', '{ tags.owner: x }'],
    ['a child of another name', '{ children: { not: a } }', '{ children: b }'],
    ['two children', '{ not: { children: a } }', '{ children: b }'],
    ['a number in words', '{ tags.n: "> 0" }', '{ tags.n: "*" }'],
  ])('but not for %s', async (_, earlier, last) => {
    expect(await codes(rule('a', earlier) + rule('b', last))).not.toContain('shadowed-rule')
  })

  test('every ten thousandth of many', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => rule(`r${n}`, `{ name: service-${n}, region: eu-west-1 }`))
    const dead = rule('dead', '{ name: [service-7, service-1900], region: eu-west-1, metric: Errors }')
    expect(await codes([...many, dead].join(''))).toEqual(['shadowed-rule'])
  })
})

describe('a path that is read as a regular expression', () => {
  const found = async (some: string) => {
    const { stdout } = await check(some, '--json')
    const { findings } = JSON.parse(stdout) as {
      findings: { code: string; message: string; fix: string; path: string[] }[]
    }
    return findings.filter(({ code }) => code === 'path-like-regex')
  }

  test('of a set, and of what is not production', async () => {
    expect(await found(`${rule('a', '{ resource: $paths }')}sets: { paths: [/orders/, x] }\n`)).toHaveLength(1)
  })

  test('but not where it is meant', async () => {
    const some =
      '{ dimensions.Resource: /orders/ } } # check: path-like-regex is meant\n  - { name: b, when: { metric: b }'
    expect(await found(rule('a', some))).toEqual([])
  })
})

describe('a pattern that is probably a mistake', () => {
  const CODES = ['regex-like-text', 'unlikely-value', 'account-on-both-sides']
  const found = async (some: string) => {
    const { stdout, code } = await check(some, '--json')
    const { findings } = JSON.parse(stdout) as { findings: Record<string, string>[] }
    const doubts = findings.filter(({ code }) => CODES.includes(code ?? ''))
    expect(code).toBe(0)
    for (const { level, message } of doubts) expect([level, message]).toEqual(['warning', expect.any(String)])
    return doubts
  }
  const fixes = async (some: string) => (await found(some)).map(({ fix }) => fix)

  test('is suppressed by a comment, and reported once per set', async () => {
    expect(
      await found('  # check: unlikely-value is meant\n  - { name: a, when: { account: ledger }, severity: info }\n'),
    ).toEqual([])
    const twice = rule('a', '{ account: $some, metric: y }') + rule('b', '{ account: $some, metric: x }')
    expect(await fixes(`${twice}sets: { some: [ledger] }\n`)).toHaveLength(1)
  })
})

describe('rules that are active only at some times', () => {
  const WINDOWS = 'windows:\n  office: { from: "09:00", to: "17:00" }\n  nights: { from: "22:00", to: "06:00" }\n'
  const at = (name: string, times: string, when = '{ metric: Errors }') => {
    return rule(name, when, `severity: info${times && `, ${times}`}`)
  }
  const LAST = rule('last', '{ metric: Errors, region: us-east-1 }', 'severity: critical')

  test.each<[string, string]>([
    ['one within a window, one outside of it', at('a', 'active: office') + at('b', 'mute: office')],
    ['several windows', at('a', 'active: [office, nights]') + at('b', 'mute: [nights, office]')],
    ['one after the other', at('a', 'active: office') + at('b', 'active: nights') + at('c', 'mute: [office, nights]')],
    [
      'with conditions that only together are all',
      at('a', 'active: office') + at('b', 'mute: office', '{ region: us-east-1 }'),
    ],
    [
      'windows without a name',
      at('a', 'active: { on: weekdays, from: "08:00", to: "18:00" }') +
        at('b', 'mute: { on: weekdays, from: "08:00", to: "18:00" }'),
    ],
  ])('together leave nothing over: %s', async (_, some) => {
    const { stdout, code } = await check(some + LAST + WINDOWS, '--json')
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] }
    expect(findings.filter(({ rule }) => rule === 'last')).toMatchObject([{ code: 'shadowed-rule' }])
    expect(code).toBe(1)
  })

  test.each<[string, string]>([
    ['two windows of which neither may be open', at('a', 'active: office') + at('b', 'active: nights')],
    ['a time that both leave out', at('a', 'active: office') + at('b', 'active: office, mute: nights')],
    ['another condition outside', at('a', 'active: office') + at('b', 'mute: office', '{ region: us-east-2 }')],
    ['only one of two windows is left out', at('a', 'active: office') + at('b', 'mute: [office, nights]')],
    ['the inner one continues', at('a', 'active: office, continue: true') + at('b', 'mute: office')],
  ])('leave something over: %s', async (_, some) => {
    const { stdout } = await check(some + LAST + WINDOWS, '--json')
    const { rules: verdicts } = JSON.parse(stdout) as { rules: { rule: string; verdict: string }[] }
    expect(verdicts.find(({ rule }) => rule === 'last')?.verdict).toBe('reachable')
  })
})

describe('undecided rules', () => {
  test('is reported, with the rules', async () => {
    const some = rule('a', '{ name: "/^(a|b)+$/" }') + rule('b', '{ name: "/^[ab]+$/", metric: x }')
    expect(inOneLine((await check(some)).stdout)).toContain(
      'Not decided: rule "b": no alert was found that reaches it, and no proof that none can.',
    )
    const many = Array.from({ length: 6 }, (_, n) => rule(`b${n}`, `{ name: "/^[ab]+$/", metric: x${n} }`)).join('')
    expect(inOneLine((await check(rule('a', '{ name: "/^(a|b)+$/" }') + many)).stdout)).toContain(
      'Not decided: rules "b0", "b1", "b2" and 3 more:',
    )
    expect((await check(rule('a', '{ name: a }'))).stdout).not.toMatch(/^Not /m)
  })

  test('for lack of time is reported, with how to allow more', async () => {
    const { stdout, code } = await check(rule('a', '{ name: a }') + rule('b', '{ name: a }'), '--time', '0s')
    expect(inOneLine(stdout)).toContain(
      'Not checked: whether an alert reaches each rule: time was up at rule "a", with 2 rules left. Not checked: which rules overlap: time',
    )
    expect(stdout).toContain('\nTip: --time 2m raises the time limit.\n')
    expect(code).toBe(0)
    const strict = await check(rule('a', '{ name: a }') + rule('b', '{ name: b }'), '--time', '0s', '--strict')
    expect([strict.code, strict.stderr]).toEqual([
      1,
      expect.stringContaining('a check did not finish and may have found warnings'),
    ])
    const nothing = join(mkdtempSync(join(tmpdir(), 'rules-')), 'nothing.json')
    writeFileSync(nothing, '{"Records":[]}')
    const unheld = await rules(['check', '--strict', '--against', nothing])
    expect([unheld.code, unheld.stderr]).toEqual([1, expect.stringContaining('a check did not finish')])
    expect((await rules(['check', '--against', nothing])).code).toBe(0)
    expect((await rules(['check', '--time', 'long'])).code).toBe(2)
  })

  test('is in the JSON, with an example alert for each rule that has one', async () => {
    const some = rule('a', '{ name: "/^(a|b)+$/" }') + rule('b', '{ name: "/^[ab]+$/", metric: x }')
    const { stdout } = await check(some, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 0,
      rules: [
        { rule: 'a', verdict: 'reachable', example: { name: 'a' } },
        { rule: 'b', verdict: 'not decided' },
      ],
      notDecided: [expect.stringContaining('rule "b"'), expect.stringContaining('recorded events')],
    })
  })

  test('is a rule with too many combinations', async () => {
    const any = (n: number) => `{ any: [{ tags.a${n}: x }, { tags.b${n}: x }, { tags.c${n}: x }] }`
    const many = `{ all: [${[1, 2, 3, 4, 5, 6].map(any).join(', ')}] }`
    const { stdout } = await check(rule('a', many), '--json')
    expect(JSON.parse(stdout).notDecided[0]).toBe('rule "a" has too many combinations of conditions')
    const [one, two] = [await check(rule('a', many)), await check(rule('a', many) + rule('b', many))]
    expect(one.stdout).toContain('Not checked: "a" has too many combinations of conditions.')
    expect(inOneLine(two.stdout)).toContain('Not checked: "a" and "b" have too many combinations of conditions.')
  })
})

describe('against recorded events', () => {
  test('patterns that matched nothing are reported, with the recorded values', async () => {
    const some = rule('a', '{ metric: [Throttles, Trottles] }') + rule('b', '{ namespace: AWS/Lamda }')
    const { stdout } = await check(some, '--against', resolve('samples'))
    expect(inOneLine(stdout)).toMatch(
      /"Trottles" matches no metric of \d+ recorded alerts\. → Did you mean "Throttles"\?/,
    )
    expect(inOneLine(stdout)).toMatch(/"AWS\/Lamda" matches no namespace .*They have "/)
    expect(stdout).not.toMatch(/"Throttles" (and|matches)/)
    expect(inOneLine(stdout)).toMatch(/Checked against \d+ alerts of .*samples/)
  })

  test('invalid events are reported', async () => {
    const events = mkdtempSync(join(tmpdir(), 'check-'))
    writeFileSync(join(events, 'a.json'), '{"Records":[]}')
    writeFileSync(join(events, 'b.json'), '{"title":"x","severity":"info"}')
    const { stdout } = await check(rule('a', '{ kind: event }'), '--against', events)
    expect(inOneLine(stdout)).toMatch(
      /Checked against 1 alert of .* \(1 event rejected, such as .*a\.json: Records: is an empty/,
    )
  })

  test('without them, there is a tip', async () => {
    const { stdout } = await check(rule('a', '{ metric: Erorrs }'))
    expect(inOneLine(stdout)).toMatch(/0 errors, 0 warnings in 1 rule and 3 channels\. Tip: --against samples\//)
  })
})

describe('exit codes', () => {
  const MILD = rule('a', '[{ name: "a*" }, { name: ab }]')

  test('0 for warnings, 1 for them when strict, 1 for errors', async () => {
    expect((await check(MILD)).code).toBe(0)
    expect((await check(MILD, '--strict')).code).toBe(1)
    expect((await check(rule('a', '{ name: a, not: { name: a } }'))).code).toBe(1)
    expect((await check('  - { name: a }\n')).code).toBe(1)
  })

  test.each([
    ['an unknown option', ['--stric']],
    ['an unexpected file', ['config/alerts.yml']],
    ['two histories', ['--against', 'samples', '--stage', 'prod']],
  ])('2 for %s', async (_, args) => {
    const { code, stderr } = await rules(['check', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain('Run npx alert-router rules check --help for usage.')
  })

  test('1 for a missing file, or invalid YAML', async () => {
    expect(await rules(['check', '--config', 'nope.yml'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('file not found'),
    })
    expect(await check('  - { name: a')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('YAML syntax error'),
    })
  })
})

test('colours are only for a terminal', async () => {
  const shown = await command(['rules', 'check', '--config', 'test/configs/bad/shadowed-rule.yml'])
  expect(shown.stdout).not.toContain('\u001b[')
  expect(shown.code).toBe(1)
})

test('notes are shown, and counted, on request', async () => {
  const some = rule('a', '{ name: a }', 'severity: critical') + rule('b', '{ metric: b }')
  expect(inOneLine((await check(some)).stdout)).toMatch(/^\S+: 0 errors, 0 warnings in 2 rules/)
  const { stdout } = await check(some, '--all')
  expect(stdout).toMatch(/^note overlapping-rules/)
  expect(inOneLine(stdout)).toMatch(/0 errors, 0 warnings, 1 note in 2 rules/)
})

test('the same mistake in several rules is shown once, with all its lines, and counted each time', async () => {
  const some = ['a', 'b', 'c', 'd'].map((name) => rule(name, `{ name: ${name} }`, 'severity: inof')).join('')
  const { stdout } = await check(some + rule('e', '{ name: e }', 'severity: wraning'))
  expect(stdout.match(/^error invalid /gm)).toHaveLength(2)
  expect(stdout.match(/Found "inof"/g)).toHaveLength(1)
  expect(inOneLine(stdout)).toMatch(/The same: line \d+ \(rule "b"\), line \d+ \(rule "c"\), line \d+ \(rule "d"\)/)
  expect(inOneLine(stdout)).toContain(': 5 errors, 0 warnings.')
  expect(JSON.parse((await check(some, '--json')).stdout).findings).toHaveLength(4)
})

test('errors come first, and overlaps with one cause are reported together', async () => {
  const many = Array.from({ length: 50 }, (_, n) => rule(`r${n}`, `{ name: "service-${n}-*" }`)).join('')
  const broad = rule('broad', '{ metric: Errors }', 'severity: critical')
  const { stdout } = await check(many + broad + rule('dead', '{ metric: Errors, region: us-east-1 }'))
  expect(stdout.match(/^(error|warning) \S+/gm)).toEqual(['error shadowed-rule', 'warning overlapping-rules'])
  expect(inOneLine(stdout)).toMatch(
    /For example: name: service-0-x, metric: Errors .*The same: line \d+ \(rule "r1"\), .*45 more/,
  )
  expect(inOneLine(stdout)).toContain(': 1 error, 50 warnings in 52 rules')
})

test('a problem with a scope is reported once, whatever rules are in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'))
  writeFileSync(join(folder, 'alerts.yml'), `${HEAD}rules:\n${rule('a', '{ metric: x }')}`)
  const ruled = rule('b', '{ metric: y }') + rule('c', '{ metric: z }')
  writeFileSync(join(folder, 'orders.yml'), `scope: { account: orders }\nrules:\n${ruled}`)
  const { stdout } = await rules(['check', '--config', folder, '--json'])
  const doubts = JSON.parse(stdout).findings.filter(({ code }: { code: string }) => code === 'unlikely-value')
  expect(doubts).toMatchObject([{ file: join(folder, 'orders.yml'), line: 1, path: ['scope', 'account'] }])
})

test('skipped folders of rules are reported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'))
  for (const name of ['orders', 'x.yml', 'tests', 'notes', '.git']) mkdirSync(join(folder, name))
  for (const name of ['orders/a.yml', 'tests/a.yml', 'notes/a.md', '.git/a.yml']) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'alerts.yml'), `${HEAD}rules:\n${rule('a', '{ metric: x }')}`)
  const { stdout, code } = await rules(['check', '--config', folder])
  expect(code).toBe(0)
  const notified = stdout.match(/^warning skipped-folder.*$/gm) ?? []
  expect(notified.map((line) => line.split('  ')[1]?.trim())).toEqual(
    ['orders', 'x.yml'].map((name) => `${join(folder, name)}:1:1`),
  )
  expect(inOneLine(stdout)).toMatch(/orders is not read: it contains a\.yml.*x\.yml is not read: it is a folder/)
})
