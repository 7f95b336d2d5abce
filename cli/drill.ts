import type { Config } from '../schemas/config.ts'
import { DRILL_CLASSES, type DrillClass } from '../schemas/drill.ts'
import { pages } from '../shared/channels/types.ts'
import { readConfig } from '../shared/config/read.ts'
import { decidedOf } from '../shared/drill/decided.ts'
import { newDrillId } from '../shared/drill/ids.ts'
import { type OpenDrill, readDrills } from '../shared/drill/records.ts'
import { type DrillOutcome, drillClass, endOpen, hasEnded } from '../shared/drill/story.ts'
import { nameIn } from '../shared/parse/alarm-rule.ts'
import { UsageError } from './command.ts'
import type { DRILL } from './commands/drill.ts'
import { confirmed } from './confirmed.ts'
import { count } from './count.ts'
import { listClasses } from './drill/classes.ts'
import { type Drilling, openDrilling, timeoutMs } from './drill/open.ts'
import { type Decided, describeFiring, describeOutcome, drillJson, nextSteps, summary } from './drill/print.ts'
import type { Given } from './frame/spec.ts'

export async function drill({ options }: Given<typeof DRILL>): Promise<number> {
  const { class: classes, all, alarm, stage, json, timeout } = options
  const limitMs = timeoutMs(timeout)
  if (options['with-actions'] && alarm === undefined) throw new UsageError('--with-actions is for --alarm')
  const config = readConfig(options.config)
  if (!all && classes.length === 0 && alarm === undefined) return listClasses(config, stage, json)
  if (alarm !== undefined && stage === undefined) {
    throw new UsageError('--alarm is about an alarm in AWS: give its --stage.')
  }
  const drilling = await openDrilling(stage)
  try {
    await endEarlier(drilling)
    if (alarm !== undefined) {
      const { drillOneAlarm } = await import('./drill/alarm.ts')
      return await drillOneAlarm(alarm, { ...options, limitMs }, drilling)
    }
    const names = all ? [...DRILL_CLASSES] : [...new Set(classes)]
    const { topicArn, now } = drilling.drilled
    const decisions = new Map(names.map((name) => [name, decidedOf(name, config, { topicArn, now: now() })]))
    if (!options.yes && !(await confirmed(question(decisions, config, drilling.router.where), 'drill'))) {
      process.stderr.write('Nothing was fired.\n')
      return 1
    }
    const ended = await fireAll(names, limitMs, drilling)
    if (!ended) return 130
    const { outcomes, failed } = ended
    if (outcomes.length > 0) print(outcomes, decisions, options, drilling)
    if (failed[0]) throw failed[0].reason
    return outcomes.every(hasEnded) ? 0 : 1
  } finally {
    drilling.close()
  }
}

async function endEarlier({ place, drilled }: Drilling): Promise<void> {
  const { open } = await readDrills(place.dynamoDb, place.table)
  const { ended, firing, failed } = await endOpen(open, drilled)
  const nameOf = ({ subject, id }: OpenDrill) => `${subject} (${id})`
  const lines = [
    ...(ended.length > 0 ? [`Resolved what an earlier drill left open: ${ended.map(nameOf).join(', ')}`] : []),
    ...firing.flatMap(({ alarm, names }) => describeFiring(nameIn(alarm), names)),
    ...failed.map(({ open, why }) => `An earlier drill could not be ended, ${nameOf(open)}: ${why}`),
  ]
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`)
}

/** At once: each is an alert of its own. `undefined`: interrupted, and resolved. */
export async function fireAll(
  names: DrillClass[],
  limitMs: number,
  { drilled, isInterrupted }: Drilling,
): Promise<{ outcomes: DrillOutcome[]; failed: { reason: unknown }[] } | undefined> {
  const now = drilled.now()
  const ended = await Promise.allSettled(
    names.map((name) => drillClass(name, { id: newDrillId(now), timeoutMs: limitMs }, drilled)),
  )
  const failed = ended.filter((one) => one.status === 'rejected')
  if (isInterrupted()) {
    process.stderr.write('Interrupted: what was fired is resolved.\n')
    return undefined
  }
  const without = names.filter((_, index) => ended[index]?.status === 'rejected')
  if (failed.length > 0) process.stderr.write(`No outcome, by an error: ${without.join(', ')}\n`)
  return { outcomes: ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), failed }
}

function question(decisions: Map<DrillClass, Decided>, config: Config, where: string): string {
  const lines = [...decisions].map(
    ([name, { severity, channels }]) => `  ${name}: ${severity} → ${channels.join(', ') || 'nobody'}`,
  )
  const paged = [...new Set([...decisions.values()].flatMap(({ channels }) => channels))].filter((name) =>
    pages(config.channels[name]),
  )
  const who = paged.length > 0 ? `It pages whoever is on call: ${paged.join(', ')}. ` : 'It pages nobody. '
  const head = `This fires ${count(decisions.size, 'drill')} for real, in ${where}. By these rules:`
  return [head, ...lines, `${who}Continue? [y/N] `].join('\n')
}

function print(
  outcomes: DrillOutcome[],
  decisions: Map<string, Decided>,
  { json, timeout }: { json: boolean; timeout: string },
  { router }: Drilling,
): void {
  if (json) {
    const drills = outcomes.map((one) => drillJson(one, decisions.get(one.subject)))
    process.stdout.write(`${JSON.stringify({ drills })}\n`)
    return
  }
  const lines = outcomes.flatMap((one) => describeOutcome(one, decisions.get(one.subject), timeout))
  process.stdout.write(`${[...lines, summary(outcomes)].join('\n')}\n`)
  for (const step of nextSteps(outcomes, router)) process.stderr.write(`${step}\n`)
}
