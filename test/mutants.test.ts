import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutated, readMutants } from '../local/mutants/mutant.ts'

/**
 * Bugs that `npm run mutants` plants in the router. Without this test they would rot: a patch that does not apply
 * tests nothing.
 */
const mutants = await readMutants()

test.each(mutants)('$name still fits the sources, and says what a user suffers', async (mutant) => {
  expect(mutant.suffered).toMatch(/^[A-Z].{20,160}\.$/)
  if (mutant.killedBy === undefined) expect(mutant.seed).toBeGreaterThan(0)
  else expect(existsSync(mutant.killedBy)).toBe(true)
  expect(mutant.files).not.toEqual([])
  const sources = await mutated(mutant)
  expect([...sources.keys()]).toEqual(mutant.files)
})

test('each mutant has its own number', () => {
  const numbers = mutants.map(({ number }) => number)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.every((number) => number > 0)).toBe(true)
})
