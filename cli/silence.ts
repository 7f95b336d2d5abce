import { randomInt } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { When } from '../schemas/config.ts'
import { MAX_ABOUT, MAX_WHY } from '../schemas/silence.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { time } from '../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../shared/channels/outside-text.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { readConfig } from '../shared/config/read.ts'
import { namesSet, readWhen } from '../shared/config/when.ts'
import { type Coverage, coverageOf } from '../shared/history/silenced.ts'
import { UsageError } from './command.ts'
import type { SILENCE_ADD } from './commands/silence.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { order, personIn } from './order.ts'
import { untilIn } from './silence/until.ts'
import { chooseRouter, type Router } from './which-router.ts'

const LOOKED_BACK_MS = 7 * 86_400_000

/** Silences what matches a condition; or shows what that would hold. */
export async function add({ options, args }: Given<typeof SILENCE_ADD>): Promise<number> {
  const [text = ''] = args
  const when = conditionIn(text, options.config)
  const about = shorten(oneLine(text), MAX_ABOUT)
  const now = new Date()
  const until = options.for === undefined ? undefined : untilIn(options.for, now)
  const why = options.why?.trim() ?? ''
  if (!options.preview) {
    if (until === undefined) throw new UsageError('--for is missing: how long is it to last? Write it as 30m, 2h or 3d')
    if (why === '') throw new UsageError('--why is missing: the reason, so that others know why no messages come')
    if (why.length > MAX_WHY) throw new UsageError(`--why has ${why.length} characters: at most ${MAX_WHY}`)
  }
  const by = personIn(options.by, 'silences them')
  const router = await chooseRouter(options.stage)
  const coverage = await coverageIn(router, when, new Date(now.getTime() - LOOKED_BACK_MS))
  const critical = mayBeCritical(coverage)
  const id = newId()
  const asked = { about, why, by, ...(critical && { critical: true as const }) }
  if (!options.preview && until !== undefined) {
    await order({ silence: { id, when, until, via: 'cli', at: now.toISOString(), ...asked } }, router)
  }
  const json = { ...(!options.preview && { id }), when, ...(until !== undefined && { until }), ...asked, ...coverage }
  const lines = [
    ...(options.preview || until === undefined ? [] : queued({ id, about, by, until, why })),
    ...described(coverage, options.preview, router),
    ...(critical ? [announced(coverage)] : []),
    ...(options.preview
      ? []
      : [`End it, or extend it: ${commandLine(`silence expire ${id}${router.option}`)}, … extend ${id} --for 2h`]),
  ]
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${lines.join('\n')}\n`)
  return 0
}

/** @throws {UsageError | ConfigError} */
function conditionIn(text: string, config: string): When {
  return readWhen(text, 'CONDITION', namesSet(text) ? readConfig(config).sets : {})
}

/** `k3x9qf`: of those in force, its first characters suffice. */
function newId(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('')
}

/** `undefined`: these credentials may not read the table. */
async function coverageIn(router: Router, when: When, since: Date): Promise<Coverage | undefined> {
  const client = new DynamoDBClient(clientOptions)
  try {
    return await coverageOf(client, await router.tableName(client), when, since.toISOString())
  } catch (error) {
    const { name } = error as Error
    if (!name.startsWith('AccessDenied')) throw error
    process.stderr.write('These credentials may not read the table: what it covers is unknown.\n')
    return undefined
  } finally {
    client.destroy()
  }
}

/** Unknown counts as critical. */
function mayBeCritical(coverage: Coverage | undefined): boolean {
  if (!coverage) return true
  const all = [...coverage.fires, ...coverage.held]
  return all.length === 0 || all.some(({ severity }) => severity === 'critical')
}

function queued({ id, about, by, until, why }: Record<'id' | 'about' | 'by' | 'until' | 'why', string>): string[] {
  return [`Queued: silence ${id} of ${about}, by ${oneLine(by)}, until ${time(until)}: ${oneLine(why)}.`]
}

const MOST = 10

function described(coverage: Coverage | undefined, isPreview: boolean, { where }: Router): string[] {
  if (!coverage) return []
  const { fires, held } = coverage
  const [holds, had] = isPreview ? ['would hold', 'would have held'] : ['holds', 'would have held']
  const now =
    fires.length === 0
      ? [`Nothing that fires now in ${where} is covered.`]
      : [
          `It ${holds} what follows about ${count(fires.length, 'alert')} that ${fires.length === 1 ? 'fires' : 'fire'} now:`,
          ...listed(fires, ({ title, severity, since }) => `${severity} ${oneLine(title)}, since ${time(since)}`),
        ]
  const messages = held.reduce((sum, one) => sum + one.messages, 0)
  const past =
    held.length === 0
      ? ['In the last 7 days nothing of it was sent.']
      : [
          `In the last 7 days it ${had} ${count(messages, 'message')} about ${count(held.length, 'alert')}:`,
          ...listed(
            held,
            ({ title, severity, messages, channels }) =>
              `${severity} ${oneLine(title)}, ${count(messages, 'message')} to ${channels.join(', ')}`,
          ),
        ]
  return [...now, ...past]
}

function listed<One>(all: One[], text: (one: One) => string): string[] {
  const more = all.length > MOST ? [`  and ${all.length - MOST} more`] : []
  return [...all.slice(0, MOST).map((one) => `  ${text(one)}`), ...more]
}

function announced(coverage: Coverage | undefined): string {
  const isKnown = coverage && coverage.fires.length + coverage.held.length > 0
  const why = isKnown ? 'It covers critical alerts' : 'It may cover critical alerts, for all that is known'
  return `${why}: its start is announced in their channels, and pages nobody.`
}
