import { describe, expect, test } from 'vitest'
import { CASES_FOLDER, readCases } from '../local/rules/test/cases.ts'
import { diffOf } from '../local/rules/test/diff.ts'
import { runCase } from '../shared/cases/run.ts'
import { readConfig } from '../shared/config/read.ts'

/** Yours too: what you write in config/tests/ is tried here. */
describe(`the rules, by the cases in ${CASES_FOLDER}`, () => {
  const config = readConfig('config/alerts.yml')

  test.each(readCases())('$name', (one) => {
    const { differences } = runCase(one, config)
    expect(differences.flatMap(diffOf).join('\n'), one.where).toBe('')
  })
})
