import { describe, expect, test } from 'vitest'
import { alarm, player } from './playing.ts'

/*
 * What people did on a day that is played (--people): which alerts their lines name, and what is refused, with advice.
 */

const play = player()
const AT = '2026-11-10T10:00:00Z'
const OTHER_ACCOUNT = '9'.repeat(12)

/** The line of the time line that says so, and what was sent. */
const lineIn = (stdout: string, text: string) => {
  const { lines } = JSON.parse(stdout) as { lines: { what: string; sent: { kind: string }[]; notes: string[] }[] }
  return lines.find(({ what }) => what === text)
}

describe('an alert is named as it is:', () => {
  test.each([
    'x',
    'orders cpu high',
    'orders.cpu/high',
    'prod: orders (5xx), with retries',
    'is firing',
    'orders silenced by bob for 2h',
    'late acknowledged by nobody',
    'firing',
    'no data',
    'slack down',
    'tick tock',
    'Übertragung – Fehler',
    '__proto__',
    'constructor',
    '"quoted"',
  ])('%s', async (name) => {
    const events = [alarm('another', 'ALARM', AT), alarm(name, 'ALARM', AT)]
    for (const written of [name, `"${name}"`]) {
      const line = `${written} acknowledged by ann in Slack`
      const { stdout, stderr } = await play(events, { people: JSON.stringify([{ 'at 11:10': line }]), json: true })
      expect(stderr).toBe('')
      expect(lineIn(stdout, line)).toMatchObject({ sent: [{ kind: 'acknowledged' }], notes: [] })
    }
  })

  test('whatever is done', async () => {
    const all = ['silenced by bob for 2h, a load test', 'silence extended by bob for 3h', 'silence ended by bob']
    const done = [...all, 'resolved by ann']
      .map((what, index) => `- at 11:1${index}: orders cpu high ${what}\n`)
      .join('')
    const { stdout, stderr } = await play([alarm('a', 'ALARM', AT), alarm('orders cpu high', 'ALARM', AT)], {
      people: `${done}- at 11:30: team down\n- at 11:40: team up\n- at 11:50: tick late by 1m\n`,
    })
    expect(stderr).toBe('')
    expect(stdout).toContain('11:13  orders cpu high resolved by ann')
    expect(stdout).toContain('Still firing at the end: a.')
    expect(stdout).not.toContain('ignored')
  })

  test('and not at all, if there is one alone', async () => {
    const { stdout } = await play([alarm('orders cpu high', 'ALARM', AT)], { people: '- at 11:10: resolved by ann\n' })
    expect(stdout).toContain('→ team: resolved')
  })
})

describe('a name that two alerts have', () => {
  const both = [alarm('x', 'ALARM', AT), alarm('x', 'ALARM', AT, OTHER_ACCOUNT)]
  const arns = both.map(({ AlarmArn }) => AlarmArn)

  test.each(['acknowledged by ann', 'resolved by ann', 'silenced by ann for 2h, a load test', 'silence ended by ann'])(
    'is refused with the ARNs to choose from: %s',
    async (what) => {
      const { code, stderr } = await play(both, { people: `- at 11:10: x ${what}\n` })
      expect(code).toBe(1)
      expect(stderr).toContain(`2 alerts are named "x": write in place of the name which one, of ${arns.join(', ')}`)
    },
  )

  test('is not among those to choose from where a line names none', async () => {
    const { stderr } = await play(both, { people: '- at 11:10: resolved by ann\n' })
    expect(stderr).toContain(`which alert? Name one of ${arns.join(', ')}, as in "${arns[0]} resolved by ann"`)
  })

  test.each(arns)('is replaced by the ARN %s', async (arn) => {
    const { stdout } = await play(both, { people: `- at 11:10: ${arn} resolved by ann\n`, json: true })
    expect(JSON.parse(stdout).firing).toEqual(['x'])
    expect(lineIn(stdout, `${arn} resolved by ann`)?.sent).toEqual([{ kind: 'resolved', channels: ['team'] }])
  })
})

describe('is refused:', () => {
  const events = ['orders', 'orders cpu high', 'search'].map((name) => alarm(name, 'ALARM', AT))
  const IN_EVENTS = 'what alarms do is in the events'
  const lines: [string, string, string][] = [
    [
      'an unknown alert',
      'ordres resolved by ann',
      'unknown alert "ordres". Did you mean "orders"? In the events: orders',
    ],
    ['an unknown name of words', 'orders cpu hihg acknowledged by ann', 'Did you mean "orders cpu high"?'],
    ['an unknown name in quotes', `'"x resolved y" resolved by ann'`, 'unknown alert "x resolved y"'],
    ['no name', 'acknowledged by ann', 'which alert? Name one of orders, orders cpu high, search'],
    ['an unknown channel', 'nope down', 'unknown channel "nope". Allowed: pager, lead, incidents, team, mail.'],
    ['a channel with a typing error', 'tema is up', 'Did you mean "team"?'],
    ['a firing', 'orders firing', IN_EVENTS],
    ['a firing of another severity', 'orders firing, severity critical', IN_EVENTS],
    ['an end by nobody', 'orders cpu high resolved', IN_EVENTS],
    ['a loss of data', 'no data', IN_EVENTS],
    ['a duplicate', 'search duplicate', IN_EVENTS],
    ['an answer by nobody', 'orders acknowledged', 'write it as "acknowledged by WHO"'],
    ['a silence by nobody', 'orders silenced for 2h', 'write it as "silenced by WHO for 2h, WHY"'],
    ['a silence without a reason', 'orders silenced by bob for 2h', 'write it as "silenced by WHO for 2h, WHY"'],
    ['a silence that is extended by no time', 'orders silence extended by bob', 'silence extended by WHO for 1h'],
    ['more after a comma', 'orders resolved by ann, at last', 'write it as "resolved by WHO", and nothing after it'],
    ['a duration that is none', 'orders acknowledged by ann for 5x', 'a duration is 10m'],
    ['a verb with a typing error', 'orders acknowleged by ann', 'Did you mean "acknowledged by WHO"?'],
    ['anything else', 'ann went home', 'Allowed: acknowledged by WHO'],
  ]

  test.each(lines)('%s', async (_, line, why) => {
    const { code, stdout, stderr } = await play(events, { people: `- at 11:10: ${line}\n` })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(why)
  })

  test.each(lines)('%s, with no advice that is refused in its turn', async (_, line) => {
    const { stderr } = await play(events, { people: `- at 11:10: ${line}\n` })
    expect(stderr).not.toMatch(/Allowed: firing|expect|Give several/)
  })

  test.each([
    ['an empty line', '- {}\n', 'nothing happens in it: write a line such as "at 09:30: orders acknowledged by ann"'],
    ['only what is expected', '- expect at 21m: nothing\n', 'nothing is expected here'],
    ['what is expected, without a time', '- expect: nothing\n', 'nothing is expected here'],
    ['another start', '- after 5m: orders resolved by ann\n', 'a line starts with its time, as in "at 09:30"'],
    ['a date that is never reached', '- at 9999-12-31 23:59: team down\n', 'more than a year after the last event'],
    ['a time that is never reached', '- at 99999d: team down\n', 'more than a year after the last event'],
    ['a time that is none', '- at noon: orders resolved by ann\n', 'a time is 7m'],
  ])('%s', async (_, people, why) => {
    const { code, stderr } = await play(events, { people })
    expect(code).toBe(1)
    expect(stderr).toContain(why)
    expect(stderr).not.toMatch(/at 0m: firing|"expect at/)
  })

  test('each line that is wrong, at its place', async () => {
    const { stderr } = await play(events, { people: '- at 11:10: [nope down, orders firing]\n- at 1x: team up\n' })
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.replace(/.*people\.yml:(\S+): .*/, '$1')),
    ).toEqual(['1:14', '1:25', '2:3'])
  })

  test('an unknown name among many alerts, with the nearest of them', async () => {
    const many = Array.from({ length: 40 }, (_, index) => alarm(`queue ${index}`, 'ALARM', AT))
    const { stderr } = await play(many, { people: '- at 11:10: queue 399 resolved by ann\n' })
    expect(stderr).toMatch(/In the events: queue (39, queue )?\S+, .*, and 35 more\./)
  })

  test('a name from outside, without what a terminal would obey', async () => {
    const { stderr } = await play([alarm('a', 'ALARM', AT), alarm('\u001b[31mb', 'ALARM', AT)], {
      people: '- at 11:10: acknowledged by ann\n',
    })
    expect(stderr).toContain('which alert?')
    expect(stderr).not.toContain('\u001b[31m')
  })
})

test('a file without a line is a day on which nobody did anything', async () => {
  for (const people of ['', '# nobody\n', '[]\n']) {
    expect(await play([alarm('x', 'ALARM', AT)], { people })).toMatchObject({ code: 0, stderr: '' })
  }
})
