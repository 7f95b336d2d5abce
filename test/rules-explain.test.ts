import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { decide } from '../shared/decide/decide.ts'
import { explanationOf } from '../shared/explain/explanation.ts'
import { isWhole } from '../shared/explain/trace.ts'
import { anyAlert, anyRules, randomConfig } from './any-rules.ts'
import { command, rules } from './command.ts'

const explain = (...args: string[]) => rules(['explain', ...args], { now: '2026-11-04T10:00:00Z' })

describe('explaining an event', () => {
  test('shows the outcome, the line at which each rule failed with the value it saw, and the origin of each part', async () => {
    const { code, stdout } = await explain('samples/high-error-rate-1-alarm.json')
    expect(code).toBe(0)
    expect(stdout).toContain('→ warning, by rule "high error rate", to slack-warning, email\n')
    expect(stdout).toContain('  ✗ no data               status: found "firing", wanted "insufficient-data"\n')
    expect(stdout).toMatch(
      / {2}✗ system down {11}when\[5\]\.name: found "HighErr.*…, wanted \/\(system.*… \(nearest of 7\)\n/,
    )
    expect(stdout).toContain('  ✓ high error rate       when[2].expression: "errors / invocations * 100" is /error/i\n')
    expect(stdout).toMatch(
      /severity {2}warning +rule "high error rate"\n {2}channel {3}slack-warning +severity warning\n/,
    )
    expect(stdout).toMatch(/email +added by rule "high error rate"\n/)
    expect(stdout).toMatch(/runbook .* the alert itself\n/)
    expect(stdout).toContain('  email          [WARNING] HighErrorRateAlarm: data-processor (FunctionName)')
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('in full shows every condition, and each channel’s whole message', async () => {
    const { stdout } = await explain('samples/system-availability-1-alarm.json', '--all')
    expect(stdout).toContain('pagerduty       trigger, critical: ')
    expect(stdout).toMatch(/Sent by alert-router to email, by rule: system down$/m)
    expect(stdout).not.toContain('&amp;')
    expect(stdout).not.toContain('<!date')
  })

  test('of non-production shows the line that matched, and what that changes', async () => {
    const { stdout } = await explain('samples/kind-non-production.json')
    expect(stdout).toMatch(/It is non-production {2}any\[9\]\.any\[0\]\.name: "orders-api-staging.*/)
    expect(stdout).toMatch(/severity {2}warning +non-production: lowered from critical to warning/)
    expect(stdout).toMatch(/slack-warning +severity warning, as non-production/)
  })

  test('of non-production says that its rule’s channels apply, except PagerDuty', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'alerts.yml')
    const rules = [{ name: 'staged', when: { name: '*staging*' }, severity: 'warning', channels: ['pager', 'chat'] }]
    const slack = (secret: string) => ({ type: 'slack', secret })
    const channels = { pager: { type: 'pagerduty', secret: 'pager' }, chat: slack('chat'), news: slack('news') }
    const severities = Object.fromEntries(
      ['critical', 'warning', 'info'].map((severity) => [severity, { channels: ['news'] }]),
    )
    const nonProduction = { when: { name: '*staging*' }, highest: 'warning' }
    writeFileSync(
      file,
      JSON.stringify({ channels, severities, default: { severity: 'warning' }, nonProduction, rules }),
    )
    const { stdout } = await explain('samples/kind-non-production.json', '--config', file)
    expect(stdout).toContain('by rule "staged", to chat\n')
    expect(stdout).toMatch(/severity {2}warning {2}rule "staged"\n {2}channel {3}chat +rule "staged", replacing/)
  })

  test('of a resolve says that it is sent where its trigger was sent', async () => {
    const { stdout } = await explain('samples/high-error-rate-2-ok.json', '--firing-since', '2026-11-03T09:00Z')
    expect(stdout).toContain('Not evaluated: resolves the firing since 2026-11-03T09:00:00.000Z')
    expect(stdout).toMatch(/slack-warning +as when it started firing/)
  })

  test('of several alerts gives several explanations; in JSON, a list', async () => {
    const [one, two] = ['samples/usage-report.json', 'samples/kind-composite.json']
    const { stdout } = await explain(one, two)
    expect(stdout.match(/^→ /gm)).toHaveLength(2)
    const explanations = JSON.parse((await explain(one, two, '--json')).stdout)
    expect(explanations).toMatchObject([
      { alert: { title: 'Weekly usage report' }, decision: { rule: 'usage report' }, messages: [{ channel: 'email' }] },
      {
        steps: [
          { rule: 'no data', result: 'failed' },
          { rule: 'says its severity', result: 'failed' },
          { rule: 'system down', result: 'matched' },
        ],
        notLookedAt: 19,
      },
    ])
  })

  test('works with stdin too', async () => {
    const { code, stdout } = await command(['rules', 'explain', '-'], { stdin: 'Something odd' })
    expect(code).toBe(0)
    expect(stdout).toContain('→ warning, by the default, to slack-warning')
    expect(stdout).not.toContain('\u001b[')
  })
})

describe('at a time', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'alerts.yml')
  writeFileSync(
    file,
    `channels:
  pager: { type: pagerduty, secret: pager }
  slack: { type: slack, secret: slack, active: office-hours }
  email: { type: email, addresses: [a@example.com] }
severities:
  critical: { channels: [pager] }
  warning: { channels: [slack, email] }
  info: { channels: [email] }
default: { severity: info }
windows:
  office-hours: { on: weekdays, from: "09:00", to: "17:00" }
maintenance:
  - { name: patch day, window: { from: 2026-11-07T20:00, to: 2026-11-07T22:00 } }
rules:
  - { name: team, when: { name: "*" }, groupBy: [region], labels: { owner: us }, continue: true }
  - { name: by day, when: { kind: message }, severity: warning, active: office-hours }
  - { name: long, when: { firingFor: "> 10m" }, severity: critical, channels: [pager, email] }
  - { name: any time, when: { kind: message }, severity: warning, runbook: "https://wiki.example.com/" }
`,
  )
  const at = (time: string, ...more: string[]) =>
    explain('samples/message-text.txt', '--config', file, '--at', time, ...more)

  test('an inactive rule is skipped, with the reason', async () => {
    const { stdout } = await at('2026-11-03T20:00Z')
    expect(stdout).toContain('○ by day    matches, but is not active now: outside office-hours')
    expect(stdout).toContain('✓ any time  kind: "message" is "message"')
    expect(stdout).toContain('none of 2 is open')
  })

  test('held channels show until when, and open windows when they close', async () => {
    const { stdout } = await at('2026-11-03T20:00Z')
    expect(stdout).toContain('→ warning, by rule "any time", to email; later slack')
    expect(stdout).toMatch(/later {5}slack +outside office-hours: sent at 2026-11-04 09:00 UTC/)
    expect((await at('2026-11-03T10:00Z')).stdout).toContain('office-hours is open until 2026-11-03 17:00 UTC')
    const patching = (await at('2026-11-07T21:00Z')).stdout
    expect(patching).toContain('to nobody now; later slack, email')
    expect(patching).toContain('maintenance "patch day" is open until 2026-11-07 22:00 UTC')
  })

  test('each further part shows which rule set it', async () => {
    const { stdout } = await at('2026-11-03T20:00Z')
    expect(stdout).toMatch(/groupBy +region +rule "team"/)
    expect(stdout).toMatch(/label +owner=us +rule "team"/)
    expect(stdout).toMatch(/runbook +https:\/\/wiki\.example\.com\/ +rule "any time"/)
  })

  test('says by which inhibition it may be held, and by which it holds others', async () => {
    const said = await explain('--config', 'test/stories', '--set', 'name=shop-errors', '--set', 'tags.system=shop')
    expect(said.stdout.replace(/\s+/g, ' ')).toContain(
      '"system down" holds it while an alert fires that its `when` matches, with the same tags.system',
    )
    expect(said.stdout.replace(/\s+/g, ' ')).toMatch(
      /"errors explain latency" holds what `mutes` matches while this one fires/,
    )
  })

  test('how long it has been firing counts', async () => {
    expect((await at('2026-11-03T20:00Z')).stdout).toContain('✗ long      firingFor: found "0", wanted > 10m')
    const { stdout } = await at('2026-11-03T20:00Z', '--firing-since', '2026-11-03T19:00Z')
    expect(stdout).toContain('→ critical, by rule "long"')
    expect(stdout).toMatch(/pager +rule "long", replacing the severity's/)
  })
})

describe('a resolve, compared with what the router does', () => {
  const times = { from: '2026-11-03T03:00', to: '2026-11-03T05:00' }
  const rules = (more: object) => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'alerts.yml')
    const chat = { type: 'slack', secret: 'chat' }
    const channels = { pager: { type: 'pagerduty', secret: 'pager' }, chat, night: { ...chat, mute: 'move' } }
    const config = {
      ...{ windows: { move: times }, channels, default: { severity: 'info' } },
      severities: {
        critical: { channels: ['pager', 'night'] },
        warning: { channels: ['chat'], mute: 'move' },
        info: { channels: ['chat'] },
      },
      rules: [{ name: 'it', when: { source: 'shop' }, severity: '{declaredSeverity}', otherwise: 'info' }],
      ...more,
    }
    writeFileSync(file, JSON.stringify(config))
    return file
  }
  const event = (severity: string, time = '04:10') => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'event.json')
    const what = { title: 'It is over', id: 'it', source: 'shop', status: 'resolved', severity }
    writeFileSync(file, JSON.stringify({ ...what, time: `2026-11-03T${time}:00Z` }))
    return file
  }
  const MAINTENANCE = { maintenance: [{ name: 'move', window: times }] }
  const UNTOLD = 'nobody: the firing was never sent, so no resolve is sent'

  test.each<[string, string, object, string, string]>([
    ['its maintenance is active', 'critical', MAINTENANCE, '03:10', UNTOLD],
    ['its severity is muted', 'warning', {}, '03:10', UNTOLD],
    ['one of its channels is muted', 'critical', {}, '03:10', 'pager'],
    ['it began before that', 'critical', MAINTENANCE, '02:50', 'pager, night'],
    ['nothing was held', 'info', {}, '03:10', 'chat'],
  ])('where %s', async (_, severity, more, since, to) => {
    const args = [event(severity), '--config', rules(more), '--firing-since', `2026-11-03T${since}Z`]
    const { stdout } = await explain(...args)
    expect(stdout.replace(/\n */g, ' ')).toContain(`by rule "it", to ${to}`)
    const [{ messages }] = JSON.parse((await explain(...args, '--json')).stdout)
    expect(messages.map(({ channel }: { channel: string }) => channel)).toEqual(to === UNTOLD ? [] : to.split(', '))
  })

  test('an alert held until before its resolve has been sent', async () => {
    const since = ['--firing-since', '2026-11-03T03:10Z']
    const { stdout } = await explain(event('critical', '05:10'), '--config', rules(MAINTENANCE), ...since)
    expect(stdout).toContain('by rule "it", to pager, night\n')
  })
})

describe('wrong usage', () => {
  test.each([
    ['no event', []],
    ['an invalid time', ['samples/usage-report.json', '--at', 'noon']],
    ['firing since after it changed', ['samples/high-error-rate-2-ok.json', '--firing-since', '2027-01-01']],
    [
      'firing since after it is decided',
      ['samples/usage-report.json', '--at', '2026-11-02T09:00Z', '--firing-since', '2026-11-02T10:00Z'],
    ],
    ['an unknown option', ['samples/usage-report.json', '--al']],
  ])('%s', async (_, args) => {
    expect((await explain(...args)).code).toBe(2)
  })

  test('a test message of a log subscription is reported as no alert, and does not fail', async () => {
    const data = { messageType: 'CONTROL_MESSAGE', owner: '1', logGroup: '/x', logEvents: [] }
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'subscription.json')
    writeFileSync(file, JSON.stringify(data))
    const words = await explain(file)
    expect(words).toMatchObject({ code: 0, stderr: '' })
    expect(words.stdout).toContain(`${file}: no alert: CloudWatch Logs sends it to test`)
    const list = await explain(file, '--json')
    expect(list).toMatchObject({ code: 0, stdout: '[]\n', stderr: words.stdout })
  })

  test('a rejected event is reported, and fails', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'no-event.json')
    writeFileSync(file, '')
    const { code, stderr } = await explain(file)
    expect(stderr).toContain('rejected')
    expect(code).toBe(1)
  })

  test.each(['{}', '[]', 'null', '42', '[{}]'])('what SNS accepts is a message, as in replay: %s', async (text) => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'event.json')
    writeFileSync(file, text)
    const { code, stdout, stderr } = await explain(file, '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject([{ alert: { kind: 'message' } }])
  })
})

test('of any config and alert, the winner is the one that decides, and each rule’s trace ends as the rule does', () => {
  fc.assert(
    fc.property(anyRules, fc.array(anyAlert, { minLength: 5, maxLength: 10 }), (some, subjects) => {
      const config = randomConfig(some)
      for (const { alert, firingSince } of subjects) {
        if (alert.status === 'resolved' && firingSince) continue
        const at = new Date(alert.changedAt)
        const since = firingSince === undefined ? undefined : new Date(firingSince)
        const firing = since && {
          ...decide({ ...alert, status: 'firing', changedAt: since.toISOString() } as Alert, config, undefined, since),
          since: since.toISOString(),
        }
        const decision = decide(alert, config, firing, at)
        const explanation = explanationOf(alert, config, at, since)
        expect(explanation.decision.rule).toBe(decision.rule)
        expect(explanation.decision.severity).toBe(decision.severity)
        const winner = explanation.steps.findLast(({ result }) => result === 'matched')?.rule
        expect(winner ?? 'default').toBe(decision.rule)
        for (const { result, alternatives } of explanation.steps)
          expect(alternatives.some(isWhole)).toBe(result !== 'failed')
      }
    }),
    { numRuns: 300 },
  )
})
