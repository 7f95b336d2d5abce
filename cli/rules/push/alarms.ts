import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import { clientOptions } from '../../../shared/aws/client.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import type { Way } from '../live/roll-out.ts'
import type { Stage } from '../live/stage.ts'

/**
 * Would the stage's alarms bring the rules before back, and not at once? Says of each that would not what to do. `unwatched`:
 * those whose actions are off are meant to be.
 */
export async function isWatched({ place, alarms }: Stage, unwatched: boolean, say: Way['say']): Promise<boolean> {
  const how = commandLine(`deploy --stage ${place.stage}`)
  if (alarms.length === 0) {
    say(`Nothing was pushed: no alarm watches over a roll-out. They come with a deployment: ${how}`)
    return false
  }
  const cloudWatch = new CloudWatchClient(clientOptions)
  try {
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: alarms }))
    const problems = alarms.flatMap((name) => {
      const alarm = MetricAlarms.find(({ AlarmName }) => AlarmName === name)
      const problem = alarm
        ? problemOf(alarm, name, unwatched)
        : `there is no such alarm. It comes with a deployment: ${how}`
      return problem === undefined ? [] : [`${name}: ${problem}`]
    })
    if (problems.length > 0) say(describe(problems))
    return problems.length === 0
  } finally {
    cloudWatch.destroy()
  }
}

/**
 * AppConfig brings the rules before back on ALARM and on INSUFFICIENT_DATA, and looks at no alarm whose actions are off
 * (AppConfig User Guide, Monitoring deployments for automatic rollback).
 */
function problemOf(alarm: MetricAlarm, name: string, unwatched: boolean): string | undefined {
  const { ActionsEnabled, StateValue, StateUpdatedTimestamp, AlarmDescription = '' } = alarm
  if (ActionsEnabled === false) {
    if (unwatched) return undefined
    return `its actions are off, so it would bring nothing back. Switch them on: aws cloudwatch enable-alarm-actions --alarm-names ${name}`
  }
  if (StateValue === 'OK') return undefined
  if (StateValue === 'ALARM') {
    const since = StateUpdatedTimestamp ? ` since ${StateUpdatedTimestamp.toISOString()}` : ''
    return `in ALARM${since}, so AppConfig would bring the rules before back at once. ${AlarmDescription}`.trim()
  }
  return `${StateValue ?? 'without a state'}, which AppConfig takes for a fault. After a deployment it becomes OK within some minutes: wait for that.`
}

function describe(problems: string[]): string {
  return `Nothing was pushed: not all alarms that watch over a roll-out are ready.
${problems.map((problem) => `  ${problem}`).join('\n')}
Where these rules are what an alarm needs: switch off its actions (aws cloudwatch disable-alarm-actions --alarm-names NAME),
push with --unwatched, and switch them on again.`
}
