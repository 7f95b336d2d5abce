import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { formatted } from '../cli/rules/fmt/formatted.ts'
import { rules } from './command.ts'

/** A text is formatted, and formatting it again changes nothing. */
function expectFormatted(text: string, even: string): void {
  expect(formatted(text, 'alerts.yml')).toBe(even)
  expect(formatted(even, 'alerts.yml')).toBe(even)
}

const UNEVEN = `# Who receives what.


channels:
    pagerduty:   {type: pagerduty,   secret: pagerduty}   # the key's name
    email:
        # Both confirmed.
        type:   email
        addresses: [ a@example.com,
          b@example.com ]
rules:
- name: "data loss"

  when: &loss { metric: [ DataLossEvents ,Lost ]   }
  # To be sure.
  account: 012345678901
- when: *loss
  text: |
     kept
       as it is
`

const EVEN = `# Who receives what.

channels:
  pagerduty: { type: pagerduty, secret: pagerduty } # the key's name
  email:
    # Both confirmed.
    type: email
    addresses: [ a@example.com,
      b@example.com ]
rules:
  - name: "data loss"

    when: &loss { metric: [DataLossEvents, Lost] }
    # To be sure.
    account: 012345678901
  - when: *loss
    text: |
      kept
        as it is
`

describe('an omitted value', () => {
  test.each<[string, string, string?]>([
    ['of a key', 'labels:\n'],
    ['of a key, with blanks behind it', 'labels:\na: b\n', 'labels:   \na: b\n'],
    ['of the last key', 'a: b\nlabels:\n', 'a: b\nlabels:'],
    ['in a map in brackets', 'when: { tags.x: }\n'],
    ['in one within a list', 'when: [{ x: }, { y: }]\n', 'when: [ {x: }, {y:} ]\n'],
    ['before a comment', 'labels: # to come\na: b\n', 'labels:    # to come\na: b\n'],
    ['of a list', 'rules:\n  -\n  - a\n', 'rules:\n- \n- a\n'],
    ['with an anchor', 'a: &x\nb: *x\n', 'a: &x   \nb: *x\n'],
    ['between empty lines', 'labels:\n\na: b\n'],
    ['in quotes', 'a: ""\n'],
    ['that is an explicit null', 'a: ~\nb: null\n'],
    ['beside a text that ends in blanks', 'text: |\n  -   \n  key: \nb:\n', 'text: |\n  -   \n  key: \nb: \n'],
  ])('gets no blank: %s', (_, even, uneven = even) => {
    expectFormatted(uneven, even)
  })
})

describe('formatting', () => {
  test('normalises indentation and blanks, and keeps comments, anchors, quotes, numbers and what has its own lines', () => {
    expect(formatted(UNEVEN, 'alerts.yml')).toBe(EVEN)
  })

  test('changes nothing in a formatted file', () => {
    expect(formatted(EVEN, 'alerts.yml')).toBe(EVEN)
    for (const file of ['config/alerts.yml', 'config/tests/alerts.yml']) {
      const text = readFileSync(file, 'utf8')
      expect(formatted(text, file)).toBe(text)
    }
  })

  test.each<[string, string, string]>([
    ['a map over several lines', 'a:\n    when: {\n      b: 1,\n    }\n', 'a:\n  when: {\n    b: 1,\n  }\n'],
    [
      'one that begins behind a dash',
      'a:\n- { b: 1,\n    c: [x,\n      y] }\n- d\n',
      'a:\n  - { b: 1,\n      c: [x,\n        y] }\n  - d\n',
    ],
    [
      'one with an anchor and comments',
      'a:  &x { # b\n  # c\n   b: 1 } # d\ne:  *x\n',
      'a: &x { # b\n  # c\n   b: 1 } # d\ne: *x\n',
    ],
    ['a text over several lines', 'a:\n    b: "c\n        d"\n', 'a:\n  b: "c\n      d"\n'],
    ['numbers in brackets', 'a:  [00123, 1.10,  {b: 0x1F}]\n', 'a: [00123, 1.10, { b: 0x1F }]\n'],
    [
      'a folded text, and lines below it',
      'a:\n    b: >+\n        c\n        d\n\n\n    e:  1\n',
      'a:\n  b: >+\n      c\n      d\n\n\n  e: 1\n',
    ],
  ])('keeps %s as it is written', (_, text, even) => expectFormatted(text, even))

  test.each<[string, string, string]>([
    [
      'below a map in brackets, and deeper',
      'a:\n    b: { c: 1 }\n        # d\ne: 1\n',
      'a:\n  b: { c: 1 }\n  # d\ne: 1\n',
    ],
    ['below a value, and deeper', 'a:\n- b\n     # c\n     # d\n- e\n', 'a:\n  - b\n    # c\n    # d\n  - e\n'],
    ['at the end of all', 'a: 1\n   # b\n', 'a: 1\n\n# b\n'],
    [
      'at the end of a part, and above the next one',
      'a:\n    b: 1\n    # c\n# d\ne: 1\n',
      'a:\n  b: 1\n  # c\n# d\ne: 1\n',
    ],
    ['above a list that is not indented', 'a:\n# b\n- c\n', 'a:\n  # b\n  - c\n'],
    ['behind a key', 'a:   # b\n    - c\nd: # e\n    f: 1\n', 'a: # b\n  - c\nd: # e\n  f: 1\n'],
    [
      'that says what is meant',
      'rules:\n- name: a # check: x is meant\n  when: { b: 1 }\n     # check: y is meant\n- name: b\n',
      'rules:\n  - name: a # check: x is meant\n    when: { b: 1 }\n    # check: y is meant\n  - name: b\n',
    ],
  ])('leaves a comment where it is: %s', (_, text, even) => expectFormatted(text, even))

  test('lines end as they did, and a byte order mark stays', () => {
    const asOnWindows = (text: string) => text.replaceAll('\n', '\r\n')
    expect(formatted(asOnWindows(UNEVEN), 'alerts.yml')).toBe(asOnWindows(EVEN))
    expect(formatted(asOnWindows(EVEN), 'alerts.yml')).toBe(asOnWindows(EVEN))
    expect(formatted(`\ufeff${UNEVEN}`, 'alerts.yml')).toBe(`\ufeff${EVEN}`)
  })

  test('every comment stays between the same lines', () => {
    const indents = fc.array(fc.nat(9), { minLength: 30, maxLength: 30 })
    const line = (text: string) => text.trim().replace(/^(- )+/, '')
    const lines = EVEN.trimEnd().split('\n').slice(2, -3)
    const order = (text: string) => text.split('\n').map(line).filter(Boolean)
    fc.assert(
      fc.property(indents, fc.array(fc.nat(lines.length), { maxLength: 6 }), (spaces, places) => {
        const written = lines.flatMap((one, at) => [
          ...places
            .filter((place) => place === at)
            .map((_, n) => `${' '.repeat(spaces[(at + n) % 30] ?? 0)}# c${at}.${n}`),
          one,
        ])
        const once = formatted(`${written.join('\n')}\n`, 'any.yml')
        expect(order(once)).toEqual(order(written.join('\n')))
        expect(formatted(once, 'any.yml')).toBe(once)
      }),
      { numRuns: 150 },
    )
  })

  test('keeps the data, and finishes in one pass, whatever is in it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('a: b', '# no comment', '- x', 'two\nlines', '', ' padded ', '1e3', '012', '*x', '[a]', 'null'),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      map: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 3 }),
    }))
    const style = fc.record({
      indent: fc.constantFrom(1, 2, 4),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 20, 80),
      collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
      flowCollectionPadding: fc.boolean(),
      defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'BLOCK_FOLDED' as const),
    })
    fc.assert(
      fc.property(value, style, (data, how) => {
        const written = `# first\n${stringify({ rules: data }, how)}# last\n`
        const once = formatted(written, 'any.yml')
        expect(parse(once)).toEqual(parse(written))
        expect(once).toContain('# first')
        expect(once).toContain('# last')
        expect(formatted(once, 'any.yml')).toBe(once)
      }),
      { numRuns: 150 },
    )
  })
})

describe('npx alert-router rules fmt', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
  const file = join(cwd, 'mine.yml')

  test('writes the file; with --check it only reports what it would change', async () => {
    writeFileSync(file, UNEVEN)
    const check = await rules(['fmt', '--check', 'mine.yml'], { cwd })
    expect(check.stdout).toBe('mine.yml:3: not formatted. Run: npx alert-router rules fmt mine.yml\n')
    expect(check.code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe(UNEVEN)

    expect(await rules(['fmt', 'mine.yml'], { cwd })).toMatchObject({ code: 0, stdout: 'mine.yml: formatted\n' })
    expect(readFileSync(file, 'utf8')).toBe(EVEN)
    expect(readdirSync(cwd)).toEqual(['mine.yml'])
    const again = await rules(['fmt', '--check', '--json', 'mine.yml'], { cwd })
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, [{ file: 'mine.yml', changed: false }]])
  })

  test('leaves invalid YAML unchanged, and reports the line', async () => {
    writeFileSync(file, 'rules:\n  - name: [\n')
    const { code, stderr } = await rules(['fmt', 'mine.yml'], { cwd })
    expect(stderr).toMatch(/^mine\.yml:\d+:\d+: YAML syntax error/)
    expect(code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('rules:\n  - name: [\n')
    expect((await rules(['fmt', 'none.yml'], { cwd })).stderr).toContain('none.yml: file not found')
  })

  test('leaves a file unchanged that is nested too deeply, and shows the start of its line', async () => {
    writeFileSync(file, `rules: ${'['.repeat(20_000)}\n`)
    const { code, stderr } = await rules(['fmt', 'mine.yml'], { cwd })
    expect(stderr).toMatch(/^mine\.yml:1:\d+: YAML syntax error: this is nested too deeply\. .*:\n {2}rules: \[+…\n$/)
    expect([code, stderr.length < 400]).toEqual([1, true])
  })

  test('of a folder formats its files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fmt-'))
    for (const name of ['b.yml', 'a.yaml', 'c.txt']) writeFileSync(join(folder, name), 'rules:   []\n')
    const { code, stdout } = await rules(['fmt', folder])
    expect([code, stdout]).toEqual([0, `${folder}/a.yaml: formatted\n${folder}/b.yml: formatted\n`])
    expect(readFileSync(join(folder, 'c.txt'), 'utf8')).toBe('rules:   []\n')
  })
})
