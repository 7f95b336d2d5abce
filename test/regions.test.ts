import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pairIsWell } from '../cli/doctor/checks/pair.ts'
import type { Stage } from '../cli/doctor/stage.ts'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import type { Engine } from '../local/engine.ts'
import { startTable } from '../local/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Beat } from '../shared/decide/standing.ts'
import { orderIn } from '../shared/route/orders.ts'
import { here, named } from './command.ts'
import { findingsOffline, shippedService } from './doctor-faults.ts'
import { startLocalEngine } from './local-engine.ts'
import { packagedService } from './package-service.ts'

/*
 * What people see of two regions: `regions show`, `regions take-over`, and the doctor.
 */

const NOW = '2026-11-28T10:00:00.000Z'
const before = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1_000).toISOString()

function beat(region: string, over: Partial<Beat> = {}): Beat {
  const isActive = region === 'eu-west-1'
  return { region, term: 1, isActive, since: before(86_400), at: before(20), seenAt: before(20), rules: 'abc', ...over }
}

const HOME = beat('eu-west-1')
const SECOND = beat('eu-central-1')

function itemOf(sk: string, of: Beat) {
  return {
    ...{ pk: { S: 'pair' }, sk: { S: sk }, beat: { S: JSON.stringify(of) } },
    ...{ termNo: { N: `${of.term}` }, beatAt: { S: of.at } },
  }
}

describe('the commands', () => {
  let engine: Engine
  let sqs: SQSClient
  let queue: string | undefined
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const severity = { channels: ['chat'] }
    engine = await startLocalEngine(
      checkConfig({
        channels: { chat: { type: 'slack', secret: 'chat' } },
        severities: { critical: severity, warning: severity, info: severity },
        rules: [],
        default: { severity: 'info' },
      }),
    )
    sqs = new SQSClient({ region: 'eu-central-1', useQueueUrlAsEndpoint: false })
    queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'alert-router-prod-alarms' }))).QueueUrl
  })
  afterAll(async () => {
    for (const stop of stops) await stop()
    await engine.stop()
  })

  /** Of a stage whose table has this, in the second region. */
  async function run(args: string, known: { sk: string; of: Beat }[], region = 'eu-central-1') {
    const table = await startTable(
      known.map(({ sk, of }) => itemOf(sk, of)),
      'alert-router-prod-AlertTable-of-two-regions',
    )
    stops.push(table.stop)
    const env = { ...CREDENTIALS_ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB: table.url, AWS_REGION: region }
    return here(named('regions'), [...args.split(' '), '--stage', 'prod'], { env, now: NOW })
  }

  const both = [
    { sk: 'eu-west-1', of: HOME },
    { sk: 'eu-central-1', of: SECOND },
  ]
  const ordered = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }))
    return Messages.map(({ Body = '' }) => orderIn(Body))
  }

  test('show says which region sends, and what each has said', async () => {
    const { code, stdout } = await run('show', both)
    expect(stdout).toBe(
      [
        'eu-west-1 sends, since 2026-11-27 10:00:00 UTC.',
        'eu-central-1 said 20 s ago that it stands by.',
        'eu-west-1 said 20 s ago that it sends.',
        '',
      ].join('\n'),
    )
    expect(code).toBe(0)
  })

  test('show says that none does, when the one that did is silent', async () => {
    const { code, stdout } = await run('show', [
      { sk: 'eu-west-1', of: beat('eu-west-1', { at: before(300) }) },
      ...both.slice(1),
    ])
    expect(stdout).toContain('No region sends at this moment')
    expect(stdout).toContain('eu-west-1 said 5 minutes ago that it sends, and nothing since.')
    expect(code).toBe(1)
  })

  test('show knows how far the replica is behind, and that the rules differ', async () => {
    const late = beat('eu-west-1', { at: before(1_820) })
    const known = [
      { sk: 'eu-west-1', of: late },
      { sk: 'heard#eu-west-1', of: beat('eu-west-1', { rules: 'xyz' }) },
      ...both.slice(1),
    ]
    const { stdout } = await run('show', known)
    expect(stdout).toContain('The replica in eu-central-1 is 30 minutes behind.')
    expect(stdout).toContain('Their rules differ: version abc in eu-central-1, xyz in eu-west-1.')
    const { stdout: json } = await run('show --json', known)
    expect(JSON.parse(json)).toMatchObject({ sends: 'eu-west-1', behindMs: 1_800_000 })
    const { code, stderr } = await run('take-over', known)
    expect(stderr).toContain(
      'The replica in eu-central-1 is 30 minutes behind: what eu-west-1 has sent meanwhile would be sent again.',
    )
    expect(code).toBe(1)
  })

  test('a stage with one region says so', async () => {
    const { code, stderr } = await run('show', [])
    expect(stderr).toContain('No second region has ever been heard of in stage prod.')
    expect(code).toBe(1)
  })

  test('take-over puts an order on the queue of the region that is to send', async () => {
    const { code, stdout } = await run('take-over --by ana', both)
    expect(stdout).toBe(
      'Queued: eu-central-1 sends from now on, by ana. eu-west-1 stops within seconds, and eu-central-1 begins a minute later.\n',
    )
    expect(code).toBe(0)
    expect(await ordered()).toMatchObject([{ takeOver: 'eu-central-1', by: 'ana', at: NOW }])
  })

  test('take-over refuses where it makes no sense: it sends already, or its clock stands still', async () => {
    const { stderr } = await run('take-over', both, 'eu-west-1')
    expect(stderr).toBe('eu-west-1 sends already.\n')
    const still = [both[0], { sk: 'eu-central-1', of: beat('eu-central-1', { at: before(900) }) }] as typeof both
    const { stderr: why } = await run('take-over', still)
    expect(why).toContain('It could not send: look at the log of its tick first.')
  })
})

describe('the doctor', () => {
  const stage = (over: Partial<Stage> = {}): Stage =>
    ({
      ...{
        source: 'aws',
        name: 'prod',
        now: Date.parse(NOW),
        pair: { here: 'eu-west-1', other: 'eu-central-1', home: 'eu-west-1' },
      },
      place: { partition: 'aws', region: 'eu-west-1', account: '111122223333' },
      tables: [{ id: 'T', name: 'the-table', indexes: [], replicas: [{ region: 'eu-central-1', status: 'ACTIVE' }] }],
      topics: [
        {
          ...{ id: 'AlarmsTopic', name: 'alert-router-prod-alarms', arn: 'arn' },
          subscriptions: [
            {
              ...{ protocol: 'sqs', state: 'confirmed' },
              endpoint: 'arn:aws:sqs:eu-central-1:111122223333:alert-router-prod-alarms',
            },
          ],
        },
      ],
      beats: { own: HOME, other: SECOND, replicated: SECOND },
      ...over,
    }) as Stage

  test('finds nothing in a pair that is well, nor where there is no pair', () => {
    expect(pairIsWell(stage())).toEqual([])
    const { pair: _, ...alone } = stage()
    expect(pairIsWell(alone)).toEqual([])
  })

  test.each<[string, Partial<Stage>, string, RegExp]>([
    [
      'no replica',
      { tables: [{ id: 'T', name: 't', indexes: [], replicas: [] }] },
      'replica-missing',
      /does not exist/,
    ],
    [
      'a replica that is being made',
      { tables: [{ id: 'T', name: 't', indexes: [], replicas: [{ region: 'eu-central-1', status: 'CREATING' }] }] },
      'replica-missing',
      /is CREATING/,
    ],
    [
      'no subscription of the other queue',
      { topics: [{ id: 'AlarmsTopic', name: 'alert-router-prod-alarms', arn: 'arn', subscriptions: [] }] },
      'other-region-not-subscribed',
      /The queue of eu-central-1 is not subscribed/,
    ],
    [
      'a second region that is silent',
      { beats: { own: HOME, other: beat('eu-central-1', { at: before(600) }), replicated: undefined } },
      'region-silent',
      /eu-central-1 said 10 minutes ago that it stands by, and nothing since/,
    ],
    [
      'a second region that was never there',
      { beats: { own: HOME, other: undefined, replicated: undefined } },
      'region-silent',
      /eu-central-1 has never said whether it sends/,
    ],
    [
      'two regions of which none sends',
      { beats: { own: beat('eu-west-1', { isActive: false }), other: SECOND, replicated: SECOND } },
      'region-silent',
      /No region sends at this moment/,
    ],
    [
      'a replica that is behind',
      { beats: { own: HOME, other: SECOND, replicated: beat('eu-central-1', { at: before(620) }) } },
      'replica-behind',
      /arrives here 10 minutes late/,
    ],
    [
      'different rules',
      { beats: { own: HOME, other: beat('eu-central-1', { rules: 'def' }), replicated: undefined } },
      'rules-differ',
      /version abc here, def in eu-central-1/,
    ],
  ])('finds %s', (_, over, id, what) => {
    const found = pairIsWell(stage(over))
    expect(found.map((one) => one.id)).toEqual([id])
    expect(found[0]?.what).toMatch(what)
  })

  test.each(['eu-central-1', 'eu-west-1'])(
    'finds nothing in the packaged stack of %s',
    async (region) => {
      const { template } = await packagedService({ regions: 'eu-central-1 eu-west-1', region })
      expect(findingsOffline(JSON.parse(template), await shippedService())).toEqual([])
    },
    240_000,
  )
})
