import {
  ListRules$,
  type ListRulesCommandInput,
  type ListRulesCommandOutput,
  ListTargetsByRule$,
  type ListTargetsByRuleCommandInput,
  type ListTargetsByRuleCommandOutput,
} from '@aws-sdk/client-eventbridge'
import { NO_ESTATE } from './estate-data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 100

/** What of EventBridge is asked about the rules of the default bus (EventBridge API Reference). */
export const EVENTS: Operation[] = [
  operation<ListRulesCommandInput, ListRulesCommandOutput>('events', ListRules$, listRules, {
    bounds: { Limit: [1, 100] },
  }),
  operation<ListTargetsByRuleCommandInput, ListTargetsByRuleCommandOutput>(
    'events',
    ListTargetsByRule$,
    listTargetsByRule,
    { bounds: { Limit: [1, 100] } },
  ),
]

const rulesOf = ({ data }: Asked) => (data.estate ?? NO_ESTATE).eventRules

function refuseBus(bus = 'default'): void {
  if (bus !== 'default') throw new Refusal('ResourceNotFoundException', `Event bus ${bus} does not exist.`)
}

function listRules(input: ListRulesCommandInput, asked: Asked): Omit<ListRulesCommandOutput, '$metadata'> {
  const { NamePrefix = '', EventBusName, Limit = PAGE, NextToken } = input
  refuseBus(EventBusName)
  const found = rulesOf(asked).flatMap(({ rule }) => (rule.Name?.startsWith(NamePrefix) ? [rule] : []))
  const { items, next } = page(found, { token: NextToken, size: Limit, of: { NamePrefix } }, asked)
  return { Rules: items, NextToken: next }
}

function listTargetsByRule(
  { Rule, EventBusName, Limit = PAGE, NextToken }: ListTargetsByRuleCommandInput,
  asked: Asked,
): Omit<ListTargetsByRuleCommandOutput, '$metadata'> {
  refuseBus(EventBusName)
  const found = rulesOf(asked).find(({ rule }) => rule.Name === Rule)
  if (!found) throw new Refusal('ResourceNotFoundException', `Rule ${Rule} does not exist on EventBus default.`)
  const { items, next } = page(found.targets, { token: NextToken, size: Limit, of: { Rule } }, asked)
  return { Targets: items, NextToken: next }
}
