import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { command, here, named } from './command.ts'

/*
 * The made-up day, line by line. After a change: UPDATE_DAY=1 npx vitest run test/play.test.ts, and read the diff: is each
 * line true?
 */

const FILE = 'test/whole-day.txt'
const folder = mkdtempSync(join(tmpdir(), 'play-'))
afterAll(() => rmSync(folder, { recursive: true }))

const play = (args: string[] = [], how: Parameters<typeof here>[2] = {}) =>
  here(named('play'), args, { env: { COLUMNS: '110' }, ...how })

describe('the made-up day', () => {
  test('is played in seconds', async () => {
    const { code, stdout, stderr } = await play()
    if (process.env.UPDATE_DAY) writeFileSync(FILE, stdout)
    expect(stdout).toBe(readFileSync(FILE, 'utf8'))
    expect([code, stderr]).toEqual([0, ''])
  })

  test('is the same in any zone, and at any time', async () => {
    const shown = readFileSync(FILE, 'utf8')
    expect((await play([], { now: '2031-03-30T00:59:00Z' })).stdout).toBe(shown)
    expect((await command(['play'], { env: { COLUMNS: '110', TZ: 'Asia/Kathmandu' } })).stdout).toBe(shown)
  })

  test('has 60 alarms', () => {
    const messages = readFileSync('demo/day/alarms.jsonl', 'utf8').trim().split('\n')
    const alarms = messages.filter((message) => JSON.parse(message).NewStateValue === 'ALARM')
    expect(alarms).toHaveLength(60)
  })

  test('is played by other rules, too', async () => {
    const { stdout } = await play(['--config', 'config'])
    expect(stdout).toContain('slack-warning')
    expect(stdout).not.toContain('held for')
  })

  test('adds up', async () => {
    const { stdout } = await play(['--json'])
    const { lines, channels, unsent, ...day } = JSON.parse(stdout)
    expect(day).toEqual({
      ...{ from: '2026-11-09T23:00:00.000Z', to: '2026-11-10T23:00:00.000Z', zone: 'Europe/Berlin' },
      ...{ alerts: 22, firings: 60, firing: ['search-disk'] },
    })
    type Messages = { channel: string; changes: number; reminders: number; escalations: number; answers: number }
    for (const { channel, changes, reminders, escalations, answers } of channels as Messages[]) {
      const shown = (lines as { sent: { channels: string[] }[] }[]).flatMap(({ sent }) =>
        sent.flatMap((one) => one.channels.filter((name) => name === channel)),
      )
      expect([channel, changes + reminders + escalations + answers]).toEqual([channel, shown.length])
    }
    expect(unsent.map(({ times }: { times: number }) => times)).toEqual(expect.arrayContaining([3, 4]))
  })
})

describe('a day of yours', () => {
  const events = join(folder, 'events.jsonl')
  const alarm = (name: string, NewStateValue: string, at: string) =>
    JSON.stringify({ AlarmName: name, NewStateValue, StateChangeTime: at, AWSAccountId: '123456789012', Trigger: {} })
  const days = [alarm('orders', 'ALARM', '2026-11-10T22:00:00.000+0000'), alarm('orders', 'OK', '2026-11-12T01:00:00Z')]
  writeFileSync(events, `${days.join('\n')}\n`)
  const withPeople = (text: string) => {
    const people = join(folder, 'people.yml')
    writeFileSync(people, text)
    return play([events, '--people', people])
  }

  test('may be several: each begins with its date', async () => {
    const { stdout, code } = await withPeople('- at 23:10: orders acknowledged by ann in Slack\n')
    expect([code, stdout]).toEqual([
      0,
      `Tuesday, 10 November 2026, UTC
22:00  orders fires                         → slack-warning: firing
                                            warning, by the default
23:10  orders acknowledged by ann in Slack  → slack-warning: acknowledged

Thursday, 12 November 2026, UTC
01:00  orders ends                          → slack-warning: resolved

1 alert fired 1 time.

messages         this day   changes   reminders   escalations   answers   without
pagerduty               0         0           0             0         0         0
slack-critical          0         0           0             0         0         0
slack-warning           3         2           0             0         1         2
email                   0         0           0             0         0         0
email-security          0         0           0             0         0         0

Without: each firing and each end were sent at once, and nothing else.
`,
    ])
  })

  test.each([
    ['an unknown alert', '- at 23:10: ordres acknowledged by ann\n', /people\.yml:1:3: .*unknown alert "ordres"/],
    ['what alarms do', '- at 23:10: orders firing\n', /what alarms do is in the events/],
    ['what is expected', '- at 23:10: orders acknowledged by ann\n- expect at 23:10: nothing\n', /rules test/],
    ['no list', 'orders: acknowledged\n', /this file holds a list of what people do/],
  ])('is refused with %s', async (_, text, why) => {
    const { code, stdout, stderr } = await withPeople(text)
    expect(stderr).toMatch(why)
    expect([code, stdout]).toEqual([1, ''])
  })

  test('is refused with a broken event, and a file that is not there', async () => {
    const broken = join(folder, 'broken.jsonl')
    writeFileSync(broken, `${days[0]}\n{"AlarmName": \n`)
    expect(await play([broken])).toMatchObject({ code: 1, stderr: expect.stringContaining('broken.jsonl:2: ') })
    expect(await play([events, '--people', join(folder, 'none.yml')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('none.yml'),
    })
  })
})
