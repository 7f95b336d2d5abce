import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge'
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda'
import type { Policy } from '../../../shared/estate/policy.ts'
import { readBeatsWith } from '../../../shared/store/beats.ts'
import { keyOfLast, type LastReconcile, lastReconcileIn } from '../../../shared/store/last-reconcile.ts'
import { comparesWithCloudWatch } from '../checks/comparing.ts'
import type { Alarm, LambdaFunction, Mapping, Schedule, Stage, Table } from '../stage.ts'
import type { Calls } from './calls.ts'
import { each } from './each.ts'
import { keysOf, mappingSettings, namesWithValue } from './template.ts'

/** Reads the functions, schedules, alarms and tables that a stack should have. */

export async function readLambda(calls: Calls, expected: Stage) {
  const lambda = calls.watched(new LambdaClient(calls.clientOptions))
  const functions = await each(expected.functions, (one) => readFunction(calls, lambda, one))
  const mappings = await each(expected.mappings, (one) => readMapping(calls, lambda, one))
  const settings = await calls.ask("Lambda's limits of this account", 'lambda:GetAccountSettings', (options) =>
    lambda.send(new GetAccountSettingsCommand(), options),
  )
  lambda.destroy()
  return {
    functions: functions.there,
    mappings: mappings.there,
    gone: [...functions.gone, ...mappings.gone],
    unreservedConcurrency: settings?.AccountLimit?.UnreservedConcurrentExecutions,
  }
}

async function readFunction(calls: Calls, lambda: LambdaClient, one: LambdaFunction): Promise<LambdaFunction | null> {
  const what = `function ${one.name}`
  const input = { FunctionName: one.name }
  const found = await calls.ask(what, 'lambda:GetFunctionConfiguration', (options) =>
    lambda.send(new GetFunctionConfigurationCommand(input), options),
  )
  if (found === null) return null
  const concurrency = await calls.ask(`concurrency of ${what}`, 'lambda:GetFunctionConcurrency', (options) =>
    lambda.send(new GetFunctionConcurrencyCommand(input), options),
  )
  // A function without a policy is "not found".
  const policy = await calls.ask(`policy of ${what}`, 'lambda:GetPolicy', (options) =>
    lambda.send(new GetPolicyCommand(input), options),
  )
  return {
    ...one,
    role: found?.Role ?? one.role,
    state: found?.State,
    lastUpdate: found?.LastUpdateStatus,
    reason: found?.StateReason ?? found?.LastUpdateStatusReason,
    timeoutS: found?.Timeout,
    deadLetters: found && (found.DeadLetterConfig?.TargetArn || null),
    // Variables that the caller may not decrypt are omitted, with an error.
    environment: found && !found.Environment?.Error ? namesWithValue(found.Environment?.Variables) : undefined,
    reservedConcurrency: concurrency ? (concurrency.ReservedConcurrentExecutions ?? null) : undefined,
    policy: policy ? (JSON.parse(policy.Policy ?? '{"Statement":[]}') as Policy) : policy,
  }
}

async function readMapping(calls: Calls, lambda: LambdaClient, one: Mapping): Promise<Mapping | null> {
  const found = await calls.ask(`event source mapping ${one.name}`, 'lambda:GetEventSourceMapping', (options) =>
    lambda.send(new GetEventSourceMappingCommand({ UUID: one.name }), options),
  )
  const unknown = { hasFilter: undefined, reportsFailures: undefined, windowS: undefined }
  if (!found) return found === null ? null : { ...one, ...unknown, state: 'unknown' }
  return {
    ...one,
    queue: found.EventSourceArn ?? one.queue,
    function: (found.FunctionArn ?? one.function).replace(/^.*:function:/, ''),
    state: found.State ?? 'unknown',
    maximumConcurrency: found.ScalingConfig?.MaximumConcurrency,
    ...mappingSettings(found),
  }
}

export async function readSchedules(
  calls: Calls,
  expected: Stage,
): Promise<{ schedules: Schedule[]; gone: Schedule[] }> {
  const events = calls.watched(new EventBridgeClient(calls.clientOptions))
  const { there, gone } = await each(expected.schedules, async (one): Promise<Schedule | null> => {
    const found = await calls.ask(`rule ${one.name}`, 'events:DescribeRule', (options) =>
      events.send(new DescribeRuleCommand({ Name: one.name }), options),
    )
    if (found === null) return null
    const targets = await calls.ask(`targets of rule ${one.name}`, 'events:ListTargetsByRule', (options) =>
      events.send(new ListTargetsByRuleCommand({ Rule: one.name }), options),
    )
    return {
      ...one,
      // One that could not be read is in `unread`.
      isEnabled: found?.State !== 'DISABLED',
      expression: found && (found.ScheduleExpression || null),
      targets: targets?.Targets?.map(({ Arn = '' }) => Arn),
    }
  })
  events.destroy()
  return { schedules: there, gone }
}

/** Requested together: CloudWatch accepts a hundred names. */
const NAMES_A_CALL = 100

export async function readAlarms(calls: Calls, expected: Stage): Promise<{ alarms: Alarm[]; gone: Alarm[] }> {
  const client = calls.watched(new CloudWatchClient(calls.clientOptions))
  const found = await calls.ask('the alarms of the stack', 'cloudwatch:DescribeAlarms', async () => {
    const alarms = new Map<string, Partial<Alarm>>()
    for (let from = 0; from < expected.alarms.length; from += NAMES_A_CALL) {
      const AlarmNames = expected.alarms.slice(from, from + NAMES_A_CALL).map(({ name }) => name)
      const input = { AlarmNames, AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] }
      for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, input)) {
        for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
          alarms.set(alarm.AlarmName ?? '', {
            actionsEnabled: alarm.ActionsEnabled ?? true,
            actions: alarm.AlarmActions ?? [],
            missingData: 'TreatMissingData' in alarm ? alarm.TreatMissingData : undefined,
            state: alarm.StateValue,
            because: alarm.StateReason,
            changedAt: alarm.StateUpdatedTimestamp?.getTime(),
          })
        }
      }
    }
    return alarms
  })
  client.destroy()
  if (!found) return { alarms: [], gone: [] }
  return {
    alarms: expected.alarms.filter(({ name }) => found.has(name)).map((one) => ({ ...one, ...found.get(one.name) })),
    gone: expected.alarms.filter(({ name }) => !found.has(name)),
  }
}

export async function readTables(calls: Calls, expected: Stage): Promise<{ tables: Table[]; gone: Table[] }> {
  const client = calls.watched(new DynamoDBClient(calls.clientOptions))
  const { there, gone } = await each(expected.tables, async (one): Promise<Table | null> => {
    const found = await calls.ask(`table ${one.name}`, 'dynamodb:DescribeTable', (options) =>
      client.send(new DescribeTableCommand({ TableName: one.name }), options),
    )
    if (!found) return found === null ? null : one
    const { TableStatus: status, KeySchema, GlobalSecondaryIndexes = [], Replicas = [] } = found.Table ?? {}
    const indexes = GlobalSecondaryIndexes.map(({ IndexName: name = '', IndexStatus, KeySchema }) => ({
      name,
      keys: keysOf(KeySchema),
      status: IndexStatus,
    }))
    const replicas = Replicas.map(({ RegionName: region = '', ReplicaStatus }) => ({ region, status: ReplicaStatus }))
    return { ...one, status, keys: keysOf(KeySchema), indexes, replicas }
  })
  client.destroy()
  return { tables: there, gone }
}

/** What two regions say of who sends; undefined where there is one, or where it could not be read. */
export async function readPair(calls: Calls, { pair, tables: [table] }: Stage): Promise<Stage['beats']> {
  if (!pair || !table) return undefined
  const client = calls.watched(new DynamoDBClient(calls.clientOptions))
  const found = await calls.ask('which region sends', 'dynamodb:Query', () => readBeatsWith(client, table.name, pair))
  client.destroy()
  return found ?? undefined
}

/** Undefined where it is switched off, or could not be read; `null`: there was none. */
export async function readLastReconcile(calls: Calls, expected: Stage): Promise<LastReconcile | null | undefined> {
  const [one] = expected.tables
  if (!one || !comparesWithCloudWatch(expected)) return undefined
  const client = calls.watched(new DynamoDBClient(calls.clientOptions))
  const found = await calls.ask('when CloudWatch was last compared', 'dynamodb:GetItem', (options) =>
    client.send(new GetItemCommand({ TableName: one.name, Key: keyOfLast(expected.pair) }), options),
  )
  client.destroy()
  // Without a table, that is a finding of its own.
  return found ? (lastReconcileIn(found.Item) ?? null) : undefined
}
