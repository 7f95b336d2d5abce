import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { type Item, key, putIf, table } from '../aws/table.ts'
import { type Beat, type Beats, newer, type Standing, standingOf } from '../decide/standing.ts'
import { type Pair, pairHere } from '../observe/regions.ts'

/*
 * What two regions say about who sends (shared/decide/standing.ts), in the table that both have a replica of:
 *
 *   pk = pair, sk = <region>         its beat; written by that region alone
 *   pk = pair, sk = heard#<region>   the last that came as a message; written by the other region alone
 *
 * A replica may be behind for long, while the region that it is behind of is well: then a beat comes as a message still.
 */

const PK = 'pair'
const heardOf = (region: string) => `heard#${region}`

/** What both have said last, as far as this region knows. */
export async function readBeats(pair: Pair): Promise<Beats> {
  return beatsIn(await itemsOf(table, environment('TABLE_NAME')), pair)
}

/** As `readBeats`, for a command, which has its own client; and what has come by replication alone. */
export async function readBeatsWith(
  client: DynamoDBClient,
  name: string,
  pair: Pair,
): Promise<Beats & { replicated: Beat | undefined }> {
  const items = await itemsOf(client, name)
  return { ...beatsIn(items, pair), replicated: beatIn(items, pair.other) }
}

/**
 * What the regions of a table have said, for a command that is pointed to one of them; undefined where no two have. Which of
 * them is the home, the table does not know.
 */
export async function readRegions(
  client: DynamoDBClient,
  name: string,
  here: string,
): Promise<{ pair: Pair; beats: Beats & { replicated: Beat | undefined } } | undefined> {
  const items = await itemsOf(client, name)
  const other = items.map(({ sk }) => sk?.S ?? '').find((sk) => sk !== here && !sk.startsWith(heardOf('')))
  if (other === undefined) return undefined
  const pair = { here, other, home: here }
  return { pair, beats: { ...beatsIn(items, pair), replicated: beatIn(items, other) } }
}

async function itemsOf(client: Pick<DynamoDBClient, 'send'>, TableName: string): Promise<Item[]> {
  const items: Item[] = []
  let from: Item | undefined
  // A page may be short, and who sends must not depend on what is on the next.
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: PK } },
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
    )
    items.push(...Items)
    from = LastEvaluatedKey
  } while (from !== undefined)
  return items
}

function beatsIn(items: Item[], { here, other }: Pair): Beats {
  return { own: beatIn(items, here), other: newer(beatIn(items, other), beatIn(items, heardOf(other))) }
}

function beatIn(items: Item[], sk: string): Beat | undefined {
  const text = items.find((item) => item.sk?.S === sk)?.beat?.S
  return text === undefined ? undefined : (JSON.parse(text) as Beat)
}

/**
 * Keeps this region's own beat, unless it has claimed more meanwhile: a run of `tick` may end after a person's claim.
 * @returns whether it was kept.
 */
export function keepBeat(beat: Beat): Promise<boolean> {
  const item = itemOf(beat.region, beat)
  return putIf('attribute_not_exists(pk) OR termNo <= :termNo', item, { ':termNo': item.termNo })
}

/** Keeps what the other region said in a message, unless something newer is known. */
export async function keepHeard(beat: Beat): Promise<void> {
  const item = itemOf(heardOf(beat.region), beat)
  await putIf('attribute_not_exists(pk) OR beatAt < :beatAt', item, { ':beatAt': item.beatAt })
}

function itemOf(sk: string, beat: Beat) {
  return { ...key(PK, sk), beat: { S: JSON.stringify(beat) }, termNo: { N: `${beat.term}` }, beatAt: { S: beat.at } }
}

/** What this region may do now. Without a second one it is always active, and nothing is read. */
export async function readStanding(): Promise<Standing> {
  const pair = pairHere()
  if (!pair) return 'active'
  const beats = await readBeats(pair)
  // Its first claim was the first of all.
  tookOver = beats.own?.isActive && beats.own.term > 1 ? beats.own.since : undefined
  return standingOf(pair, beats, new Date())
}

let tookOver: string | undefined

/**
 * Since when this region sends, as it was when its standing was read last: what was owed before that, the other one may have
 * sent, and not everything that it has written may be known here. `undefined`: it has always sent.
 */
export function tookOverAt(): string | undefined {
  return tookOver
}
