import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nativeRegex } from '../shared/decide/native-regex.ts'
import { textMatcher } from '../shared/decide/pattern.ts'
import { compileRegex } from '../shared/decide/regex.ts'

/** Simple expressions are left to JavaScript's own engine: only where it finds what RE2 does, and never takes long. */

/** Characters on which the two engines might disagree: case folding outside of ASCII, ends of lines, halves of a pair. */
const ODD = ['\n', '\r', '\u2028', '\u0085', '\u212a', '\u017f', '\u0130', '\u0131', 'ß', 'é', '😀', '\ud83d', '\u0000']
const character = fc.constantFrom(...'aAbBkKsSiI019 _.-/:()[]^$|?', ...ODD)
const text = fc.string({ unit: character, maxLength: 6 })
const flags = fc.constantFrom('', 'i')

const one = fc.constantFrom(
  ...[...'aAbBkKsSiI09 _-/:'],
  ...['.', '\\.', '\\/', '\\-', '\\(', '\\[', '\\^', '\\$', '\\|', '\\?', '\\\\'],
  ...['[ab]', '[^ab]', '[a-k]', '[^a-z0-9]', '[A-Z]', '[^k]', '[s_.-]', '[-_. ]', '[^a(*+?)$|/]', '[^A-S-]', '[0-9]'],
)
const { source } = fc.letrec<{ source: string; item: string; sequence: string }>((tie) => ({
  item: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        one,
        fc.constantFrom('^', '$', '\\b'),
        tie('source').map((inner) => `(${inner})`),
        tie('source').map((inner) => `(?:${inner})`),
      ),
      fc.constantFrom('', '', '', '', '', '', '', '', '?', '?', '*', '+'),
    )
    .map(([atom, quantifier]) => (/^([$^]|\\\\b)$/.test(atom) ? atom : atom + quantifier)),
  sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  source: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
}))

test('means what it means with RE2', () => {
  let simple = 0
  fc.assert(
    fc.property(source, flags, fc.array(text, { minLength: 1, maxLength: 8 }), (expression, flag, texts) => {
      const regex = { source: expression, flags: flag }
      const native = nativeRegex(regex)
      if (!native) return
      simple++
      const re2 = compileRegex(regex)
      expect(texts.map((value) => native.regex.test(value))).toEqual(texts.map((value) => re2.test(value)))
    }),
    { numRuns: 2_000 },
  )
  expect(simple).toBeGreaterThan(500)
})

describe('is left to RE2', () => {
  test.each([
    ...[
      ['a{2}'],
      ['a??'],
      ['(?i)a'],
      ['(?P<x>a)'],
      ['\\w'],
      ['\\b?x'],
      ['\\Bx'],
      ['\\s'],
      ['\\d'],
      ['\\pL'],
      ['[[:alpha:]]'],
    ],
    ...[
      ['é'],
      ['[é]'],
      ['[A-z]'],
      ['[\\d]'],
      ['a\nb'],
      ['(a'],
      ['a)'],
      ['^?'],
      ['(?=a)'],
      ['(?!a)'],
      ['\\1'],
      ['\\x41'],
      ['{'],
      [']'],
    ],
    ['with two stars', 'a*b+'],
    ['with a star around a star', '(a*b)*'],
    ['with a star around a group', '(ab)*'],
    ['with a star and too many ways through it', `a*${'(b|c)'.repeat(8)}`],
    ['with too many ways through it', '(a|a)'.repeat(11)],
    ['with too many that may be absent', 'a?'.repeat(11)],
  ])('%s', (...all) => {
    expect(nativeRegex({ source: all.at(-1) ?? '', flags: '' })).toBeUndefined()
  })

  test.each(['m', 's', 'im'])('the flag %s', (flag) => {
    expect(nativeRegex({ source: 'a', flags: flag })).toBeUndefined()
  })
})

test.each(['a*', 'x[0-9]+$', 'consumed.*capacity', '(a*|b+)c'])('%s is left to RE2 for a long text', (source) => {
  expect(nativeRegex({ source, flags: 'i' })?.mostCharacters).toBe(255)
  const matcher = textMatcher(`/${source}/i`)
  for (const value of ['a', 'xx12', 'Consumed read capacity', 'bbc']) {
    const padded = `${'-'.repeat(1_000)}${value}`
    expect(matcher.matches(padded)).toBe(compileRegex({ source, flags: 'i' }).test(padded))
  }
})

test('most of what people write is simple', () => {
  const all = [
    'error|5xx|fault',
    '^(p|s|sev)[0-5]$',
    'data.?loss',
    '(system|service).?down',
    'complian|violation',
    '\\bcosts?\\b',
    'prod[0-9]*([^a-z]|$)',
    'load[-_. ]?test',
  ]
  expect(all.filter((one) => nativeRegex({ source: one, flags: 'i' }) === undefined)).toEqual([])
})
