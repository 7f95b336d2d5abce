import { isOfPlatform } from '../../../deploy/platform/names.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { minuteOf } from '../../../shared/decide/minute.ts'
import { HEARTBEAT } from '../../../shared/observe/heartbeat.ts'
import { aws, type Check, deploy, type Finding, passing, prefixOf, revertDrift, shortName } from '../finding.ts'
import { type Alarm, HEARTBEAT_LOOKBACK_MS, type Stage, TICK_LOOKBACK_MS } from '../stage.ts'

/** Checks that the router runs, and that the operator is notified when it does not. */

const MINUTE_MS = 60_000

/** Those on the router itself; those on what it watches notify through it, and may fire. */
export const alarmsNotify: Check = (stage) =>
  stage.alarms.flatMap((alarm) => (isOfPlatform(alarm.id) ? silenced(stage, alarm) : findingsOf(stage, alarm)))

function silenced(stage: Stage, { id, name, description, actionsEnabled }: Alarm): Finding[] {
  if (actionsEnabled) return []
  return [disabled(stage, { about: name, resource: id, keeps: `the alert of this alarm: ${description}` })]
}

function disabled(stage: Stage, about: Pick<Finding, 'about' | 'resource' | 'keeps'>): Finding {
  const fix = [aws(stage, `cloudwatch enable-alarm-actions --alarm-names ${about.about}`)]
  return { ...about, severity: 'warning', id: 'alarm-disabled', what: 'The actions of the alarm are disabled.', fix }
}

function findingsOf(stage: Stage, alarm: Alarm): Finding[] {
  const about = { about: alarm.name, resource: alarm.id }
  const unheard = {
    ...about,
    severity: 'warning' as const,
    keeps: `the email to the operator when this alarm fires: ${alarm.description}`,
  }
  const found: Finding[] = []
  if (!alarm.actionsEnabled) {
    found.push(disabled(stage, unheard))
  }
  if (alarm.actions.length === 0) {
    found.push({ ...unheard, id: 'alarm-without-action', what: 'The alarm has no action.', fix: revertDrift(stage) })
  }
  const alarms = stage.topics.find(({ name }) => shortName(stage, name) === 'alarms')
  if (alarm.actions.length > 0 && alarm.actions.every((arn) => arn === alarms?.arn)) {
    const what = 'Its only action is the alarms topic: the router would have to report its own failure.'
    found.push({ ...unheard, id: 'alarm-through-router', what, fix: revertDrift(stage) })
  }
  if (alarm.state === 'ALARM') {
    const keeps = `what the alarm is about: ${alarm.description}`
    const fix = [
      aws(
        stage,
        `cloudwatch describe-alarm-history --alarm-name ${alarm.name} --history-item-type StateUpdate --max-records 5`,
      ),
    ]
    found.push({
      ...about,
      id: 'alarm-firing',
      severity: 'error',
      what: `It fires${sinceOf(alarm)}: ${alarm.because ?? 'no reason is given'}`,
      keeps,
      fix,
    })
  }
  if (alarm.state === 'INSUFFICIENT_DATA' && !isNew(stage, alarm.changedAt)) {
    const fix = [aws(stage, `cloudwatch describe-alarms --alarm-names ${alarm.name}`)]
    const what = `It has no data${sinceOf(alarm)}: ${alarm.because ?? 'no reason is given'}`
    found.push({ ...unheard, id: 'alarm-blind', what, fix })
  }
  return found
}

function sinceOf({ changedAt }: Alarm): string {
  return changedAt === undefined ? '' : ` since ${describe(changedAt)}`
}

/** A new alarm has no data, and a new stack has no heartbeats. */
function isNew({ now }: Stage, since: number | undefined): boolean {
  return since !== undefined && now - since < 15 * MINUTE_MS
}

/** A heartbeat may take a minute, and its metric another. ms */
const LATE_MS = (2 * HEARTBEAT.minutes + 2) * MINUTE_MS
const STOPPED_MS = 6 * HEARTBEAT.minutes * MINUTE_MS

export const heartbeatArrives: Check = (stage) => {
  const { lastHeartbeatAt: at, now } = stage
  if (at === undefined || isNew(stage, stage.createdAt)) return []
  const silentMs = at === null ? HEARTBEAT_LOOKBACK_MS : now - at
  if (silentMs <= LATE_MS) return []
  const last = at === null ? `in the last ${HEARTBEAT_LOOKBACK_MS / 3_600_000} hours` : `since ${describe(at)}`
  const hasStopped = silentMs > STOPPED_MS
  return [
    {
      id: hasStopped ? 'heartbeat-stopped' : 'heartbeat-late',
      severity: hasStopped ? 'error' : 'warning',
      about: `${prefixOf(stage)}heartbeat`,
      what: `No heartbeat passed through the router ${last}; one is sent every ${HEARTBEAT.minutes} minutes.`,
      keeps:
        'probably every alert: a heartbeat takes the same path. Other findings, or the log of route, show where it stops',
      fix: [aws(stage, `logs tail /aws/lambda/${prefixOf(stage)}route --since 30m`)],
    },
  ]
}

/** `tick` runs every minute. */
const TICK_SILENT_MS = 5 * MINUTE_MS

export const tickRuns: Check = (stage) => {
  const { tickLog, now } = stage
  if (!tickLog || isNew(stage, stage.createdAt)) return []
  const about = {
    about: `${prefixOf(stage)}tick`,
    severity: 'error' as const,
    keeps: passing(stage, `${prefixOf(stage)}tick`),
  }
  const fix = [aws(stage, `logs tail /aws/lambda/${prefixOf(stage)}tick --since 30m`)]
  const { lastAt, errors } = tickLog
  if (lastAt === null || now - lastAt > TICK_SILENT_MS) {
    const since = lastAt === null ? `in the last ${TICK_LOOKBACK_MS / MINUTE_MS} minutes` : `since ${describe(lastAt)}`
    return [{ ...about, id: 'tick-silent', what: `tick wrote nothing to its log ${since}; it runs every minute.`, fix }]
  }
  if (errors.length === 0) return []
  return [
    { ...about, id: 'tick-failed', what: `Errors in the log of its last run: ${[...new Set(errors)].join('; ')}`, fix },
  ]
}

/** AWS rejects signatures that are five minutes off. The SDK corrects for it; other tools do not. */
const CLOCK_OFF_MS = 5 * MINUTE_MS

export const clockIsRight: Check = ({ clockAheadMs: ahead = 0 }) => {
  if (Math.abs(ahead) < CLOCK_OFF_MS) return []
  const minutes = Math.round(Math.abs(ahead) / MINUTE_MS)
  return [
    {
      id: 'clock-off',
      severity: 'warning',
      about: "this machine's clock",
      what: `It is ${minutes} minutes ${ahead > 0 ? 'ahead of' : 'behind'} AWS's.`,
      keeps:
        'what is published from this machine: AWS rejects requests signed with such a time. "--since", and maintenance set from here, are off too',
      fix: ['sudo timedatectl set-ntp true'],
    },
  ]
}

export const stackIsWell: Check = (stage) => {
  const { stackStatus: status = 'UPDATE_COMPLETE' } = stage
  if (!/FAILED|ROLLBACK|^DELETE/.test(status)) return []
  const stuck = /_FAILED$/.test(status) && status.startsWith('UPDATE_ROLLBACK')
  const fix = stuck
    ? [aws(stage, `cloudformation continue-update-rollback --stack-name alert-router-${stage.name}`)]
    : [deploy(stage)]
  return [
    {
      id: 'stack-rolled-back',
      severity: stuck || !status.startsWith('UPDATE') ? 'error' : 'warning',
      about: `alert-router-${stage.name}`,
      what: `The stack's status is ${status}: the last deployment failed.`,
      keeps: 'the changes of the last deployment: the stage has older code and rules',
      fix,
    },
  ]
}

export const nothingIsGone: Check = (stage) =>
  stage.gone.map(({ type, id, name }) => ({
    id: 'resource-gone',
    severity: type.startsWith('AWS::CloudWatch') ? 'warning' : 'error',
    about: name,
    resource: id,
    what: `It is in the stack (${type.replace(/^AWS::/, '')}), but no longer exists in AWS: someone deleted it.`,
    keeps: type.startsWith('AWS::CloudWatch')
      ? 'the email to the operator when this alarm fires'
      : passing(stage, name),
    fix: revertDrift(stage),
  }))

export const allWasRead: Check = (stage) => {
  const { unread } = stage
  return unread.map(({ what, why, right }) => ({
    id: 'unread',
    severity: 'unknown',
    about: what,
    what: `It could not be read: ${why}.`,
    keeps: 'unknown',
    fix: readAgain(stage, why, right),
  }))
}

function readAgain({ name, place }: Stage, why: string, right: string | undefined): string[] {
  if (right === undefined) return [commandLine('rules check')]
  const again = commandLine(`doctor --stage ${name} --region ${place.region}`)
  return why === 'access denied'
    ? [`Allow ${right} for the user of this command (docs/operations.md lists the permissions), then:`, again]
    : [again]
}

function describe(ms: number): string {
  return `${minuteOf(new Date(ms).toISOString())} UTC`
}
