import type { Engine } from '../engine.ts'
import type { Answer, Captured, StandIn } from '../stand-ins/index.ts'
import { startStandIn } from '../stand-ins/stand-in.ts'

/** Stand before SNS and DynamoDB, so that they can fail as AWS's do. */
export interface AwsProxies {
  sns: StandIn
  table: StandIn
  /** What the functions find in their environment in place of the emulators. */
  environment: Record<string, string>
}

export async function startAwsProxies({ environment }: Pick<Engine, 'environment'>): Promise<AwsProxies> {
  const before = (variable: string, keepsBodies: boolean) =>
    startStandIn({
      answer: () => ({ status: 502 }),
      capture: ({ path, bytes }) => ({ path, body: keepsBodies ? bytes.toString() : undefined }),
      forwardTo: () => new URL(environment[variable] ?? ''),
    })
  const sns = await before('AWS_ENDPOINT_URL_SNS', true)
  const table = await before('AWS_ENDPOINT_URL_DYNAMODB', false)
  return { sns, table, environment: { AWS_ENDPOINT_URL_SNS: sns.url, AWS_ENDPOINT_URL_DYNAMODB: table.url } }
}

const XML = { 'content-type': 'text/xml' }
const SNS = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'

/** SNS itself failed. */
export const snsFailure: Answer = {
  status: 500,
  headers: XML,
  body: `<ErrorResponse ${SNS}><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>fault</Message></Error></ErrorResponse>`,
}

/** A 200 that took none of its entries: what a partial failure looks like to each of them. */
export function snsFailedEntries({ body }: Captured): Answer {
  const entries = String(body).match(/PublishBatchRequestEntries\.member\.\d+\.Id=/g)?.length ?? 0
  const failed = Array.from(
    { length: entries },
    (_, id) =>
      `<member><Id>${id}</Id><Code>InternalError</Code><Message>fault</Message><SenderFault>false</SenderFault></member>`,
  )
  return {
    status: 200,
    headers: XML,
    body: `<PublishBatchResponse ${SNS}><PublishBatchResult><Failed>${failed.join('')}</Failed><Successful/></PublishBatchResult></PublishBatchResponse>`,
  }
}

/** DynamoDB has had enough for a moment. */
export const tableThrottle: Answer = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'fault',
  },
}
