import { Agent } from 'node:http'
import type { Engine } from '../engine.ts'
import type { Answer, Captured, StandIn } from '../stand-ins/index.ts'
import { startStandIn } from '../stand-ins/stand-in.ts'

/** Proxies in front of SNS and DynamoDB, so that these can fail as AWS does. */
export interface AwsProxies {
  sns: StandIn
  table: StandIn
  /** Repeats an earlier request to SNS. */
  again(request: Captured): Promise<void>
  /** The functions' environment, with the proxies in place of the emulators. */
  environment: Record<string, string>
}

export async function startAwsProxies({ environment }: Pick<Engine, 'environment'>): Promise<AwsProxies> {
  const agent = new Agent({ keepAlive: true })
  const sns = await proxyOf(environment, 'AWS_ENDPOINT_URL_SNS', agent, { keepsBodies: true })
  const table = await proxyOf(environment, 'AWS_ENDPOINT_URL_DYNAMODB', agent)
  async function again({ path, body }: Captured): Promise<void> {
    const url = new URL(path, environment.AWS_ENDPOINT_URL_SNS)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { ok, status } = await fetch(url, { method: 'POST', headers, body: String(body) })
    if (!ok) throw new Error(`SNS answers ${status} to a request that it accepted before`)
  }
  return { sns, table, again, environment: { AWS_ENDPOINT_URL_SNS: sns.url, AWS_ENDPOINT_URL_DYNAMODB: table.url } }
}

function proxyOf(
  environment: Engine['environment'],
  variable: string,
  agent: Agent,
  { keepsBodies = false } = {},
): Promise<StandIn> {
  return startStandIn({
    answer: () => ({ status: 502 }),
    capture: ({ path, bytes }) => ({ path, body: keepsBodies ? bytes.toString() : undefined }),
    forwardTo: ({ path }) => new URL(path, environment[variable]),
    agent,
  })
}

/** Proxies of SQS and DynamoDB for the inbox alone: what happens to them happens to no alert. */
export interface InboxProxies {
  queue: StandIn
  table: StandIn
  /** How the inbox's environment differs. */
  environment: Record<string, string>
  close(): Promise<void>
}

export async function startInboxProxies({ environment }: Pick<Engine, 'environment'>): Promise<InboxProxies> {
  const agent = new Agent({ keepAlive: true })
  const [queue, table] = await Promise.all(
    ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_DYNAMODB'].map((variable) => proxyOf(environment, variable, agent)),
  )
  if (!queue || !table) throw new Error('two proxies were started')
  const { ALARMS_QUEUE_URL = '' } = environment
  return {
    queue,
    table,
    environment: {
      AWS_ENDPOINT_URL_SQS: queue.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      // The client asks the queue's URL, whatever its endpoint is.
      ALARMS_QUEUE_URL: `${queue.url}${new URL(ALARMS_QUEUE_URL).pathname}`,
    },
    close: async () => void (await Promise.all([queue.close(), table.close()])),
  }
}

const XML = { 'content-type': 'text/xml' }
const SNS = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'

/** SNS itself failed. */
export const snsFailure: Answer = {
  status: 500,
  headers: XML,
  body: `<ErrorResponse ${SNS}><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>fault</Message></Error></ErrorResponse>`,
}

/** A 200 with every entry failed: to each entry it looks like a partial failure. */
export function snsFailedEntries(request: Captured): Answer {
  const failed = entriesIn(request).map(
    (id) =>
      `<member><Id>${id}</Id><Code>InternalError</Code><Message>fault</Message><SenderFault>false</SenderFault></member>`,
  )
  return snsAnswer(`<Failed>${failed.join('')}</Failed><Successful/>`)
}

/** A response that accepts every entry. */
export function snsDrops(request: Captured): Answer {
  const taken = entriesIn(request).map((id) => `<member><Id>${id}</Id><MessageId>dropped</MessageId></member>`)
  return snsAnswer(`<Failed/><Successful>${taken.join('')}</Successful>`)
}

function entriesIn({ body }: Captured): string[] {
  return [...new URLSearchParams(String(body))].flatMap(([name, id]) =>
    /^PublishBatchRequestEntries\.member\.\d+\.Id$/.test(name) ? id : [],
  )
}

function snsAnswer(result: string): Answer {
  return {
    status: 200,
    headers: XML,
    body: `<PublishBatchResponse ${SNS}><PublishBatchResult>${result}</PublishBatchResult></PublishBatchResponse>`,
  }
}

/** DynamoDB throttles for a moment. */
export const tableThrottle: Answer = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'fault',
  },
}

/** SQS refuses for a moment. */
export const queueRefusal: Answer = {
  status: 503,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: { __type: 'com.amazonaws.sqs#ServiceUnavailable', message: 'fault' },
}
