import { type AlarmProperties, alarmProblems } from './alarm.ts'
import { type CompositeProperties, compositeProblems, readAlarmRule } from './composite.ts'
import { dashboardProblems } from './dashboard.ts'
import { queryProblems } from './query.ts'
import { muteScheduleProblems, ruleScheduleProblems, schedulerProblems } from './schedule.ts'

export interface Resource {
  Type: string
  Properties?: Record<string, unknown>
  DependsOn?: string | string[]
}
export type Resources = Record<string, Resource>

/**
 * What AWS would refuse in a template although its types are right, or what would never work: one line each, with the
 * resource. CloudFormation's own validator knows none of it. Values that only a deployment knows are not checked.
 */
export function validityProblems(resources: Resources): string[] {
  return Object.entries(resources).flatMap(([id, resource]) =>
    problemsOf(id, resource, resources).map((what) => `${id}: ${what}`),
  )
}

function problemsOf(id: string, resource: Resource, resources: Resources): string[] {
  const { Type, Properties = {} } = resource
  const text = (key: string) => textOf(Properties[key])
  const given = (key: string, check: (value: string) => string[]) => {
    const value = text(key)
    return value === undefined ? [] : check(value)
  }
  switch (Type) {
    case 'AWS::CloudWatch::Alarm':
      return alarmProblems(Properties as AlarmProperties)
    case 'AWS::CloudWatch::CompositeAlarm':
      return [
        ...compositeProblems(Properties as CompositeProperties),
        ...given('AlarmRule', (rule) => ruleProblems(id, rule, resource, resources)),
      ]
    case 'AWS::CloudWatch::Dashboard':
      return given('DashboardBody', dashboardProblems)
    case 'AWS::Logs::QueryDefinition':
      return given('QueryString', queryProblems)
    case 'AWS::Events::Rule':
      return given('ScheduleExpression', ruleScheduleProblems)
    case 'AWS::Scheduler::Schedule':
      return given('ScheduleExpression', schedulerProblems)
    case 'AWS::CloudWatch::AlarmMuteRule':
      return muteProblems(Properties)
    default:
      return []
  }
}

/** A text, or what Fn::Sub makes one of. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const sub = (value as { 'Fn::Sub'?: unknown } | undefined)?.['Fn::Sub']
  return typeof sub === 'string' ? sub : undefined
}

function muteProblems({ Rule }: Record<string, unknown>): string[] {
  const schedule = (Rule as { Schedule?: { Expression?: unknown } } | undefined)?.Schedule?.Expression
  return typeof schedule === 'string' ? muteScheduleProblems(schedule) : []
}

/** The alarms that a composite names must be there before it: by reference, or by name with DependsOn. */
function ruleProblems(id: string, rule: string, { DependsOn = [] }: Resource, resources: Resources): string[] {
  const { problems, children } = readAlarmRule(rule)
  const alarms = Object.entries(resources).filter(([, { Type }]) =>
    /^AWS::CloudWatch::(Composite|Log)?Alarm$/.test(Type),
  )
  return [
    ...problems,
    ...children.flatMap((child) => {
      const [, reference] = /^\$\{(\w+)(?:\.Arn)?\}$/.exec(child) ?? []
      const found = alarms.find(([known, { Properties }]) => known === reference || Properties?.AlarmName === child)
      if (!found) return [`AlarmRule names "${child}", which is no alarm of this template`]
      if (found[0] === id) return ['AlarmRule names the alarm itself']
      const isOrdered = reference !== undefined || [DependsOn].flat().includes(found[0])
      return isOrdered ? [] : [`AlarmRule names "${child}", which may not exist yet: add DependsOn: ${found[0]}`]
    }),
  ]
}
