import { AppConfigClient } from '@aws-sdk/client-appconfig'
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Config } from '../../../schemas/config.ts'
import { HEARTBEAT } from '../../../shared/observe/heartbeat.ts'
import { type Stage as RulesStage, readStage } from '../../rules/live/stage.ts'
import { HEARTBEAT_LOOKBACK_MS, type Rules, type Secret, TICK_LOOKBACK_MS, type TickLog } from '../stage.ts'
import type { Calls } from './calls.ts'
import { each } from './each.ts'

/** Reads what changes from day to day: the rules and their secrets, the heartbeat, the log of tick. */

/** `config`: the active rules. */
export async function readRules(calls: Calls, stage: string): Promise<{ rules?: Rules; config?: Config }> {
  const client = calls.watched(new AppConfigClient(calls.clientOptions))
  const found = await calls.ask(
    'the rules in AppConfig',
    'appconfig:List* and appconfig:GetHostedConfigurationVersion',
    () =>
      readStage(client, stage).catch((error: Error) => {
        if (error.name === 'NoSuchRouter') return 'none' as const
        throw error
      }),
  )
  client.destroy()
  if (found === undefined) return {}
  if (found === null || found === 'none') return { rules: { deployed: null, live: null } }
  return { rules: rulesOf(found), config: found.current.config }
}

function rulesOf({ deployed, current, rollouts, versions }: RulesStage): Rules {
  const newest = rollouts[0]?.State
  const isBack = newest === 'ROLLED_BACK' || newest === 'REVERTED' || newest === 'ROLLING_BACK'
  return {
    deployed: deployed.version,
    live: current.version,
    passedOver: current.number === undefined ? lastPushed({ rollouts, versions }, current.version) : undefined,
    newestRollout: newest && (isBack ? 'rolled back' : newest === 'COMPLETE' ? 'complete' : 'going on'),
    isStoredOnly: newest === undefined && versions.length > 0,
  }
}

/** The last roll-out, if it is another version. */
function lastPushed({ rollouts, versions }: Pick<RulesStage, 'rollouts' | 'versions'>, current: string) {
  const last = rollouts.find(({ State }) => State === 'COMPLETE')
  const version = last && versions.find(({ number }) => number === Number(last.ConfigurationVersion))?.version
  return version === current ? undefined : version
}

/** `withValues`: also reads the values, to check that none is blank. No value is kept. */
export async function readSecrets(calls: Calls, stage: string, config: Config, withValues: boolean): Promise<Secret[]> {
  const client = calls.watched(new SecretsManagerClient(calls.clientOptions))
  const channelsOf = new Map<string, string[]>()
  for (const [channel, one] of Object.entries(config.channels)) {
    if (!('secret' in one)) continue
    const name = `alert-router/${stage}/${one.secret}`
    channelsOf.set(name, [...(channelsOf.get(name) ?? []), channel])
  }
  const secrets: Secret[] = []
  await each([...channelsOf], async ([name, channels]) => {
    const state = await readSecret(calls, client, name, withValues)
    if (state) secrets.push({ name, channels, state })
  })
  client.destroy()
  return secrets
}

async function readSecret(
  calls: Calls,
  client: SecretsManagerClient,
  name: string,
  withValue: boolean,
): Promise<Secret['state'] | undefined> {
  const found = await calls.ask(`secret ${name}`, 'secretsmanager:DescribeSecret', (options) =>
    client.send(new DescribeSecretCommand({ SecretId: name }), options),
  )
  if (!found) return found === null ? 'absent' : undefined
  if (found.DeletedDate) return 'pending deletion'
  const stages = Object.values(found.VersionIdsToStages ?? {}).flat()
  if (!stages.includes('AWSCURRENT')) return 'empty'
  if (!withValue) return 'present'
  const value = await calls.ask(`value of secret ${name}`, 'secretsmanager:GetSecretValue', (options) =>
    client.send(new GetSecretValueCommand({ SecretId: name }), options),
  )
  return value === undefined || value?.SecretString?.trim() ? 'present' : 'empty'
}

export async function readHeartbeat(calls: Calls, stage: string): Promise<number | null | undefined> {
  const client = calls.watched(new CloudWatchClient(calls.clientOptions))
  const found = await calls.ask('the time of the last heartbeat', 'cloudwatch:GetMetricData', (options) =>
    client.send(new GetMetricDataCommand(heartbeatQuery(stage, calls.now)), options),
  )
  client.destroy()
  if (!found) return undefined
  const { Timestamps = [], Values = [] } = found.MetricDataResults?.[0] ?? {}
  const beats = Timestamps.filter((_, index) => (Values[index] ?? 0) > 0).map((at) => at.getTime())
  return beats.length > 0 ? Math.max(...beats) : null
}

function heartbeatQuery(stage: string, now: number) {
  const Metric = {
    Namespace: `alert-router/${stage}`,
    MetricName: 'LatencyMs',
    Dimensions: [{ Name: 'Channel', Value: HEARTBEAT.channel }],
  }
  return {
    MetricDataQueries: [{ Id: 'heartbeat', MetricStat: { Metric, Period: 60, Stat: 'SampleCount' } }],
    StartTime: new Date(now - HEARTBEAT_LOOKBACK_MS),
    EndTime: new Date(now),
    ScanBy: 'TimestampDescending' as const,
  }
}

/** The lines of a run are those within this time of its last one. ms */
const A_RUN_MS = 60_000

export async function readTickLog(calls: Calls, stage: string): Promise<TickLog | undefined> {
  const client = calls.watched(new CloudWatchLogsClient(calls.clientOptions))
  const input = { logGroupName: `/aws/lambda/alert-router-${stage}-tick`, startTime: calls.now - TICK_LOOKBACK_MS }
  const found = await calls.ask('the log of tick', 'logs:FilterLogEvents', async () => {
    const lines: FilteredLogEvent[] = []
    for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) lines.push(...events)
    return lines
  })
  client.destroy()
  if (found === undefined) return undefined
  return tickLogOf(found ?? [])
}

function tickLogOf(lines: FilteredLogEvent[]): TickLog {
  if (lines.length === 0) return { lastAt: null, errors: [] }
  const lastAt = lines.reduce((last, { timestamp = 0 }) => Math.max(last, timestamp), 0)
  const ofLastRun = lines.filter(({ timestamp = 0 }) => timestamp > lastAt - A_RUN_MS)
  return { lastAt, errors: ofLastRun.flatMap(({ message = '' }) => errorIn(message) ?? []) }
}

/**
 * The message of a line in Lambda's JSON log, if it is an error: the function's own, or Lambda's about an
 * invocation.
 */
function errorIn(line: string): string | undefined {
  try {
    const { level, type, message, errorMessage, record } = JSON.parse(line)
    if (type === 'platform.report' && record?.status !== undefined && record.status !== 'success') {
      return `Lambda reports: ${record.status}${record.errorType ? ` (${record.errorType})` : ''}`
    }
    if (level !== 'ERROR' && level !== 'FATAL') return undefined
    if (typeof message === 'object')
      return [message?.message ?? message?.event, message?.reason].filter(Boolean).join(': ')
    return String(errorMessage ?? message)
  } catch {
    return undefined
  }
}
