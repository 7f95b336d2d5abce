import {
  type AwsSecurityFinding,
  type AwsSecurityFindingFilters,
  type DateFilter,
  GetFindings$,
  type GetFindingsCommandInput,
  type GetFindingsCommandOutput,
  type StringFilter,
} from '@aws-sdk/client-securityhub'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** What of Security Hub CSPM is asked (Security Hub API Reference). */
export const SECURITY_HUB: Operation[] = [
  operation<GetFindingsCommandInput, GetFindingsCommandOutput>('securityHub', GetFindings$, getFindings, {
    bounds: { MaxResults: [1, 100] },
    off({ data: { account } }) {
      throw new Refusal('InvalidAccessException', `Account ${account} is not subscribed to AWS Security Hub`, 401, {
        Code: 'InvalidAccessException',
      })
    },
  }),
]

const DAY_MS = 86_400_000

const TEXTS: Record<string, (finding: AwsSecurityFinding) => string | undefined> = {
  RecordState: ({ RecordState }) => RecordState,
  WorkflowStatus: ({ Workflow }) => Workflow?.Status,
  SeverityLabel: ({ Severity }) => Severity?.Label,
  ProductName: ({ ProductName }) => ProductName,
  ProductArn: ({ ProductArn }) => ProductArn,
  ComplianceStatus: ({ Compliance }) => Compliance?.Status,
  AwsAccountId: ({ AwsAccountId }) => AwsAccountId,
  Region: ({ Region }) => Region,
  Id: ({ Id }) => Id,
  Title: ({ Title }) => Title,
}

const TIMES: Record<string, (finding: AwsSecurityFinding) => string | undefined> = {
  UpdatedAt: ({ UpdatedAt }) => UpdatedAt,
  CreatedAt: ({ CreatedAt }) => CreatedAt,
  LastObservedAt: ({ LastObservedAt }) => LastObservedAt,
}

function getFindings(input: GetFindingsCommandInput, asked: Asked): Omit<GetFindingsCommandOutput, '$metadata'> {
  const found = asked.data
    .securityFindings(asked.region)
    .filter((finding) => matches(finding, input.Filters ?? {}, asked.now))
  const wanted = { token: input.NextToken || undefined, size: input.MaxResults ?? 100, of: input }
  const { items, next } = page(found, wanted, asked)
  return { Findings: items, NextToken: next }
}

function matches(finding: AwsSecurityFinding, filters: AwsSecurityFindingFilters, now: Date): boolean {
  return Object.entries(filters).every(([name, conditions]) => {
    const [text, time] = [TEXTS[name], TIMES[name]]
    if (text) return meetsTexts(text(finding) ?? '', conditions as StringFilter[])
    if (time) return (conditions as DateFilter[]).some((condition) => isWithin(time(finding), condition, now))
    throw new Refusal('InvalidInputException', `the stand-in does not filter findings by ${name}`)
  })
}

/** Any of those that ask for a value, and all of those that exclude one. */
function meetsTexts(value: string, conditions: StringFilter[]): boolean {
  const meets = ({ Value = '', Comparison }: StringFilter) => {
    switch (Comparison) {
      case 'EQUALS':
        return value === Value
      case 'PREFIX':
        return value.startsWith(Value)
      case 'CONTAINS':
        return value.includes(Value)
      case 'NOT_EQUALS':
        return value !== Value
      case 'PREFIX_NOT_EQUALS':
        return !value.startsWith(Value)
      default:
        throw new Refusal('InvalidInputException', `Invalid parameter: Comparison ${Comparison}`)
    }
  }
  const [wanted, excluded] = [false, true].map((isNot) =>
    conditions.filter(({ Comparison = '' }) => Comparison.includes('NOT') === isNot),
  ) as [StringFilter[], StringFilter[]]
  return (wanted.length === 0 || wanted.some(meets)) && excluded.every(meets)
}

function isWithin(value: string | undefined, { Start, End, DateRange }: DateFilter, now: Date): boolean {
  if (value === undefined) return false
  const time = Date.parse(value)
  if (DateRange) return time >= now.getTime() - (DateRange.Value ?? 0) * DAY_MS
  return (Start === undefined || time >= Date.parse(Start)) && (End === undefined || time <= Date.parse(End))
}
