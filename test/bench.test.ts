import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compare } from '../bench/compare.ts'
import { drawn, type Measured, ratioCells, SPREAD, tablesIn } from '../bench/measured.ts'
import { peersIn } from '../bench/peers.ts'
import { median, middleHalf, type Ratio, ratioOf } from '../bench/ratio.ts'
import { type Call, partsOf } from '../bench/stages.ts'

/** A table of ratios, by its rows. */
const table = (title: string, rows: Record<string, Ratio | undefined>): Measured => ({
  title,
  head: ['function', 'over bare node', SPREAD, 'ms'],
  rows: Object.entries(rows).map(([name, ratio]) => [name, ...ratioCells(ratio), '123']),
})
const ratio = (middle: number, from = middle - 0.1, to = middle + 0.1): Ratio => ({ middle, from, to })

test('what is worse beyond the spread is named, and nothing else', () => {
  const committed = [table('Start (aim: 4)', { route: ratio(3), slack: ratio(3), email: ratio(3) })]
  const measured = [table('Start (aim: 3)', { route: ratio(3.15), slack: ratio(3.25), email: ratio(2) })]
  const { worse, ...rest } = compare(committed, measured)
  expect(worse).toEqual([
    { name: 'Start: slack, over bare node', committed: ratio(3, 2.9, 3.1), measured: ratio(3.25, 3.15, 3.35) },
  ])
  expect(rest).toEqual({ same: 2, notMeasured: [], notCommitted: [] })
})

test('what cannot be compared is named', () => {
  const committed = [table('Start', { route: ratio(3) }), table('Over a peer', { route: ratio(0.5) })]
  const measured = [table('Start', { route: ratio(3), inbox: ratio(2), bare: undefined })]
  expect(compare(committed, measured)).toEqual({
    worse: [],
    same: 1,
    notMeasured: ['Over a peer: route, over bare node'],
    notCommitted: ['Start: inbox, over bare node'],
  })
})

test('a committed ratio without its spread is taken as exact', () => {
  const exact = { title: 'Start', head: ['function', 'over bare node', 'ms'], rows: [['route', '3.00', '75']] }
  const worse = (now: Ratio) => compare([exact], [table('Start', { route: now })]).worse.length
  expect([worse(ratio(3.05)), worse(ratio(3.2))]).toEqual([0, 1])
})

test('two ratios of a row are two figures', () => {
  const both = (cpu: string): Measured => ({
    title: 'Over a peer',
    head: ['function', 'over its time', SPREAD, 'over its CPU', SPREAD],
    rows: [['route', '0.50', '0.40 to 0.60', cpu, `${cpu} to ${cpu}`]],
  })
  expect(compare([both('0.50')], [both('0.60')]).worse.map(({ name }) => name)).toEqual([
    'Over a peer: route, over its CPU',
  ])
})

test('tables are read as they are drawn', () => {
  const tables = [
    table('Start (aim: 4)', { route: ratio(3), 'route, then slack': ratio(6) }),
    table('Other', { a: ratio(1) }),
  ]
  expect(tablesIn(tables.map((one) => drawn({ ...one, note: 'A note.' })).join('\n\n'))).toEqual(tables)
})

test('the committed figures can be compared: with themselves, none is worse', () => {
  const committed = tablesIn(readFileSync('docs/performance.md', 'utf8'))
  const { same, ...others } = compare(committed, committed)
  expect(same).toBeGreaterThan(20)
  expect(others).toEqual({ worse: [], notMeasured: [], notCommitted: [] })
})

test('a ratio is that of medians; its spread is that of the rounds, each over its own base', () => {
  const [values, bases] = [
    [10, 20, 30, 400, 50],
    [10, 10, 10, 100, 10],
  ]
  expect(ratioOf(values, bases)).toEqual({ middle: 3, from: 2, to: 4 })
  expect([median(values), middleHalf(values)]).toEqual([30, [20, 50]])
})

const noPeers = { notifySlack: undefined, assertible: undefined, python: 'python3' }

test('peers without a folder are left out, and a line says so', () => {
  expect(peersIn(noPeers, '.')).toEqual({
    peers: [],
    about: 'Left out, without --notify-slack and --assertible: docs/performance.md says how to get other projects.',
  })
})

test('a folder that is not the peer says what is not there, and what makes it', () => {
  expect(() => peersIn({ ...noPeers, assertible: 'docs' }, '.')).toThrow(
    '--assertible docs: there is no index.js. "git clone" makes it: docs/performance.md, "Beside other projects"',
  )
})

test('a Python that is not there is named', () => {
  expect(() => peersIn({ ...noPeers, notifySlack: 'docs', python: 'no-such-python' }, '.')).toThrow(
    "--python no-such-python: can't import boto3",
  )
})

/** A profile in which each stack, from the outermost call on, has run for so many microseconds, one after the other. */
function profileOf(spent: [stack: string[], us: number][]) {
  const nodes = spent.flatMap(([stack], index) =>
    stack.map((url, depth) => ({
      id: index * 10 + depth,
      callFrame: { functionName: url, url, scriptId: '', lineNumber: 0, columnNumber: 0 },
      ...(depth + 1 < stack.length && { children: [index * 10 + depth + 1] }),
    })),
  )
  const samples = spent.map(([stack], index) => index * 10 + stack.length - 1)
  return { nodes, samples, timeDeltas: spent.map(([, us]) => us), startTime: 0, endTime: 0 }
}

test('CPU belongs to the stage of the innermost code; that of a client to the calls under way; waiting to nobody', () => {
  const profile = profileOf([
    [['/shared/store/alerts.ts', '/shared/decide/next.ts', '/node_modules/any.js'], 10],
    [['/shared/explain/kept-trace.ts', '/shared/decide/decide.ts'], 20],
    [['/node_modules/@smithy/core/index.js'], 30],
    [['(idle)'], 1_000],
    [['(garbage collector)'], 15],
    [['/shared/deliver/batch.ts'], 25],
  ])
  const calls: Call[] = [
    { stage: 'table', from: 55, to: 65 },
    { stage: 'publish', from: 58, to: 2_000 },
  ]
  const { decide, trace, table, publish, rest, ...others } = partsOf(profile, calls)
  expect([decide, trace, table, publish, rest]).toEqual([0.1, 0.2, 0.15, 0.15, 0.4])
  expect(others).toEqual({ parse: 0, vendor: 0, log: 0 })
})
