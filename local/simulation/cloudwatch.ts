import { ALARM_MUTE_RULES } from '../stand-ins/aws/alarm-mute-rules.ts'
import { cloudWatchOperations } from '../stand-ins/aws/cloudwatch.ts'
import type { AwsData } from '../stand-ins/aws/data.ts'
import { EVENTS } from '../stand-ins/aws/events.ts'
import { livingAlarms } from '../stand-ins/aws/living-alarms.ts'
import { Refusal } from '../stand-ins/aws/refusal.ts'
import { nameOf, readInput, written } from '../stand-ins/aws/wire.ts'
import { AwsError } from './aws/error.ts'
import type { Clock } from './clock.ts'
import { STATES } from './inputs.ts'
import type { Random } from './random.ts'
import type { Input } from './world.ts'

/** Where the alarms of a world are, and the topic to which they send. */
export const CLOUD = { account: '123456789012', region: 'eu-west-1' } as const
export const ALARMS_TOPIC = `arn:aws:sns:${CLOUD.region}:${CLOUD.account}:alarms`

const OPERATIONS = [...cloudWatchOperations(), ...ALARM_MUTE_RULES, ...EVENTS]
/** The API may give a change another time than its message has. */
const MAX_SKEW_MS = 3_000
/** DescribeAlarms and the history show a change some time after it. */
const MAX_LAG_MS = 15_000
const MAX_HISTORY_LAG_MS = 60_000
/** Before the next change of the alarm. */
const SEQUEL_AFTER_MS = 6_000
const ACTIONS = { AlarmActions: [ALARMS_TOPIC], OKActions: [ALARMS_TOPIC], InsufficientDataActions: [] }

/** CloudWatch as its API shows it: the alarms of a world's inputs, in the states that they had a moment ago. */
export class CloudWatch {
  readonly #clock: Clock
  readonly #historyLagMs: number
  readonly #skewMs: number
  readonly #alarms = livingAlarms(CLOUD)
  readonly #startedAt: number

  constructor(clock: Clock, random: Random, inputs: Input[]) {
    this.#clock = clock
    this.#startedAt = clock.now
    this.#historyLagMs = random.int(MAX_HISTORY_LAG_MS)
    this.#skewMs = random.chance(0.5) ? random.int(2 * MAX_SKEW_MS) - MAX_SKEW_MS : 0
    const ours = inputs.filter(({ form, by }) => form === 'alarm' && by !== 'hand')
    const lagMs = random.int(MAX_LAG_MS)
    // A message that arrives twice is one change.
    for (const input of new Map(ours.map((one) => [one.mark, one])).values()) {
      const shownAt = clock.now + input.changedAtMs + lagMs
      clock.plan(shownAt, () => this.#change(input))
      if (input.sequel) clock.plan(shownAt + SEQUEL_AFTER_MS, () => this.#sequel(input))
    }
  }

  #change({ alert, status, severity, mark, changedAtMs, by }: Input): void {
    const at = new Date(this.#startedAt + changedAtMs + this.#skewMs)
    if (by === 'deletion') {
      this.#alarms.remove(alert, at)
      return
    }
    this.#alarms.put(
      {
        ...{ AlarmName: alert, AlarmDescription: `severity ${severity}`, Namespace: `Simulated/${severity}` },
        ...{ Dimensions: [{ Name: 'Service', Value: mark }] },
        ...ACTIONS,
      },
      at,
    )
    this.#alarms.change(alert, STATES[status], at)
  }

  /** What nobody is sent: these alarms have no action for lost data. */
  #sequel({ alert, changedAtMs, sequel }: Input): void {
    const at = new Date(this.#startedAt + changedAtMs + this.#skewMs + SEQUEL_AFTER_MS)
    if (sequel === 'muted') this.#alarms.put({ AlarmName: alert, ActionsEnabled: false }, at)
    else if (sequel === 'without data') this.#alarms.change(alert, 'INSUFFICIENT_DATA', at)
    else this.#alarms.put({ AlarmName: alert, ...ACTIONS, StateValue: 'INSUFFICIENT_DATA' }, at)
  }

  /** @throws {AwsError} */
  call(operation: string, json: unknown): object {
    const one = OPERATIONS.find((known) => nameOf(known) === operation)
    if (!one) throw new AwsError('UnknownOperationException', operation)
    const { now } = this.#clock
    const { metricAlarms } = this.#alarms
    const shown = this.#alarms.alarmHistory.filter(
      ({ Timestamp }) => (Timestamp?.getTime() ?? 0) <= now - this.#historyLagMs,
    )
    const data = {
      account: CLOUD.account,
      metricAlarms,
      compositeAlarms: [],
      alarmHistory: shown,
    } as unknown as AwsData
    const about = { data, now: new Date(now), region: CLOUD.region, operation, service: one.service, roles: [] }
    try {
      const request = { method: 'POST', path: '/', headers: {}, bytes: Buffer.alloc(0), json }
      return written(one, one.answer(readInput(one, request), about)).body as object
    } catch (error) {
      if (error instanceof Refusal) throw new AwsError(error.code, error.message)
      throw error
    }
  }
}
