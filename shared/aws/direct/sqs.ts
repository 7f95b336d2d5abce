import { Client, type Options } from './client.ts'
import { commandsOf } from './json.ts'

/* In place of @aws-sdk/client-sqs (client.ts). */

export class SQSClient extends Client {
  constructor(options: Options) {
    super({ serviceId: 'SQS', name: 'sqs', variable: 'SQS' }, options)
  }
}

/** A queue is called at its URL, as by the SDK: it names the endpoint. */
const command = commandsOf({
  target: 'AmazonSQS',
  version: '1.0',
  endpointFor: ({ QueueUrl }: { QueueUrl?: string }) => QueueUrl && new URL(QueueUrl).origin,
})

export const ChangeMessageVisibilityCommand = /* @__PURE__ */ command('ChangeMessageVisibility')
export const DeleteMessageBatchCommand = /* @__PURE__ */ command('DeleteMessageBatch')
export const ReceiveMessageCommand = /* @__PURE__ */ command('ReceiveMessage')
export const SendMessageBatchCommand = /* @__PURE__ */ command('SendMessageBatch')
export const SendMessageCommand = /* @__PURE__ */ command('SendMessage')
