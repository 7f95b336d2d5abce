import { userInfo } from 'node:os'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { urlOf } from '../local/dead-letters.ts'
import { type Order, orderText } from '../schemas/wake.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import type { State } from '../shared/history/alert-history.ts'
import { findAlerts, readState } from '../shared/history/find.ts'
import { UsageError } from './command.ts'
import { count } from './count.ts'
import { describeMatches } from './history/print.ts'
import type { Router } from './which-router.ts'

/** What a person has the router do with an alert: which alert, and who. */

const MAX_MATCHES = 20

/** Puts it on the alarms' queue: the router does it in its turn. */
export async function order(what: Order, { prefix }: Router): Promise<void> {
  const sqs = new SQSClient(clientOptions)
  try {
    const QueueUrl = await urlOf(sqs, prefix, 'alarms')
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: orderText(what) }))
  } finally {
    sqs.destroy()
  }
}

/** The matching alert; an exit code if none or several match. */
export async function alertNamed(
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

/** Says why not. */
export function fail(text: string): number {
  process.stderr.write(`${text}\n`)
  return 1
}

/** Who gives the order. @throws {UsageError} */
export function personIn(by: string | undefined, did: string): string {
  const name = (by ?? userInfo().username).trim()
  if (name === '') throw new UsageError(`--by needs a name: who ${did}?`)
  return name
}
