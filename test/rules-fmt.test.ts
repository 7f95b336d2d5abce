import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { formatted } from '../local/rules/fmt/formatted.ts'
import { rules } from './rules-command.ts'

const UNEVEN = `# Who is told what.


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

const EVEN = `# Who is told what.

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

describe('formatting', () => {
  test('makes indentation and blanks even, and keeps comments, anchors, quotes, numbers and what has its own lines', () => {
    expect(formatted(UNEVEN, 'alerts.yml')).toBe(EVEN)
  })

  test('of what is formatted changes nothing', () => {
    expect(formatted(EVEN, 'alerts.yml')).toBe(EVEN)
    for (const file of ['config/alerts.yml', 'config/tests/alerts.yml']) {
      const text = readFileSync(file, 'utf8')
      expect(formatted(text, file)).toBe(text)
    }
  })

  test('keeps the data, and is done at once, whatever is in it', () => {
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
      { numRuns: 300 },
    )
  })
})

describe('npm run rules -- fmt', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
  const file = join(cwd, 'mine.yml')

  test('writes the file, and with --check only says what it would', async () => {
    writeFileSync(file, UNEVEN)
    const check = await rules(['fmt', '--check', 'mine.yml'], { cwd })
    expect(check.stdout).toBe('mine.yml:3: is not formatted: npm run rules -- fmt mine.yml\n')
    expect(check.code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe(UNEVEN)

    expect(await rules(['fmt', 'mine.yml'], { cwd })).toMatchObject({ code: 0, stdout: 'mine.yml: formatted\n' })
    expect(readFileSync(file, 'utf8')).toBe(EVEN)
    expect(readdirSync(cwd)).toEqual(['mine.yml'])
    const again = await rules(['fmt', '--check', '--json', 'mine.yml'], { cwd })
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, [{ file: 'mine.yml', changed: false }]])
  })

  test('leaves what is no YAML as it is, and says where', async () => {
    writeFileSync(file, 'rules:\n  - name: [\n')
    const { code, stderr } = await rules(['fmt', 'mine.yml'], { cwd })
    expect(stderr).toMatch(/^mine\.yml:\d+:\d+: this is not YAML/)
    expect(code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('rules:\n  - name: [\n')
    expect((await rules(['fmt', 'none.yml'], { cwd })).stderr).toContain('none.yml: there is no such file')
  })
})
