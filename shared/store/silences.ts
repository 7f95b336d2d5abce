import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import type { Silence } from '../../schemas/silence.ts'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, type Item, key, putIf, putOrGet, table } from '../aws/table.ts'
import type { Silences } from '../decide/in-force.ts'
import { RECORD_DAYS } from './changes.ts'

/*
 * The silences. All that are in force, and those that ended within a day, are one item: one read gives `route` what to
 * decide with, and its version says whether that has changed. Each has an item of its own, too, for people: who made it, and
 * who extended or ended it; that one stays for 90 days.
 *
 *   pk = silences, sk = present         `version` counts the writes, `moved` those that gave one another end
 *   pk = silences, sk = silence#<id>
 */

const PK = 'silences'
const PRESENT = key(PK, 'present')
const keyOf = (id: string) => key(PK, `silence#${id}`)

/** An item of DynamoDB has at most 400 KB. */
const MAX_BYTES = 380_000

/** The silences that `route` decides with, as of a read. */
export interface SilencesNow {
  silences: Silences
  version: number
  /** Counts changes of an end: what is held until then must be evaluated again. */
  moved: number
}

const NONE: SilencesNow = { silences: [], version: 0, moved: 0 }

/** The last that was read: it is unpacked once for each version. */
let last = NONE

/** The silences of now. */
export async function readSilences(): Promise<SilencesNow> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: PRESENT, ConsistentRead: true }),
  )
  if (last.version !== versionIn(Item)) last = silencesIn(Item)
  return last
}

/** As `readSilences`, of a table in AWS or here: for a command, which has its own client. */
export async function readSilencesWith(
  client: DynamoDBClient,
  name: string,
  abortSignal?: AbortSignal,
): Promise<SilencesNow> {
  const command = new GetItemCommand({ TableName: name, Key: PRESENT, ConsistentRead: true })
  const { Item } = await client.send(command, abortSignal && { abortSignal })
  return silencesIn(Item)
}

/** All that are kept, with who changed them; the newest first. */
export async function keptSilences(client: DynamoDBClient, name: string): Promise<Silence[]> {
  const found: Silence[] = []
  const input = {
    TableName: name,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    ExpressionAttributeValues: { ':pk': { S: PK }, ':sk': { S: 'silence#' } },
    ConsistentRead: true,
  }
  for await (const { Items = [] } of paginateQuery({ client }, input)) {
    found.push(...Items.map((item) => JSON.parse(unpacked(item.doc) ?? '{}') as Silence))
  }
  return found.sort((a, b) => b.at.localeCompare(a.at))
}

const MAX_CONFLICTS = 20

/**
 * Changes the silences: reads them, lets `change` compute the next ones, and writes these; all of it again as often as another
 * writer was faster. The items for people are written first, so that none is in force without an item that says who made it.
 *
 * @param change returns the same when nothing must be written.
 * @throws {Error} when the table does not answer, others are faster again and again, or there are too many silences.
 */
export async function changeSilences(change: (silences: Silences) => Silences): Promise<void> {
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const before = await readSilences()
    const after = change(before.silences)
    if (after === before.silences) return
    const known = new Map(before.silences.map((one) => [one.id, one]))
    const changed = after.filter((one) => known.get(one.id) !== one)
    const isMoved = changed.some(({ id, until }) => known.has(id) && known.get(id)?.until !== until)
    const item = presentOf({ silences: after, version: before.version + 1, moved: before.moved + (isMoved ? 1 : 0) })
    for (const one of changed) await keep(one)
    const isFirst = before.version === 0
    const done = await putOrGet(
      isFirst ? 'attribute_not_exists(pk)' : 'version = :version',
      item,
      isFirst ? undefined : { ':version': { N: String(before.version) } },
    )
    if (done === 'put') return
  }
  throw new Error('the silences have too many concurrent writers')
}

async function keep(silence: Silence): Promise<void> {
  const expiresAt = expiry(new Date(silence.until), RECORD_DAYS)
  await putIf(undefined, { ...keyOf(silence.id), doc: packed(JSON.stringify(silence)), expiresAt })
}

/** It never expires: its version only grows. */
export function presentOf({ silences, version, moved }: SilencesNow): Item {
  const doc = packed(JSON.stringify(silences))
  const bytes = doc.B?.length ?? doc.S?.length ?? 0
  if (bytes > MAX_BYTES) {
    throw new Error(`${silences.length} silences are more than one item of the table holds: end some`)
  }
  return {
    ...PRESENT,
    version: { N: String(version) },
    moved: { N: String(moved) },
    doc,
  }
}

function silencesIn(item: Item | undefined): SilencesNow {
  if (!item) return NONE
  const silences = JSON.parse(unpacked(item.doc) ?? '[]') as Silence[]
  return { silences, version: versionIn(item), moved: Number(item.moved?.N ?? 0) }
}

const versionIn = (item: Item | undefined) => Number(item?.version?.N ?? 0)
