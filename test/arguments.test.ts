import { afterEach, describe, expect, test, vi } from 'vitest'
import { readArguments } from '../cli/arguments.ts'
import type { ReplayOutcome } from '../cli/replay/outcome.ts'
import { table } from '../cli/replay/report.ts'
import { widthOf } from '../cli/wrap.ts'
import { parse } from '../shared/parse/parse.ts'

afterEach(() => vi.unstubAllEnvs())

describe('the region and the account that a command looks at', () => {
  test.each<[string, string[], Record<string, string>, Record<string, string | undefined>]>([
    ['--region', ['--region', 'eu-west-1'], { AWS_REGION: 'us-east-1' }, { AWS_REGION: 'eu-west-1' }],
    ['AWS_REGION', [], { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'eu-west-1' }, { AWS_REGION: 'us-east-1' }],
    ['AWS_DEFAULT_REGION', [], { AWS_DEFAULT_REGION: 'eu-west-1' }, { AWS_REGION: 'eu-west-1' }],
    ['none', [], {}, { AWS_REGION: undefined }],
    [
      '--profile, and not the keys of the environment',
      ['--profile', 'ops'],
      { AWS_PROFILE: 'dev', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S', AWS_SESSION_TOKEN: 'T' },
      { AWS_PROFILE: 'ops', AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    ],
  ])('by %s', (_, args, environment, expected) => {
    const names = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    for (const name of [...names, 'AWS_SESSION_TOKEN']) vi.stubEnv(name, environment[name])
    readArguments(args, { stage: { type: 'string' } }, 'none')
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, process.env[name]]))).toEqual(expected)
  })

  test('is no option of a command that looks at none', () => {
    expect(() => readArguments(['--region', 'eu-west-1'], {}, 'none')).toThrow('--region is no option here.')
  })
})

describe('an option that is given twice', () => {
  const OPTIONS = {
    config: { type: 'string', default: 'config' },
    at: { type: 'string', short: 'a' },
    set: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  } as const

  test.each<[string, string[], string]>([
    ['other values', ['--config', 'bad', '--config', 'config'], '--config is given twice, as "bad" and as "config"'],
    [
      'with =, and without',
      ['--config=bad', '--json', '--config', 'x'],
      '--config is given twice, as "bad" and as "x"',
    ],
    ['the same value', ['--at', 'noon', '--at', 'noon'], '--at is given twice, as "noon" and as "noon"'],
    ['by its short name, too', ['--at', 'noon', '-a', 'one'], '-a is given twice, as "noon" and as "one"'],
    ['three times', ['--at', 'a', '--at', 'b', '--at', 'c'], '--at is given twice, as "a" and as "b"'],
  ])('and takes one value is refused: %s', (_, args, message) => {
    expect(() => readArguments(args, OPTIONS, 'none')).toThrow(`${message}, and takes one value. Leave one out.`)
  })

  test.each<[string, string[], object]>([
    ['may be given several times', ['--set', 'a=1', '--set', 'a=1'], { set: ['a=1', 'a=1'] }],
    ['takes no value', ['--json', '--json'], { json: true }],
    ['is given once, beside its default', ['--config', 'x'], { config: 'x' }],
  ])('is taken where it %s', (_, args, values) => {
    expect(readArguments(args, OPTIONS, 'none').values).toMatchObject(values)
  })

  test.each([
    ['a stage', ['--stage', 'prod', '--stage', 'dev']],
    ['a region', ['--stage', 'prod', '--region', 'eu-west-1', '--region', 'us-east-1']],
  ])('as %s, is refused', (_, args) => {
    expect(() => readArguments(args, { stage: { type: 'string' } }, 'none')).toThrow('is given twice')
  })
})

test.each([
  ['60', 200, 60],
  ['', 80, 80],
  ['', undefined, 100],
  ['wide', 80, 80],
  ['500', 80, 120],
  ['5', 80, 40],
])('COLUMNS=%s in a terminal of %s columns: %s', (said, columns, width) => {
  vi.stubEnv('COLUMNS', said)
  expect(widthOf({ columns })).toBe(width)
})

describe('what became of replayed events', () => {
  const outcomes: ReplayOutcome[] = [
    ...parse('Nightly export finished late: 3 h 12 min, usually 40 min, and nobody knows why').map((alert) => ({
      ...{ file: '-', alert, severity: 'warning', rule: 'default', because: [] },
      deliveries: [
        { channel: 'chat', type: 'slack', status: 'dead-lettered' as const, error: 'Slack answered 404: no' },
      ],
    })),
    {
      file: 'samples/broken.json',
      error: 'event: starts like JSON but is broken at character 2, so that nobody can read it',
    },
  ]

  test.each([40, 60, 80, 100, 140])('is within %s columns', (width) => {
    const lines = table(outcomes, width).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
    expect(lines.some((line) => line.startsWith('┌'))).toBe(width >= 100)
  })

  test('names what came by stdin, and what was not recognised', () => {
    const shown = table(outcomes, 80)
    expect(shown).toMatch(/^event +stdin$/m)
    expect(shown).toContain('not recognised: routed as text')
    expect(shown).toMatch(/^refused +event: starts like JSON/m)
  })

  test.each([60, 140])('says of what is no alert why, and of lines of a log nothing, within %s columns', (width) => {
    const data = { messageType: 'DATA_MESSAGE', owner: '1', logGroup: '/shop', logEvents: [{ message: 'ERROR x' }] }
    const lines = parse(data).map((alert) => ({
      ...{ file: 'lines.json', alert, severity: 'warning', rule: 'default', because: ['default'], deliveries: [] },
    }))
    const shown = table([...lines, { file: 'test.json', ignored: 'it only tests' }], width)
    expect(shown).toContain('ERROR x')
    expect(shown).not.toContain('not recognised')
    expect(shown).toMatch(/no alert:? +it only tests/)
  })
})
