import type { Ask, Found } from '../questions/ask.ts'
import { askAlarmMetric } from './alarm-metric.ts'
import { askAlarms } from './alarms.ts'
import { askChanges, askStacks } from './changes.ts'
import type { Clients } from './clients.ts'
import { askLogs } from './logs.ts'
import { askPipelines } from './pipelines.ts'

/** The clients of what is asked first: when an alert is out, a function asks it (shared/follow-up/), and has no others. */
export type FirstClients = Pick<Clients, 'cloudWatch' | 'logs' | 'cloudTrail' | 'cloudFormation' | 'pipelines'>

type FirstKind = 'alarms' | 'alarm-metric' | 'changes' | 'stacks' | 'pipelines' | 'logs'

interface Asker<Kind extends FirstKind> {
  /** What IAM has to allow. */
  actions: string
  ask(of: { clients: FirstClients }, ask: Extract<Ask, { kind: Kind }>, signal: AbortSignal): Promise<Found[Kind]>
}

export const FIRST_ASKERS: { [Kind in FirstKind]: Asker<Kind> } = {
  alarms: {
    actions: 'cloudwatch:DescribeAlarms',
    ask: ({ clients: { cloudWatch } }, _, signal) => askAlarms(cloudWatch, signal),
  },
  'alarm-metric': {
    actions: 'cloudwatch:DescribeAlarms, cloudwatch:GetMetricData',
    ask: ({ clients: { cloudWatch } }, ask, signal) => askAlarmMetric(cloudWatch, ask, signal),
  },
  changes: {
    actions: 'cloudtrail:LookupEvents',
    ask: ({ clients: { cloudTrail } }, ask, signal) => askChanges(cloudTrail, ask, signal),
  },
  stacks: {
    actions: 'cloudformation:DescribeStacks',
    ask: ({ clients: { cloudFormation } }, ask, signal) => askStacks(cloudFormation, ask, signal),
  },
  pipelines: {
    actions: 'codepipeline:ListPipelines, codepipeline:ListPipelineExecutions',
    ask: ({ clients: { pipelines } }, ask, signal) => askPipelines(pipelines, ask, signal),
  },
  logs: {
    actions: 'logs:StartQuery, logs:GetQueryResults, logs:StopQuery',
    ask: ({ clients: { logs } }, ask, signal) => askLogs(logs, ask, signal),
  },
}
