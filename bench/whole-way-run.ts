import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { emulated } from '../local/emulated.ts'
import { startEngineThread } from '../local/engine-thread.ts'
import { startRouter } from '../local/router.ts'
import { ACCOUNT, queueArn, queueName, topicArn } from '../local/topology.ts'
import type { WholeWayRun } from './whole-way.ts'

/*
 * Lone alarms through the whole router, in a process of its own, whose environment becomes that of the functions:
 * `node bench/whole-way-run.ts <rules> <rounds> <result>`.
 */

const ALARM = readFileSync('samples/system-availability-1-alarm.json', 'utf8')
/** The first ones load code and open connections. */
const WARM_UPS = 3
const POLL_MS = 20
const DEADLINE_MS = 30_000
/** One takes a millisecond or two. */
const HOPS = 10

const [, , configFile = '', rounds = '', result = ''] = process.argv
const config = JSON.parse(readFileSync(configFile, 'utf8'))
const engine = await startEngineThread({ config, maxReceiveCount: 3, forward: {}, realSecrets: {} })
const router = await startRouter(engine, { configFile, batching: 'as-deployed' })
const sns = new SNSClient(emulated(engine.environment, 'SNS'))
const sqs = new SQSClient(emulated(engine.environment, 'SQS'))

/** When SNS was given it. */
async function publish(topicArn: string, name: string): Promise<number> {
  const Message = ALARM.replaceAll('SystemAvailabilityAlarm', name)
  const at = Date.now()
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message }))
  return at
}

/** Ms until each vendor accepted it. @throws {Error} if that takes too long. */
async function lone(name: string): Promise<Record<'slack' | 'pagerduty', number>> {
  const from = await publish(engine.alarmsTopicArn, name)
  for (;;) {
    const { slack, pagerduty } = await engine.requests()
    const at = [slack, pagerduty].map(
      (all) => all.find(({ body, status }) => status !== undefined && JSON.stringify(body).includes(name))?.at,
    )
    const [toSlack, toPagerDuty] = at
    if (toSlack !== undefined && toPagerDuty !== undefined) {
      return { slack: toSlack - from, pagerduty: toPagerDuty - from }
    }
    if (Date.now() - from > DEADLINE_MS) throw new Error(`${name} did not arrive within ${DEADLINE_MS} ms`)
    await sleep(POLL_MS)
  }
}

/** Ms from SNS to whoever waits at a queue, with nothing of ours: an alarm takes that twice. */
async function startHop(): Promise<(name: string) => Promise<number>> {
  const TopicArn = topicArn('hop')
  const QueueUrl = `${engine.environment.AWS_ENDPOINT_URL_SQS}/${ACCOUNT}/${queueName('hop')}`
  await sns.send(new CreateTopicCommand({ Name: queueName('hop') }))
  await sqs.send(new CreateQueueCommand({ QueueName: queueName('hop') }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('hop') }))
  return async (name) => {
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }))
    const from = performance.now()
    await publish(TopicArn, name)
    const { Messages: [message] = [] } = await waiting
    const ms = performance.now() - from
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
    return ms
  }
}

const hop = await startHop()
const measured: WholeWayRun[] = []
for (let round = -WARM_UPS; round < Number(rounds); round++) {
  const name = `lone-${round + WARM_UPS}-`
  let hops = 0
  for (let n = 0; n < HOPS; n++) hops += await hop(name)
  const run = { hop: hops / HOPS, ...(await lone(name)) }
  await router.drained()
  if (round >= 0) measured.push(run)
}
writeFileSync(result, JSON.stringify(measured))
await router.stop()
await engine.stop()
process.exit(0)
