import type { Alert } from '../../schemas/alert.ts'
import type { Ask, Changes, Outcome } from '../questions/ask.ts'
import { HOUR_MS } from '../questions/spans.ts'
import { clock, type FirstQuestion, type Known, missing } from './ask-first.ts'
import { redacted } from './redact.ts'

const SHOWN = 6
/** CloudTrail shows an event up to so late (CloudTrail User Guide, How CloudTrail works). */
const TRAIL_LATE_MIN = 15

/** What AWS's services do all the time. */
const USUAL =
  /^(?:AssumeRole\w*|BatchGet\w+|Create(?:Grant|LogGroup|LogStream|NetworkInterface)|Decrypt|DeleteNetworkInterface|Encrypt|GenerateDataKey\w*|PutMetricData|RetireGrant|SharedSnapshot\w*|StartQuery|StopQuery|UpdateInstanceInformation|UpdateInstanceAssociationStatus)$/

/** Deployments and writes in the hour before; of an alert that is out only hours later, those of the hour after, too. */
export function changesBefore({ alert, now }: Known): FirstQuestion {
  const fired = Math.min(Date.parse(alert.changedAt) || now.getTime(), now.getTime())
  const since = new Date(fired - HOUR_MS).toISOString()
  const stacks = { kind: 'stacks' as const, since }
  const pipelines = { kind: 'pipelines' as const, since }
  const to = new Date(Math.min(now.getTime(), fired + HOUR_MS)).toISOString()
  const writes = { kind: 'changes' as const, from: since, to }
  return {
    title: 'Changed in the hour before',
    asks: [stacks, pipelines, writes],
    says: (outcomeOf) => {
      const all = [
        of('CloudFormation', outcomeOf(stacks), (found) =>
          found
            .filter(({ at }) => at <= to)
            .map(({ name, status, at }) => `stack ${name}: ${status}, ${clock(at, now)}`),
        ),
        of('CodePipeline', outcomeOf(pipelines), ({ runs, asked, all: count }) => [
          ...runs
            .filter(({ at }) => at <= to)
            .map(({ pipeline, status, at, by }) => {
              const trigger = by === undefined ? '' : ` (${redacted(by).slice(0, 100)})`
              return `pipeline ${pipeline}: ${status}, ${clock(at, now)}${trigger}`
            }),
          ...(asked < count ? [`of ${count} pipelines, the ${asked} that were changed last were asked`] : []),
        ]),
        of('CloudTrail', outcomeOf(writes), (found) => writesIn(found, alert, now, SHOWN)),
      ]
      const lines = all.flatMap(({ lines: some }) => some)
      const late = 'data' in outcomeOf(writes) ? `; CloudTrail shows a write up to ${TRAIL_LATE_MIN} minutes late` : ''
      const known = all.filter(({ isKnown }) => isKnown).map(({ source }) => source)
      const count = all.reduce((sum, { isKnown, lines: some }) => sum + (isKnown ? some.length : 0), 0)
      const nothing = known.length === 0 ? 'not known' : `nothing that ${known.join(', ')} know of`
      return { says: `${count === 0 ? nothing : `since ${clock(since, now)}`}${late}`, lines }
    },
  }
}

function of<Kind extends Ask['kind']>(
  source: string,
  outcome: Outcome<Kind>,
  linesOf: (data: Extract<Outcome<Kind>, { data: unknown }>['data']) => string[],
): { source: string; isKnown: boolean; lines: string[] } {
  if ('refused' in outcome) return { source, isKnown: false, lines: [`${source}: ${missing(outcome.refused)}`] }
  return { source, isKnown: true, lines: linesOf(outcome.data) }
}

/** Those that name what the alert is about come first, then the newest; what services do all the time is left out. */
export function writesIn({ events, hasMore }: Changes, alert: Alert, now: Date, most: number): string[] {
  const names = Object.values(alert.dimensions).filter((value) => value.length > 2)
  const isOf = ({ of: what }: Changes['events'][number]) => names.some((name) => what.includes(name))
  const shown = events.filter(({ what }) => !USUAL.test(what))
  const sorted = [...shown.filter(isOf), ...shown.filter((one) => !isOf(one))]
  const rest = sorted.length - most
  return [
    ...sorted.slice(0, most).map(({ at, by, what, of: resource }) => {
      const on = resource === '' ? '' : ` of ${redacted(resource).slice(0, 120)}`
      return `${whoOf(by)}: ${what}${on}, ${clock(at, now)}`
    }),
    ...(rest > 0 ? [`and ${rest}${hasMore ? ' or more' : ''} other writes`] : []),
  ]
}

/** Who to ask, without the address: `ada` of `ada@example.com`. */
function whoOf(by: string): string {
  return redacted(by.replace(/@[\w.-]+$/, '')).slice(0, 80)
}
