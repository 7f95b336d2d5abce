import { describe, expect, test } from 'vitest'
import { DRILL_CLASSES, type DrillClass } from '../schemas/drill.ts'
import type { Platform } from '../schemas/platform.ts'
import type { ProvenDrill } from '../shared/questions/ask.ts'
import { drills } from '../shared/questions/drills.ts'
import type { Context } from '../shared/questions/question.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/** What the monthly maintenance says of drills: what is proven, and what to drill. */

const NOW = '2026-11-27T09:00:00.000Z'
const ago = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString()
const CRITICAL = {
  'data-loss': ['pagerduty', 'slack-critical', 'email', 'email-security'],
  'system-availability': ['pagerduty', 'slack-critical', 'email'],
  'security-breach': ['pagerduty', 'slack-critical', 'email', 'email-security'],
  'compliance-violation': ['pagerduty', 'slack-critical', 'email'],
} satisfies Partial<Record<DrillClass, string[]>>

/** Every critical class in each of its channels, so long ago. */
const allProven = (days: number): ProvenDrill[] =>
  Object.entries(CRITICAL).flatMap(([subject, channels]) =>
    channels.map((channel) => ({ subject, channel, provenAt: ago(days), tookMs: 1_200 })),
  )

function asked(proven: ProvenDrill[], schedule?: Platform['drills'], over: Partial<Context> = {}) {
  const platform = { ...shippedPlatform(), ...(schedule && { drills: schedule }) }
  const about = { rules: SHIPPED_RULES, now: new Date(NOW), days: 7, routerMetrics: 'alert-router/prod' }
  const [classes, channels] = drills({ platform, ...about, ...over } satisfies Context).map((one) =>
    one.answer({ proven } as never),
  )
  return { classes, channels }
}

describe('classes', () => {
  test.each<[string, ProvenDrill[], string | undefined]>([
    ['all proven within 40 days', allProven(40), undefined],
    [
      'all proven a day earlier',
      allProven(41),
      'Drill data-loss, system-availability, security-breach, compliance-violation: not proven within 40 days',
    ],
    [
      'one of them never in one channel',
      allProven(3).filter(({ subject, channel }) => subject !== 'data-loss' || channel !== 'email'),
      'Drill data-loss: not proven within 40 days',
    ],
    [
      'one that has failed since it was proven',
      allProven(3).map((one) => (one.subject === 'data-loss' ? { ...one, provenAt: ago(50) } : one)),
      'Drill data-loss: not proven within 40 days',
    ],
  ])('%s', (_what, proven, todo) => {
    const { classes } = asked(proven)
    expect([classes?.todo, classes?.verdict]).toEqual([todo, todo === undefined ? 'good' : 'bad'])
  })

  test('those of the schedule have to be proven, too; all are listed', () => {
    const schedule = { on: 'monday' as const, at: '10:30', within: '1h', classes: ['deployment' as const] }
    const { classes } = asked(allProven(3), schedule)
    expect(classes?.todo).toBe('Drill deployment: not proven within 40 days')
    expect(classes?.proposals?.map(({ command }) => command)).toEqual([
      'alert-router drill --class deployment --stage prod',
    ])
    expect(classes?.table?.rows.map(([name]) => name)).toEqual([...DRILL_CLASSES])
  })

  test('a class is as old as its oldest channel, and names those that never had one', () => {
    const older = allProven(3).map((one) => (one.channel === 'email' ? { ...one, provenAt: ago(10) } : one))
    const row = (proven: ProvenDrill[]) => asked(proven).classes?.table?.rows[0]
    expect(row(older)).toEqual(['data-loss', 'Tue 2026-11-17 10:00', '1.2 s', ''])
    expect(row(older.filter(({ channel }) => channel !== 'email'))).toEqual(['data-loss', 'never', '', 'email'])
  })
})

test('a channel is proven by any class, or by a text', () => {
  const { channels } = asked([
    ...allProven(3),
    { subject: 'send', channel: 'slack-warning', provenAt: ago(1), tookMs: 400 },
  ])
  expect([channels?.verdict, channels?.todo]).toEqual(['good', undefined])
  expect(channels?.table?.rows.find(([name]) => name === 'slack-warning')).toEqual([
    ...['slack-warning', 'Thu 2026-11-26 10:00', '0.4 s', 'send'],
  ])
  expect(asked(allProven(3)).channels?.proposals?.map(({ command }) => command)).toEqual([
    "alert-router send slack-warning 'A test: nothing is wrong.' --stage prod",
  ])
})

test.each([
  [40, 3],
  [3, 40],
])('a channel is as new as its newest proof: %d and %d days', (one, other) => {
  const proof = (subject: string, days: number) => ({ subject, channel: 'email', provenAt: ago(days), tookMs: days })
  const { channels } = asked([proof('data-loss', one), proof('send', other)])
  expect(channels?.table?.rows.find(([name]) => name === 'email')?.[1]).toBe('Tue 2026-11-24 10:00')
})

test('a class is judged by what the rules do with it in the stage’s own account and region', () => {
  const only = { name: 'only there', when: { account: '222222222222', region: 'eu-north-1' }, channels: ['email'] }
  const rules = { ...SHIPPED_RULES, rules: [{ ...only, severity: 'critical' as const }, ...SHIPPED_RULES.rules] }
  const topicArn = 'arn:aws:sns:eu-north-1:222222222222:alert-router-prod-alarms'
  const proven = [{ subject: 'data-loss', channel: 'email', provenAt: ago(3), tookMs: 1_200 }]
  const row = (over: Partial<Context>) => asked(proven, undefined, { rules, ...over }).classes?.table?.rows[0]
  expect(row({ topicArn })?.[1]).toBe('Tue 2026-11-24 10:00')
  expect(row({})?.[1]).toBe('never')
})
