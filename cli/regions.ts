import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOptions } from '../shared/aws/client.ts'
import { time } from '../shared/channels/alert-text.ts'
import { type Beat, LEASE_MS } from '../shared/decide/standing.ts'
import type { Pair } from '../shared/observe/regions.ts'
import { readRegions } from '../shared/store/beats.ts'
import { UsageError } from './command.ts'
import type { REGIONS_SHOW, REGIONS_TAKE_OVER } from './commands/regions.ts'
import type { Given } from './frame/spec.ts'
import { fail, order, personIn } from './order.ts'
import { describeBeat, whoSends } from './regions/describe.ts'
import { chooseRouter, type Router } from './which-router.ts'

/** Which of two regions sends. */
export async function show({ options }: Given<typeof REGIONS_SHOW>): Promise<number> {
  const router = await routerOf(options.stage)
  const now = new Date()
  const found = await regionsOf(router)
  if (!found) return fail(noPair(router))
  const { pair, beats } = found
  const sends = whoSends(pair, beats, now)
  const said = [beats.own, beats.other].filter((one) => one !== undefined)
  const behindMs = behindOf(beats)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ sends: sends ?? null, regions: said.map(asJson), behindMs })}\n`
      : `${describe(pair, { ...beats, sends, behindMs }, now)}\n`,
  )
  return sends === undefined ? 1 : 0
}

/** Has the region that is given send from now on. */
export async function takeOver({ options }: Given<typeof REGIONS_TAKE_OVER>): Promise<number> {
  const by = personIn(options.by, 'wants it')
  const router = await routerOf(options.stage)
  const now = new Date()
  const found = await regionsOf(router)
  if (!found) return fail(noPair(router))
  const { pair, beats } = found
  const { here } = pair
  if (whoSends(pair, beats, now) === here) return fail(`${here} sends already.`)
  if (!beats.own || now.getTime() - Date.parse(beats.own.at) > LEASE_MS) {
    return fail(`${describeBeat(here, beats.own, now.getTime())} It could not send: look at the log of its tick first.`)
  }
  const behindMs = behindOf(beats)
  if (behindMs > LEASE_MS && !options.force) {
    return fail(
      `The replica in ${here} is ${Math.round(behindMs / 60_000)} minutes behind: what ${pair.other} has sent meanwhile would be sent again. Wait, or add --force.`,
    )
  }
  await order({ takeOver: here, by, at: now.toISOString() }, router)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ region: here, by })}\n`
      : `Queued: ${here} sends from now on, by ${by}. ${pair.other} stops within seconds, and ${here} begins a minute later.\n`,
  )
  return 0
}

function routerOf(stage: string | undefined): Promise<Router> {
  if (stage === undefined)
    throw new UsageError('Give a stage, as in --stage prod: no router on this machine has two regions.')
  return chooseRouter(stage)
}

async function regionsOf(router: Router): ReturnType<typeof readRegions> {
  const client = new DynamoDBClient(clientOptions)
  try {
    return await readRegions(client, await router.tableName(client), await client.config.region())
  } finally {
    client.destroy()
  }
}

function noPair({ where }: Router): string {
  return `No second region has ever been heard of in ${where}. Is it deployed to both? See docs/second-region.md.`
}

/** What came as a message and not yet by replication shows how far the replica is behind. */
function behindOf({ other, replicated }: { other: Beat | undefined; replicated: Beat | undefined }): number {
  return other && replicated ? Math.max(0, Date.parse(other.at) - Date.parse(replicated.at)) : 0
}

function describe(
  { here, other }: Pair,
  beats: { own: Beat | undefined; other: Beat | undefined; sends: string | undefined; behindMs: number },
  now: Date,
): string {
  const { sends, behindMs } = beats
  const since = [beats.own, beats.other].find((one) => one?.region === sends)?.since
  const rules = [beats.own?.rules, beats.other?.rules]
  return [
    sends === undefined
      ? 'No region sends at this moment: one of them does within six minutes of the last that did.'
      : `${sends} sends${since === undefined ? '' : `, since ${time(since)}`}.`,
    describeBeat(here, beats.own, now.getTime()),
    describeBeat(other, beats.other, now.getTime()),
    ...(behindMs > LEASE_MS ? [`The replica in ${here} is ${Math.round(behindMs / 60_000)} minutes behind.`] : []),
    ...(rules[0] !== rules[1] ? [`Their rules differ: version ${rules[0]} in ${here}, ${rules[1]} in ${other}.`] : []),
  ].join('\n')
}

function asJson({ region, term, isActive, since, at, rules }: Beat) {
  return { region, term, isActive, since, at, rules }
}
