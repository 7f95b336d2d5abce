import { expect, test } from 'vitest'
import { together } from '../shared/aws/together.ts'

/** The alerts of one batch are read in one call, and its wake-ups published in one. */

function asked(answer: (all: string[]) => (string | Error)[] | Promise<never>) {
  const calls: string[][] = []
  const one = together(async (all: string[]) => {
    calls.push(all)
    return answer(all)
  })
  const outcomes = (names: string[]) =>
    Promise.all(names.map((name) => one(name).catch(({ message }) => `! ${message}`)))
  return { calls, outcomes }
}
const refused = (how: object) => Object.assign(new Error('refused'), how)

test('what is asked for in one turn is one call, and each gets its own answer', async () => {
  const { calls, outcomes } = asked((all) =>
    all.map((name) => (name === 'b' ? new Error('not b') : name.toUpperCase())),
  )
  expect(await outcomes(['a', 'b', 'c'])).toEqual(['A', '! not b', 'C'])
  expect(await outcomes(['d'])).toEqual(['D'])
  expect(calls).toEqual([['a', 'b', 'c'], ['d']])
})

test('what AWS refuses is asked for one by one: one odd alert does not fail its batch', async () => {
  const { calls, outcomes } = asked((all) => {
    if (all.includes('odd')) return Promise.reject(refused({ name: 'ValidationException', $fault: 'client' }))
    return all
  })
  expect(await outcomes(['a', 'odd', 'c'])).toEqual(['a', '! refused', 'c'])
  expect(calls).toEqual([['a', 'odd', 'c'], ['a'], ['odd'], ['c']])
})

test.each([
  ['an outage', { name: 'InternalServerError', $fault: 'server' }],
  ['a busy table', { name: 'ProvisionedThroughputExceededException', $fault: 'client' }],
  ['a throttled topic', { name: 'Throttled', $fault: 'client' }],
  ['a broken connection', { code: 'ECONNRESET' }],
])('%s fails all of them at once, without more calls', async (_, how) => {
  const { calls, outcomes } = asked(() => Promise.reject(refused(how)))
  expect(await outcomes(['a', 'b'])).toEqual(['! refused', '! refused'])
  expect(calls).toEqual([['a', 'b']])
})
