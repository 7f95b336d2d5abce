import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import { clientOptions } from '../../../shared/aws/client.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import type { Way } from '../live/roll-out.ts'
import type { Stage } from '../live/stage.ts'

/**
 * Whether the stage's alarms would trigger a roll-back on a failure, and not immediately. Prints what to do about
 * each that would not. `unwatched`: alarms with disabled actions are intended.
 */
export async function isWatched({ place, alarms }: Stage, unwatched: boolean, say: Way['say']): Promise<boolean> {
  const how = commandLine(`deploy --stage ${place.stage}`)
  if (alarms.length === 0) {
    say(`Nothing was pushed: no alarm monitors a roll-out. A deployment creates them: ${how}`)
    return false
  }
  const cloudWatch = new CloudWatchClient(clientOptions)
  try {
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: alarms }))
    const problems = alarms.flatMap((name) => {
      const alarm = MetricAlarms.find(({ AlarmName }) => AlarmName === name)
      const problem = alarm ? problemOf(alarm, name, unwatched) : `no such alarm. A deployment creates it: ${how}`
      return problem === undefined ? [] : [`${name}: ${problem}`]
    })
    if (problems.length > 0) say(describe(problems))
    return problems.length === 0
  } finally {
    cloudWatch.destroy()
  }
}

/**
 * AppConfig rolls back on ALARM and on INSUFFICIENT_DATA, and ignores alarms whose actions are disabled (AppConfig
 * User Guide, Monitoring deployments for automatic rollback).
 */
function problemOf(alarm: MetricAlarm, name: string, unwatched: boolean): string | undefined {
  const { ActionsEnabled, StateValue, StateUpdatedTimestamp, AlarmDescription = '' } = alarm
  if (ActionsEnabled === false) {
    if (unwatched) return undefined
    return `its actions are disabled, so it would not trigger a roll-back. Enable them: aws cloudwatch enable-alarm-actions --alarm-names ${name}`
  }
  if (StateValue === 'OK') return undefined
  if (StateValue === 'ALARM') {
    const since = StateUpdatedTimestamp ? ` since ${StateUpdatedTimestamp.toISOString()}` : ''
    return `in ALARM${since}, so AppConfig would roll back at once. ${AlarmDescription}`.trim()
  }
  return `${StateValue ?? 'without a state'}, which AppConfig treats as a failure. After a deployment it becomes OK within a few minutes: wait for that.`
}

function describe(problems: string[]): string {
  return `Nothing was pushed: some alarms that monitor a roll-out are not ready.
${problems.map((problem) => `  ${problem}`).join('\n')}
If an alarm fires because it needs these rules: disable its actions (aws cloudwatch disable-alarm-actions
--alarm-names NAME), push with --unwatched, and enable them again.`
}
