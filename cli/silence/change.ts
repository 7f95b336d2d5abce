import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Silence } from '../../schemas/silence.ts'
import { clientOptions } from '../../shared/aws/client.ts'
import { time } from '../../shared/channels/alert-text.ts'
import { oneLine } from '../../shared/channels/outside-text.ts'
import { isInForce } from '../../shared/decide/in-force.ts'
import { readSilencesWith } from '../../shared/store/silences.ts'
import { UsageError } from '../command.ts'
import type { SILENCE_EXPIRE, SILENCE_EXTEND } from '../commands/silence.ts'
import type { Given } from '../frame/spec.ts'
import { fail, order, personIn } from '../order.ts'
import { chooseRouter, type Router } from '../which-router.ts'
import { untilIn } from './until.ts'

/** Lets a silence last longer. */
export async function extend({ options, args }: Given<typeof SILENCE_EXTEND>): Promise<number> {
  const now = new Date()
  if (options.for === undefined) throw new UsageError('--for is missing: how long from now? Write it as 30m, 2h or 3d')
  const until = untilIn(options.for, now)
  const by = personIn(options.by, 'extends it')
  const router = await chooseRouter(options.stage)
  const found = await named(args[0] ?? '', router, now)
  if (typeof found === 'number') return found
  const { id, about } = found
  if (until <= found.until) {
    return fail(`It lasts until ${time(found.until)} already, longer than ${options.for} from now. Nothing was done.`)
  }
  await order({ extendSilence: id, by, via: 'cli', at: now.toISOString(), until }, router)
  const text = `Queued: silence ${id} of ${oneLine(about)} lasts until ${time(until)}, by ${oneLine(by)}.`
  process.stdout.write(options.json ? `${JSON.stringify({ id, until, by })}\n` : `${text}\n`)
  return 0
}

/** Ends a silence now. */
export async function expire({ options, args }: Given<typeof SILENCE_EXPIRE>): Promise<number> {
  const now = new Date()
  const by = personIn(options.by, 'ends it')
  const router = await chooseRouter(options.stage)
  const found = await named(args[0] ?? '', router, now)
  if (typeof found === 'number') return found
  const { id, about } = found
  await order({ expireSilence: id, by, via: 'cli', at: now.toISOString() }, router)
  const text = `Queued: the end of silence ${id} of ${oneLine(about)}, by ${oneLine(by)}.\nWhat it holds and still fires is sent.`
  process.stdout.write(options.json ? `${JSON.stringify({ id, by })}\n` : `${text}\n`)
  return 0
}

/** The silence in force whose id starts so; an exit code if there is none, or several. */
async function named(start: string, router: Router, now: Date): Promise<Silence | number> {
  const client = new DynamoDBClient(clientOptions)
  try {
    const { silences } = await readSilencesWith(client, await router.tableName(client))
    const known = silences.filter(({ id }) => start !== '' && id.startsWith(start))
    const open = known.filter((one) => isInForce(one, now))
    const [only, ...others] = open
    if (only && (others.length === 0 || only.id === start)) return only
    if (others.length > 0) {
      process.stderr.write(`Several silences have an id that starts with ${start}: ${idsOf(open)}.\n`)
      return 2
    }
    const [ended] = known
    if (ended) return fail(`Silence ${ended.id} ended at ${time(ended.until)}. Add a new one.`)
    const present = silences.filter((one) => isInForce(one, now))
    const there = present.length === 0 ? 'Nothing is silenced.' : `In force: ${idsOf(present)}.`
    return fail(`No silence has an id that starts with "${oneLine(start)}" in ${router.where}. ${there}`)
  } finally {
    client.destroy()
  }
}

const MOST = 20

function idsOf(silences: Silence[]): string {
  const ids = silences.slice(0, MOST).map(({ id }) => id)
  return `${ids.join(', ')}${silences.length > MOST ? `, and ${silences.length - MOST} more` : ''}`
}
