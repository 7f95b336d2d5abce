import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { NO_VALUES } from '../shared/decide/fill.ts'
import { compileWhen, rulesOf, type Subject } from '../shared/decide/rules.ts'
import { valuesAfter } from '../shared/decide/values.ts'
import { firing } from './alert-samples.ts'

/** The index finds the same rules as trying each of them in turn, whatever values they set and ask for. */
const word = fc.constantFrom('a', 'b', 'ab')
const name = fc.constantFrom('x', 'y')
const text = fc.constantFrom(
  'a',
  'b',
  '{tags.team}',
  '{name:/^(a)/}',
  '{name | t}',
  '{x}',
  '{y:/(b)/}',
  '{x | t}{tags.team}',
)
const pattern = fc.oneof(
  word,
  fc.constantFrom('a*', '/b/', '*'),
  fc.record({ not: word }),
  fc.array(word, { minLength: 1, maxLength: 2 }),
)
const field = fc.constantFrom('name', 'tags.team', 'values.x', 'values.y', 'account')
const line = fc.tuple(field, pattern).map(([of, one]) => ({ [of]: one }))
const lines = fc.array(line, { minLength: 1, maxLength: 2 }).map((all) => Object.assign({}, ...all))
const when = fc.oneof(
  lines,
  fc.array(lines, { minLength: 1, maxLength: 2 }),
  fc.record({ any: fc.array(lines, { minLength: 1, maxLength: 2 }) }),
  fc.record({ all: fc.array(lines, { minLength: 1, maxLength: 2 }) }),
  fc.record({ not: lines }),
)
const rule = fc.record({ when, set: fc.dictionary(name, text, { minKeys: 0, maxKeys: 2 }), goesOn: fc.boolean() })
const ALL = { x: '{tags.team}', y: 'a' }

function configOf(rules: { when: object; set: Record<string, string>; goesOn: boolean }[]): Config {
  const first = { name: 'first', when: { name: ['zz', 'a'] }, set: ALL, continue: true }
  return checkConfig({
    channels: { chat: { type: 'slack', secret: 'chat' } },
    severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
    default: { severity: 'info' },
    tables: { t: { a: 'b', b: 'a' } },
    rules: [
      first,
      ...rules.map((one, index) => ({
        ...{ name: `r${index}`, when: one.when, set: one.set, severity: 'info' },
        ...(one.goesOn && { continue: true }),
      })),
      { name: 'uses', when: { name: '*' }, set: { x: '{name | t}' }, severity: 'info' },
    ],
  })
}

/** In the order of the file, without an index. */
function inTurn({ rules, sets, tables }: Config, { alert }: Subject): string[] {
  const matching: string[] = []
  let values = NO_VALUES
  for (const one of rules) {
    if (!compileWhen(one.when, sets)({ alert, values })) continue
    matching.push(one.name)
    if (!one.continue) break
    values = valuesAfter(one, { alert, values }, tables)
  }
  return matching
}

test('the index finds the same rules', () => {
  const alerts = fc.record({ name: word, team: fc.option(word), account: fc.option(word) })
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), fc.array(alerts, { minLength: 1, maxLength: 5 }), (rules, some) => {
      const config = configOf(rules)
      for (const { name, team, account } of some) {
        const tags: Record<string, string> = team === null ? {} : { team }
        const alert: Alert = { ...firing.alert, name, tags, account: account ?? undefined }
        const found = rulesOf(config)
          .matching({ alert })
          .map((one) => one.name)
        expect(found).toEqual(inTurn(config, { alert }))
      }
    }),
  )
})
