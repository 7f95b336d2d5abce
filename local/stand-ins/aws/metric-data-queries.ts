import type { GetMetricDataCommandInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { PLAIN_STATISTICS, statisticProblems } from '../../../deploy/valid/alarm.ts'
import { readMath, type Shape } from '../../../deploy/valid/math.ts'
import { Refusal } from './refusal.ts'

const MAX_QUERIES = 500
const SHORT_PERIODS_S = [1, 5, 10, 20, 30]
const ID = /^[a-z][a-zA-Z0-9_]*$/

/**
 * What CloudWatch refuses of a request (CloudWatch API Reference, GetMetricData and MetricDataQuery).
 * @throws {Refusal}
 */
export function refuseQueries({
  MetricDataQueries: queries = [],
  StartTime,
  EndTime,
}: GetMetricDataCommandInput): void {
  if (!StartTime || !EndTime || StartTime >= EndTime) {
    throw invalid('The parameter StartTime must be less than the parameter EndTime.')
  }
  if (queries.length > MAX_QUERIES) {
    throw invalid(`The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`)
  }
  if (queries.length === 0) throw invalid('The collection MetricDataQueries must have at least 1 element.')
  const ids = queries.map(({ Id }) => Id)
  if (new Set(ids).size < ids.length) throw invalid('The values for parameter id in MetricDataQueries are not unique.')
  for (const [at, query] of queries.entries()) refuseQuery(query, `MetricDataQueries.member.${at + 1}`)
  if (queries.every(({ ReturnData }) => ReturnData === false)) {
    throw invalid('At least one element of the metrics list should return data.')
  }
  for (const query of queries) refuseMath(query, queries)
}

function invalid(message: string): Refusal {
  return new Refusal('ValidationError', message)
}

function refuseQuery({ Id = '', MetricStat, Expression }: MetricDataQuery, at: string): void {
  if (!ID.test(Id)) {
    throw invalid(`The value ${Id} for parameter ${at}.Id is not matching the expected pattern ${ID.source}`)
  }
  if ((MetricStat === undefined) === (Expression === undefined)) {
    throw invalid(`Exactly one of the parameters ${at}.MetricStat and ${at}.Expression must be specified.`)
  }
  if (!MetricStat) return
  const { Period = 0, Stat = '', Metric } = MetricStat
  if (!SHORT_PERIODS_S.includes(Period) && (Period <= 0 || Period % 60 !== 0)) {
    throw invalid(
      `The value ${Period} for parameter ${at}.MetricStat.Period is not 1, 5, 10, 20, 30 or a multiple of 60.`,
    )
  }
  if (!PLAIN_STATISTICS.includes(Stat) && statisticProblems(Stat).length > 0) {
    throw invalid(`The value ${Stat} for parameter ${at}.MetricStat.Stat is not supported.`)
  }
  if (!Metric?.Namespace || !Metric.MetricName) {
    throw invalid(`The parameters ${at}.MetricStat.Metric.Namespace and MetricName are required.`)
  }
}

/** What an expression reads must be there, and not read it in turn. */
function refuseMath({ Id = '', Expression }: MetricDataQuery, queries: MetricDataQuery[], above: string[] = []): void {
  if (Expression === undefined) return
  const failed = (why: string) => invalid(`Error in expression '${Id}': ${why}`)
  if (above.includes(Id)) throw failed('Circular dependency in expressions')
  const shapeOf = (id: string): Shape | undefined => (queries.some((query) => query.Id === id) ? 'series' : undefined)
  const { problems, reads } = readMath(Expression, shapeOf)
  if (problems[0] !== undefined) throw failed(problems[0])
  for (const query of queries) {
    if (query.Id !== undefined && reads.includes(query.Id)) refuseMath(query, queries, [...above, Id])
  }
}
