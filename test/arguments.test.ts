import { afterEach, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../cli/command.ts'
import { STAGE } from '../cli/frame/options.ts'
import { readLine } from '../cli/frame/parse.ts'
import { type Given, spec } from '../cli/frame/spec.ts'
import type { ReplayOutcome } from '../cli/replay/outcome.ts'
import { table } from '../cli/replay/report.ts'
import { widthOf } from '../cli/wrap.ts'
import { parse } from '../shared/parse/parse.ts'

afterEach(() => vi.unstubAllEnvs())

/** A command with every kind of option. */
const PROBE = spec({
  name: 'probe',
  group: 'More',
  summary: 'only for tests',
  args: [{ name: 'FILE', what: 'a file', kind: 'path', many: true }],
  options: {
    config: { value: 'PATH', what: 'the rules', default: 'config' },
    'firing-since': { value: 'TIME', what: 'since when' },
    set: { value: 'FIELD=VALUE', many: true, what: 'a field' },
    workers: { value: 'N', kind: 'number', least: 1, default: 4, what: 'how many' },
    paint: { value: 'COLOUR', choices: ['red', 'blue'], what: 'which' },
    json: { what: 'as JSON' },
    live: { what: 'for real', conflicts: ['json', 'firing-since'] },
  },
  examples: [],
})
const AT_AWS = spec({ ...PROBE, name: 'aws', options: STAGE })

function read(...args: string[]) {
  const read = readLine([PROBE], ['probe', ...args])
  return read.asked === 'command' ? (read.given as unknown as Given<typeof PROBE>) : read
}

describe('a command line', () => {
  test('returns the given values, and the defaults', () => {
    expect(read('a', '--json', 'b', '--set', 'x=1', '--set=y=-2', '--workers', '2', '--', '-c')).toEqual({
      args: ['a', 'b', '-c'],
      options: {
        config: 'config',
        'firing-since': undefined,
        set: ['x=1', 'y=-2'],
        workers: 2,
        json: true,
        live: false,
        paint: undefined,
      },
    })
  })

  test.each<[string, string[], string]>([
    ['a misspelt option', ['--jsn'], 'Unknown option "--jsn". Did you mean "--json"?'],
    ['no option', ['-x'], 'Unknown option "-x".'],
    ['an option of AWS', ['--region', 'eu-west-1'], 'Unknown option "--region".'],
    ['an extra value', ['--json=yes'], '--json takes no value: leave "=yes" out.'],
    ['no value', ['--config'], '--config needs a value: --config PATH.'],
    ['an empty value', ['--config='], '--config needs a value: --config PATH.'],
    ['an option as a value', ['--config', '--json'], 'write --config=--json.'],
    ['no number', ['--workers', '-1x'], '--workers needs a value, and "-1x" looks like an option'],
    ['half a number', ['--workers', '1.5'], '--workers 1.5: "1.5" is not a whole number.'],
    ['too small a number', ['--workers', '0'], '--workers 0: must be at least 1.'],
    ['no choice', ['--paint', 'green'], '--paint green: must be one of red, blue.'],
    ['conflicting options', ['--live', '--json'], 'Option "--live" cannot be used with option "--json".'],
    ['the same, by a long name', ['--firing-since', 'noon', '--live'], 'cannot be used with option "--firing-since".'],
  ])('with %s is refused', (_, args, message) => {
    expect(() => read(...args)).toThrow(UsageError)
    expect(() => read(...args)).toThrow(message)
  })
})

describe('the region and the account of a command', () => {
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
    readLine([AT_AWS], ['aws', ...args])
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, process.env[name]]))).toEqual(expected)
  })
})

describe('an option that is given twice', () => {
  test.each<[string, string[], string]>([
    ['other values', ['--config', 'bad', '--config', 'config'], '--config is given twice, as "bad" and as "config"'],
    [
      'with =, and without',
      ['--config=bad', '--json', '--config', 'x'],
      '--config is given twice, as "bad" and as "x"',
    ],
    ['the same value', ['--workers', '1', '--workers', '1'], '--workers is given twice, as "1" and as "1"'],
    ['three times', ['--config', 'a', '--config', 'b', '--config', 'c'], '--config is given twice, as "a" and as "b"'],
  ])('and takes one value is rejected: %s', (_, args, message) => {
    expect(() => read(...args)).toThrow(`${message}, and takes one value. Leave one out.`)
  })

  test.each<[string, string[], object]>([
    ['may be given several times', ['--set', 'a=1', '--set', 'a=1'], { set: ['a=1', 'a=1'] }],
    ['takes no value', ['--json', '--json'], { json: true }],
    ['is given once, beside its default', ['--config', 'x'], { config: 'x' }],
  ])('is accepted if it %s', (_, args, options) => {
    expect(read(...args)).toMatchObject({ options })
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

describe('the outcome of replayed events', () => {
  const outcomes: ReplayOutcome[] = [
    ...parse('Nightly export finished late: 3 h 12 min, usually 40 min, and nobody knows why').map((alert) => ({
      ...{ file: 'stdin', alert, severity: 'warning', rule: 'default', because: [] },
      deliveries: [
        { channel: 'chat', type: 'slack', status: 'dead-lettered' as const, error: 'Slack answered 404: no' },
      ],
    })),
    {
      file: 'samples/broken.json',
      error: 'event: is invalid JSON at character 2, so that nobody can read it',
    },
  ]

  test.each([40, 60, 80, 100, 140])('is within %s columns', (width) => {
    const lines = table(outcomes, width).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
    expect(lines.some((line) => line.startsWith('┌'))).toBe(width >= 100)
  })

  test('names stdin as the source, and marks unrecognised events', () => {
    const shown = table(outcomes, 80)
    expect(shown).toMatch(/^event +stdin$/m)
    expect(shown).toContain('not recognised: routed as text')
    expect(shown).toMatch(/^rejected +event: is invalid JSON/m)
  })

  test.each([60, 140])('says why an event is not an alert, but not for log lines, within %s columns', (width) => {
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
