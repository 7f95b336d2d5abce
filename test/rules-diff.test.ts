import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeEdits, type Edit, editsOf } from '../cli/rules/diff/edits.ts'
import { checkConfig } from '../shared/config/check.ts'
import { BASE, PLACE, SHIPPED } from './deployed-stage.ts'
import { command, cwd, inAStageEach, push, versionFor } from './live-rules.ts'

inAStageEach()

describe('diff', () => {
  test('shows the differences from the deployed rules, or none', async () => {
    expect((await command('diff', '--stage', 'prod')).code).toBe(0)
    const { code, stdout } = await command('diff', '--stage', 'prod', '--detailed-exitcode')
    expect(code).toBe(3)
    expect(stdout).toContain(`${PLACE} (version ${BASE}) → config (version ${versionFor('failed deployment')})\n\n`)
    expect(stdout).toMatch(/^- rule "deployment failed": /m)
    expect(stdout).toMatch(/^\+ rule "failed deployment": /m)
    await push()
    const same = await command('diff', '--stage', 'prod', '--detailed-exitcode')
    expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('No differences.')])
  })

  test('as JSON, an object with each difference', async () => {
    const { code, stdout } = await command('diff', '--stage', 'prod', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        stage: 'prod',
        account: '123456789012',
        live: BASE,
        version: versionFor('failed deployment'),
        differences: [{ what: 'rule "failed deployment"' }, { what: 'rule "deployment failed"' }],
      },
    ])
  })

  test('of invalid rules reports the errors', async () => {
    writeFileSync(join(cwd, 'config/alerts.yml'), SHIPPED.replace('severity: critical', 'severity: critcal'))
    const { code, stderr } = await command('diff', '--stage', 'prod')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^config\/alerts\.yml:\d+:\d+: .*critcal/)])
  })

  const rule = (name: string, more: object = {}) => ({ name, when: { name }, severity: 'warning', ...more })
  const config = (some: object[], more: object = {}) =>
    checkConfig({
      channels: { slack: { type: 'slack', secret: 'slack' }, mail: { type: 'email', addresses: ['a@example.com'] } },
      severities: { critical: { channels: ['slack'] }, warning: { channels: ['slack'] }, info: { channels: ['mail'] } },
      rules: some,
      default: { severity: 'info' },
      ...more,
    })
  const [a, b, c] = ['a', 'b', 'c'].map((name) => rule(name)) as [object, object, object]

  test.each<[string, object[], object, object[], object, string[]]>([
    ['nothing', [a, b], {}, [a, b], {}, ['Same content in a different order.']],
    ['a new rule', [a], {}, [a, b], {}, ['+ rule "b": {"name":"b","when":{"name":"b"},"severity":"warning"}']],
    ['a rule less', [a, b], {}, [a], {}, ['- rule "b": {"name":"b","when":{"name":"b"},"severity":"warning"}']],
    [
      'another severity',
      [a],
      {},
      [rule('a', { severity: 'critical' })],
      {},
      ['- rule "a" severity: warning', '+ rule "a" severity: critical'],
    ],
    [
      'an added field',
      [a],
      {},
      [rule('a', { runbook: 'https://x.example' })],
      {},
      ['+ rule "a" runbook: https://x.example'],
    ],
    [
      'another condition',
      [a],
      {},
      [rule('a', { when: { name: 'x' } })],
      {},
      ['- rule "a" when.name: a', '+ rule "a" when.name: x'],
    ],
    [
      'one in a list',
      [rule('a', { channels: ['slack'] })],
      {},
      [rule('a', { channels: ['slack', 'mail'] })],
      {},
      ['+ rule "a" channels: ["mail"]'],
    ],
    ['another place', [a, b, c], {}, [c, a, b], {}, ['- rule "c" place: after "b"', '+ rule "c" place: first']],
    [
      'another default',
      [],
      {},
      [],
      { default: { severity: 'warning' } },
      ['- default.severity: info', '+ default.severity: warning'],
    ],
    [
      'maintenance',
      [],
      {},
      [],
      { maintenance: [{ name: 'm', window: { from: '01:00', for: '1h' } }] },
      ['+ maintenance "m": {"name":"m","window":{"from":"01:00","for":"1h"}}'],
    ],
    [
      'a set',
      [rule('a', { when: { account: '$prod' } })],
      { sets: { prod: ['111111111111', '222222222222'] } },
      [rule('a', { when: { account: '$prod' } })],
      { sets: { prod: ['222222222222', '333333333333'] } },
      ['- sets.prod: ["111111111111"]', '+ sets.prod: ["333333333333"]'],
    ],
    [
      'what would break a line',
      [rule('a')],
      {},
      [rule('a', { title: 'x\u001b[2J\ny' })],
      {},
      ['+ rule "a" title: x[2J y'],
    ],
  ])('%s', (_what, before, moreBefore, after, moreAfter, lines) => {
    const edits = editsOf(config(before, moreBefore), config(after, moreAfter))
    expect(describeEdits(edits).split('\n')).toEqual(lines)
  })

  test('of any two orders names as few rules as possible', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const order = fc.shuffledSubarray(names, { minLength: names.length })
    fc.assert(
      fc.property(order, order, (before, after) => {
        const moved = movedIn(editsOf(config(before.map((n) => rule(n))), config(after.map((n) => rule(n)))))
        const rest = (all: string[]) => all.filter((name) => !moved.has(name))
        expect(rest(after)).toEqual(rest(before))
        // None of them could have stayed.
        for (const name of moved) {
          const others = (all: string[]) => all.filter((one) => one === name || !moved.has(one))
          expect(others(after)).not.toEqual(others(before))
        }
      }),
    )
  })

  function movedIn(edits: Edit[]): Set<string> {
    return new Set(edits.map(({ what }) => /^rule "(.*)" place$/.exec(what)?.[1] as string))
  }
})
