import { userInfo } from 'node:os'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { urlOf } from '../local/dead-letters.ts'
import { orderText } from '../schemas/wake.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { time } from '../shared/channels/alert-text.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import type { Recipient } from '../shared/decide/alert-state.ts'
import { knowsOfIt } from '../shared/decide/marks.ts'
import type { State } from '../shared/history/alert-history.ts'
import { findAlerts, readState } from '../shared/history/find.ts'
import { UsageError } from './command.ts'
import type { RESOLVE } from './commands/operate.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { oneAlert } from './history/one-alert.ts'
import { describeMatches, describeState } from './history/print.ts'
import { chooseRouter, type Router } from './which-router.ts'

const MAX_MATCHES = 20

export async function resolve(given: Given<typeof RESOLVE>): Promise<number> {
  const args = resolveArguments(given)
  const router = await chooseRouter(args.stage)
  const found = await find(args, router)
  if (typeof found === 'number') return found
  const { fingerprint, state } = found
  if (state?.once) return fail(`${oneLine(state.title)} is an event without a state: there is nothing to resolve.`)
  await send({ resolve: fingerprint, by: args.by }, router)
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

async function send(order: { resolve: string; by: string }, { prefix }: Router): Promise<void> {
  const sqs = new SQSClient(clientOptions)
  try {
    const QueueUrl = await urlOf(sqs, prefix, 'alarms')
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: orderText(order) }))
  } finally {
    sqs.destroy()
  }
}

/** The matching alert; an exit code if none or several match. */
async function find(
  { alert, json }: { alert: string; json: boolean },
  router: Router,
): Promise<{ fingerprint: string; state?: State } | number> {
  const client = new DynamoDBClient(clientOptions)
  try {
    const table = await router.tableName(client)
    const exact = await readState(client, table, alert)
    if (exact) return { fingerprint: alert, state: exact }
    const { matches, known, similar } = await findAlerts(client, table, alert)
    const [only, ...others] = matches
    if (!only) {
      const names = similar.map((name) => `"${oneLine(name)}"`).join(', ')
      const meant = names ? `\nDid you mean ${names}?` : ''
      return fail(`No alert matches "${alert}" in ${router.where} (${count(known, 'alert')} recorded).${meant}`)
    }
    if (others.length > 0) {
      process.stdout.write(`${json ? JSON.stringify({ matches }) : describeMatches(matches, MAX_MATCHES)}\n`)
      process.stderr.write(`${count(matches.length, 'alert')} match: give the ARN or fingerprint shown below one.\n`)
      return 2
    }
    return { fingerprint: only.fingerprint, state: (await readState(client, table, only.fingerprint)) ?? only }
  } catch (error) {
    const { name } = error as Error
    // Credentials that may send messages possibly may not read the table.
    if (!name.startsWith('AccessDenied')) throw error
    process.stderr.write('These credentials may not read the table: ALERT is used as a fingerprint.\n')
    return { fingerprint: alert }
  } finally {
    client.destroy()
  }
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

function fail(text: string): number {
  process.stderr.write(`${text}\n`)
  return 1
}

/** @throws {UsageError} */
function resolveArguments({ options, args }: Given<typeof RESOLVE>) {
  const alert = oneAlert(args)
  const by = (options.by ?? userInfo().username).trim()
  if (by === '') throw new UsageError('--by needs a name: who resolved it?')
  return { alert, stage: options.stage, json: options.json, by }
}
