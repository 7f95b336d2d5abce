import { describe, expect, test } from 'vitest'
import { CASES_FOLDER, readCases } from '../cli/rules/test/cases.ts'
import { diffOf } from '../cli/rules/test/diff.ts'
import type { Expected } from '../schemas/case.ts'
import { runCase } from '../shared/cases/run.ts'
import { readConfig } from '../shared/config/read.ts'

/** Yours too: the cases that you write in config/tests/ run here. */
describe(`the rules, by the cases in ${CASES_FOLDER}`, () => {
  const config = readConfig('config/alerts.yml')

  test.each(readCases())('$name', (one) => {
    const { differences } = runCase(one, config)
    expect(differences.flatMap(diffOf).join('\n'), one.where).toBe('')
  })
})

describe('a case that names something unknown', () => {
  const config = readConfig('config/alerts.yml')
  const linesOf = (expected: Expected) => {
    const { differences } = runCase({ name: 'a', alert: { metric: 'DataLossEvents' }, expect: expected }, config)
    return differences.flatMap(diffOf).join('\n')
  }

  test.each<[string, Expected, string]>([
    ['a rule', { rule: 'daat loss' }, 'unknown rule "daat loss". Did you mean "data loss"?'],
    ['a rule unlike any', { rule: 'x' }, 'unknown rule "x". "npx alert-router rules tree" lists them'],
    [
      'a channel',
      { channels: ['pagerduty', 'slak-critical'] },
      'unknown channel "slak-critical". Did you mean "slack-critical"?',
    ],
    ['a channel that waits', { later: ['emali'] }, 'unknown channel "emali". Did you mean "email"?'],
    ['a channel whose text it reads', { text: { 'email-securty': 'x' } }, 'Did you mean "email-security"?'],
  ])('%s', (_, expected, hint) => {
    expect(linesOf(expected)).toContain(`\n    `)
    expect(linesOf(expected)).toContain(hint)
  })

  test.each<[string, Expected]>([
    ['another rule', { rule: 'system down' }],
    ['the default', { rule: 'default' }],
    ['other channels', { channels: ['email'], later: ['slack-warning'], text: { 'slack-warning': 'x' } }],
  ])('and none that merely expects %s', (_, expected) => {
    expect(linesOf(expected)).not.toMatch(/is called|unknown|\n {4}no /)
  })
})
