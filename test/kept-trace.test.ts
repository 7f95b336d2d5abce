import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Context, SQSEvent } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { type DecisionTrace, traceSchema } from '../schemas/trace.ts'
import { unpacked } from '../shared/aws/packed.ts'
import { key, table } from '../shared/aws/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import type { Firing } from '../shared/decide/decision.ts'
import { hold } from '../shared/decide/hold.ts'
import type { Decided } from '../shared/explain/decided.ts'
import { traceOf } from '../shared/explain/decision-trace.ts'
import { keptTrace, MAX_BYTES } from '../shared/explain/kept-trace.ts'
import { furthest, isWhole } from '../shared/explain/trace.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { firing } from './alert-samples.ts'
import { anyCharacter } from './any-character.ts'
import { anyAlert, anyRules, randomConfig } from './any-rules.ts'
import { command } from './command.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

const OTHERS = {
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    mail: { type: 'email', addresses: ['a@example.com'] },
  },
  severities: {
    critical: { channels: ['pager', 'mail'] },
    warning: { channels: ['mail'] },
    info: { channels: ['mail'] },
  },
  default: { severity: 'info' },
}
/** The rules that are deployed. Those in the folder are other ones by the time that somebody asks. */
const deployed: Config = checkConfig({
  ...structuredClone(OTHERS),
  windows: { freeze: { from: '2026-11-01', to: '2026-11-08' }, never: { from: '2019-01-01', to: '2019-01-02' } },
  maintenance: [{ name: 'long ago', window: 'never' }],
  rules: [
    {
      name: 'billing',
      when: [{ name: 'billing-*', status: 'firing' }, { namespace: 'AWS/Billing' }],
      severity: 'warning',
    },
    { name: 'was frozen', when: { name: 'orders-*' }, severity: 'info', mute: 'freeze' },
    { name: 'data loss', when: { status: 'firing', metric: '/DataLoss/' }, severity: 'critical' },
    { name: 'last', when: { name: '*' }, severity: 'info' },
  ],
})

describe('of a received alert, whatever the rules are now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-trace-'))
  let engine: Engine
  let handler: Handler

  beforeAll(async () => {
    engine = await startLocalEngine(deployed)
    handler = await loadHandler('route')
    process.env.TMPDIR = folder
    announceRouter(engine.environment)
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-03T11:00Z') })
    mkdirSync(join(folder, 'config'))
    const other = { ...OTHERS, rules: [{ name: 'of today', when: { name: '*' }, severity: 'info' }] }
    writeFileSync(join(folder, 'config/alerts.yml'), JSON.stringify(other))
  })
  afterAll(async () => {
    vi.useRealTimers()
    await engine.stop()
  })

  async function comes(AlarmName: string, NewStateValue: 'ALARM' | 'OK', minute: number): Promise<void> {
    const sample = JSON.parse(readFileSync('samples/data-loss-1-alarm.json', 'utf8'))
    const AlarmArn = arnOf(AlarmName)
    const StateChangeTime = `2026-11-03T10:${minute}:00.000+0000`
    const body = JSON.stringify({ ...sample, AlarmName, AlarmArn, NewStateValue, StateChangeTime })
    const record = { messageId: `${AlarmName} ${minute}`, body, eventSource: 'aws:sqs' }
    const context = { getRemainingTimeInMillis: () => 15_000 } as Context
    await handler({ Records: [record] } as unknown as SQSEvent, context)
  }
  const arnOf = (name: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`

  /** The command, where the rules are other ones. */
  const history = (...args: string[]) => command(['history', ...args], { cwd: folder })

  test('--explain shows each rule evaluated then, the matcher that failed and the value that it saw', async () => {
    await comes('orders-lost', 'ALARM', 10)
    const { code, stdout } = await history('orders-lost', '--explain')
    expect(code).toBe(0)
    const explained = stdout.slice(stdout.indexOf('The recorded decision'))
    expect(explained).toMatch(`The recorded decision, by version ${versionOf(documentOf(deployed))} of the rules:`)
    expect(explained).toContain('→ critical, by rule "data loss", to pager, mail\n')
    expect(explained).toContain(
      [
        'Rules, in order',
        '  ✗ billing     when[0].name: found "orders-lost", wanted glob "billing-*" (nearest of 2)',
        '  ○ was frozen  matches, but is not active now: within freeze',
        '  ✓ data loss   status: "firing" is "firing"',
        '                metric: "DataLossEvents" is /DataLoss/',
        '  … 1 more rule not evaluated',
        '',
        'Origin of each value',
        '  severity  critical                                     rule "data loss"',
        '  channel   pager                                        severity critical',
        '            mail                                         severity critical',
      ].join('\n'),
    )
    expect(explained).toContain('\nWindows\n  freeze is open until 2026-11-08 00:00 UTC\n')
    expect(explained).not.toContain('of today')
    expect(explained).not.toMatch(/heartbeat|maintenance notice|never/)
  })

  test('also after its resolve; --json has both', async () => {
    await comes('orders-over', 'ALARM', 10)
    await comes('orders-over', 'OK', 20)
    const { stdout } = await history('orders-over', '--explain')
    expect(stdout).toContain('found "orders-over", wanted glob "billing-*"')
    const { changes } = JSON.parse((await history('orders-over', '--json')).stdout) as {
      changes: { trace: DecisionTrace }[]
    }
    const [fired, over] = changes.map(({ trace }) => trace)
    expect(fired?.steps.map(({ rule, result }) => [rule, result])).toEqual([
      ['billing', 'failed'],
      ['was frozen', 'off'],
      ['data loss', 'matched'],
    ])
    expect(fired).toMatchObject({ windows: [{ name: 'freeze', isOpen: true }], closedWindows: 2 })
    expect(over).toMatchObject({ steps: [], notLookedAt: 4, firingSince: '2026-11-03T10:10:00.000Z' })
    expect(over?.parts).toContainEqual({ part: 'severity', value: 'critical', by: 'as when it started firing' })
  })

  test('a duplicate and a late change have their own', async () => {
    await comes('orders-again', 'ALARM', 30)
    await comes('orders-again', 'ALARM', 10)
    const { Items = [] } = await table.send(
      new QueryCommand({
        TableName: process.env.TABLE_NAME,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': key(arnOf('orders-again'), '').pk, ':sk': { S: 'change#' } },
      }),
    )
    expect(Items.map(({ outcome, trace }) => [outcome?.S, JSON.parse(unpacked(trace) ?? '{}').steps.length])).toEqual([
      ['stale', 3],
      ['sent', 3],
    ])
  })
})

/** Decided as `route` decides it; `waiting`: recipients that were held before, and are notified too. */
function decisionOf(alert: Alert, config: Config, { firing, waiting = [] }: Past = {}): Decided {
  const at = new Date(alert.changedAt)
  const decided = decide(alert, config, firing, at)
  const channels = [...new Set([...decided.channels, ...(alert.status === 'resolved' ? [] : waiting)])]
  return { alert, config, firing, decided, decision: hold(alert, { ...decided, channels }, config, at), at }
}
interface Past {
  firing?: Firing | undefined
  waiting?: string[]
}

const read = (text: string) => traceSchema.parse(JSON.parse(text))

describe('a stored trace', () => {
  const firings = fc.option(
    fc.record({
      since: fc.constant('2026-11-03T01:00:00.000Z'),
      severity: fc.constant('warning' as const),
      rule: fc.constantFrom('rule 0', 'default'),
      channels: fc.constantFrom<string[]>([], ['email'], ['gone']),
    }),
    { nil: undefined },
  )
  const helds = fc.constantFrom<string[]>([], ['email'], ['gone'])

  test('has the result of each rule and every channel, for any rules, alert and state', () => {
    fc.assert(
      fc.property(
        anyRules,
        fc.array(anyAlert, { minLength: 5, maxLength: 10 }),
        firings,
        helds,
        (some, all, fired, waiting) => {
          const config = randomConfig(some)
          for (const { alert } of all) {
            const decision = decisionOf(alert, config, { firing: fired, waiting })
            const whole = traceOf(decision)
            const kept = read(keptTrace(decision))
            expect(kept.steps.map(({ rule, result, why }) => ({ rule, result, why }))).toEqual(
              whole.steps.map(({ rule, result, why }) => ({ rule, result, why })),
            )
            for (const [index, { result, alternatives, of = 1, moreLines = 0 }] of kept.steps.entries()) {
              const all = whole.steps[index]?.alternatives ?? []
              const lines = furthest(all)
              const [notified = []] = alternatives
              expect(notified).toEqual(result === 'failed' ? lines.slice(moreLines) : lines.slice(0, notified.length))
              expect([notified.length + moreLines, of]).toEqual([lines.length, all.length])
            }
            const matching = kept.steps.filter(({ result }) => result === 'matched').map(({ rule }) => rule)
            const isFollowing = decision.decided.because[0]?.startsWith('resolves')
            expect(kept.steps.length > 0).toBe(!isFollowing)
            if (!isFollowing) expect(matching.at(-1) ?? 'default').toBe(decision.decision.rule)
            expect(kept.steps.length + kept.notLookedAt).toBe(config.rules.length)
            const partsOf = (name: string) => kept.parts.flatMap(({ part, value }) => (part === name ? [value] : []))
            const { channels, held: later } = decision.decision
            expect(new Set(partsOf('channel'))).toEqual(new Set([...channels, ...later.map(({ channel }) => channel)]))
            expect(partsOf('later')).toEqual(later.map(({ channel }) => channel))
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  const hostile = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 300 }),
    fc.constantFrom('\u0001', '\ud800', '😀', 'é', '"', 'x').chain((one) => fc.constant(one.repeat(300))),
  )
  const many = fc.constantFrom(0, 1, 7, 60, 120)
  const some = fc.constantFrom(0, 1, 7, 20)

  test('is bounded, for any number of rules, windows and labels, and any text', () => {
    fc.assert(
      fc.property(hostile, many, some, many, fc.boolean(), (text, rules, lines, windows, goesOn) => {
        const when = {
          name: '*',
          all: Array.from({ length: lines }, () => ({ 'tags.a': `*${text}*`, children: [`*${text}*`, 'x'] })),
          not: { name: 'none' },
        }
        const config: Config = {
          ...deployed,
          windows: Object.fromEntries(
            Array.from({ length: windows }, (_, n) => [`${n} ${text}`, { from: '2020-01-01', for: '9999d' }]),
          ),
          nonProduction: { when, highest: 'warning' },
          rules: Array.from({ length: rules }, (_, n) => ({
            ...{
              name: `${n} ${text}`,
              when: n % 3 ? when : { ...when, not: { name: '*' } },
              severity: 'info' as const,
            },
            ...(goesOn && { continue: true, labels: { [`${n}`]: text } }),
          })),
        }
        const alert: Alert = {
          ...firing.alert,
          name: text || 'x',
          tags: { a: text },
          children: Array.from({ length: 5 }, () => ({ name: text })),
        }
        const kept = keptTrace(decisionOf(alert, config))
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(MAX_BYTES)
        const texts: string[] = []
        JSON.parse(kept, (_, value) => typeof value === 'string' && texts.push(value))
        expect(texts.filter((one) => !one.isWellFormed())).toEqual([])
        const { steps, moreSteps = 0, notLookedAt } = read(kept)
        expect(steps.length + moreSteps + notLookedAt).toBe(rules)
        // However many lines are left out, the one at which it failed is not.
        for (const { result, alternatives } of steps) expect(isWhole(alternatives[0] ?? [])).toBe(result !== 'failed')
      }),
      { numRuns: 100 },
    )
  })

  test('of ten thousand rules has the winner, those that matched, and the last of the others', () => {
    const rules = Array.from({ length: 10_000 }, (_, n) => ({
      name: `rule ${n}`,
      when: { name: n === 100 || n === 9_000 ? firing.alert.name : `alarm-${n}` },
      severity: 'warning' as const,
      ...(n === 100 && { continue: true }),
    }))
    const { steps, ...trace } = read(keptTrace(decisionOf(firing.alert, { ...deployed, rules })))
    const numbers = steps.map(({ rule }) => Number(rule.slice('rule '.length)))
    expect(numbers).toEqual([100, ...Array.from({ length: 49 }, (_, n) => 8_952 + n)])
    expect(trace).toMatchObject({ moreSteps: 9_001 - 50, notLookedAt: 999 })
  })

  test('of more matching rules than fit has the winner', () => {
    const when = { name: '*' }
    const rules = [
      { name: 'won', when, severity: 'critical' as const, continue: true },
      ...Array.from({ length: 60 }, (_, n) => ({ name: `label ${n}`, when, labels: { a: `${n}` }, continue: true })),
    ]
    const { steps, moreSteps } = read(keptTrace(decisionOf(firing.alert, { ...deployed, rules })))
    expect([steps[0]?.rule, steps[1]?.rule, steps.at(-1)?.rule, moreSteps]).toEqual(['won', 'label 11', 'label 59', 11])
  })

  test('shows the channels that are still owed a held alert', () => {
    const rules = [{ name: 'any', when: { name: '*' }, severity: 'info' as const }]
    const { parts } = read(keptTrace(decisionOf(firing.alert, { ...deployed, rules }, { waiting: ['pager'] })))
    expect(parts.filter(({ part }) => part === 'channel')).toEqual([
      { part: 'channel', value: 'mail', by: 'severity info' },
      { part: 'channel', value: 'pager', by: 'still owed from when it was held' },
    ])
  })

  test('has the windows that are open at that moment, and until when', () => {
    const config = { ...deployed, windows: { ...deployed.windows, 'all-day': {} } }
    const windowsAt = (changedAt: string) => read(keptTrace(decisionOf({ ...firing.alert, changedAt }, config))).windows
    // It opens again each day when it ends.
    const allDay = { name: 'all-day', isOpen: true }
    const freeze = { name: 'freeze', isOpen: true, until: '2026-11-08T00:00:00.000Z' }
    expect(windowsAt('2026-10-31T23:59:59.000Z')).toEqual([allDay])
    expect(windowsAt('2026-11-07T23:59:59.000Z')).toEqual([freeze, allDay])
    expect(windowsAt('2026-11-08T00:00:00.000Z')).toEqual([allDay])
    expect(windowsAt('2026-11-01T00:00:00.000Z')).toEqual([freeze, allDay])
  })

  test('of many values shows first those that the pattern names', () => {
    const children = Array.from({ length: 50 }, (_, n) => ({ name: `child-${n}` }))
    const rules = [{ name: 'of a child', when: { children: 'child-41' }, severity: 'info' as const }]
    const { steps } = read(keptTrace(decisionOf({ ...firing.alert, children }, { ...deployed, rules })))
    expect(steps[0]?.alternatives[0]).toMatchObject([{ found: ['child-41', 'child-0', 'child-1'], moreFound: 47 }])
  })
})
