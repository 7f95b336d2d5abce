import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Drilling } from '../cli/drill/open.ts'
import { fireAll } from '../cli/drill.ts'
import { askAlerts } from '../shared/asking/alerts.ts'
import { checkConfig } from '../shared/config/check.ts'
import { newState } from '../shared/decide/alert-state.ts'
import { drillAlarm } from '../shared/drill/alarm.ts'
import { eventOf } from '../shared/drill/classes.ts'
import { arrivalsIn } from '../shared/drill/outcome.ts'
import { readDrills } from '../shared/drill/records.ts'
import { type Drilled, drillClass, endOpen, hasArrived, hasEnded } from '../shared/drill/story.ts'
import { sendText } from '../shared/drill/text.ts'
import { findAlerts } from '../shared/history/find.ts'
import { firing } from './alert-samples.ts'
import { drilledByHand } from './drilling.ts'
import { written } from './emf.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

/** What can become of a drill, by the real handlers; and what it must leave alone. */

const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', fallback: 'chat', ...fast },
    chat: { type: 'slack', secret: 'chat', ...fast },
    day: { type: 'slack', secret: 'day', active: 'office', ...fast },
    group: { type: 'pagerduty', secret: 'group', groupBy: ['namespace'], ...fast },
  },
  windows: { office: { from: '09:00', to: '17:00' } },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['day'] } },
  default: { severity: 'warning' },
  rules: [
    { name: 'loss', when: { name: 'DataLossAlarm' }, severity: 'critical' },
    { name: 'compliance', when: { source: 'compliance-scanner' }, severity: 'critical' },
    { name: 'by day', when: { name: 'SystemAvailabilityAlarm' }, severity: 'info', channels: ['day'] },
    {
      name: 'grouped',
      when: { name: ['ProcessingLatencyAlarm', 'grouped'] },
      severity: 'critical',
      channels: ['group'],
    },
    { name: 'drilled', when: { fingerprint: arnOf('orders-errors') }, severity: 'warning' },
  ],
})
let router: RouterByHand
let drilled: Drilled & { close(): void }
let table: DynamoDBClient

beforeAll(async () => {
  router = await startRouterByHand(config)
  drilled = drilledByHand(router)
  table = new DynamoDBClient({})
})
let days = 0
beforeEach(async () => {
  // At night: time never goes back, and circuits have closed.
  vi.setSystemTime(Date.parse('2026-11-25T03:00:00.000Z') + days++ * 86_400_000)
  await router.startAnew()
  for (const vendor of ['pagerduty', 'slack'] as const) {
    router.engine[vendor].requests.length = 0
    router.engine[vendor].answerBy()
  }
})
afterAll(async () => {
  drilled.close()
  table.destroy()
  await router.stop()
})

const run = (name: Parameters<typeof drillClass>[0], by: Drilled = drilled) =>
  drillClass(name, { id: '2026-11-27-0000d1', timeoutMs: 10_000 }, by)
const known = async () => (await readDrills(table, process.env.TABLE_NAME ?? '')).proofs
const sentTo = (vendor: 'pagerduty' | 'slack') => router.engine[vendor].requests.map(({ body }) => JSON.stringify(body))

describe('what becomes of it', () => {
  test('a window holds it: that is said, is no failure, and nothing is sent later', async () => {
    const outcome = await run('system-availability')
    expect(outcome.arrivals).toEqual([
      { channel: 'day', outcome: 'held', until: expect.stringMatching(/T09:00:00.000Z$/), why: expect.any(String) },
    ])
    expect([hasArrived(outcome), outcome.unresolved]).toEqual([true, []])
    await router.passUntil(new Date(Date.now() + 12 * 3_600_000).toISOString())
    expect(sentTo('slack')).toEqual([])
    expect((await known()).map(({ outcome, provenAt }) => [outcome, provenAt])).toEqual([['held', undefined]])
  })

  test('the rules notify nobody', () => {
    expect(arrivalsIn({ ...newState(firing.alert), recipients: {} }, new Date())).toEqual([])
    expect(hasArrived({ arrivals: [] })).toBe(false)
  })

  test('a channel refuses it for good: a dead letter with the reason, and what its fallback got', async () => {
    router.engine.pagerduty.answerBy(() => ({ status: 400, body: { status: 'invalid event', message: 'no' } }))
    const outcome = await run('data-loss')
    expect(outcome.arrivals).toEqual([
      { channel: 'pager', outcome: 'dead-lettered', why: expect.stringContaining('400') },
      { channel: 'chat', outcome: 'arrived', fallbackFor: 'pager', tookMs: expect.any(Number) },
    ])
    expect(hasArrived(outcome)).toBe(false)
    expect(sentTo('slack')[0]).toMatch(/^\{"text":"\[Drill\] CRITICAL/)
    expect(await known()).toEqual([expect.objectContaining({ channel: 'pager', outcome: 'dead-lettered' })])
  })

  test('a channel does not accept it in time: why, and it is still owed it', async () => {
    router.engine.slack.answerBy(() => ({ status: 503 }))
    const outcome = await run('cost-threshold')
    expect(outcome.arrivals).toEqual([{ channel: 'chat', outcome: 'waiting', why: expect.stringContaining('503') }])
    expect(hasArrived(outcome)).toBe(false)
  })

  test('the router does not record it', async () => {
    const outcome = await run('data-loss', { ...drilled, publish: async () => {} })
    expect([outcome.arrivals, hasArrived(outcome)]).toEqual([undefined, false])
  })

  test('a record that has failed keeps when it was last proven', async () => {
    await run('cost-threshold')
    const [before] = await known()
    router.engine.slack.answerBy(() => ({ status: 404, body: 'no_service' }))
    vi.setSystemTime(Date.now() + 3_600_000)
    await drillClass('cost-threshold', { id: '2026-11-27-0000d2', timeoutMs: 10_000 }, drilled)
    expect(await known()).toEqual([
      expect.objectContaining({ provenAt: before?.provenAt, outcome: expect.stringMatching(/dead|waiting/) }),
    ])
  })
})

describe('it keeps its mark', () => {
  const mark = { 'alert-router-drill': { Type: 'String', Value: '2026-11-27-0000d5' } }
  const firing = (name: Parameters<typeof eventOf>[0]) => eventOf(name, drilled.topicArn, new Date())
  const texts = () => sentTo('slack').map((body) => JSON.parse(body).text)

  test('when its window opens', async () => {
    await router.publish(firing('system-availability'), mark)
    await router.work()
    expect(texts()).toEqual([])
    await router.passUntil(new Date(Date.now() + 7 * 3_600_000).toISOString())
    expect(texts()).toEqual([expect.stringMatching(/^\[Drill\] INFO: SystemAvailabilityAlarm/)])
  })

  test('as a dead letter that is redriven', async () => {
    router.engine.slack.answerBy(() => ({ status: 404, body: 'no_service' }))
    await router.publish(firing('cost-threshold'), mark)
    await router.passUntil(new Date(Date.now() + 6 * 3_600_000).toISOString())
    const before = texts().length
    router.engine.slack.answerBy()
    expect(await router.redrive('slack')).toBe(1)
    await router.work()
    expect(texts()[before]).toMatch(/^\[Drill\] WARNING: /)
  })

  test('resolved by hand', async () => {
    await router.publish(firing('data-loss'), mark)
    await router.work()
    const [key] = [`${arnOf('DataLossAlarm')}#drill-2026-11-27-0000d5`]
    await drilled.order({ resolve: key, by: 'ana' })
    await router.work()
    expect(sentTo('pagerduty').map((body) => JSON.parse(body).payload.summary)).toEqual([
      expect.stringMatching(/^\[Drill\] DataLossAlarm/),
      expect.stringMatching(/^\[Drill\] Resolved: DataLossAlarm/),
    ])
  })
})

describe('its end', () => {
  const actions = () => sentTo('pagerduty').map((body) => JSON.parse(body).event_action)

  test('closes the incident that a one-time event has opened', async () => {
    const outcome = await run('compliance-violation')
    expect([outcome.arrivals?.map(({ channel }) => channel), outcome.unresolved]).toEqual([['pager'], []])
    expect(actions()).toEqual(['trigger', 'resolve'])
    expect(sentTo('pagerduty')[1]).toContain('[Drill] Resolved')
  })

  test('of a one-time event that opens none, is not sent', async () => {
    const outcome = await run('usage-report')
    expect([hasArrived(outcome), outcome.unresolved]).toEqual([true, []])
    await router.work()
    expect(sentTo('slack')).toHaveLength(1)
    expect((await router.state(outcome.key))?.once).toBe(true)
  })

  test('that the channel refuses for good, leaves it open: that is said', async () => {
    router.engine.pagerduty.answerBy(({ body }) =>
      (body as { event_action: string }).event_action === 'resolve'
        ? { status: 400, body: { status: 'invalid event', message: 'no' } }
        : { status: 202, body: { status: 'success', message: 'ok', dedup_key: 'x' } },
    )
    const outcome = await run('data-loss')
    expect([hasArrived(outcome), hasEnded(outcome), outcome.unresolved]).toEqual([true, false, ['pager']])
  })
})

describe('several at once', () => {
  test('one that can’t be published does not hide what became of the others', async () => {
    const refusing: Drilled = {
      ...drilled,
      publish: (published, drill) =>
        published.message.includes('DataLossAlarm')
          ? Promise.reject(new Error('Throttled'))
          : drilled.publish(published, drill),
    }
    const drilling = { drilled: refusing, isInterrupted: () => false } as Drilling
    const ended = fireAll(['cost-threshold', 'data-loss'], 10_000, drilling)
    expect(await ended).toMatchObject({
      outcomes: [{ subject: 'cost-threshold', arrivals: [{ outcome: 'arrived' }] }],
      failed: [{ reason: new Error('Throttled') }],
    })
  })
})

describe('whatever stops it', () => {
  test('an interrupted drill is resolved before it ends', async () => {
    let polls = 0
    const interrupted: Drilled = {
      ...drilled,
      async wait(ms) {
        await drilled.wait(ms)
        if (++polls === 1) throw new Error('interrupted')
      },
    }
    router.engine.slack.answerBy(() => ({ status: 503 }))
    await expect(run('processing-latency', { ...interrupted, state: async () => undefined })).rejects.toThrow(
      'interrupted',
    )
    await router.work()
    expect(sentTo('pagerduty').map((body) => JSON.parse(body).event_action)).toEqual(['trigger', 'resolve'])
    expect((await readDrills(table, process.env.TABLE_NAME ?? '')).open).toEqual([])
  })

  test('a killed one is resolved by the next, once it must have ended', async () => {
    let isFired = false
    const killed: Drilled = {
      ...drilled,
      async publish(...what) {
        if (!isFired) await drilled.publish(...what)
        isFired = true
      },
      order: async () => {},
      forgetOpen: async () => {},
      wait: () => Promise.reject(new Error('killed')),
    }
    await run('data-loss', killed).catch(() => {})
    await router.work()
    const { open } = await readDrills(table, process.env.TABLE_NAME ?? '')
    expect(open.map(({ subject }) => subject)).toEqual(['data-loss'])
    expect((await endOpen(open, drilled)).ended).toEqual([])
    vi.setSystemTime(Date.now() + 600_000)
    expect((await endOpen(open, drilled)).ended.map(({ id }) => id)).toEqual(['2026-11-27-0000d1'])
    await router.work()
    expect(sentTo('pagerduty').map((body) => JSON.parse(body).event_action)).toEqual(['trigger', 'resolve'])
    expect(sentTo('pagerduty')[1]).toContain('[Drill] Resolved')
  })
})

test.each(['compliance-violation', 'data-loss'] as const)(
  'an end that overtakes its drill leaves nothing open: %s',
  async (drillClass) => {
    // The event goes by SNS, the order straight into the queue.
    const late: (() => Promise<void>)[] = []
    const interrupted: Drilled = {
      ...drilled,
      publish: async (...what) => void late.push(() => drilled.publish(...what)),
      wait: () => Promise.reject(new Error('interrupted')),
    }
    await run(drillClass, interrupted).catch(() => {})
    await router.work()
    // The end of a class that has one comes before its start, too.
    for (const one of late.reverse()) {
      await one()
      await router.work()
    }
    await router.passUntil(new Date(Date.now() + 3_600_000).toISOString())
    const actions = sentTo('pagerduty').map((body) => JSON.parse(body).event_action)
    expect(actions.filter((action) => action === 'trigger')).toHaveLength(
      actions.filter((action) => action === 'resolve').length,
    )
  },
)

describe('it leaves alone', () => {
  test('the real alert, which fires while it is drilled', async () => {
    const real = alarmChange('grouped', 'ALARM', new Date().toISOString())
    await router.come(real)
    await router.work()
    await run('processing-latency')
    const open = sentTo('pagerduty').map((body) => JSON.parse(body))
    expect(new Set(open.map(({ dedup_key: key }) => key)).size).toBe(2)
    expect(open.map(({ event_action: action, payload }) => [action, payload.summary.startsWith('[Drill] ')])).toEqual([
      ['trigger', false],
      ['trigger', true],
      ['resolve', true],
    ])
    expect((await router.state(arnOf('grouped')))?.status).toBe('firing')
  })

  test('every count', async () => {
    router.engine.pagerduty.answerBy(() => ({ status: 400, body: { status: 'invalid event', message: 'no' } }))
    const { metrics } = await written(async () => {
      await run('data-loss')
      await run('cost-threshold')
    })
    const names = [...new Set(metrics.map(({ metric }) => metric))]
    expect(names).toEqual([])
  })

  test('reports; history finds it behind the real one', async () => {
    await run('data-loss')
    const name = process.env.TABLE_NAME ?? ''
    const since = '2026-11-01T00:00:00.000Z'
    expect(await askAlerts(table, name, { since }, AbortSignal.timeout(5_000))).toEqual([])
    const only = await findAlerts(table, name, 'DataLossAlarm')
    expect(only.matches.map(({ drill }) => drill)).toEqual(['2026-11-27-0000d1'])
    await router.come(alarmChange('DataLossAlarm', 'ALARM', new Date().toISOString()))
    await router.work()
    expect((await findAlerts(table, name, 'DataLossAlarm')).matches.map(({ drill }) => drill)).toEqual([undefined])
    expect((await findAlerts(table, name, 'drill-2026-11-27-0000d1')).matches.map(({ drill }) => drill)).toEqual([
      '2026-11-27-0000d1',
    ])
  })
})

describe('a real alarm that is set', () => {
  const alarm = {
    ...{
      name: 'orders-errors',
      arn: arnOf('orders-errors'),
      kind: 'metric' as const,
      state: 'OK',
      actionsEnabled: true,
    },
    ...{ actions: [], alarmActions: [], parents: [], isMuted: false, reason: 'fine', firingChildren: [] },
  }
  /** CloudWatch, as far as it is asked: a set state that is a change is sent. */
  function cloudWatch(returnsAt?: number) {
    let state = 'OK'
    let reason = 'fine'
    let sets = 0
    const change = async (StateValue: string, StateReason: string) => {
      if (StateValue === state) return
      const previous = state
      state = StateValue
      reason = StateReason
      await router.come({
        ...{ AlarmName: alarm.name, AlarmArn: alarm.arn, NewStateValue: state, OldStateValue: previous },
        ...{
          NewStateReason: StateReason,
          StateChangeTime: new Date().toISOString().replace('Z', '+0000'),
          Trigger: {},
        },
      })
    }
    return {
      change,
      async send({ input }: { input: { StateValue?: string; StateReason: string } }) {
        const shown = { AlarmName: alarm.name, StateValue: state, StateReason: reason }
        if (input.StateValue === undefined) return { MetricAlarms: [shown] }
        await change(input.StateValue, input.StateReason)
        if (sets++ === returnsAt) await change('OK', 'Threshold Crossed: no datapoints')
        return {}
      },
    }
  }
  const reallyFires = vi.fn()
  const how = { id: '2026-11-27-0000d7', by: 'ana', timeoutMs: 10_000, reallyFires }

  test('arrives marked, by the rules of the real one, and so does its end', async () => {
    const outcome = await drillAlarm(alarm, how, cloudWatch() as never, drilled)
    expect(outcome.arrivals).toEqual([{ channel: 'chat', outcome: 'arrived', tookMs: expect.any(Number) }])
    expect(outcome.unresolved).toEqual([])
    expect(sentTo('slack').map((body) => JSON.parse(body).text)).toEqual([
      expect.stringMatching(/^\[Drill\] WARNING: orders-errors/),
      expect.stringMatching(/^\[Drill\] RESOLVED: orders-errors/),
    ])
    expect(await router.state(alarm.arn)).toBeUndefined()
  })

  test('that CloudWatch has set back is resolved anyway, and nobody reads of an end without a start', async () => {
    const outcome = await drillAlarm(alarm, how, cloudWatch(0) as never, drilled)
    expect(outcome.unresolved).toEqual([])
    expect(sentTo('slack').map((body) => JSON.parse(body).text)).toEqual([
      expect.stringMatching(/^\[Drill\] WARNING: orders-errors/),
      expect.stringMatching(/^\[Drill\] RESOLVED: orders-errors/),
    ])
  })

  test('a real firing that follows is real', async () => {
    const aws = cloudWatch()
    await drillAlarm(alarm, how, aws as never, drilled)
    await aws.change('ALARM', 'Threshold Crossed: 1 datapoint')
    await router.work()
    expect(JSON.parse(sentTo('slack').at(-1) ?? '').text).toMatch(/^WARNING: orders-errors/)
    expect((await router.state(alarm.arn))?.status).toBe('firing')
  })
})

describe('a text for one channel', () => {
  const send = (channel: string, opensIncident: boolean) =>
    sendText(
      channel,
      { text: 'is this the right room?', by: 'ana', id: '2026-11-27-0000d9', timeoutMs: 10_000, opensIncident },
      drilled,
    )

  test('goes there alone, now, whatever the times of the channel are', async () => {
    const outcome = await send('day', false)
    expect(outcome.arrivals).toEqual([{ channel: 'day', outcome: 'arrived', tookMs: expect.any(Number) }])
    expect(sentTo('slack')).toHaveLength(1)
    expect(JSON.parse(sentTo('slack')[0] ?? '').text).toBe('[Drill] INFO: is this the right room?')
  })

  test('opens an incident, and closes it', async () => {
    const outcome = await send('pager', true)
    expect([hasArrived(outcome), outcome.unresolved]).toEqual([true, []])
    expect(sentTo('pagerduty').map((body) => JSON.parse(body).event_action)).toEqual(['trigger', 'resolve'])
  })

  test('twice in the queue is sent once', async () => {
    await send('day', false)
    await router.comeAgain()
    await router.work()
    expect(sentTo('slack')).toHaveLength(1)
  })

  test('to a channel that the rules do not name goes nowhere', async () => {
    expect((await send('nowhere', false)).arrivals).toBeUndefined()
  })
})
