import { afterEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { readCases } from '../cli/rules/test/cases.ts'
import { pushedConfigJsonSchema } from '../deploy/live-config.ts'
import { handler } from '../functions/validate-config.ts'
import { readConfig } from '../shared/config/read.ts'
import { versionOf } from '../shared/live-config/version.ts'

const CONFIG = readConfig('config/alerts.yml')
const pushed = (config: unknown, more: object = {}) => ({
  version: versionOf(JSON.stringify(config)),
  base: '0123456789ab',
  commit: 'abc1234',
  config,
  ...more,
})
const [rule] = CONFIG.rules

afterEach(() => vi.unstubAllEnvs())

/** As AppConfig calls it; returns the message of a refusal. */
async function validate(document: string): Promise<string | undefined> {
  vi.stubEnv('LOG_LEVEL', 'SILENT')
  const content = Buffer.from(document).toString('base64')
  const event = {
    applicationId: 'abc123',
    configurationProfileId: 'def456',
    configurationVersion: '3',
    content,
    uri: 'hosted',
  }
  return handler(event).then(
    () => undefined,
    (error: Error) => error.message,
  )
}

test('the shipped rules may go live, with their cases', async () => {
  const cases = readCases().map(({ where, ...one }) => one)
  expect(cases.length).toBeGreaterThan(3)
  expect(await validate(JSON.stringify(pushed(CONFIG, { cases })))).toBeUndefined()
})

describe('rules that may not go live are refused with the reason', () => {
  test.each<[string, unknown, string]>([
    [
      'a rule with a channel that there is not',
      pushed({ ...CONFIG, rules: [{ ...rule, channels: ['pager'] }] }),
      'config.rules[0].channels[0]: unknown channel "pager"',
    ],
    [
      'a rule that can never match',
      pushed({ ...CONFIG, rules: [{ name: 'all', when: { name: '*' }, severity: 'info' }, rule] }),
      'config.rules[1].name (rule "no data"): this rule can never match: rule "all" above has already matched',
    ],
    [
      'a severity that there is not',
      pushed({ ...CONFIG, rules: [{ ...rule, severity: 'critcal' }] }),
      'config.rules[0].severity',
    ],
    [
      'rules that were changed by hand after they were pushed',
      { ...pushed(CONFIG), version: 'aaaaaaaaaaaa' },
      'version: ',
    ],
    ['rules without what they were made for', { ...pushed(CONFIG), base: undefined }, 'base: '],
    ['plain rules', CONFIG, 'config'],
    ['nothing', null, 'config'],
    [
      'rules that do not do what a case expects',
      pushed(CONFIG, { cases: [{ name: 'nothing pages', alert: { name: 'x' }, expect: { severity: 'critical' } }] }),
      'case "nothing pages": severity: expected',
    ],
    [
      'rules that send what a story does not expect',
      pushed(CONFIG, { cases: [{ name: 'silence', alert: { name: 'x' }, story: [{ 'at 0m': 'firing' }] }] }),
      'case "silence": at 0m: expected nothing, got slack-warning firing',
    ],
    [
      'a story that cannot be read',
      pushed(CONFIG, { cases: [{ name: 'silence', alert: { name: 'x' }, story: [{ 'at noon': 'firing' }] }] }),
      'cases[0].story[0].at noon: found "noon": a time is',
    ],
    ['what is no case', pushed(CONFIG, { cases: [{ name: 'nothing' }] }), 'cases[0]'],
  ])('%s', async (_what, document, reason) => {
    expect(await validate(JSON.stringify(document))).toContain(reason)
  })

  test('a document that is not JSON', async () => {
    expect(await validate('channels:')).toContain('not JSON')
  })
})

describe('the JSON Schema that AppConfig checks with', () => {
  const schema = z.fromJSONSchema(JSON.parse(pushedConfigJsonSchema()))

  test('has the version that AppConfig reads, and is short enough', () => {
    expect(JSON.parse(pushedConfigJsonSchema()).$schema).toBe('http://json-schema.org/draft-04/schema#')
    expect(pushedConfigJsonSchema().length).toBeLessThan(32_768)
  })

  test.each<[string, unknown, boolean]>([
    ['takes the shipped rules', pushed(CONFIG), true],
    ['takes rules without a commit', { ...pushed(CONFIG), commit: undefined }, true],
    ['refuses plain rules', CONFIG, false],
    ['refuses a severity that there is not', pushed({ ...CONFIG, rules: [{ ...rule, severity: 'critcal' }] }), false],
    ['refuses a key that there is not', pushed({ ...CONFIG, ruels: [] }), false],
    ['refuses a version of another form', { ...pushed(CONFIG), version: 'v1' }, false],
  ])('%s', (_what, document, isTaken) => {
    expect(schema.safeParse(JSON.parse(JSON.stringify(document))).success).toBe(isTaken)
  })
})
