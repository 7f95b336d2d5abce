import {
  type AlarmMuteRuleSummary,
  GetAlarmMuteRule$,
  type GetAlarmMuteRuleCommandInput,
  type GetAlarmMuteRuleCommandOutput,
  ListAlarmMuteRules$,
  type ListAlarmMuteRulesCommandInput,
  type ListAlarmMuteRulesCommandOutput,
} from '@aws-sdk/client-cloudwatch'
import { NO_ESTATE } from './estate-data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 50

/** What of alarm mute rules is asked (CloudWatch API Reference): a summary has no name, and names no alarm. */
export const ALARM_MUTE_RULES: Operation[] = [
  operation<ListAlarmMuteRulesCommandInput, ListAlarmMuteRulesCommandOutput>(
    'cloudwatch',
    ListAlarmMuteRules$,
    listAlarmMuteRules,
    { bounds: { MaxRecords: [1, 100] } },
  ),
  operation<GetAlarmMuteRuleCommandInput, GetAlarmMuteRuleCommandOutput>(
    'cloudwatch',
    GetAlarmMuteRule$,
    getAlarmMuteRule,
  ),
]

const rulesOf = ({ data }: Asked) => (data.estate ?? NO_ESTATE).muteRules

function listAlarmMuteRules(
  input: ListAlarmMuteRulesCommandInput,
  asked: Asked,
): Omit<ListAlarmMuteRulesCommandOutput, '$metadata'> {
  const { AlarmName, Statuses, MaxRecords = PAGE } = input
  const found = rulesOf(asked).filter(
    ({ MuteTargets, Status = 'SCHEDULED' }) =>
      (AlarmName === undefined || MuteTargets?.AlarmNames?.includes(AlarmName)) && (Statuses?.includes(Status) ?? true),
  )
  const { items, next } = page(found, { token: input.NextToken, size: MaxRecords, of: input }, asked)
  const summaries = items.map(
    ({ AlarmMuteRuleArn, ExpireDate, Status, MuteType, LastUpdatedTimestamp }): AlarmMuteRuleSummary => ({
      ...{ AlarmMuteRuleArn, ExpireDate, Status, MuteType, LastUpdatedTimestamp },
    }),
  )
  return { AlarmMuteRuleSummaries: summaries, NextToken: next }
}

function getAlarmMuteRule(
  { AlarmMuteRuleName }: GetAlarmMuteRuleCommandInput,
  asked: Asked,
): Omit<GetAlarmMuteRuleCommandOutput, '$metadata'> {
  const found = rulesOf(asked).find(({ Name }) => Name === AlarmMuteRuleName)
  if (!found) throw new Refusal('ResourceNotFoundException', `Alarm mute rule ${AlarmMuteRuleName} does not exist`, 404)
  return found
}
