import { type DynamoDBClient, GetItemCommand, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb'
import { distance } from 'fastest-levenshtein'
import type { Notification } from '../../schemas/notification.ts'
import { parseArn } from '../../shared/parse/arn.ts'
import { type Delivery, deliveryOf, type Item, type State, type Story, stateOf, storyOf } from './story.ts'

/** All that the table knows of a fingerprint; `undefined` if nothing. */
export async function readStory(
  client: DynamoDBClient,
  table: string,
  fingerprint: string,
): Promise<Story | undefined> {
  const items: Item[] = []
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: fingerprint } },
      ConsistentRead: true,
    },
  )
  for await (const { Items = [] } of pages) items.push(...Items)
  return items.length === 0 ? undefined : storyOf(fingerprint, items)
}

/** What the table knows of one notification; `undefined` if nothing. */
export async function readDelivery(
  client: DynamoDBClient,
  table: string,
  { alert, id }: Notification,
): Promise<Delivery | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: { pk: { S: alert.fingerprint }, sk: { S: `delivery#${alert.changedAt}#${id}` } },
    }),
  )
  return Item && deliveryOf(Item)
}

/** What goes by a name: one alert or several, or none and those of which the names come next. */
export interface Found {
  matches: State[]
  /** How many alerts the table knows. */
  known: number
  /** Similar names, where nothing matches. */
  similar: string[]
}

/**
 * Finds alerts by their name, else by a part of their name or fingerprint, in any case.
 *
 * It reads the whole table, since nothing else needs an index by name: half a read unit for each 4 KB, about $0.02 a
 * gigabyte (us-east-1, on demand). By its fingerprint an alert is found for next to nothing.
 */
export async function findAlerts(client: DynamoDBClient, table: string, name: string): Promise<Found> {
  const states: State[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'sk = :state',
      ProjectionExpression: 'pk, title, #status, changedAt, firingSince',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':state': { S: 'state' } },
    },
  )
  for await (const { Items = [] } of pages) states.push(...Items.map(stateOf))
  return { ...matching(states, name), known: states.length }
}

function matching(states: State[], name: string): Omit<Found, 'known'> {
  const wanted = name.toLowerCase()
  const tests: ((state: State) => boolean)[] = [
    (state) => namesOf(state).includes(name),
    (state) => namesOf(state).some((one) => one.toLowerCase() === wanted),
    (state) => [state.fingerprint, state.title].some((one) => one.toLowerCase().includes(wanted)),
  ]
  for (const test of tests) {
    const matches = states.filter(test).sort((a, b) => b.changedAt.localeCompare(a.changedAt))
    if (matches.length > 0) return { matches, similar: [] }
  }
  return { matches: [], similar: similarTo(wanted, states) }
}

/** An alarm's ARN ends in its name; in a fingerprint, a contributor's id can follow after a `#`. */
function namesOf({ title, fingerprint }: State): string[] {
  const withoutContributor = fingerprint.replace(/#[^#]*$/, '')
  const alarm = parseArn(withoutContributor)?.resource.replace(/^alarm:/, '')
  return [title, fingerprint, withoutContributor, ...(alarm === undefined ? [] : [alarm])]
}

function similarTo(wanted: string, states: State[]): string[] {
  const byDistance = [...new Set(states.map(({ title }) => title))]
    .map((title) => ({ title, far: distance(wanted, title.toLowerCase()) / Math.max(wanted.length, title.length) }))
    .filter(({ far }) => far < 0.5)
    .sort((a, b) => a.far - b.far)
  return byDistance.slice(0, 3).map(({ title }) => title)
}
