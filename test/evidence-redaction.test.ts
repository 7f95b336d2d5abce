import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redacted } from '../shared/evidence/redact.ts'
import { runs } from './fuzz-runs.ts'
import { LOG_LINES, SAFE_LINES } from './log-lines.ts'

/*
 * What evidence shows of a log line: no secret and nobody's data, and all else as it was.
 */

test.each(LOG_LINES)('%s', (line, shown) => {
  expect(redacted(line)).toBe(shown)
})

test('ids, times, ARNs, paths and stack traces are as they were: of all safe lines, none is changed', () => {
  expect(SAFE_LINES.filter((line) => redacted(line) !== line)).toEqual([])
})

/** What a line of JSON writes for a new line, and what stands for it once it is read. */
const BREAKS: [name: string, text: string][] = [
  ['a new line', '\n'],
  ['the two characters \\n', '\\n'],
  ['the two characters \\t', '\\t'],
  ['the three characters \\\\n', '\\\\n'],
]
describe.each(BREAKS)('behind %s, the same is hidden', (_, text) => {
  test.each(LOG_LINES)('%s', (line, shown) => {
    expect(redacted(`at x${text}${line}`)).toBe(`at x${text}${shown}`)
  })

  test('and the same stays', () => {
    const changed = SAFE_LINES.map((line) => `at x${text}${line}`).filter((line) => redacted(line) !== line)
    expect(changed).toEqual([])
  })
})

test.each<[string, string]>([
  ['a token', `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(300)}.${'b'.repeat(300)}`],
  ['an email address', 'ada.lovelace@example.com'],
  ['a card number', '4111 1111 1111 1111'],
  ['an IBAN', 'ES91 2100 0418 4502 0005 1332'],
  ['a key', 'AKIAIOSFODNN7EXAMPLE'],
])('a long line is cut: nothing is shown of %s that the cut goes through', (_, secret) => {
  for (let seen = 5; seen < secret.length; seen += 3) {
    const line = `${'\u200b'.repeat(10_000 - seen - 6)}ERROR ${secret} and more`
    expect(redacted(line)).not.toContain(secret.slice(0, 5))
  }
})

test('what is redacted once, stays as it is', () => {
  for (const [line] of LOG_LINES) expect(redacted(redacted(line))).toBe(redacted(line))
})

/** Digits with a check digit behind them. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((all, digit, at) => {
    const doubled = Number(digit) * (at % 2 === 0 ? 2 : 1)
    return all + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''))
/** What may stand around a secret in a line. */
const before = fc.constantFrom('', ' ', 'INFO ', '{"a":"', '(', 'value=', ', ', '\t', '"', "'", '[')
const after = fc.constantFrom('', ' ', ' was refused', '"}', ')', '&b=1', ', ', '\t', '.', "'", ']', ';', ':')

describe('wherever it stands in a line', () => {
  const hides = (secrets: fc.Arbitrary<string>) => {
    fc.assert(
      fc.property(before, secrets, after, (start, secret, end) => {
        expect(redacted(`${start}${secret}${end}`)).not.toContain(secret)
      }),
      { numRuns: runs(300) },
    )
  }

  test('a card number is hidden', () => {
    const visa = digits(14).map((rest) => withCheckDigit(`4${rest}`))
    const amex = digits(12).map((rest) => withCheckDigit(`37${rest}`))
    hides(fc.oneof(visa, amex))
    hides(visa.map((number) => number.replace(/(\d{4})(?=\d)/g, '$1 ')))
    hides(visa.map((number) => number.replace(/(\d{4})(?=\d)/g, '$1-')))
  })

  test('an email address is hidden', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/)
    hides(fc.tuple(word, word, word).map(([name, of, host]) => `${name}.${of}@${host}.example.org`))
  })

  test('keys and tokens are hidden', () => {
    const letters = fc.stringMatching(/^[A-Z0-9]{16}$/)
    hides(letters.map((rest) => `AKIA${rest}`))
    hides(letters.map((rest) => `ASIA${rest}`))
    hides(fc.stringMatching(/^[A-Za-z0-9]{36}$/).map((rest) => `ghp_${rest}`))
    hides(fc.stringMatching(/^[A-Za-z0-9_-]{24}$/).map((rest) => `eyJhbGciOiJIUzI1NiJ9.${rest}.${rest}`))
  })
})

test('any text gives printable text, at once', () => {
  const pieces = fc.constantFrom(
    '4',
    '4111 ',
    '+1 ',
    'a@',
    '.',
    'AKIA',
    'password=',
    '"',
    '\\',
    '-',
    'eyJ',
    ' ',
    'é',
    '@b.c',
  )
  const many = fc
    .array(pieces, { maxLength: 30 })
    .chain((all) => fc.integer({ min: 1, max: 400 }).map((n) => all.join('').repeat(n)))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), many), (text) => {
      const started = performance.now()
      const shown = redacted(text)
      expect(performance.now() - started).toBeLessThan(500)
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect(shown.isWellFormed()).toBe(true)
    }),
    { numRuns: runs(200) },
  )
})
