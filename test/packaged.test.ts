import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BATCH_SIZE, idOf } from '../deploy/deliverers.ts'
import { CREDENTIALS_ENVIRONMENT, emulated } from '../local/emulated.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import { type AppConfigStandIn, startAppConfig } from '../local/stand-ins/index.ts'
import { FUNCTION_OF, QUEUES, queueArn, TICK, TIMEOUT_S } from '../local/topology.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { readConfig } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { packagedService } from './package-service.ts'
import { unzip } from './unzip.ts'

const PACKAGED = readConfig('config/alerts.yml')
/** The push after the deployment: the deciding rule has another name. */
const LIVE = {
  ...PACKAGED,
  rules: PACKAGED.rules.map((rule) => (rule.name === 'data loss' ? { ...rule, name: 'loss of data' } : rule)),
}

/** Pushes rules, as `npm run rules -- push` does. */
function push(config: typeof LIVE): void {
  const base = versionOf(documentOf(PACKAGED))
  const version = versionOf(documentOf(config))
  const { number } = appConfig.store('rules', JSON.stringify({ version, base, config }))
  appConfig.deployments.push({ number, profile: 'rules', version: number, startedAt: Date.now() })
}

/*
 * The zips that would be deployed, each function in a process of its own, in the environment that the template gives
 * it, on the local engine. Nothing that is only in the source, or only in this machine's environment, is available.
 */
const functions: ChildProcess[] = []
let tickRoot: string
let engine: Engine
let appConfig: AppConfigStandIn
// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
let template: { Resources: Record<string, any> }

beforeAll(async () => {
  engine = await startEngine({
    config: readConfig('config'),
    maxReceiveCount: 3,
    forward: {},
    realSecrets: {},
  })
  appConfig = await startAppConfig({
    application: 'alert-router-prod',
    environment: 'prod',
    profiles: ['rules', 'deployed'],
    strategies: [{ name: 'alert-router-prod', minutes: 0, growthPercent: 100, bakeMinutes: 0 }],
  })
  push(LIVE)
  const service = await packagedService()
  const output = join(service.folder, '.serverless')
  template = JSON.parse(service.template)
  const certificate = join(tmpdir(), 'ca-of-packaged.pem')
  writeFileSync(certificate, engine.certificate)
  await Promise.all(
    QUEUES.map(async (queue) => {
      const name = FUNCTION_OF[queue]
      const root = unpack(join(output, `${name}.zip`))
      const { Handler, Environment } = functionIn(name)
      const child = fork(
        'local/function-process.ts',
        [join(root, Handler.replace(/\.handler$/, '.js')), sourceOf(queue)],
        {
          env: {
            ...environmentOf(Object.keys(Environment.Variables)),
            LAMBDA_TASK_ROOT: root,
            NODE_EXTRA_CA_CERTS: certificate,
          },
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        },
      )
      functions.push(child)
      await once(child, 'message')
    }),
  )
  tickRoot = unpack(join(output, 'tick.zip'))
}, 180_000)

afterAll(async () => {
  await Promise.all(
    functions.map(async (child) => {
      if (child.connected) child.disconnect()
      if (child.exitCode === null) await once(child, 'exit')
    }),
  )
  await engine.stop()
  await appConfig.close()
})

function unpack(zip: string): string {
  const root = mkdtempSync(join(tmpdir(), 'task-root-'))
  for (const [path, content] of unzip(zip)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

function functionIn(name: string) {
  const found = Object.values(template.Resources).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.FunctionName.endsWith(name),
  )
  if (!found) throw new Error(`the template has no function ${name}`)
  return found.Properties
}

/** The names that the template gives, with what they are on this machine; and what Lambda itself and the emulators need. */
function environmentOf(names: string[]): Record<string, string> {
  const local: Record<string, string> = {
    ...engine.environment,
    CONFIG_FILE: 'config/alerts.json',
    METRICS_NAMESPACE: 'alert-router/prod',
    HISTORY_DAYS: '30',
    STAGE: 'prod',
    LIVE_CONFIG: 'id-alert-router-prod/id-prod/id-rules',
  }
  const given = names.map((name) => {
    if (local[name] === undefined) throw new Error(`nobody here knows what ${name} is`)
    return [name, local[name]]
  })
  const ofMachine = Object.entries(engine.environment).filter(([name]) => /^AWS_|^PAGERDUTY_SERVER$/.test(name))
  return {
    ...Object.fromEntries([...ofMachine, ...given]),
    ...CREDENTIALS_ENVIRONMENT,
    AWS_ENDPOINT_URL_APPCONFIGDATA: appConfig.url,
    LOG_LEVEL: 'SILENT',
  }
}

function sourceOf(queue: (typeof QUEUES)[number]): string {
  return JSON.stringify({
    queueUrl: engine.environment[`${queueVariable(queue)}_QUEUE_URL`],
    queueArn: queueArn(queue),
    functionName: FUNCTION_OF[queue],
    timeoutMs: TIMEOUT_S[queue] * 1_000,
    batchSize: BATCH_SIZE,
    concurrency: 1,
  })
}

/** All of the table. */
async function items() {
  const table = new DynamoDBClient(emulated(engine.environment, 'DYNAMODB'))
  const { Items = [] } = await table.send(new ScanCommand({ TableName: engine.environment.TABLE_NAME }))
  table.destroy()
  return Items
}

async function publish(file: string): Promise<void> {
  const sns = new SNSClient(emulated(engine.environment, 'SNS'))
  // Whatever the clock says, its time has come.
  const Message = readFileSync(file, 'utf8').replaceAll('2026-', '2024-')
  await sns.send(new PublishCommand({ TopicArn: engine.alarmsTopicArn, Message }))
  sns.destroy()
}

test('the local path has the batch size and the timeouts of the stack', () => {
  const mappings = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
  for (const queue of QUEUES) {
    const id = `${queue === 'alarms' ? 'Alarms' : idOf(queue)}Queue`
    const mapping = mappings.find(({ Properties }) => Properties.EventSourceArn['Fn::GetAtt'][0] === id)
    expect(mapping?.Properties.BatchSize).toBe(BATCH_SIZE)
    expect(mapping?.Properties.MaximumBatchingWindowInSeconds ?? 0).toBe(0)
    expect(functionIn(FUNCTION_OF[queue]).Timeout).toBe(TIMEOUT_S[queue])
  }
  expect(functionIn(TICK.functionName).Timeout).toBe(TICK.timeoutS)
})

test('an alarm opens an incident and is posted to Slack, and its OK closes both', async () => {
  await publish('samples/data-loss-1-alarm.json')
  await vi.waitFor(() => {
    expect(engine.pagerduty.incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
    expect(engine.slack.requests).toMatchObject([{ path: 'slack-critical', status: 200 }])
  }, 20_000)

  await publish('samples/data-loss-2-ok.json')
  await vi.waitFor(() => {
    expect(engine.pagerduty.incidents()).toMatchObject([{ state: 'resolved', triggers: 1 }])
    expect(engine.slack.requests).toHaveLength(2)
    expect(JSON.stringify(engine.slack.requests[1]?.body)).toContain('fired for 20 min')
  }, 20_000)
})

test('tick runs, and uses the active rules', async () => {
  const { Handler, Environment } = functionIn('tick')
  const bundle = join(tickRoot, Handler.replace(/\.handler$/, '.js'))
  const invoke = `require(${JSON.stringify(bundle)}).handler({}, { getRemainingTimeInMillis: () => 50_000 }).then(() => process.exit(0))`
  const env = { ...environmentOf(Object.keys(Environment.Variables)), LAMBDA_TASK_ROOT: tickRoot }
  const child = spawn(process.execPath, ['-e', invoke], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  expect(await once(child, 'exit')).toEqual([0, null])
  const [last] = (await items()).filter(({ pk }) => pk?.S === 'tick')
  expect(last).toMatchObject({ sk: { S: 'last' }, configVersion: { S: versionOf(documentOf(LIVE)) } })
})

test('the rules that decided are those that were pushed, and the decision says which', async () => {
  const changes = (await items()).filter(({ sk }) => sk?.S?.startsWith('change#'))
  expect(changes.map(({ rule, configVersion }) => [rule?.S, configVersion?.S])).toEqual(
    [1, 2].map(() => ['loss of data', versionOf(documentOf(LIVE))]),
  )
})
