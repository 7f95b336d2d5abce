import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnAccount, parseArn } from './arn.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { factsOf } from './facts.ts'
import { consolePage, encode } from './links.ts'
import { regionCode } from './region.ts'
import { withCause } from './summary.ts'
import { isoTime } from './time.ts'

const SOURCES = new Map([
  ['KinesisBatchInfo', 'a Kinesis stream'],
  ['DDBStreamBatchInfo', 'a DynamoDB stream'],
  ['KafkaBatchInfo', 'a Kafka topic'],
])

/*
 * What Lambda sends to a failure destination: an asynchronous invocation that used up its attempts, or stream records that
 * could not be processed. The payload may be anything that a customer sent, so the title is not taken from it.
 */
export function failedInvocation(message: Json, envelope: Envelope): Draft[] | undefined {
  const context = asObject(message.requestContext)
  const arn = asText(context?.functionArn)
  const condition = asText(context?.condition)
  if (arn === undefined || condition === undefined) return undefined
  const [, name = arn] = /:function:([^:]+)/.exec(arn) ?? []
  const answer = asObject(message.responsePayload) ?? {}
  const error = [asText(answer.errorType), asText(answer.errorMessage)].filter(Boolean).join(': ')
  const tries = asText(context?.approximateInvokeCount)
  const batch = Object.entries(message).find(([key]) => /BatchInfo$/.test(key))
  const stream = asObject(batch?.[1]) ?? {}
  const of = batch
    ? `${asText(stream.batchSize) ?? 'some'} records of ${SOURCES.get(batch[0]) ?? batch[0].replace(/BatchInfo$/, '')}`
    : undefined
  const isOver = condition === 'Success'
  const region = regionCode(parseArn(arn)?.region) ?? envelope.region
  const verb = isOver ? 'succeeded' : `failed${of ? ` on ${of}` : ''}${tries ? ` after ${tries} tries` : ''}`
  return [
    {
      kind: 'aws-event',
      fingerprint: `lambda:${arn.replace(/:[^:]*$/, (end) => (end.startsWith(':$') ? '' : end))}:${asText(context?.requestId) ?? hash(JSON.stringify(stream))}`,
      name: isOver ? 'Lambda success' : 'Lambda failure',
      title: withCause(`Lambda ${name} ${verb}`, error || (isOver ? undefined : condition)),
      reason: error || condition,
      description: asList(answer.trace).slice(0, 20).map(asText).filter(Boolean).join('\n') || undefined,
      changedAt: isoTime(message.timestamp),
      source: 'aws.lambda',
      account: arnAccount(arn),
      region,
      resource: `${name} (function)`,
      declaredSeverity: isOver ? 'info' : 'error',
      details: {
        condition,
        tries,
        ...Object.fromEntries(factsOf({ context: message.responseContext, stream }).slice(0, 20)),
      },
      links: { console: consolePage(region, `/lambda/home?region=${region}#/functions/${encode(name)}`) },
    },
  ]
}
