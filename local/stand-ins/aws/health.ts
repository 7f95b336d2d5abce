import {
  DescribeEvents$,
  type DescribeEventsCommandInput,
  type DescribeEventsCommandOutput,
  type Event,
  type EventFilter,
} from '@aws-sdk/client-health'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** What of AWS Health is asked (AWS Health API Reference). It needs a support plan from Business Support+ on. */
export const HEALTH: Operation[] = [
  operation<DescribeEventsCommandInput, DescribeEventsCommandOutput>('health', DescribeEvents$, describeEvents, {
    bounds: { maxResults: [1, 100] },
    off() {
      throw new Refusal(
        'SubscriptionRequiredException',
        'You need a support plan of Business Support+ or higher to use the AWS Health API',
      )
    },
  }),
]

function describeEvents(
  input: DescribeEventsCommandInput,
  asked: Asked,
): Omit<DescribeEventsCommandOutput, '$metadata'> {
  const found = asked.data.healthEvents.filter((event) => matches(event, input.filter ?? {}))
  const { items, next } = page(found, { token: input.nextToken, size: input.maxResults ?? 100, of: input }, asked)
  return { events: items, nextToken: next }
}

function matches(event: Event, filter: EventFilter): boolean {
  const of = (wanted: readonly string[] | undefined, value: string | undefined) => wanted?.includes(value ?? '') ?? true
  const within = (ranges: EventFilter['startTimes'], time: Date | undefined) =>
    !ranges || ranges.some(({ from, to }) => time !== undefined && (!from || time >= from) && (!to || time <= to))
  return (
    of(filter.eventStatusCodes, event.statusCode) &&
    of(filter.eventTypeCategories, event.eventTypeCategory) &&
    of(filter.eventTypeCodes, event.eventTypeCode) &&
    of(filter.services, event.service) &&
    of(filter.regions, event.region) &&
    of(filter.eventArns, event.arn) &&
    within(filter.startTimes, event.startTime) &&
    within(filter.endTimes, event.endTime) &&
    within(filter.lastUpdatedTimes, event.lastUpdatedTime)
  )
}
