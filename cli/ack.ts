import { time } from '../shared/channels/alert-text.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import type { Recipient } from '../shared/decide/alert-state.ts'
import { durationMs } from '../shared/decide/duration.ts'
import { knowsOfIt } from '../shared/decide/marks.ts'
import type { State } from '../shared/history/alert-history.ts'
import { UsageError } from './command.ts'
import type { ACK } from './commands/operate.ts'
import type { Given } from './frame/spec.ts'
import { oneAlert } from './history/one-alert.ts'
import { describeState } from './history/print.ts'
import { alertNamed, fail, order, personIn } from './order.ts'
import { chooseRouter } from './which-router.ts'

/** Says that somebody works on an alert, or no longer does. */
export async function ack(given: Given<typeof ACK>): Promise<number> {
  const { options, args } = given
  const alert = oneAlert(args)
  const by = personIn(options.by, options.undo ? 'takes it back' : 'acknowledges it')
  const now = new Date()
  const until = options.for === undefined ? undefined : untilOf(options.for, now)
  const router = await chooseRouter(options.stage)
  const found = await alertNamed({ alert, json: options.json }, router)
  if (typeof found === 'number') return found
  const { fingerprint, state } = found
  if (state && state.firingSince === undefined && state.once === undefined) {
    return fail(`${oneLine(state.title)} does not fire: there is nothing to acknowledge.`)
  }
  const said = { by, via: 'cli', at: now.toISOString() } as const
  await order(
    options.undo
      ? { unacknowledge: fingerprint, ...said }
      : { acknowledge: fingerprint, ...said, ...(until !== undefined && { until }) },
    router,
  )
  const told = toldOf(state)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ fingerprint, by, ...(until !== undefined && { until }), ...(told && { recipients: told }) })}\n`
      : `${describe({ fingerprint, state, by, until, told }, options.undo)}\n`,
  )
  return 0
}

function untilOf(lasts: string, now: Date): string {
  if (!/^[1-9]\d{0,3}[mhd]$/.test(lasts)) throw new UsageError(`--for ${lasts}: write how long, as in 30m, 4h or 2d`)
  return new Date(now.getTime() + durationMs(lasts)).toISOString()
}

/** Those that know of it. */
function toldOf(state: State | undefined): string[] | undefined {
  if (!state?.recipients) return undefined
  return Object.entries(state.recipients).flatMap(([name, one]) => (knowsOfIt(one as Recipient) ? [name] : []))
}

function describe(
  {
    fingerprint,
    state,
    by,
    until,
    told,
  }: {
    fingerprint: string
    state?: State | undefined
    by: string
    until: string | undefined
    told: string[] | undefined
  },
  isUndone: boolean,
): string {
  const name = state ? `${oneLine(state.title)} (${describeState(state)})` : oneLine(fingerprint)
  const what = isUndone ? 'acknowledgement taken back' : 'acknowledgement'
  const end = until === undefined ? '' : `, until ${time(until)}`
  const who = told === undefined || told.length === 0 ? [] : [`Those who know of it are sent that: ${told.join(', ')}.`]
  const effect = isUndone
    ? 'Reminders and escalations start again.'
    : 'No reminders and no escalations, until it ends or gets worse.'
  return [`Queued: ${what} of ${name}, by ${oneLine(by)}${end}.`, effect, ...who].join('\n')
}
