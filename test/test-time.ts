import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs'

/** The attribute of a delayed message: in seconds. */
export const DELAY = 'delay-of-the-test'

/**
 * The emulator would delay a message, and give it again, in real time: a delay goes along as an attribute, and how long one
 * is to wait before it is retried is kept here. Gives that, in ms, by the receipt handle; once.
 */
export function waitsInTestTime(): (receiptHandle: string) => number | undefined {
  const waits = new Map<string, number>()
  const send = sendOf ?? (SQSClient.prototype.send as Send)
  sendOf = send
  SQSClient.prototype.send = function (this: SQSClient, command: Command, ...more: unknown[]) {
    const { input } = command
    if (command instanceof ChangeMessageVisibilityCommand) {
      waits.set(input.ReceiptHandle ?? '', (input.VisibilityTimeout ?? 0) * 1_000)
      return Promise.resolve({})
    }
    for (const one of [input, ...(input.Entries ?? [])]) {
      if (!one.DelaySeconds) continue
      const delay = { DataType: 'String', StringValue: String(one.DelaySeconds) }
      one.MessageAttributes = { ...one.MessageAttributes, [DELAY]: delay }
      delete one.DelaySeconds
    }
    return send.call(this, command, ...more)
  } as never
  return (receiptHandle) => {
    const waitMs = waits.get(receiptHandle)
    waits.delete(receiptHandle)
    return waitMs
  }
}

let sendOf: Send | undefined
type Send = (this: SQSClient, command: unknown, ...more: unknown[]) => unknown

interface Command {
  input: Sent & { Entries?: Sent[]; ReceiptHandle?: string; VisibilityTimeout?: number }
}

interface Sent {
  DelaySeconds?: number | undefined
  MessageAttributes?: Record<string, { DataType: string; StringValue: string }>
}
