import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { DRILL_CLASSES, type DrillClass } from '../schemas/drill.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { alertIn, eventOf } from '../shared/drill/classes.ts'
import { newDrillId } from '../shared/drill/ids.ts'
import { readDrills } from '../shared/drill/records.ts'
import { drillClass, hasArrived } from '../shared/drill/story.ts'
import { drilledByHand } from './drilling.ts'
import { type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** A drill, from the publish to the real handlers and the vendors' stand-ins, and back. */

const NOW = '2026-11-25T10:00:00.000Z'
const config = readConfig('config/alerts.yml')
let router: RouterByHand
let drilled: ReturnType<typeof drilledByHand>

beforeAll(async () => {
  router = await startRouterByHand(config)
  drilled = drilledByHand(router)
})
let hours = 0
beforeEach(() => {
  // Time never goes back: a channel's pace knows the last message.
  vi.setSystemTime(Date.parse(NOW) + hours++ * 3_600_000)
  for (const vendor of ['pagerduty', 'slack'] as const) router.engine[vendor].requests.length = 0
})
afterAll(async () => {
  drilled.close()
  await router.stop()
})

const TIMEOUT_MS = 120_000
const run = (name: DrillClass, id: string) => drillClass(name, { id, timeoutMs: TIMEOUT_MS }, drilled)
const ruled = (name: DrillClass) => {
  const at = new Date(NOW)
  return decide(alertIn(eventOf(name, drilled.topicArn, at), drilled.topicArn, at), config, undefined, at)
}

/** The first line of each message, as its readers see it. */
async function headlines(): Promise<string[]> {
  const { pagerduty, slack } = router.engine
  const bodies = [...pagerduty.requests, ...slack.requests].map(({ body }) => body as never)
  const texts = bodies.map(
    (body: { text?: string; payload?: { summary: string } }) => body.text ?? body.payload?.summary,
  )
  const emails: string[] = []
  for (let some = await router.emails(); some.length > 0; some = await router.emails()) emails.push(...some)
  return [...texts, ...emails].map(String)
}

describe('the drill of each class', () => {
  test.each(DRILL_CLASSES)('%s arrives where the rules send it, is marked, and ends', async (name) => {
    const outcome = await run(name, newDrillId(new Date()))
    expect(outcome.arrivals?.map(({ channel, outcome }) => `${channel} ${outcome}`).sort()).toEqual(
      ruled(name)
        .channels.map((channel) => `${channel} arrived`)
        .sort(),
    )
    expect(hasArrived(outcome)).toBe(true)
    expect(outcome.unresolved).toEqual([])
    const all = await headlines()
    expect(all.length).toBeGreaterThan(0)
    expect(all.filter((line) => !line.startsWith('[Drill] '))).toEqual([])
  })

  test('the rules decide of it as of the real event', () => {
    expect(DRILL_CLASSES.map((name) => `${name}: ${ruled(name).severity}, ${ruled(name).rule}`)).toMatchInlineSnapshot(`
      [
        "data-loss: critical, data loss",
        "system-availability: critical, system down",
        "security-breach: critical, security breach",
        "compliance-violation: critical, compliance violation",
        "high-error-rate: warning, high error rate",
        "processing-latency: warning, performance",
        "resource-limits: warning, resource limits",
        "cost-threshold: warning, cost threshold",
        "deployment-failed: warning, deployment failed",
        "deployment: info, deployment",
        "maintenance: info, maintenance",
        "usage-report: info, usage report",
        "health-check: info, health check",
      ]
    `)
  })
})

test('says how long each channel took, from the publish on', async () => {
  const { arrivals } = await run('data-loss', '2026-11-27-0000d2')
  expect(arrivals?.map(({ channel, tookMs }) => [channel, tookMs])).toMatchInlineSnapshot(`
    [
      [
        "email",
        500,
      ],
      [
        "email-security",
        500,
      ],
      [
        "pagerduty",
        500,
      ],
      [
        "slack-critical",
        500,
      ],
    ]
  `)
})

test('what was proven is kept; nothing stays open', async () => {
  const table = process.env.TABLE_NAME ?? ''
  const client = new DynamoDBClient({})
  await router.startAnew()
  await run('usage-report', '2026-11-27-0000d3')
  expect(await readDrills(client, table)).toMatchInlineSnapshot(`
    {
      "open": [],
      "proofs": [
        {
          "channel": "email",
          "lastAt": "2026-11-26T01:00:00.500Z",
          "outcome": "arrived",
          "provenAt": "2026-11-26T01:00:00.500Z",
          "subject": "usage-report",
          "tookMs": 500,
        },
      ],
    }
  `)
  client.destroy()
})
