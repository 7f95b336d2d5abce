import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Rules, tidy } from './tidy.ts'

/** What others wrote, and what is built. */
const NOT_OURS = ['node_modules/**', 'dist/**', '.serverless/**', '.build/**', '.alert-router/**']

/** Each list except `words` may only get shorter; the rule reports entries that are no longer needed. */
const HERE: Rules = {
  long: [],
  wideComments: { 'cli/': 1, 'shared/channels/': 4 },
  coincidences: {
    'BatchGetItem, DeleteItem, GetItem, PutItem, Query, UpdateItem':
      'what the stack allows, and what the doctor asks for: each states what a function does with the table',
  },
  // word: what to write in its place
  words: {
    'all the same': 'anyway, or still',
    anew: 'again, or re- with the verb',
    'at the most': 'at most',
    'by and by': 'gradually',
    'by itself': 'alone, or automatically',
    'comes again': 'is retried',
    'comes to rest': 'settles, or has nothing left to do',
    'has a look': 'checks',
    'has the say': 'wins',
    'in the place of': 'in place of',
    'in truth': 'really',
    'in vain': 'without success, or failed',
    'looked at': 'checked, evaluated or analysed',
    'looks whether': 'checks whether',
    mend: 'fix',
    mended: 'fixed',
    tell: 'notify, send, report or distinguish',
    telling: 'notifying, sending or reporting',
    tells: 'notifies, sends, reports or says',
    thereby: 'so',
  },
  loaders: [
    'bench/warm-run.ts',
    'cli/package/serverless.ts',
    'local/function-process.ts',
    'local/queues.ts',
    'local/router.ts',
    'local/simulation/code.ts',
  ],
  startedBy: readFileSync('package.json', 'utf8') + readFileSync('vitest.config.ts', 'utf8'),
}

test('the house is tidy', () => {
  const paths = globSync('**/*.ts', { exclude: NOT_OURS }).map((path) => path.replaceAll('\\', '/'))
  const files = paths.sort().map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  expect(tidy(files, HERE)).toEqual([])
})

const NONE: Rules = { long: [], wideComments: {}, coincidences: {}, words: {}, loaders: [], startedBy: '' }

const found = (files: Record<string, string>, rules: Partial<Rules> = {}) =>
  tidy(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    { ...NONE, ...rules },
  )

const steps = (count: number) => '  step()\n'.repeat(count)
const wide = (columns: number, before: string) => before + 'x'.repeat(columns - before.length)
const PLANTED: [what: string, files: Record<string, string>, says: RegExp, rules?: Partial<Rules>][] = [
  [
    'a function of 71 lines',
    { 'schemas/a.ts': `\nexport function plan() {\n${steps(69)}}\n` },
    /^schemas\/a\.ts:2: plan has 71 lines, more than a screen of 70: give its steps names/,
  ],
  [
    'an arrow function after characters of several bytes',
    { 'schemas/a.ts': `const ä = '…'\nexport const plan = () => {\n${steps(80)}}\n` },
    /^schemas\/a\.ts:2: plan has 82 lines/,
  ],
  ['a method', { 'cli/a.ts': `class A {\n  run() {\n${steps(70)}  }\n}\n` }, /^cli\/a\.ts:2: run has 72 lines/],
  [
    'a test inside a describe',
    { 'test/a.test.ts': `describe.each([1])('a', () => {\n  test('b', () => {\n${steps(70)}  })\n})\n` },
    /^test\/a\.test\.ts:2: a function has 72 lines/,
  ],
  [
    'a listed long function that is short now',
    { 'cli/a.ts': 'export function run() {}\n' },
    /^cli\/a\.ts run: is no longer than a screen any more: take it out of the list/,
    { long: ['cli/a.ts run'] },
  ],
  [
    'a comment of 129 columns',
    { 'schemas/a.ts': `${wide(129, '// ')}\n` },
    /^schemas\/a\.ts:1: a comment of 129 columns: break it before 128$/,
  ],
  [
    'more wide comments than the folder’s limit',
    { 'cli/a.ts': `/** A. */\n${wide(129, '// ')}\n${wide(130, '// ')}\n` },
    /^cli\/a\.ts:2: a comment of 129 columns.*\ncli\/a\.ts:3: a comment of 130 columns/,
    { wideComments: { 'cli/': 1 } },
  ],
  [
    'fewer wide comments than listed',
    { 'cli/a.ts': `${wide(129, '// ')}\n` },
    /^cli\/: has 1 wide comments, not 2 any more: write 1 into the list$/,
    { wideComments: { 'cli/': 2 } },
  ],
  [
    'code of 122 columns',
    { 'schemas/a.ts': `${wide(121, 'step(')})\n` },
    /^schemas\/a\.ts:1: a line of 122 columns: break it before 120$/,
  ],
  [
    'a list in two files, in any order',
    { 'schemas/a.ts': "const A = ['a', 'b', 'c', 'd']\n", 'cli/b.ts': "new Set(['d', 'c', 'b', 'a'] as const)\n" },
    /^cli\/b\.ts:1: the table of schemas\/a\.ts:1 is written once more \(a, b, c, d\): export one, and import it$/,
  ],
  [
    'an object that occurs twice',
    {
      'schemas/a.ts': "const A = { a: '1', b: '2', c: '3', d: '4' }\nconst B = { d: '4', a: '1', 'b': '2', c: '3' }\n",
    },
    /^schemas\/a\.ts:2: the table of schemas\/a\.ts:1 is written once more/,
  ],
  [
    'a coincidence that no longer exists',
    { 'schemas/a.ts': "const A = ['a', 'b', 'c', 'd']\n" },
    /^"a, b, c, d": is written once: take it out of the list of coincidences$/,
    { coincidences: { 'a, b, c, d': 'two that have nothing to do with each other' } },
  ],
  ...['schemas/utils.ts', 'cli/helper.ts', 'local/common/a.ts', 'test/misc.test.ts', 'deploy/manager.ts'].map(
    (path): [string, Record<string, string>, RegExp] => [
      `a file called ${path}`,
      { [path]: '' },
      new RegExp(`^${path}: a name that says nothing: call it by what it does, or is$`),
    ],
  ),
  ['a file in no room', { 'tools/a.ts': '' }, /^tools\/a\.ts: is in no room, where no rule reaches it/],
  [
    'a test file that no test imports',
    { 'test/a.test.ts': "import './b.ts'\n", 'test/b.ts': '', 'test/c.ts': "import './d.ts'\n", 'test/d.ts': '' },
    /^test\/c\.ts: no test imports it: delete it, or call it \*\.test\.ts if it is a test\ntest\/d\.ts: /,
  ],
  ...[
    ["type A = import('@aws-sdk/client-sqs').SQSClient", 'a type is imported inside the code'],
    ["type A = typeof import('../../functions/route.ts')", 'a type is imported inside the code'],
    ["createRequire(import.meta.url)('@aws-sdk/client-sqs')", "createRequire loads what lint can't see"],
    ["process.getBuiltinModule('node:fs')", "getBuiltinModule loads what lint can't see"],
    ["const at = 'a'; import(at)", 'import\\(…\\) loads'],
    ["fetch('https://example.com')", 'fetch in a pure room'],
  ].map(([code, says]): [string, Record<string, string>, RegExp] => [
    `a way round the rooms: ${code}`,
    { 'shared/decide/a.ts': `\n${code}\n` },
    new RegExp(`^shared/decide/a\\.ts:2: ${says}`),
  ]),
  [
    'a loader that loads nothing any more',
    { 'cli/a.ts': '' },
    /^cli\/a\.ts: loads nothing unseen any more: take it out of the list/,
    { loaders: ['cli/a.ts'] },
  ],
  [
    'a word that nobody should write',
    { 'schemas/a.ts': "\nconst a = 'We Utilise it'\n" },
    /^schemas\/a\.ts:2: "Utilise": write "use"$/,
    { words: { utilise: 'use' } },
  ],
]

describe('untidiness is reported, with how to fix it', () => {
  test.each(PLANTED)('%s', (_what, files, says, rules) => {
    expect(found(files, rules).join('\n')).toMatch(says)
  })
})

describe('nothing is reported for', () => {
  const FINE: [what: string, files: Record<string, string>, rules?: Partial<Rules>][] = [
    ['a function of 70 lines', { 'schemas/a.ts': `export function plan() {\n${steps(68)}}\n` }],
    ['a long function of the list', { 'cli/a.ts': `function run() {\n${steps(90)}}\n` }, { long: ['cli/a.ts run'] }],
    [
      'the body of a describe',
      { 'test/a.test.ts': `describe('a', () => {\n${"  test('b', () => {})\n".repeat(99)}})\n` },
    ],
    ['a comment of 128 columns', { 'schemas/a.ts': `${wide(128, '// ')}\n` }],
    ['an address', { 'schemas/a.ts': `${wide(150, '/*\n * https://docs.example.com/')}\n */\n` }],
    ['a text, a template, an expression', { 'schemas/a.ts': `f('${wide(150, '')}', \`\n${wide(150, '// ')}\`)\n` }],
    ['three entries', { 'schemas/a.ts': "const A = ['a', 'b', 'c']\nconst B = ['a', 'b', 'c']\n" }],
    ['numbers', { 'schemas/a.ts': 'const A = [1, 2, 3, 4]\nconst B = [1, 2, 3, 4]\n' }],
    ['other values', { 'schemas/a.ts': "f({ a: 'a', b: 'b', c: 'c', d: 'd' }, { a: 'a', b: 'b', c: 'c', d: 'e' })\n" }],
    ['tables in tests', { 'schemas/a.ts': "f(['a', 'b', 'c', 'd'])\n", 'test/a.test.ts': "f(['a', 'b', 'c', 'd'])\n" }],
    ['the name of a service', { 'local/secrets-manager.ts': '' }],
    [
      'what npm starts',
      { 'test/clocks.ts': "fork('test/clock.ts')\n", 'test/clock.ts': '' },
      { startedBy: 'test/clocks.ts' },
    ],
    ['a part of a word', { 'schemas/a.ts': 'const utilised = 1\n' }, { words: { utilise: 'use' } }],
  ]
  test.each(FINE)('%s', (_what, files, rules) => {
    expect(found(files, rules)).toEqual([])
  })
})
