import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { ageS, type Span, shown } from './spans.ts'

/** CloudTrail shows an event up to so late (CloudTrail User Guide, How CloudTrail works). */
const TRAIL_LATE_MIN = 15
const SHOWN = 15

/** Who changed what, the newest first. */
export function changesIn({ platform, now }: Context, span: Span): Question[] {
  const isRecent = ageS(now, span.to) < TRAIL_LATE_MIN * 60
  return [
    question({
      id: 'changes',
      title: 'Changes by people and their tools',
      asks: { changes: { kind: 'changes', ...span } },
      answer: ({ changes: { events, hasMore } }) => ({
        verdict: 'shown',
        says:
          events.length === 0
            ? `none ${shown(span, platform.timezone)}`
            : `${events.length}${hasMore ? ' and more' : ''}, the last at ${localTime(events[0]?.at ?? '', platform.timezone)}`,
        ...(events.length > 0 && {
          table: {
            head: ['at', 'by', 'what', 'of'],
            rows: events
              .slice(0, SHOWN)
              .map(({ at, by, what, of }) => [localTime(at, platform.timezone), by, what, of]),
          },
        }),
        ...((isRecent || hasMore) && {
          source: {
            incomplete: hasMore
              ? 'CloudTrail has more changes than are shown'
              : `CloudTrail shows changes up to ${TRAIL_LATE_MIN} minutes late`,
          },
        }),
      }),
    }),
  ]
}

/** Which stacks were deployed. */
export function stacksIn({ platform }: Context, span: Span): Question[] {
  return [
    question({
      id: 'stacks',
      title: 'Deployed stacks, by their last deployment',
      asks: { stacks: { kind: 'stacks', since: span.from } },
      answer: ({ stacks: all }) => {
        const stacks = all.filter(({ at }) => at <= span.to)
        const failed = stacks.filter(({ status }) => /FAILED|ROLLBACK/.test(status))
        return {
          verdict: failed.length > 0 ? 'bad' : 'good',
          says: stacks.length === 0 ? `none ${shown(span, platform.timezone)}` : String(stacks.length),
          bound: 'none that failed',
          ...(failed.length > 0 && {
            todo: `Look into the deployment of ${failed.map(({ name, status }) => `${name} (${status})`).join(', ')}`,
          }),
          ...(stacks.length > 0 && {
            table: {
              head: ['stack', 'at', 'status'],
              rows: stacks.map(({ name, at, status }) => [name, localTime(at, platform.timezone), status]),
            },
          }),
        }
      },
    }),
  ]
}

/** Whether AWS itself has trouble. */
export function awsHealth({ platform }: Context, span: Span): Question[] {
  return [
    question({
      id: 'aws health',
      title: 'Issues of AWS itself',
      asks: { events: { kind: 'health', since: span.from } },
      answer: ({ events }) => {
        const open = events.filter(({ isOpen }) => isOpen)
        return {
          verdict: open.length > 0 ? 'bad' : 'good',
          says: open.length === 0 ? `none that is open` : String(open.length),
          bound: 'none',
          ...(open.length > 0 && { todo: 'Follow the issue in the AWS Health Dashboard: it may be the cause' }),
          ...(events.length > 0 && {
            table: {
              head: ['service', 'region', 'what', 'from', 'to'],
              rows: events.map(({ service, region, what, from, to }) => [
                ...[service, region, what],
                ...[from, to].map((at) => (at === undefined ? '' : localTime(at, platform.timezone))),
              ]),
            },
          }),
        }
      },
    }),
  ]
}
