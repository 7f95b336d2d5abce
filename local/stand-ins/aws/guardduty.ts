import {
  type Condition,
  type FindingStatistics,
  GetDetector$,
  type GetDetectorCommandInput,
  type GetDetectorCommandOutput,
  GetFindingsStatistics$,
  type GetFindingsStatisticsCommandInput,
  type GetFindingsStatisticsCommandOutput,
  ListDetectors$,
  type ListDetectorsCommandInput,
  type ListDetectorsCommandOutput,
} from '@aws-sdk/client-guardduty'
import type { GuardDutyFinding } from './data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const MAX_GROUPS = 100

/** What of GuardDuty is asked (GuardDuty API Reference). Where it is off, there is no detector. */
export const GUARDDUTY: Operation[] = [
  operation<ListDetectorsCommandInput, ListDetectorsCommandOutput>('guardDuty', ListDetectors$, listDetectors, {
    bounds: { MaxResults: [1, 50] },
    off: () => ({ DetectorIds: [], NextToken: '' }),
  }),
  // Suspended, it is still there, and finds nothing.
  operation<GetDetectorCommandInput, GetDetectorCommandOutput>('guardDuty', GetDetector$, getDetector, {
    off: (asked) => ({
      ...getDetector({ DetectorId: asked.data.detector(asked.region)?.id }, asked),
      Status: 'DISABLED',
    }),
  }),
  operation<GetFindingsStatisticsCommandInput, GetFindingsStatisticsCommandOutput>(
    'guardDuty',
    GetFindingsStatistics$,
    getFindingsStatistics,
    { bounds: { MaxResults: [1, MAX_GROUPS] }, off: notOwned },
  ),
]

function invalid(why: string): Refusal {
  return new Refusal('BadRequestException', `The request is rejected because ${why}`)
}

function notOwned(): never {
  throw invalid('the input detectorId is not owned by the current account.')
}

function listDetectors(input: ListDetectorsCommandInput, asked: Asked): Omit<ListDetectorsCommandOutput, '$metadata'> {
  const detector = asked.data.detector(asked.region)
  const wanted = { token: input.NextToken || undefined, size: input.MaxResults ?? 50, of: input }
  const { items, next } = page(detector ? [detector.id] : [], wanted, asked)
  // Its last page has an empty token.
  return { DetectorIds: items, NextToken: next ?? '' }
}

function getDetector(
  { DetectorId }: GetDetectorCommandInput,
  { data, region }: Asked,
): Omit<GetDetectorCommandOutput, '$metadata'> {
  if (data.detector(region)?.id !== DetectorId) notOwned()
  return { Status: 'ENABLED', ServiceRole: 'arn:aws:iam::123456789012:role/aws-service-role/guardduty' }
}

function getFindingsStatistics(
  input: GetFindingsStatisticsCommandInput,
  { data, region }: Asked,
): Omit<GetFindingsStatisticsCommandOutput, '$metadata'> {
  const { DetectorId, FindingStatisticTypes, GroupBy, FindingCriteria, MaxResults } = input
  const detector = data.detector(region)
  if (detector?.id !== DetectorId) notOwned()
  if ((FindingStatisticTypes === undefined) === (GroupBy === undefined)) {
    throw invalid('exactly one of findingStatisticTypes and groupBy is required.')
  }
  const criteria = Object.entries(FindingCriteria?.Criterion ?? {})
  const found = (detector?.findings ?? []).filter((finding) =>
    criteria.every(([name, condition]) => meets(fieldOf(finding, name), condition)),
  )
  return { FindingStatistics: GroupBy ? grouped(found, GroupBy, data.account, MaxResults) : bySeverity(found) }
}

function fieldOf(finding: GuardDutyFinding, name: string): number | string {
  switch (name) {
    case 'severity':
      return finding.severity
    case 'type':
      return finding.type
    case 'id':
      return finding.id
    case 'service.archived':
      return String(finding.isArchived)
    case 'updatedAt':
      return finding.updatedAt.getTime()
    default:
      throw invalid(`the criterion ${name} is not one that the stand-in has.`)
  }
}

function meets(value: number | string, condition: Condition): boolean {
  const number = Number(value)
  const { Eq, Equals = Eq, Neq, NotEquals = Neq, Gte, GreaterThanOrEqual = Gte, Gt, GreaterThan = Gt } = condition
  const { Lte, LessThanOrEqual = Lte, Lt, LessThan = Lt } = condition
  return (
    (Equals?.map(String).includes(String(value)) ?? true) &&
    !NotEquals?.map(String).includes(String(value)) &&
    (GreaterThanOrEqual === undefined || number >= GreaterThanOrEqual) &&
    (GreaterThan === undefined || number > GreaterThan) &&
    (LessThanOrEqual === undefined || number <= LessThanOrEqual) &&
    (LessThan === undefined || number < LessThan)
  )
}

/** The older form: counts by the severity, as a text. */
function bySeverity(findings: GuardDutyFinding[]): FindingStatistics {
  const counts = Map.groupBy(findings, ({ severity }) => String(severity))
  return { CountBySeverity: Object.fromEntries([...counts].map(([severity, of]) => [severity, of.length])) }
}

function grouped(findings: GuardDutyFinding[], by: string, account: string, most = 25): FindingStatistics {
  const groups = <Key>(key: (finding: GuardDutyFinding) => Key) =>
    [...Map.groupBy(findings, key)].slice(0, most).map(([value, of]) => ({
      value,
      first: of[0] as GuardDutyFinding,
      TotalFindings: of.length,
      LastGeneratedAt: new Date(Math.max(...of.map(({ updatedAt }) => updatedAt.getTime()))),
    }))
  switch (by) {
    case 'SEVERITY':
      return {
        GroupedBySeverity: groups(({ severity }) => severity).map(({ value, TotalFindings, LastGeneratedAt }) => ({
          ...{ Severity: value, TotalFindings, LastGeneratedAt },
        })),
      }
    case 'FINDING_TYPE':
      return {
        GroupedByFindingType: groups(({ type }) => type).map(({ value, TotalFindings, LastGeneratedAt }) => ({
          ...{ FindingType: value, TotalFindings, LastGeneratedAt },
        })),
      }
    case 'RESOURCE':
      return {
        GroupedByResource: groups(({ resourceId }) => resourceId).map(({ value, first, ...counts }) => ({
          ...{ ...counts, AccountId: account, ResourceId: value, ResourceType: first.resourceType },
        })),
      }
    default:
      throw invalid(`groupBy ${by} is not one that the stand-in has.`)
  }
}
