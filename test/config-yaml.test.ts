import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { configSchema } from '../schemas/config.ts'
import { type JsonSchema, jsonSchemaOf } from '../shared/config/json-schema.ts'
import { readConfig, readConfigText } from '../shared/config/read.ts'
import { problemsOf } from './config-problems.ts'

const HEAD = `channels:
  slack: { type: slack, secret: slack, perMinute: 60 }
severities:
  critical: { channels: [slack] }
  warning: { channels: [slack] }
  info: { channels: [slack] }
default: { severity: warning }
`

function read(rules: string) {
  return readConfigText(`${HEAD}rules:\n${rules}`, 'alerts.yml')
}

/** Values that YAML reads as a number, a boolean or null, where people mean a text. */
const WRITTEN = [
  ...['1.10', '00123', '012345678901', '1234567e8', '0x1F', '0o17', '12345678901234567890', '1e400', '+5', '.5', '5.'],
  ...['True', 'FALSE', 'true', '.inf', '-.INF', '.NaN', '-0', '0.0', '3'],
]

describe('an unquoted value is compared as written', () => {
  test.each(WRITTEN)('%s', (written) => {
    const { rules, sets } = read(`  - name: ${written}
    when: { tags.a: ${written}, dimensions.B: [x, ${written}], name: { not: [${written}] }, tags.c: $some }
    severity: info
    labels: { ${written}: ${written} }
sets: { some: [${written}, "a*"] }
`)
    expect(rules[0]).toMatchObject({
      name: written,
      when: { 'tags.a': written, 'dimensions.B': ['x', written], name: { not: [written] } },
      labels: { [written]: written },
    })
    expect(sets).toEqual({ some: [written, 'a*'] })
  })

  test.each(WRITTEN)('%s through an alias, in a block, and in JSON', (written) => {
    const { rules } = read(`  - name: a
    when:
      tags.a: &one ${written} # as it is
      tags.b:
        - *one
        - ${written}
    severity: info
  - { "name": "b", "when": { "tags.a": ${written}, "any": [{ "tags.b": ${written} }] }, "severity": "info" }
`)
    expect(rules.map(({ when }) => when)).toEqual([
      { 'tags.a': written, 'tags.b': [written, written] },
      { 'tags.a': written, any: [{ 'tags.b': written }] },
    ])
  })

  test('for any number', () => {
    const number = fc.oneof(
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.stringMatching(/^[+-]?\d{1,20}(\.\d{0,10})?(e[+-]?\d{1,3})?$/),
    )
    fc.assert(
      fc.property(number, (written) => {
        expect(read(`  - { name: a, when: { tags.a: ${written} }, severity: info }\n`).rules[0]?.when).toEqual({
          'tags.a': written,
        })
      }),
    )
  })

  test('numbers and booleans are parsed where a config needs them, and nowhere else', () => {
    const { rules, channels } = read('  - { name: a, when: { tags.a: x }, severity: info, continue: True }\n')
    expect(rules[0]?.continue).toBe(true)
    expect(channels.slack?.perMinute).toBe(60)
    // As `read` knows them.
    expect(placesOfValues(jsonSchemaOf(configSchema)).sort()).toEqual([
      'channels.perMinute',
      'inhibit.children',
      'rules.continue',
    ])
  })

  test('a number in a form that no alert has is reported', () => {
    expect(problemsOf(`${HEAD}rules:\n  - { name: a, when: { threshold.value: 1.10 }, severity: info }\n`)).toContain(
      'expected the number 1.1 or a comparison, as in ">= 99", got "1.10"',
    )
  })
})

/** Where a schema takes a number or a boolean and no text: the first and the last key that lead there. */
function placesOfValues(schema: JsonSchema): string[] {
  const definitions = (schema.definitions ?? {}) as Record<string, JsonSchema>
  const found = new Set<string>()
  const seen = new Set<string>()
  const walk = (one: JsonSchema, path: string[]): void => {
    const key = JSON.stringify([path.at(0), path.at(-1), one])
    if (seen.has(key)) return
    seen.add(key)
    if (one.$ref) walk(definitions[one.$ref.replace('#/definitions/', '')] as JsonSchema, path)
    if (one.type === 'integer' || one.type === 'number' || one.type === 'boolean') {
      found.add(`${path.at(0)}.${path.at(-1)}`)
    }
    const options = [...(one.anyOf ?? []), ...(one.oneOf ?? []), ...(one.allOf ?? [])] as JsonSchema[]
    if (options.some(({ type }) => type === 'string')) return
    for (const option of options) walk(option, path)
    for (const [name, inner] of Object.entries(one.properties ?? {})) walk(inner as JsonSchema, [...path, name])
    for (const inner of [one.additionalProperties, one.items]) {
      if (typeof inner === 'object') walk(inner as JsonSchema, path)
    }
  }
  walk(schema, [])
  return [...found]
}

describe('anchors and aliases', () => {
  const rulesWith = (count: number, when: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => `  - { name: r${n}, when: ${when(n)}, severity: info }\n`).join('')

  test('one anchor may be used in each of a thousand rules', () => {
    const { rules } = read(
      `  - { name: a, when: { account: &some ["111122223333", "444455556666"] }, severity: info }\n${rulesWith(1_000, (n) => `{ account: *some, name: n${n} }`)}`,
    )
    expect(rules).toHaveLength(1_001)
    expect(rules[1_000]?.when).toEqual({ account: ['111122223333', '444455556666'], name: 'n999' })
  })

  test('aliases that would grow without bound are refused, with the line', () => {
    const lists = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => {
      const before = 'abcdefg'[index]
      return `  ${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]\n`
    })
    const text = `${HEAD}rules: []\nsets:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n${lists.join('')}`
    expect(problemsOf(text)).toMatch(
      /^alerts\.yml:1[2-7]:\d+: with "\*[c-g]", the aliases expand to more than 1,000,000/,
    )
  })

  test.each([
    ['a list', 'sets: { a: &a [*a] }', '8:16'],
    ['a map', 'rules:\n  - &rule { name: a, when: { all: [*rule] } }', '9:36'],
  ])('%s that contains itself is refused, with the line', (_, text, place) => {
    expect(problemsOf(`${HEAD}${text}\n`)).toContain(`alerts.yml:${place}: the alias "*`)
    expect(problemsOf(`${HEAD}${text}\n`)).toContain('contains itself')
  })

  test.each(['!Ref AWS::AccountId', '!Sub "prod-*"', '!custom', '!<tag:yaml.org,2002:other> x'])(
    'a tag that nothing knows, %s, is refused, with the line',
    (value) => {
      const problems = problemsOf(`${HEAD}rules:\n  - name: a\n    when: { account: ${value} }\n    severity: info\n`)
      expect(problems).toMatch(/^alerts\.yml:10:22: unsupported tag "![^"]+"\. Write the value itself/)
    },
  )

  test('a text that starts with ! may be quoted, and YAML’s own tags are allowed', () => {
    const { rules } = read('  - { name: a, when: { tags.a: "!Ref x", tags.b: !!str 1.10 }, severity: info }\n')
    expect(rules[0]?.when).toEqual({ 'tags.a': '!Ref x', 'tags.b': '1.10' })
  })
})

describe('a YAML syntax error is reported with its place and a fix', () => {
  const item = '  - { name: a, when: { name: b }, severity: info }\n'
  const block = (when: string) => `  - name: a\n    when:\n      ${when}\n    severity: info\n`

  test.each<[string, string, string, string]>([
    ['a \\d in double quotes', `  - { name: a, when: { name: "/a\\d/" } }\n`, '9:33', 'Use single quotes'],
    ['a \\. in double quotes', block('name: "/a\\./"'), '11:16', 'or write \\\\.'],
    ['a merge conflict', `<<<<<<< HEAD\n${item}=======\n${item}>>>>>>> other\n`, '9:1', "remove git's markers"],
    ['one whose first mark is gone', `${item}=======\n${item}>>>>>>> other\n`, '10:1', 'unresolved merge conflict'],
    ['a key too far to the left', '  - name: a\n   when: { name: b }\n', '10:1', 'Indent it like its sibling keys'],
    ['a rule without its dash', `${item}  # the next\n  name: b\n`, '11:3', 'starts with "- "'],
    [
      'a first rule without it',
      `  name: a\n  when: { name: b }\n\n  # next\n${item}`,
      '13:3',
      'Put "- " before the first',
    ],
    ['a second document', `${item}---\nrules: []\n`, '10:1', 'a second document starts here (---)'],
    [
      'a quote that is not closed',
      `  - { name: a, when: { name: "b }\n${item}`,
      '9:30',
      'this quote (") is not closed',
    ],
    [
      "one that isn't, beside a comment",
      `  # it's so\n  - { name: 'b }\n${item}`,
      '10:13',
      "this quote (') is not closed",
    ],
    ['a colon', '  - name: a: b\n', '9:11', 'Quote a text that contains ": "'],
    ['a colon in braces', '  - { name: a: b }\n', '9:13', 'Quote a text that contains ": "'],
    ['a star', '  - { name: a, when: { name: *-pay } }\n', '9:30', 'Quote a text that starts with *'],
    ['a star alone', block('name: *'), '11:13', 'Quote the text'],
    ['a comparison', block('threshold.value: >= 99'), '11:25', 'as in ">= 99"'],
    ['a comparison with a number', block('threshold.value: > 99'), '11:26', 'as in ">= 99"'],
    ['a comparison in braces', '  - { when: { threshold.value: >= 99 } }\n', '9:32', 'Quote the text'],
    ['a backtick', '  - name: `a`\n', '9:11', 'Quote the text'],
    ['a text behind the quote', '  - name: "a"b\n', '9:14', 'quote all of it'],
  ])('%s', (_, rules, place, hint) => {
    const problems = problemsOf(`${HEAD}rules:\n${rules}`)
    expect(problems).toContain(`alerts.yml:${place}: `)
    expect(problems).toContain(hint)
    expect(problems).not.toMatch(/parseAllDocuments/)
  })
})

describe('an invalid file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const fileWith = (content: string | Uint8Array) => {
    writeFileSync(join(folder, 'some.yml'), content)
    return join(folder, 'some.yml')
  }

  test.each([
    ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0)],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff)],
  ])('%s', (_, content) => {
    const file = fileWith(content)
    expect(() => readConfig(file)).toThrow(`${file}: not a UTF-8 text file. Use a rules file`)
  })

  test.each([
    ['UTF-16', Buffer.from('\ufeffrules: []', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('\ufeffrules: []', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('# Störung\r\n\trules: []', 'latin1')],
  ])('a text in %s must be saved as UTF-8', (_, content) => {
    const file = fileWith(content)
    expect(() => readConfig(file)).toThrow(`${file}: not a UTF-8 text file. Save it as UTF-8`)
  })

  test('a control character is shown by its number, not printed', () => {
    const file = fileWith('channels:\n  a: "\u001b[31mred"\n')
    expect(() => readConfig(file)).toThrow(
      `${file}:2:7: YAML syntax error: found a control character (U+001B). Remove it:\n  `,
    )
    expect(() => readConfig(file)).not.toThrow('\u001b')
  })

  test('the message for a folder without rules has the folder’s name', () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    expect(() => readConfig(empty)).toThrow(`${empty}: no alerts.yml in this folder. Use a rules file`)
  })
})
