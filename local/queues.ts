import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { REGION } from './topology.ts'

/** SQS and SNS, on a free port of 127.0.0.1. Unlike the plain emulator, they carry trace headers, as on AWS. */
export async function startQueues(): Promise<FauxqsServer> {
  await takeAllCharacters()
  subscribe(CREATED, carryTraceHeaders)
  try {
    return await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: REGION })
  } finally {
    unsubscribe(CREATED, carryTraceHeaders)
  }
}

/**
 * Characters that SQS rejects in a message (SendMessage, MessageBody): it accepts #x9 #xA #xD #x20–#xD7FF
 * #xE000–#xFFFD #x10000–#x10FFFF.
 */
const REFUSED = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** The emulator checks UTF-16 code units, and so rejects characters beyond #xFFFF, such as emoji. */
async function takeAllCharacters(): Promise<void> {
  const file = findPackageJSON('fauxqs', import.meta.url)
  if (file === undefined) throw new Error('fauxqs is not installed: npm ci')
  const types = await import(new URL('dist/sqs/sqsTypes.js', pathToFileURL(file)).href)
  types.INVALID_MESSAGE_BODY_CHAR.test = (body: string) => REFUSED.test(body)
}

/** Fastify publishes each new server here (Fastify, Diagnostics Channel): the emulator does not expose its own. */
const CREATED = 'fastify.initialization'

/** The attribute that carries a message's trace header: in a queue, it is a message attribute. */
const ATTRIBUTE = 'AWSTraceHeader'

type Attributes = Record<string, { DataType: string; StringValue: string } | undefined>
interface Received {
  Body: string
  MD5OfBody: string
  MessageAttributes?: Attributes
  Attributes?: Record<string, string>
}
/** The parts of Fastify that we use. */
interface Server {
  addHook(name: string, hook: (request: Request, reply: unknown, payload?: unknown) => Promise<unknown>): void
}
interface Request {
  headers: Record<string, string | undefined>
  body: Record<string, unknown>
}

function carryTraceHeaders(created: unknown): void {
  const { fastify } = created as { fastify: Server }
  fastify.addHook('preHandler', async ({ headers, body }) => {
    const traceHeader = headers['x-amzn-trace-id']
    if (traceHeader) attach(traceHeader, headers['x-amz-target'], body)
  })
  fastify.addHook('preSerialization', async ({ headers }, _reply, payload) =>
    headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage' ? detached(payload as { Messages?: Received[] }) : payload,
  )
}

/** SQS's requests are JSON; SNS's are a form with numbered fields. */
function attach(traceHeader: string, target: string | undefined, body: Request['body']): void {
  const attribute = { DataType: 'String', StringValue: traceHeader }
  const add = (message: { MessageAttributes?: Attributes }) => {
    message.MessageAttributes = { ...message.MessageAttributes, [ATTRIBUTE]: attribute }
  }
  if (target === 'AmazonSQS.SendMessage') add(body)
  else if (target === 'AmazonSQS.SendMessageBatch') for (const entry of body.Entries as object[]) add(entry)
  else if (body?.Action === 'Publish') addToForm(body, '', traceHeader)
  else if (body?.Action === 'PublishBatch') {
    for (const name of Object.keys(body)) {
      const [, entry] = name.match(/^(PublishBatchRequestEntries\.member\.\d+\.)Id$/) ?? []
      if (entry) addToForm(body, entry, traceHeader)
    }
  }
}

/** A message has at most ten attributes. */
const UNUSED_NUMBER = 99

function addToForm(form: Request['body'], prefix: string, traceHeader: string): void {
  const entry = `${prefix}MessageAttributes.entry.${UNUSED_NUMBER}`
  form[`${entry}.Name`] = ATTRIBUTE
  form[`${entry}.Value.DataType`] = 'String'
  form[`${entry}.Value.StringValue`] = traceHeader
}

/** The messages as SQS returns them: the trace header is a system attribute only. */
function detached({ Messages }: { Messages?: Received[] }): { Messages?: Received[] } {
  return { Messages: Messages?.map(detachedFrom) }
}

function detachedFrom(message: Received): Received {
  const { [ATTRIBUTE]: attribute, ...others } = message.MessageAttributes ?? {}
  if (attribute) {
    const MessageAttributes = Object.keys(others).length > 0 ? others : undefined
    return { ...message, MessageAttributes, Attributes: { ...message.Attributes, [ATTRIBUTE]: attribute.StringValue } }
  }
  return message.Body.includes(`"${ATTRIBUTE}"`) ? fromEnvelope(message) : message
}

/** Without raw delivery, the attributes are in SNS's envelope. */
function fromEnvelope(message: Received): Received {
  const { MessageAttributes: all, ...envelope } = JSON.parse(message.Body)
  const { [ATTRIBUTE]: attribute, ...others } = all ?? {}
  if (!attribute) return message
  const Body = JSON.stringify({ ...envelope, ...(Object.keys(others).length > 0 && { MessageAttributes: others }) })
  const MD5OfBody = createHash('md5').update(Body).digest('hex')
  return { ...message, Body, MD5OfBody, Attributes: { ...message.Attributes, [ATTRIBUTE]: attribute.Value } }
}
