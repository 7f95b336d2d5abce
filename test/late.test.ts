import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { build } from 'esbuild'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { bundling, lateAsText } from '../deploy/esbuild.ts'
import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { readWake, wakeSchema } from '../schemas/wake.ts'

/** Parts of a bundle are texts, which are evaluated when an alert needs them: then they are what they are elsewhere. */

const entry = `
export { textMatcher } from './shared/decide/pattern.ts'
export { regexProblem } from './shared/config/regex-problem.ts'
export { parseTemplate } from './shared/channels/template.ts'
export { changesBetween, compileWindow } from './shared/decide/windows.ts'
export { channelsIn, rulesIn } from './shared/live-config/load.ts'
export { earlierIn } from './shared/deliver/earlier.ts'
export { parse } from './shared/parse/parse.ts'
`
type Exports = Pick<typeof import('../shared/decide/pattern.ts'), 'textMatcher'> &
  Pick<typeof import('../shared/config/regex-problem.ts'), 'regexProblem'> &
  Pick<typeof import('../shared/channels/template.ts'), 'parseTemplate'> &
  Pick<typeof import('../shared/decide/windows.ts'), 'changesBetween' | 'compileWindow'> &
  Pick<typeof import('../shared/live-config/load.ts'), 'channelsIn' | 'rulesIn'> &
  Pick<typeof import('../shared/deliver/earlier.ts'), 'earlierIn'> &
  Pick<typeof import('../shared/parse/parse.ts'), 'parse'>
let bundled: Exports
let plain: Exports
let evaluated: string[]

beforeAll(async () => {
  const bundle = async (plugins: typeof bundling.plugins) => {
    const { outputFiles } = await build({
      ...{ ...bundling, plugins },
      stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
      write: false,
    })
    return outputFiles[0]?.text ?? ''
  }
  evaluated = []
  bundled = run(await bundle([...bundling.plugins]))
  plain = run(await bundle(bundling.plugins.filter((one) => one !== lateAsText)))
})

/** Says what is evaluated from a text. */
function run(text: string): Exports {
  const module = { exports: {} }
  class Seen extends Function {
    constructor(...parts: string[]) {
      super(...parts)
      // zod's own are short: it tries whether it may, and compiles what it reads.
      const [text = ''] = parts.slice(-1)
      if (parts.includes('require')) evaluated.push(text)
    }
  }
  const evaluate = new Script(`(function (module, require, Function) { ${text}\n})`).runInThisContext()
  evaluate(module, createRequire(import.meta.url), Seen)
  return module.exports as unknown as Exports
}

test('nothing is evaluated at the start, nor for what most alerts need', () => {
  expect(evaluated).toEqual([])
  expect(bundled.textMatcher('/^orders-(api|web)$/i').matches('ORDERS-web')).toBe(true)
  const alarm = { AlarmName: 'x', AlarmArn: 'arn:aws:cloudwatch:eu-west-1:1:alarm:x', NewStateValue: 'ALARM' }
  expect(
    bundled.parse({ ...alarm, NewStateReason: 'y', StateChangeTime: '2026-11-25T00:00:00.000+0000' }),
  ).toHaveLength(1)
  expect(evaluated).toEqual([])
})

const from = new Date('2026-11-25T00:00:00Z')
const to = new Date('2026-12-03T00:00:00Z')
const asked: [what: string, ask: (by: Exports) => unknown][] = [
  ...['/(\\w+)-\\1/', '/[/', '/^\\d{3}-\\w+$/'].map((text): [string, (by: Exports) => unknown] => [
    `the regular expression ${text}`,
    (by) => {
      return by.regexProblem(text) ?? ['123-abc', 'x'].map((value) => by.textMatcher(text).matches(value))
    },
  ]),
  ['a template', (by) => by.parseTemplate('{{name}} in {{#account}}{{account}}{{/account}}')],
  [
    'a window by cron',
    (by) => {
      const times = by.compileWindow({ on: 'sat', from: '02:00', for: '3h' }, 'Europe/Berlin')
      return JSON.stringify(by.changesBetween(times, from, to))
    },
  ],
  ['pushed channels', (by) => by.channelsIn({ channels: { chat: { type: 'slack', secret: 'chat' } } }, false)],
  ['pushed rules that are none', (by) => by.rulesIn({ rules: 7 }, false)],
  ...[
    'a text',
    { title: 'An own event', severity: 'info' },
    { 'detail-type': 'x', source: 'aws.x', detail: {} },
    [7],
  ].map((event): [string, (by: Exports) => unknown] => [
    `the message ${JSON.stringify(event)}`,
    (by) => by.parse(event, { now: new Date('2026-11-25T00:00:00Z') }),
  ]),
  ['a message of an earlier version', (by) => by.earlierIn({ id: 'x', channel: 'chat' })],
]
const outcome = (ask: () => unknown) => {
  try {
    return ask()
  } catch (error) {
    return String(error)
  }
}
test.each(asked)('%s', (_, ask) => {
  const expected = outcome(() => ask(plain))
  if (typeof expected === 'string') expect(expected).not.toMatch('is not a function')
  expect(outcome(() => ask(bundled))).toEqual(expected)
})

test('each is evaluated once', () => {
  expect(new Set(evaluated).size).toBe(evaluated.length)
  expect(evaluated.length).toBe(6)
})

test('a wake-up is read as its schema says', () => {
  const texts = fc.constantFrom('a', '', 'slack', 7, null, undefined, {})
  const type = fc.constantFrom(...CHANNEL_TYPES, 'teams', undefined)
  const shape = { fingerprint: texts, recipient: texts, channel: texts, type, change: texts, more: texts }
  const good = fc.record({ ...Object.fromEntries(Object.keys(shape).map((key) => [key, fc.string()])), type })
  fc.assert(
    fc.property(fc.oneof(fc.record(shape, { requiredKeys: [] }), good, fc.jsonValue()), (value) => {
      expect(readWake(value)).toEqual(wakeSchema.safeParse(value).data)
    }),
    { numRuns: 1_000 },
  )
})
