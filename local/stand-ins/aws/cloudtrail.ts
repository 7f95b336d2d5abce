import {
  type Event,
  LookupEvents$,
  type LookupEventsCommandInput,
  type LookupEventsCommandOutput,
} from '@aws-sdk/client-cloudtrail'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 50
/** Of history. */
const SHOWN_MS = 90 * 86_400_000

const ATTRIBUTES: Record<string, (event: Event) => (string | undefined)[]> = {
  EventId: ({ EventId }) => [EventId],
  EventName: ({ EventName }) => [EventName],
  ReadOnly: ({ ReadOnly }) => [ReadOnly],
  Username: ({ Username }) => [Username],
  EventSource: ({ EventSource }) => [EventSource],
  AccessKeyId: ({ AccessKeyId }) => [AccessKeyId],
  ResourceType: ({ Resources = [] }) => Resources.map(({ ResourceType }) => ResourceType),
  ResourceName: ({ Resources = [] }) => Resources.map(({ ResourceName }) => ResourceName),
}

/** What of CloudTrail is asked (CloudTrail API Reference): management events of one region, the newest first. */
export const CLOUDTRAIL: Operation[] = [
  operation<LookupEventsCommandInput, LookupEventsCommandOutput>('cloudTrail', LookupEvents$, lookupEvents),
]

function lookupEvents(input: LookupEventsCommandInput, asked: Asked): Omit<LookupEventsCommandOutput, '$metadata'> {
  const { LookupAttributes = [], StartTime, EndTime, EventCategory, MaxResults = PAGE } = input
  refuse(input)
  if (EventCategory !== undefined) return { Events: [] }
  const [attribute] = LookupAttributes
  const values = attribute && ATTRIBUTES[attribute.AttributeKey ?? '']
  const from = Math.max(StartTime?.getTime() ?? 0, asked.now.getTime() - SHOWN_MS)
  const to = Math.min(EndTime?.getTime() ?? Number.POSITIVE_INFINITY, asked.now.getTime())
  const found = asked.data
    .trail(asked.region)
    .filter((event) => {
      const at = timeOf(event)
      return at >= from && at <= to && (!values || values(event).includes(attribute.AttributeValue))
    })
    .sort((a, b) => timeOf(b) - timeOf(a))
  const { items, next } = page(found, { token: input.NextToken, size: MaxResults, of: input }, asked)
  return { Events: items, NextToken: next }
}

function timeOf({ EventTime }: Event): number {
  return EventTime?.getTime() ?? 0
}

function refuse({
  LookupAttributes = [],
  StartTime,
  EndTime,
  MaxResults = PAGE,
  EventCategory,
}: LookupEventsCommandInput) {
  if (MaxResults < 1 || MaxResults > PAGE) {
    throw new Refusal('InvalidMaxResultsException', `MaxResults must be between 1 and ${PAGE}`)
  }
  if (StartTime && EndTime && StartTime > EndTime) {
    throw new Refusal('InvalidTimeRangeException', 'Start time must not be after end time')
  }
  if (EventCategory !== undefined && EventCategory !== 'insight') {
    throw new Refusal('InvalidEventCategoryException', `Event category ${EventCategory} is invalid`)
  }
  const unknown = LookupAttributes.find(({ AttributeKey = '' }) => !Object.hasOwn(ATTRIBUTES, AttributeKey))
  if (LookupAttributes.length > 1 || unknown) {
    throw new Refusal('InvalidLookupAttributesException', 'You can only specify one lookup attribute, of a valid key')
  }
}
