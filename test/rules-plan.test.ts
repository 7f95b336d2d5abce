import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readConfigText } from '../shared/config/read.ts'
import { rules } from './command.ts'

const SHIPPED = readFileSync('config/alerts.yml', 'utf8')
const SAMPLES = resolve('samples')

/** Two samples have no time: they get the current one. */
const NOW = '2026-11-24T14:00:00Z'

/** Data loss has one more recipient, errors page, and a rule is renamed. */
const EDITED = SHIPPED.replace(/(name: high error rate[\s\S]*?severity: )warning/, '$1critical')
  .replace(/(name: data loss[\s\S]*?add: )\[email-security\]/, '$1[email-security, slack-warning]')
  .replace('name: deployment failed', 'name: failed deployment')

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

describe('an edit', () => {
  const cwd = folderWith({ 'before.yml': SHIPPED, 'after.yml': EDITED })
  const plan = (...more: string[]) =>
    rules(
      ['plan', '--detailed-exitcode', '--base', 'before.yml', '--config', 'after.yml', '--against', SAMPLES, ...more],
      {
        cwd,
        now: NOW,
      },
    )

  test('is shown most important first, with the rules that decide, at 100 columns', async () => {
    const { code, stdout } = await plan()
    expect(code).toBe(3)
    expect(stdout.split('\n\n')[1]?.replace(/\s+/g, ' ')).toMatch(
      /^Of 31 alerts \(.*\), 6 change: 3 start paging \(1 of them to resolve\), 2 go to other channels, 1 is decided by another rule\.$/,
    )
    expect(stdout).toContain(`Starts paging: 3 alerts, by "high error rate"
  warning → critical; + pagerduty, slack-critical; − slack-warning; still email
    HighErrorRateAlarm: data-processor`)
    expect(stdout).toContain('1 firing, 1 resolved, last at 2026-11-03 10:10')
    expect(stdout).toContain('by "failed deployment", before by "deployment failed"')
    expect(stdout.indexOf('Starts paging')).toBeLessThan(stdout.indexOf('Goes to other channels'))
    expect(stdout.indexOf('Goes to other channels')).toBeLessThan(stdout.indexOf('Is decided by another rule'))
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('shows how much more or less each channel is sent', async () => {
    const { stdout } = await plan()
    const pagerduty = stdout.split('\n').find((line) => line.startsWith('  pagerduty'))
    expect(pagerduty).toMatch(/^ {2}pagerduty +4\.00 +5\.50 +\+1\.50 +8 +11$/)
  })

  test('as JSON, an object with each alert that changes', async () => {
    const { code, stdout } = await plan('--json')
    const notified = JSON.parse(stdout)
    expect(code).toBe(3)
    expect(notified).toMatchObject({ base: 'before.yml', alerts: 31, repeated: 0, refused: [], channels: [] })
    expect(notified.differences).toHaveLength(6)
    expect(notified.differences.find((d: { effect: string }) => d.effect === 'starts paging')).toMatchObject({
      alert: { name: 'HighErrorRateAlarm', status: 'firing' },
      before: { severity: 'warning', rule: 'high error rate', channels: ['slack-warning', 'email'] },
      after: { severity: 'critical', channels: ['pagerduty', 'slack-critical', 'email'] },
    })
  })

  test('of a window shows which channels are held, and why', async () => {
    const muted = SHIPPED.replace(
      'secret: slack-critical,',
      'secret: slack-critical, mute: { from: "00:00", to: "06:00" },',
    )
    writeFileSync(join(cwd, 'muted.yml'), muted)
    const { stdout } = await rules(
      [
        'plan',
        '--detailed-exitcode',
        '--base',
        'before.yml',
        '--config',
        'muted.yml',
        '--against',
        join(SAMPLES, 'system-availability-1-alarm.json'),
      ],
      { cwd },
    )
    expect(stdout).toContain(`Is sent at another time: 1 alert, by "system down"
  critical; pagerduty, email; later: slack-critical within`)
    expect(stdout).toContain('Channels: slack-critical was changed.')
  })

  test('that changes no alert but the volume is a change: the table shows it', async () => {
    const nightly = `maintenance:
  - { name: nightly, window: { from: "01:00", for: 1h }, covers: { name: other } }
`
    writeFileSync(join(cwd, 'nightly.yml'), `${SHIPPED}\n${nightly}`)
    const event = { title: 'x', severity: 'info', source: 'y' }
    const events = folderWith({
      'a.json': JSON.stringify({ ...event, time: '2026-11-01T10:00:00Z' }),
      'b.json': JSON.stringify({ ...event, id: 'b', title: 'z', time: '2026-11-21T10:00:00Z' }),
    })
    const { code, stdout } = await rules(
      ['plan', '--detailed-exitcode', '--base', 'before.yml', '--config', 'nightly.yml', '--against', events],
      { cwd, now: '2026-11-22T10:00:00Z' },
    )
    expect(stdout).toMatch(/^Of 2 alerts .*, none changes, but other messages do: email \d+ → \d+\.$/m)
    expect(stdout).toMatch(/^ {2}email +0\.\d+ +\d\.\d+ +\+/m)
    expect(code).toBe(3)
  })

  test('with few alerts warns that they are too few', async () => {
    const few = ['plan', '--base', 'before.yml', '--config', 'after.yml', '--against']
    const { stdout } = await rules([...few, join(SAMPLES, 'system-availability-1-alarm.json')], { cwd })
    expect(stdout.split('\n\n')[0]?.replace(/\s+/g, ' ')).toContain(
      'Only 1 alert: too few to be sure. The edit may change more than this plan shows.',
    )
    expect((await plan()).stdout).not.toContain('too little')
  })

  test('without a difference changes nothing', async () => {
    const { code, stdout } = await rules(
      ['plan', '--base', 'before.yml', '--config', 'before.yml', '--against', SAMPLES],
      { cwd },
    )
    expect(stdout).toMatch(/^Of 31 alerts .*, none changes\.$/m)
    expect(code).toBe(0)
  })

  test('a file that is not an event is counted, and does not stop it', async () => {
    const events = folderWith({ 'a.json': '{"Records":[]}', 'b.json': '{"title":"x","severity":"info","source":"y"}' })
    const { code, stdout } = await rules(
      ['plan', '--base', 'before.yml', '--config', 'after.yml', '--against', events],
      { cwd },
    )
    expect(stdout).toContain('Of 1 alert')
    expect(stdout).toContain('(1 event rejected)')
    expect(stdout).toMatch(/^Rejected: .*a\.json: Records: is an empty list/m)
    expect(code).toBe(0)
  })

  test('only what changed since then counts', async () => {
    const { stdout } = await plan('--since', '2026-11-03T12:00Z')
    expect(stdout).toContain('1 starts paging')
  })
})

describe('the rules before the edit', () => {
  let cwd: string
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd, stdio: 'pipe' })
  beforeAll(() => {
    cwd = folderWith({
      'config/alerts.yml': SHIPPED,
      'config/orders.yml': 'scope: { tags.team: orders }\nrules: []\n',
      'config/tests/none.yml': '[]',
      'events/a.json': '{"AlarmName":"errors","NewStateValue":"ALARM"}',
    })
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '-m', 'one')
    writeFileSync(join(cwd, 'config/alerts.yml'), EDITED)
  })

  test('are those in git', async () => {
    const { code, stdout } = await rules(['plan', '--detailed-exitcode', '--against', 'events'], { cwd })
    expect(stdout).toContain('1 starts paging')
    expect(stdout).toContain('git:HEAD:config → config')
    expect(code).toBe(3)
  })

  test('can be those of any commit', async () => {
    git('commit', '--quiet', '-a', '-m', 'two')
    expect((await rules(['plan', '--detailed-exitcode', '--against', 'events'], { cwd })).code).toBe(0)
    expect(
      (await rules(['plan', '--detailed-exitcode', '--against', 'events', '--base', 'git:HEAD~1'], { cwd })).code,
    ).toBe(3)
  })

  test('a commit given as a file is pointed out', async () => {
    const { code, stderr } = await rules(['plan', '--detailed-exitcode', '--against', 'events', '--base', 'HEAD'], {
      cwd,
    })
    expect([code, stderr]).toEqual([1, expect.stringContaining('Write --base git:HEAD')])
  })

  test('and git reports a missing one', async () => {
    const { code, stderr } = await rules(
      ['plan', '--detailed-exitcode', '--against', 'events', '--base', 'git:nowhere'],
      { cwd },
    )
    expect(stderr).toMatch(/^git:nowhere:config: .*nowhere.*\. Give a commit/)
    expect(code).toBe(1)
  })

  test('without git are those of the last package', async () => {
    const elsewhere = folderWith({
      'config/alerts.yml': EDITED,
      'events/a.json': '{"AlarmName":"errors","NewStateValue":"ALARM"}',
    })
    const env = { GIT_CEILING_DIRECTORIES: tmpdir() }
    const without = await rules(['plan', '--detailed-exitcode', '--against', 'events'], { cwd: elsewhere, env })
    expect([without.code, without.stderr]).toEqual([
      1,
      expect.stringMatching(/\(git: not a git repository.*--base old\.yml/),
    ])
    writeFileSync(join(elsewhere, 'config/alerts.json'), JSON.stringify(readConfigText(SHIPPED, 'alerts.yml')))
    const { code, stdout } = await rules(['plan', '--detailed-exitcode', '--against', 'events'], {
      cwd: elsewhere,
      env,
    })
    expect(stdout).toContain('config/alerts.json → config')
    expect(code).toBe(3)
  })
})

describe('a channel with another name', () => {
  const unsaid = SHIPPED.replaceAll('slack-warning', 'slack-ops').replace('secret: slack-ops', 'secret: slack-warning')
  const said = unsaid.replace('slack-ops: { type: slack,', 'slack-ops: { type: slack, formerly: [slack-warning],')
  const cwd = folderWith({ 'before.yml': SHIPPED, 'unsaid.yml': unsaid, 'said.yml': said })
  const plan = (config: string) =>
    rules(['plan', '--detailed-exitcode', '--base', 'before.yml', '--config', config, '--against', SAMPLES], {
      cwd,
      now: NOW,
    })

  test('is a rename with "formerly"', async () => {
    const { stdout } = await plan('said.yml')
    expect(stdout).toContain('none changes.')
    expect(stdout).toContain('Channels: slack-warning was renamed to slack-ops.')
    expect(stdout).not.toMatch(/is gone|is new|other channels|another name/)
  })

  test('is asked about without "formerly"', async () => {
    const { stdout } = await plan('unsaid.yml')
    expect(stdout).toContain('Channels: slack-warning was removed, slack-ops was added.')
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Is slack-ops a new name for slack-warning? It sends to the same place. If so, add formerly: [slack-warning] to slack-ops.',
    )
    expect(stdout.replace(/\s+/g, ' ')).toContain('resolves of alerts that slack-warning received are not sent.')
  })
})

describe('no plan', () => {
  const cwd = folderWith({
    'wrong.yml': SHIPPED.replace('severity: critical', 'severity: critcal'),
    'right.yml': SHIPPED,
    'nothing/a.json': '{"Records":[]}',
  })
  test.each<[string, string[], RegExp]>([
    [
      'when the rules are wrong',
      ['--config', 'wrong.yml', '--base', 'right.yml', '--against', SAMPLES],
      /^wrong\.yml:\d+:\d+: .*critcal/,
    ],
    [
      'when those before were',
      ['--config', 'right.yml', '--base', 'wrong.yml', '--against', SAMPLES],
      /^wrong\.yml:\d+:\d+:/,
    ],
    ['when there are no rules', ['--config', 'none.yml'], /none\.yml: file not found/],
    [
      'when there are no alerts',
      ['--config', 'right.yml', '--base', 'right.yml', '--against', 'nothing'],
      /no alerts in nothing.*not events:\n {2}nothing\/a\.json: Records/,
    ],
    [
      'when there were none since then',
      ['--config', 'right.yml', '--base', 'right.yml', '--against', SAMPLES, '--since', '2090-01-01'],
      /no alerts since 2090-01-01 00:00 in .*\.\n.* Use a longer period/,
    ],
    [
      'when there were none since then in the samples',
      ['--config', 'right.yml', '--base', 'right.yml', '--since', '2090-01-01'],
      /00 in \S*samples\/ \(used because nothing was recorded here\)\.\n/,
    ],
    ['with an unknown option', ['--agianst', SAMPLES], /Unknown option "--agianst"\. Did you mean "--against"\?/],
    ['when a stage and files are asked for', ['--stage', 'prod', '--against', SAMPLES], /not both/],
    ['when the time is invalid', ['--since', 'monday'], /--since monday: write how long ago/],
    ['when a file is not introduced', [SAMPLES], /give events as --against FILE/],
  ])('%s', async (_when, args, message) => {
    const { code, stderr, stdout } = await rules(['plan', '--detailed-exitcode', ...args], { cwd })
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(stderr.includes('--help for usage') ? 2 : 1)
  })
})
