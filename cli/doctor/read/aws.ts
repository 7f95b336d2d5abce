import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation'
import type { Config } from '../../../schemas/config.ts'
import type { Gone, Place, Stage } from '../stage.ts'
import { Calls, PATIENCE, type Patience } from './calls.ts'
import { readHeartbeat, readRules, readSecrets, readTickLog } from './course.ts'
import { readKeys, readQueues, readTopics } from './messaging.ts'
import { namesOf, type Template } from './names.ts'
import { readAlarms, readLambda, readLastReconcile, readPair, readSchedules, readTables } from './running.ts'
import { readEmail } from './senders.ts'
import { rulesIn, stageOf } from './template.ts'

interface Asked {
  stage: string
  /** Also read the secrets. */
  withSecretValues: boolean
  patience?: Patience
}

/**
 * Reads a stage from AWS. Its stack lists the resources; the services are read in parallel.
 * @throws {Error} when the stack can't be read.
 */
export async function readDeployed({ stage, withSecretValues, patience = PATIENCE }: Asked): Promise<Stage> {
  const calls = new Calls(patience)
  const stack = await readStack(calls, stage)
  const known = { name: stage, place: stack.place, physical: stack.physical, now: calls.now }
  const expected = stageOf(stack.template, known)
  const packaged = rulesIn(namesOf(stack.template, known)).config
  const [messaging, lambda, scheduled, watched, stored, course, lastReconcile, beats] = await Promise.all([
    readMessaging(calls, expected),
    readLambda(calls, expected),
    readSchedules(calls, expected),
    readAlarms(calls, expected),
    readTables(calls, expected),
    readCourse(calls, stage, { packaged, withSecretValues }),
    readLastReconcile(calls, expected),
    readPair(calls, expected),
  ])
  const gone = [messaging.gone, lambda.gone, scheduled.gone, watched.gone, stored.gone].flat()
  return {
    source: 'aws',
    name: stage,
    place: stack.place,
    stackStatus: stack.status,
    createdAt: stack.createdAt,
    ...messaging,
    ...lambda,
    schedules: scheduled.schedules,
    alarms: watched.alarms,
    tables: stored.tables,
    ...course,
    lastReconcile,
    ...(expected.pair && { pair: expected.pair, beats }),
    roles: expected.roles,
    appConfig: expected.appConfig,
    clockAheadMs: calls.clockAheadMs,
    now: calls.now,
    gone: gone.map(({ id, name }): Gone => ({ type: stack.template.Resources[id]?.Type ?? 'Key', id, name })),
    unread: calls.unread,
    expected,
  }
}

async function readStack(calls: Calls, stage: string) {
  const client = calls.watched(new CloudFormationClient(calls.clientOptions))
  const StackName = `alert-router-${stage}`
  try {
    const { Stacks: [stack] = [] } = await calls.inTime((options) =>
      client.send(new DescribeStacksCommand({ StackName }), options),
    )
    if (!stack?.StackId) throw noSuchStack(StackName)
    const { TemplateBody = '{}' } = await calls.inTime((options) =>
      client.send(new GetTemplateCommand({ StackName, TemplateStage: 'Processed' }), options),
    )
    const physical: Record<string, string> = {}
    await calls.inTime(async () => {
      for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
        for (const { LogicalResourceId: id = '', PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
          if (PhysicalResourceId && ResourceStatus !== 'DELETE_COMPLETE') physical[id] = PhysicalResourceId
        }
      }
    })
    const { StackStatus: status, CreationTime } = stack
    const template = JSON.parse(TemplateBody) as Template
    return { status, createdAt: CreationTime?.getTime(), template, physical, place: placeIn(stack.StackId) }
  } catch (error) {
    // CloudFormation's error for a missing stack.
    if (/does not exist/.test((error as Error).message)) throw noSuchStack(StackName)
    throw error
  } finally {
    client.destroy()
  }
}

function noSuchStack(name: string): Error {
  return Object.assign(new Error(`no stack named ${name}`), { name: 'NoSuchRouter' })
}

/** An ARN contains the region and the account. */
function placeIn(arn: string): Place {
  const [, partition = '', , region = '', account = ''] = arn.split(':')
  return { partition, region, account }
}

async function readMessaging(calls: Calls, expected: Stage) {
  const [topics, queues] = await Promise.all([readTopics(calls, expected), readQueues(calls, expected)])
  const keys = await readKeys(calls, expected, [...topics.topics, ...queues.queues])
  return {
    topics: topics.topics,
    queues: queues.queues,
    keys: keys.keys,
    gone: [...topics.gone, ...queues.gone, ...keys.gone],
  }
}

async function readCourse(calls: Calls, stage: string, asked: { packaged?: Config; withSecretValues: boolean }) {
  const [{ rules, config }, lastHeartbeatAt, tickLog] = await Promise.all([
    readRules(calls, stage),
    readHeartbeat(calls, stage),
    readTickLog(calls, stage),
  ])
  const followed = config ?? asked.packaged
  const secrets = followed && (await readSecrets(calls, stage, followed, asked.withSecretValues))
  const email = followed && (await readEmail(calls, followed))
  return { rules, channels: followed?.channels, secrets, ...(email && { email }), lastHeartbeatAt, tickLog }
}
