import jsep, { type Expression } from 'jsep'

/*
 * Alarms of a template as CloudWatch evaluates them over data of each minute (CloudWatch User Guide, Alarm evaluation):
 * those of a day's period or less each minute, longer ones once an hour, always over the periods that end then.
 */

/** What was published in a minute: all its values, as a sum, and how many they were. */
export interface Minute {
  sum: number
  count: number
}
/** By namespace, name and dimensions (`keyOf`): a minute without data is absent. */
export type Data = Record<string, (minute: number) => Minute | undefined>

type State = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'
// biome-ignore lint/suspicious/noExplicitAny: a template's values
type Properties = Record<string, any>
type Resources = Record<string, { Type: string; Properties: object }>

export const keyOf = (namespace: string, metric: string, dimensions: Record<string, string> = {}) =>
  [namespace, metric, ...Object.entries(dimensions).flat()].join(' ')

/** The minutes in which each alarm went to ALARM and left it, over so many minutes. */
export function evaluated(
  resources: Resources,
  data: Data,
  minutes: number,
): Record<string, [minute: number, State][]> {
  const metrics = Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .map(([id, { Properties }]) => ({ id, properties: Properties as Properties, measure: measureOf(Properties) }))
  const composites = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::CompositeAlarm')
  const sums = new Map(Object.entries(data).map(([key, at]) => [key, summedUp(at, minutes)]))
  const states: Record<string, State> = {}
  const changes: Record<string, [number, State][]> = {}
  const settle = (id: string, state: State, minute: number) => {
    if (states[id] === state) return
    states[id] = state
    changes[id] = [...(changes[id] ?? []), [minute, state]]
  }
  for (let minute = 1; minute <= minutes; minute++) {
    for (const { id, properties, measure } of metrics) {
      if (isMultiDay(properties) && minute % 60 !== 0) continue
      if (minute <= (properties.WarmUpConfiguration?.WarmUpPeriodDurationInMinutes ?? 0)) continue
      settle(
        id,
        stateOf(properties, (end) => measure(sums, end), minute, states[id]),
        minute,
      )
    }
    for (const [id, { Properties }] of composites) {
      settle(id, isOn((Properties as Properties).AlarmRule, states) ? 'ALARM' : 'OK', minute)
    }
  }
  return changes
}

/** The minutes in which an alarm fired. */
export const firings = (changes: [number, State][] | undefined): number[] =>
  (changes ?? []).filter(([, state]) => state === 'ALARM').map(([minute]) => minute)

type Summed = { sums: Float64Array; counts: Float64Array }

function summedUp(at: (minute: number) => Minute | undefined, minutes: number): Summed {
  const [sums, counts] = [new Float64Array(minutes + 1), new Float64Array(minutes + 1)]
  for (let minute = 0; minute < minutes; minute++) {
    const { sum, count } = at(minute) ?? { sum: 0, count: 0 }
    sums[minute + 1] = (sums[minute] ?? 0) + sum
    counts[minute + 1] = (counts[minute] ?? 0) + count
  }
  return { sums, counts }
}

const periodOf = ({ Period, Metrics }: Properties): number =>
  (Period ?? Metrics.find((one: Properties) => one.MetricStat).MetricStat.Period) / 60

const isMultiDay = (properties: Properties) => periodOf(properties) * properties.EvaluationPeriods > 24 * 60

function stateOf(
  properties: Properties,
  measure: (end: number) => number | undefined,
  minute: number,
  before: State | undefined,
): State {
  const { EvaluationPeriods: periods, DatapointsToAlarm: least = periods, TreatMissingData: missing } = properties
  const length = periodOf(properties)
  const values = Array.from({ length: periods }, (_, back) => measure(minute - back * length))
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0 && missing === 'ignore') return before ?? 'INSUFFICIENT_DATA'
  if (known.length === 0 && missing === undefined) return 'INSUFFICIENT_DATA'
  const isBad = (value: number | undefined) =>
    value === undefined ? missing === 'breaching' : compared(value, properties.ComparisonOperator, properties.Threshold)
  return values.filter(isBad).length >= least ? 'ALARM' : 'OK'
}

/** The value of the period that ends in a minute; nothing without data. */
type Measure = (sums: Map<string, Summed>, end: number) => number | undefined

function measureOf(properties: Properties): Measure {
  const length = periodOf(properties)
  if (!properties.Metrics) return statistic(properties, properties.Statistic ?? properties.ExtendedStatistic, length)
  const metrics: Properties[] = properties.Metrics
  const named = (id: string): Measure => {
    const { MetricStat, Expression } = metrics.find(({ Id }) => Id === id) as Properties
    return MetricStat ? statistic(MetricStat.Metric, MetricStat.Stat, length) : calculated(jsep(Expression), named)
  }
  const returned = metrics.find(({ ReturnData = true }) => ReturnData) as Properties
  return named(returned.Id)
}

function statistic({ Namespace, MetricName, Dimensions = [] }: Properties, name: string, length: number): Measure {
  const dimensions = Object.fromEntries(Dimensions.map((one: Properties) => [one.Name, one.Value]))
  const key = keyOf(Namespace, MetricName, dimensions)
  return (sums, end) => {
    const summed = sums.get(key)
    const from = Math.max(0, end - length)
    const count = (summed?.counts[end] ?? 0) - (summed?.counts[from] ?? 0)
    const sum = (summed?.sums[end] ?? 0) - (summed?.sums[from] ?? 0)
    if (count === 0) return undefined
    if (name === 'SampleCount') return count
    return name === 'Sum' ? sum : sum / count
  }
}

function calculated(node: Expression, named: (id: string) => Measure): Measure {
  const of = node as Properties
  if (of.type === 'Literal') return () => of.value
  if (of.type === 'Identifier') return named(of.name)
  if (of.type === 'BinaryExpression') {
    const [left, right] = [calculated(of.left, named), calculated(of.right, named)]
    return (sums, end) => operated(of.operator, left(sums, end), right(sums, end))
  }
  const [first, second, third]: Measure[] = of.arguments.map((one: Expression) => calculated(one, named))
  if (of.callee.name === 'FILL') return (sums, end) => first?.(sums, end) ?? second?.(sums, end)
  // IF: where the condition has no value, neither has the result.
  return (sums, end) => {
    const condition = first?.(sums, end)
    return condition === undefined ? undefined : (condition === 0 ? third : second)?.(sums, end)
  }
}

function operated(operator: string, left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined
  switch (operator) {
    case '+':
      return left + right
    case '*':
      return left * right
    case '/':
      return right === 0 ? undefined : left / right
    case '>=':
      return Number(left >= right)
    default:
      throw new Error(`unknown operator ${operator}`)
  }
}

function compared(value: number, operator: string, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThanThreshold':
      return value > threshold
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold
    case 'LessThanThreshold':
      return value < threshold
    case 'LessThanOrEqualToThreshold':
      return value <= threshold
    default:
      throw new Error(`unknown operator ${operator}`)
  }
}

/** `(ALARM("${A}") AND ALARM("${B}")) OR …` */
function isOn(rule: { 'Fn::Sub': string }, states: Record<string, State>): boolean {
  return rule['Fn::Sub'].split(' OR ').some((pair) => {
    const children = [...pair.matchAll(/ALARM\("\$\{(\w+)\}"\)/g)].map(([, id]) => id ?? '')
    return children.length > 0 && children.every((id) => states[id] === 'ALARM')
  })
}
