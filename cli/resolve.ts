import { time } from '../shared/channels/alert-text.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import type { Recipient } from '../shared/decide/alert-state.ts'
import { knowsOfIt } from '../shared/decide/marks.ts'
import type { State } from '../shared/history/alert-history.ts'
import type { RESOLVE } from './commands/operate.ts'
import type { Given } from './frame/spec.ts'
import { oneAlert } from './history/one-alert.ts'
import { describeState } from './history/print.ts'
import { alertNamed, fail, order, personIn } from './order.ts'
import { chooseRouter } from './which-router.ts'

export async function resolve(given: Given<typeof RESOLVE>): Promise<number> {
  const args = resolveArguments(given)
  const router = await chooseRouter(args.stage)
  const found = await alertNamed(args, router)
  if (typeof found === 'number') return found
  const { fingerprint, state } = found
  if (state?.once) return fail(`${oneLine(state.title)} is an event without a state: there is nothing to resolve.`)
  await order({ resolve: fingerprint, by: args.by }, router)
  process.stdout.write(
    args.json
      ? `${JSON.stringify(asJson(fingerprint, state, args.by))}\n`
      : `${describe(fingerprint, state, args.by)}\n`,
  )
  if (state && !firesIn(state)) {
    process.stderr.write('It is not firing, and no recipient was sent a firing: nothing will be sent.\n')
  }
  return 0
}

function describe(fingerprint: string, state: State | undefined, by: string): string {
  const name = state ? `${oneLine(state.title)} (${describeState(state)})` : oneLine(fingerprint)
  return [`Queued: resolve of ${name}, by ${oneLine(by)}.`, ...(state ? describeRecipients(state) : [])].join('\n')
}

function asJson(fingerprint: string, state: State | undefined, by: string) {
  if (!state) return { fingerprint, by }
  const recipients = Object.entries(state.recipients ?? {}).flatMap(([name, one]) =>
    receivesResolve(one) ? [name] : [],
  )
  return { fingerprint, by, title: state.title, fires: firesIn(state), recipients }
}

/** Whether a recipient received the firing, or is still owed it. */
function receivesResolve(one: NonNullable<State['recipients']>[string]): boolean {
  const { owed } = one
  return (
    knowsOfIt(one as Recipient) || (owed !== undefined && !owed.until && (owed.status !== 'resolved' || !!owed.missed))
  )
}

function firesIn({ firingSince, status, recipients }: State): boolean {
  const isKnown = Object.values(recipients ?? {}).some((one) => knowsOfIt(one as Recipient) || one.owed !== undefined)
  return firingSince !== undefined || status !== 'resolved' || isKnown
}

/** Who will receive the resolve: every recipient that received the firing, or is still owed it. */
function describeRecipients({ recipients }: State): string[] {
  if (!recipients)
    return [
      'Its recipients are determined when the resolve is processed: it has not changed since an earlier version of the router.',
    ]
  const lines = Object.entries(recipients).flatMap(([name, one]) => {
    const { owed, notified, incident } = one
    const shared =
      incident === undefined
        ? ''
        : `; leaves the shared incident "${oneLine(incident)}", which closes with the last of its alerts`
    if (knowsOfIt(one as Recipient)) {
      return `  ${oneLine(name)}: the resolve${notified ? ` (firing sent ${time(notified.notifiedAt)})` : ''}${shared}`
    }
    if (!owed || (owed.status === 'resolved' && !owed.missed)) return []
    if (owed.until) return `  ${oneLine(name)}: nothing, because the firing was held and never sent`
    return `  ${oneLine(name)}: the firing and the resolve in one message, because the firing was not delivered yet${shared}`
  })
  return lines.length > 0 ? ['Recipients:', ...lines] : []
}

/** @throws {UsageError} */
function resolveArguments({ options, args }: Given<typeof RESOLVE>) {
  return { alert: oneAlert(args), stage: options.stage, json: options.json, by: personIn(options.by, 'resolved it') }
}
