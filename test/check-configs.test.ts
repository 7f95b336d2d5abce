import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules } from './command.ts'

const filesIn = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.yml'))
const BAD = 'test/configs/bad'
const GOOD = 'test/configs/good'

/** A file is called as what is wrong in it is known by, with more behind that where there are several. */
const CODES = [
  ...['shadowed-rule', 'contradictory-rule', 'dead-branch', 'redundant-branch', 'overlapping-rules', 'unused-channel'],
  ...[
    'undefined-channel',
    'unknown-field',
    'undefined-set',
    'invalid-template',
    'fallback-cycle',
    'fallback-same-vendor',
  ],
  ...[
    'patience-too-short',
    'critical-wakes-nobody',
    'non-production-pages',
    'non-production-fallback',
    'never-as-severe',
    'never-active',
  ],
  ...['critical-never-sent', 'critical-waits', 'path-like-regex'],
  ...['regex-like-text', 'unlikely-value', 'account-on-both-sides'],
  ...['unused-window', 'window-expired', 'window-never-opens'],
  ...['no-such-channel', 'undefined-table', 'unused-table', 'value-never-set', 'unused-value'],
]

describe('a bad config is reported by name, with the line, why, and how to fix it', () => {
  test.each(filesIn(BAD))('%s', async (file) => {
    const { code, stdout } = await rules(['check', '--strict', '--config', join(BAD, file)])
    const name = CODES.find((one) => file.startsWith(one)) ?? '(no such code)'
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^(error|warning) ${name}  ${BAD}/${file}:\\d+:\\d+`, 'm'))
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
    await expect(stdout).toMatchFileSnapshot(join('configs/bad', file.replace('.yml', '.txt')))
  })

  test('each name has a config', () => {
    for (const code of CODES) expect(filesIn(BAD).some((file) => file.startsWith(code))).toBe(true)
  })
})

describe('what Alertmanager’s own check takes for good', () => {
  test.each([
    ['a route that an earlier one shadows', 'shadowed-rule'],
    ['matchers that contradict each other', 'contradictory-rule'],
    ['a template that is not defined: here a field in one that no alert has', 'invalid-template'],
    ['a receiver that nothing uses', 'unused-channel'],
    ['an interval that is too short: here a patience that ends after a few attempts', 'patience-too-short'],
  ])('%s', async (_, code) => {
    const { stdout } = await rules(['check', '--json', '--config', join(BAD, `${code}.yml`)])
    const { findings } = JSON.parse(stdout)
    expect(findings.length).toBeGreaterThan(0)
    for (const one of findings) expect(one).toMatchObject({ code, line: expect.any(Number) })
  })
})

describe('a good config is left alone', () => {
  test.each([...filesIn(GOOD).map((file) => join(GOOD, file)), 'config/alerts.yml'])('%s', async (file) => {
    const { code, stdout } = await rules(['check', '--strict', '--config', file])
    expect(stdout).toMatch(/^\S+: 0 errors, 0 warnings/)
    expect(code).toBe(0)
  })
})
