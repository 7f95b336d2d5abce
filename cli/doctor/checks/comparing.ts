import { RECONCILE } from '../../../deploy/reconcile-times.ts'
import { minuteOf } from '../../../shared/decide/minute.ts'
import { aws, type Check, type Finding, passing, prefixOf, shortName } from '../finding.ts'
import type { Schedule, Stage } from '../stage.ts'

/** Checks that CloudWatch is compared with what the router knows (functions/reconcile.ts). */

const SCHEDULE = 'reconcile'
/** So many runs may be missing; `no-reconcile` says so after as many. */
const LATE_MS = 4 * RECONCILE.minutes * 60_000

/** A team may switch it off, by the parameter `reconcile`: then its stack has no such function. */
export function comparesWithCloudWatch({ expected, ...stage }: Stage): boolean {
  const { schedules } = expected ?? stage
  return schedules.some((one) => isComparison({ expected, ...stage }, one))
}

export const isComparison = (stage: Stage, { name }: Schedule): boolean => shortName(stage, name) === SCHEDULE

export const cloudWatchIsCompared: Check = (stage) => {
  const { lastReconcile: last, schedules, createdAt, now } = stage
  // A rule that somebody has disabled is a finding of its own.
  const isRun = schedules.some((one) => isComparison(stage, one) && one.isEnabled)
  if (last === undefined || !isRun || !comparesWithCloudWatch(stage)) return []
  const since = last === null ? createdAt : Date.parse(last.at)
  const isLate = since === undefined || now - since > LATE_MS
  return [
    ...(isLate ? [late(stage, last?.at)] : []),
    ...(last && last.refused.length > 0 ? [refused(stage, last.refused)] : []),
  ]
}

const logs = (stage: Stage) => aws(stage, `logs tail /aws/lambda/${prefixOf(stage)}${SCHEDULE} --since 1h`)

function late(stage: Stage, at: string | undefined): Finding {
  const last = at === undefined ? 'It has never run to its end' : `Its last complete run began at ${timeOf(at)}`
  return {
    id: 'reconcile-late',
    severity: 'warning',
    about: `${prefixOf(stage)}${SCHEDULE}`,
    what: `${last}; CloudWatch should be compared every ${RECONCILE.minutes} minutes.`,
    keeps: passing(stage, `${prefixOf(stage)}${SCHEDULE}`),
    fix: [logs(stage)],
  }
}

export const timeOf = (at: string): string => `${minuteOf(at)} UTC`

/** As in cloudwatch:DescribeAlarmHistory. */
const ACTION = /\b[a-z]+:[A-Z]\w+/g

function refused(stage: Stage, all: string[]): Finding {
  const denied = all.filter((one) => /this role may not/.test(one))
  const actions = [...new Set(denied.flatMap((one) => one.match(ACTION) ?? []))]
  return {
    id: 'reconcile-refused',
    severity: 'warning',
    about: `${prefixOf(stage)}${SCHEDULE}`,
    what: `Its last run could not ask everything: ${all.join('; ')}.`,
    keeps: 'what only that would show of alarms whose message gets lost',
    fix:
      actions.length > 0
        ? [
            `Allow ${actions.join(', ')} on * for the role that reads this account (docs/reconcile.md lists the permissions).`,
          ]
        : [logs(stage)],
  }
}
