import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { here, named } from './command.ts'
import {
  enterStage,
  type FaultInAws,
  findingsOffline,
  isFoundInAws,
  leaveStage,
  look,
  type Shipped,
  shippedService,
} from './doctor-faults.ts'
import { change, schedule } from './doctor-parts.ts'
import type { Resources, StageInAws } from './doctor-stage.ts'

/** Whether CloudWatch is compared with what the router knows, and what the last time came to. */

const MINUTE = 60_000
const ABOUT = 'alert-router-prod-reconcile'
const LOG = 'aws logs tail /aws/lambda/alert-router-prod-reconcile --since 1h --region eu-central-1'
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString()
const last = (aws: StageInAws, over: Partial<NonNullable<StageInAws['lastReconcile']>>) =>
  change(aws.lastReconcile ?? undefined, over)

let shipped: Shipped
beforeAll(async () => {
  shipped = await shippedService()
}, 120_000)

describe('a comparison that', () => {
  test.each<FaultInAws>([
    ['is 21 minutes ago is late', (aws) => last(aws, { at: minutesAgo(21) }), 'reconcile-late', ABOUT, LOG],
    ['never was is late', (aws) => Object.assign(aws, { lastReconcile: null }), 'reconcile-late', ABOUT, LOG],
    [
      'may not ask everything says what to allow',
      (aws) =>
        last(aws, {
          refused: [
            'this account: cloudwatch:DescribeAlarmHistory: this role may not',
            'payments: cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule: this role may not',
          ],
        }),
      'reconcile-refused',
      ABOUT,
      /^Allow cloudwatch:DescribeAlarmHistory, cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule on \* /,
    ],
    [
      'was throttled has a log',
      (aws) => last(aws, { refused: ['this account: cloudwatch:ListRules: AWS has throttled events:ListRules'] }),
      'reconcile-refused',
      ABOUT,
      LOG,
    ],
    [
      'somebody has switched off by hand does not run',
      (aws) => {
        schedule(aws.is, 'reconcile').isEnabled = false
        last(aws, { at: minutesAgo(600) })
      },
      'rule-disabled',
      ABOUT,
      'aws events enable-rule --name alert-router-prod-reconcile --region eu-central-1',
    ],
    [
      'nobody may read is unknown',
      (aws) => aws.refuse('dynamodb:GetItem'),
      'unread',
      'when CloudWatch was last compared',
      /^Allow dynamodb:GetItem /,
    ],
  ])('%s', isFoundInAws)
})

describe('in a stage in AWS', () => {
  let aws: StageInAws
  beforeEach(async () => {
    aws = await enterStage(shipped)
  })
  afterEach(() => leaveStage(aws))

  test('one of 19 minutes ago is in time, and a new stage has time for its first', async () => {
    last(aws, { at: minutesAgo(19) })
    expect((await look(shipped)).findings).toEqual([])
    aws.is.createdAt = Date.now() - 19 * MINUTE
    aws.lastReconcile = null
    expect((await look(shipped)).findings).toEqual([])
  })

  test('what it finds are warnings: alerts that arrive are delivered', async () => {
    last(aws, { at: minutesAgo(21), refused: ['this account: events:ListRules: this role may not'] })
    const { findings } = await look(shipped)
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([
      ['reconcile-late', 'warning'],
      ['reconcile-refused', 'warning'],
    ])
    expect(findings[0]?.what).toMatch(
      /^Its last complete run began at 20\d\d-\d\d-\d\d \d\d:\d\d UTC; .* every 5 minutes\.$/,
    )
  })

  test('alarms that it leaves alone are listed, and are no fault', async () => {
    const left = Array.from({ length: 12 }, (_, n) => ({
      name: `orders-${n}`,
      why: 'ALARM, and its actions are disabled',
    }))
    last(aws, { left: [{ name: 'a\u202eb\nc', why: 'x'.repeat(500) }, ...left] })
    const { code, stdout } = await here(named('doctor'), ['--stage', 'prod'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /No fault: CloudWatch and the router differ about these alarms, .* UTC\):\n {2}a ?b c: x{119}…\n/,
    )
    expect(stdout).toContain('\n  orders-8: ALARM, and its actions are disabled\n  and 3 more: --json lists them\n')
    expect(stdout).toContain('Found nothing that would prevent an alert from being delivered.')
    const json = JSON.parse((await here(named('doctor'), ['--stage', 'prod', '--json'])).stdout)
    expect(json.lastReconcile.left).toHaveLength(13)
  })
})

describe('switched off by the stack’s parameter, nobody misses it', () => {
  const off = (resources: Resources) => {
    for (const id of Object.keys(resources)) if (/^(Reconcile|NoReconcile|LostMessages)/.test(id)) delete resources[id]
  }

  test('in the template', () => {
    const changed = structuredClone(shipped.template)
    off(changed.Resources)
    expect(findingsOffline(changed, shipped)).toEqual([])
  })

  test('in AWS, where it is not asked for', async () => {
    const changed = structuredClone(shipped.template)
    off(changed.Resources)
    const aws = await enterStage({ template: changed })
    aws.lastReconcile = null
    aws.refuse('dynamodb:GetItem')
    try {
      expect((await look(shipped)).findings).toEqual([])
    } finally {
      await leaveStage(aws)
    }
  })
})
