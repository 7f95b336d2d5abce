import type { StateValue } from '@aws-sdk/client-cloudwatch'
import type { AwsData } from '../stand-ins/aws/data.ts'
import { type LivingAlarms, livingAlarms } from '../stand-ins/aws/living-alarms.ts'
import { startAws } from '../stand-ins/aws.ts'
import type { Change, RunAlarm } from './alarms.ts'

const CLOUD = { account: '123456789012', region: 'eu-west-1' } as const
/** To which the alarms of a run send. */
export const CLOUDWATCH_TOPIC = `arn:aws:sns:${CLOUD.region}:${CLOUD.account}:alarms`

/** CloudWatch with the alarms of a run, as its API shows them. */
export interface CloudWatch {
  /** Where the functions find it. */
  environment: Record<string, string>
  /** An alarm's state changes now. `fails`: its topic refuses the message. @returns the message that it sends. */
  change(alarm: RunAlarm, state: StateValue, fails: boolean): string
  isFiring(arn: string): boolean
  close(): Promise<void>
}

export async function startCloudWatch(alarms: RunAlarm[]): Promise<CloudWatch> {
  const living = livingAlarms(CLOUD)
  const { metricAlarms, alarmHistory } = living
  const data = { account: CLOUD.account, metricAlarms, compositeAlarms: [], alarmHistory } as unknown as AwsData
  const aws = await startAws({ data })
  const environment = Object.fromEntries(
    ['CLOUDWATCH', 'EVENTBRIDGE'].map((service) => {
      const name = `AWS_ENDPOINT_URL_${service}`
      return [name, aws.env[name] ?? '']
    }),
  )
  for (const alarm of alarms) configure(living, alarm, alarm.fires)
  return {
    environment,
    change(alarm, state, fails) {
      configure(living, alarm, (state === 'ALARM' ? alarm.fires : alarm.resolves) ?? alarm.fires)
      return living.change(nameOf(alarm), state, new Date(), { fails })[0]?.message ?? ''
    },
    isFiring: (arn) => metricAlarms.some(({ AlarmArn, StateValue }) => AlarmArn === arn && StateValue === 'ALARM'),
    close: () => aws.close(),
  }
}

const nameOf = ({ arn }: RunAlarm): string => arn.split(':').at(-1) ?? ''

/** Its messages show the mark of the change. */
function configure(living: LivingAlarms, alarm: RunAlarm, { mark }: Change): void {
  const Dimensions = [{ Name: 'Service', Value: mark }]
  const actions = { AlarmActions: [CLOUDWATCH_TOPIC], OKActions: [CLOUDWATCH_TOPIC] }
  living.put({ AlarmName: nameOf(alarm), Namespace: alarm.namespace, Dimensions, ...actions }, new Date())
}
