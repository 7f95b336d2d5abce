import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { clientOptions } from '../../shared/aws/client.ts'
import { actingOf, type DrillableAlarm, drillAlarm, othersOf, readAlarm, whyNot } from '../../shared/drill/alarm.ts'
import { newDrillId } from '../../shared/drill/ids.ts'
import { hasEnded } from '../../shared/drill/story.ts'
import { confirmed } from '../confirmed.ts'
import { type Drilling, whoAmI } from './open.ts'
import { describeFiring, describeOutcome, drillJson, nextSteps, summary } from './print.ts'

interface Options {
  stage?: string | undefined
  'with-actions': boolean
  yes: boolean
  json: boolean
  timeout: string
  limitMs: number
}

/** Drills a real alarm of the stage's account. */
export async function drillOneAlarm(name: string, options: Options, drilling: Drilling): Promise<number> {
  const client = new CloudWatchClient(clientOptions)
  const { drilled, router } = drilling
  const about = { topicArn: drilled.topicArn, stage: options.stage ?? '' }
  let firing: string[] = []
  try {
    const alarm = await readAlarm(client, name)
    const refusal = alarm
      ? whyNot(alarm, about, { withActions: options['with-actions'] })
      : `No alarm is named ${name}.`
    if (!alarm || refusal !== undefined) return fail(refusal ?? '')
    if (!options.yes) {
      if (!(await confirmed(question(alarm, about), 'drill'))) return fail('Nothing was set.')
      // A person thinks for a while.
      const now = await readAlarm(client, name)
      const refusalNow = now && whyNot(now, about, { withActions: options['with-actions'] })
      if (!now || refusalNow !== undefined) return fail(refusalNow ?? `No alarm is named ${name}.`)
    }
    const timeoutMs = options.limitMs
    const how = {
      id: newDrillId(drilled.now()),
      by: whoAmI(),
      timeoutMs,
      reallyFires: (names: string[]) => (firing = names),
    }
    const outcome = await drillAlarm(alarm, how, client, drilled)
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ drills: [{ ...drillJson(outcome, undefined), ...(firing.length > 0 && { firing }) }] })}\n`,
      )
    else {
      const lines = [...describeOutcome(outcome, undefined, options.timeout), summary([outcome])]
      process.stdout.write(`${lines.join('\n')}\n`)
      for (const step of nextSteps([outcome], router)) process.stderr.write(`${step}\n`)
    }
    return hasEnded(outcome) && firing.length === 0 ? 0 : 1
  } catch (error) {
    if (drilling.isInterrupted()) {
      const isBack = firing.includes(name) ? '' : 'the alarm is set back to OK, and '
      process.stderr.write(`Interrupted: ${isBack}what was fired is resolved.\n`)
      return 130
    }
    throw error
  } finally {
    for (const line of describeFiring(name, firing)) process.stderr.write(`${line}\n`)
    client.destroy()
  }
}

function question(alarm: DrillableAlarm, about: { topicArn: string; stage: string }): string {
  const { name, kind, parents, isMuted } = alarm
  const [others, acting] = [othersOf(alarm, about), actingOf(alarm)]
  return [
    `This sets the alarm ${name} to ALARM, and back to OK. The rules of stage ${about.stage} decide whom that pages.`,
    ...(others.length > 0 ? [`Its other actions run, too, unmarked: ${others.join(', ')}`] : []),
    ...(acting.length > 0 ? [`These are done: ${acting.join(', ')}`] : []),
    ...(parents.length > 0
      ? [`Composite alarms above it may fire, and their messages are not marked: ${parents.join(', ')}`]
      : []),
    ...(kind === 'composite' ? ['A composite returns to its own state only when one of its children changes.'] : []),
    ...(isMuted === undefined ? ['Whether it is muted was refused: needs cloudwatch:ListAlarmMuteRules.'] : []),
    'Continue? [y/N] ',
  ].join('\n')
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`)
  return 1
}
