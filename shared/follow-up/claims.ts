import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { Evidence } from '../../schemas/evidence.ts'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, key, putIf, table } from '../aws/table.ts'

/*
 * Two kinds of items, whose `pk` no alert has, so that the function's role can be kept from writing anything else:
 *
 *   pk = evidence#<fingerprint>, sk = evidence#<change>               what was found, or who is asking
 *   pk = evidence#<fingerprint>, sk = evidence#<change> <recipient>   it is sent, or was tried: at most once
 *
 * Nor does their `sk` begin as a change's does: scans of all changes find none of them.
 */

/** Nobody looks for it later. */
const DAYS = 1

const keyOf = (fingerprint: string, of: string) => key(`evidence#${fingerprint}`, `evidence#${of}`)

/** What was found for a change; or who may ask now: this invocation, or another one. */
export async function claimAsking(
  fingerprint: string,
  change: string,
  leaseMs: number,
  now = new Date(),
): Promise<Evidence | 'mine' | 'busy'> {
  const isMine = await putIf(
    'attribute_not_exists(pk) OR (attribute_not_exists(doc) AND askedUntil < :now)',
    {
      ...keyOf(fingerprint, change),
      askedUntil: { N: String(now.getTime() + leaseMs) },
      expiresAt: expiry(now, DAYS),
    },
    { ':now': { N: String(now.getTime()) } },
  )
  if (isMine) return 'mine'
  const { Item } = await table.send(
    new GetItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: keyOf(fingerprint, change),
      ConsistentRead: true,
    }),
  )
  const found = unpacked(Item?.doc)
  return found === undefined ? 'busy' : (JSON.parse(found) as Evidence)
}

/** For the other recipients of the same change. */
export async function keepEvidence(
  fingerprint: string,
  change: string,
  evidence: Evidence,
  now = new Date(),
): Promise<void> {
  await putIf(undefined, {
    ...keyOf(fingerprint, change),
    doc: packed(JSON.stringify(evidence)),
    expiresAt: expiry(now, DAYS),
  })
}

/** Once for each recipient, whatever becomes of the call: evidence that comes twice is worse than none. */
export function claimSending(
  fingerprint: string,
  change: string,
  recipient: string,
  now = new Date(),
): Promise<boolean> {
  return putIf('attribute_not_exists(pk)', {
    ...keyOf(fingerprint, `${change} ${recipient}`),
    expiresAt: expiry(now, DAYS),
  })
}
