import {
  GetDetectorCommand,
  GetFindingsStatisticsCommand,
  type GuardDutyClient,
  ListDetectorsCommand,
} from '@aws-sdk/client-guardduty'
import { paginateGetFindings, type SecurityHubClient } from '@aws-sdk/client-securityhub'
import type { OpenFindings } from '../questions/ask.ts'

/** High and critical in GuardDuty (GuardDuty User Guide, Findings severity levels). */
const HIGH = 7
const EXAMPLES = 3

/** @throws {GuardDutyOff} where it is off: that nothing is found is another thing. */
export async function askGuardDuty(client: GuardDutyClient, abortSignal: AbortSignal): Promise<OpenFindings> {
  const { DetectorIds: [DetectorId] = [] } = await client.send(new ListDetectorsCommand({}), { abortSignal })
  if (DetectorId === undefined) throw new GuardDutyOff()
  // Suspended, it has an id, and finds nothing.
  const { Status } = await client.send(new GetDetectorCommand({ DetectorId }), { abortSignal })
  if (Status === 'DISABLED') throw new GuardDutyOff()
  const command = new GetFindingsStatisticsCommand({
    DetectorId,
    GroupBy: 'SEVERITY',
    FindingCriteria: {
      Criterion: { 'service.archived': { Equals: ['false'] }, severity: { GreaterThanOrEqual: HIGH } },
    },
  })
  const { FindingStatistics } = await client.send(command, { abortSignal })
  const groups = FindingStatistics?.GroupedBySeverity ?? []
  const count = groups.reduce((sum, { TotalFindings = 0 }) => sum + TotalFindings, 0)
  return { count, examples: groups.map(({ Severity, TotalFindings }) => `${TotalFindings} of severity ${Severity}`) }
}

export class GuardDutyOff extends Error {
  override name = 'GuardDutyOff'
}

export async function askSecurityHub(client: SecurityHubClient, abortSignal: AbortSignal): Promise<OpenFindings> {
  const equals = (Value: string) => ({ Value, Comparison: 'EQUALS' as const })
  const pages = paginateGetFindings(
    { client, pageSize: 100 },
    {
      Filters: {
        RecordState: [equals('ACTIVE')],
        WorkflowStatus: [equals('NEW'), equals('NOTIFIED')],
        SeverityLabel: [equals('HIGH'), equals('CRITICAL')],
      },
    },
    { abortSignal },
  )
  const titles: string[] = []
  for await (const { Findings: found = [] } of pages) titles.push(...found.map(({ Title = '' }) => Title))
  return { count: titles.length, examples: titles.slice(0, EXAMPLES) }
}
