import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findingsIn } from '../cli/doctor/findings.ts'
import { Calls } from '../cli/doctor/read/calls.ts'
import { stageOf } from '../cli/doctor/read/template.ts'
import {
  enterStage,
  findingsOffline,
  kinds,
  leaveStage,
  look,
  PLACE,
  type Shipped,
  shippedService,
} from './doctor-faults.ts'
import { OTHER, push, statement, to, topic } from './doctor-parts.ts'
import type { Json } from './doctor-stage.ts'
import { type StageInAws, startStage } from './doctor-stage.ts'

const MINUTE = 60_000

/** Of everything in it. */
function pathsIn(value: Json, path: string[]): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => [[...path, key], ...pathsIn(value[key], [...path, key])])
}

let shipped: Shipped
beforeAll(async () => {
  shipped = await shippedService()
}, 120_000)

describe('offline', () => {
  test('finds nothing in the template as it is shipped', () => {
    expect(findingsOffline(shipped.template, shipped)).toEqual([])
  })

  test('a template with any value changed is checked without failing', () => {
    const paths = pathsIn(shipped.template.Resources, [])
    const value = fc.constantFrom(null, '', 0, 'x', {}, [], [null])
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, planted) => {
        const changed = structuredClone(shipped.template)
        const last = path.at(-1) as string
        const parent = path.slice(0, -1).reduce((at: Json, key) => at[key], changed.Resources)
        parent[last] = planted
        expect(() => findingsIn(stageOf(changed, { name: 'prod', place: PLACE, now: Date.now() }))).not.toThrow()
      }),
      { numRuns: 150 },
    )
  })

  test('a package that is older than the rules beside it is reported', () => {
    const stage = stageOf(shipped.template, { name: 'prod', place: PLACE, now: Date.now() })
    const rules = { deployed: 'aaa', live: 'aaa', here: 'bbb' }
    expect(findingsIn({ ...stage, rules })).toMatchObject([
      {
        id: 'package-outdated',
        what: expect.stringMatching(/aaa.*bbb/),
        fix: ['npx alert-router package --stage prod --region eu-central-1'],
      },
    ])
  })
})

describe('of a stage in AWS', () => {
  let aws: StageInAws
  beforeEach(async () => {
    aws = await enterStage(shipped)
  })
  afterEach(() => leaveStage(aws))

  test.each([100, 1])('finds nothing when all is well, and reads what there is: in pages of %i', async (pageSize) => {
    aws.pageSize = pageSize
    const { stage, findings } = await look(shipped)
    expect(findings).toEqual([])
    const { topics, queues, keys, functions, mappings, schedules, tables, secrets } = aws.is
    expect(stage).toMatchObject({ topics, queues, keys, functions, mappings, schedules, tables, secrets })
    expect(stage.alarms).toEqual(aws.is.alarms)
    expect(stage.lastHeartbeatAt).toBe(Math.max(...aws.beats))
  })

  test("a clock that differs from AWS's is reported", async () => {
    aws.aheadMs = -20 * MINUTE
    for (const line of aws.tickLines) line[0] += aws.aheadMs
    aws.beats = aws.beats.map((at) => at + aws.aheadMs)
    const { findings } = await look(shipped)
    expect(findings).toMatchObject([{ id: 'clock-off', what: "It is 20 minutes ahead of AWS's." }])
  })

  test('a push before a deployment is not a finding if the rules here are the deployed ones', async () => {
    push(aws, OTHER, 'before')
    const { stage, findings } = await look(shipped)
    expect(findings).toEqual([])
    const rules = stage.rules && { ...stage.rules, here: 'mine' }
    expect(findingsIn({ ...stage, rules })).toMatchObject([
      { id: 'rules-outdated', what: expect.stringContaining(`Version ${OTHER}, pushed before a deployment`) },
    ])
  })

  test('a blank secret is found with permission to read secrets', async () => {
    const { findings } = await look(shipped, { withSecretValues: true })
    expect(kinds(findings)).toEqual(['secret-empty'])
    expect(findings).toHaveLength(3)
  })

  test('an error in the template itself is fixed there, and deployed', async () => {
    await aws.close()
    const changed = structuredClone(shipped.template)
    changed.Resources.HeartbeatAlarm.Properties.ActionsEnabled = false
    aws = await startStage(changed)
    vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
    const { findings } = await look(shipped)
    expect(findings).toMatchObject([
      {
        id: 'alarm-disabled',
        fix: [/HeartbeatAlarm/, 'npx alert-router deploy --stage prod --region eu-central-1'].map((one) =>
          typeof one === 'string' ? one : expect.stringMatching(one),
        ),
      },
    ])
  })

  test('what the stack’s template lacks is reported as missing, not as gone', async () => {
    await aws.close()
    const changed = structuredClone(shipped.template)
    delete changed.Resources.NoTickAlarm
    delete changed.Resources.HeartbeatRule
    changed.Resources.TickIamRoleLambdaExecution.Properties.Policies = []
    aws = await startStage(changed)
    vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
    const { findings } = await look(shipped)
    expect(kinds(findings)).toEqual(['alarm-missing', 'role-lacks-right', 'rule-missing'])
    for (const { fix } of findings)
      expect(fix.at(-1)).toBe('npx alert-router deploy --stage prod --region eu-central-1')
  })

  test('a new stack need not have had a heartbeat', async () => {
    Object.assign(aws, { beats: [], tickLines: [] })
    aws.is.createdAt = Date.now() - 5 * MINUTE
    expect((await look(shipped)).findings).toEqual([])
  })

  const RIGHTS = [
    'sns:GetTopicAttributes',
    'sns:ListSubscriptionsByTopic',
    'sns:GetSubscriptionAttributes',
    'sqs:GetQueueAttributes',
    'kms:DescribeKey',
    'kms:GetKeyPolicy',
    'lambda:GetFunctionConfiguration',
    'lambda:GetFunctionConcurrency',
    'lambda:GetPolicy',
    'lambda:GetEventSourceMapping',
    'lambda:GetAccountSettings',
    'events:DescribeRule',
    'events:ListTargetsByRule',
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricData',
    'logs:FilterLogEvents',
    'dynamodb:DescribeTable',
    'secretsmanager:DescribeSecret',
  ]

  test.each(RIGHTS)(
    'without the right %s, it reports what it could not read, and nothing as broken or healthy',
    async (right) => {
      aws.refuse(right)
      const { findings } = await look(shipped)
      expect(kinds(findings)).toEqual(['unread'])
      expect(findings[0]).toMatchObject({ severity: 'unknown', what: 'It could not be read: access denied.' })
      expect(findings[0]?.fix[0]).toContain(right)
    },
  )

  test('a deleted resource is reported, with what depends on it', async () => {
    aws.is.queues = aws.is.queues.filter(({ name }) => name !== 'alert-router-prod-slack')
    aws.is.topics = aws.is.topics.filter(({ name }) => name !== 'alert-router-prod-operator')
    aws.is.schedules = aws.is.schedules.filter(({ name }) => name !== 'alert-router-prod-tick')
    aws.is.mappings = []
    aws.is.tables = []
    aws.is.keys = []
    const { findings } = await look(shipped)
    expect(kinds(findings)).toEqual(['resource-gone'])
    expect(findings.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['alert-router-prod-slack', 'alert-router-prod-operator', 'alert-router-prod-tick']),
    )
    expect(findings).toHaveLength(12)
  })

  test('a policy that depends on something unknown is reported as unclear', async () => {
    const { policy } = topic(aws.is, 'alarms')
    statement(policy, 'ServicesMayPublish').Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }
    const { findings } = await look(shipped)
    expect(findings).toMatchObject([{ id: 'policy-unclear', severity: 'unknown', about: 'alert-router-prod-alarms' }])
  })

  test('docs/operations.md lists each right that it needs', () => {
    const page = readFileSync('docs/operations.md', 'utf8')
    for (const right of ['cloudformation:GetTemplate', ...RIGHTS]) expect(page).toContain(`"${right}"`)
  })

  test('throttling is reported as such', async () => {
    aws.refuse('kms:DescribeKey', 'ThrottlingException')
    const { findings } = await look(shipped)
    expect(findings).toMatchObject([{ id: 'unread', what: 'It could not be read: throttled.' }])
  })

  test('a service that does not answer is not called again', async () => {
    aws.standIn.answerBy(({ path }) => (path.startsWith('sqs:') ? 'reset' : undefined))
    const { findings } = await look(shipped)
    expect(kinds(findings)).toEqual(['unread'])
    expect(findings).toHaveLength(aws.is.queues.length)
    expect(findings.map(({ what }) => what).filter((what) => what.endsWith('no answer.'))).toHaveLength(1)
    expect(findings.at(-1)?.what).toContain('skipped, because sqs did not answer before')
  })

  test('a filter on somebody else’s subscription is ignored', async () => {
    const arn = 'arn:aws:sns:eu-central-1:111122223333:alert-router-prod-alarms:other'
    const endpoint = 'arn:aws:sqs:eu-central-1:111122223333:other'
    to(aws.is, 'alarms').push({ arn, protocol: 'sqs', endpoint, state: 'confirmed', filterPolicy: { team: ['a'] } })
    expect((await look(shipped)).findings).toEqual([])
  })
})

test('a call that AWS never answers ends at its timeout', async () => {
  const calls = new Calls({ tryMs: 1, callMs: 1 })
  const given: AbortSignal[] = []
  const answer = await calls.ask('queue a', 'sqs:GetQueueAttributes', ({ abortSignal }) => {
    given.push(abortSignal)
    return new Promise(() => {})
  })
  expect(answer).toBeUndefined()
  expect(given).toMatchObject([{ aborted: true }])
  expect(calls.unread).toEqual([{ what: 'queue a', why: 'no answer', right: 'sqs:GetQueueAttributes' }])
})
