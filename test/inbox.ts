import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context } from 'aws-lambda'
import { afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { type Sent, urlEvent } from '../local/stand-ins/index.ts'
import { PREFIX } from '../local/topology.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { SecretName } from '../shared/inbox/decision.ts'
import type { Response } from '../shared/inbox/request.ts'
import { deliverersFor } from './deliverers.ts'

/** The rules of alerts that people answer about. */
export const ANSWERED = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', perMinute: 60_000 },
    shared: { type: 'pagerduty', secret: 'pager', groupBy: ['account'], perMinute: 60_000 },
    chat: { type: 'slack', secret: 'chat', perMinute: 60_000 },
  },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})

/** The secrets of this file's senders; a test may replace them by `rotate`. */
export const SECRET = {
  'slack-signing': 'a-signing-secret-of-slack',
  'pagerduty-webhook': 'a-signing-secret-of-pagerduty',
  'inbox-links': 'a-key-that-signs-links-in-emails',
} satisfies Record<SecretName, string>

/** The inbox on the local engine, beside the deliverers, for all tests of a file. */
export function inboxFor() {
  const by = deliverersFor(ANSWERED)
  let handler: (event: unknown, context: Context) => Promise<Response>
  let sqs: SQSClient
  const rotate = (name: SecretName, text: string) => by.engine.secrets.set(`${PREFIX}/${name}`, text)
  const post = (sent: Sent) => handler(urlEvent(sent), { getRemainingTimeInMillis: () => 6_000 } as Context)
  beforeAll(async () => {
    process.env.INBOX = 'on'
    handler = (await import('../functions/inbox.ts')).handler
    sqs = new SQSClient({})
  })
  beforeEach(() => {
    for (const [name, text] of Object.entries(SECRET)) rotate(name as SecretName, text)
    vi.setSystemTime('2026-11-27T10:00:00Z')
  })
  afterEach(() => vi.unstubAllEnvs())
  return {
    by,
    /** Changes a secret, and lets the one in memory grow old. */
    rotate: (name: SecretName, text: string) => {
      rotate(name, text)
      vi.setSystemTime(Date.now() + 6 * 60_000)
    },
    /** As Lambda does for a request to the URL. */
    post,
    handle: (event: unknown) => handler(event, { getRemainingTimeInMillis: () => 6_000 } as Context),
    /** The orders on the alarms' queue, which are taken out. */
    async orders(): Promise<Record<string, unknown>[]> {
      const found: Record<string, unknown>[] = []
      const QueueUrl = process.env.ALARMS_QUEUE_URL
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
        if (Messages.length === 0) return found
        for (const { Body = '', ReceiptHandle } of Messages) {
          const { Records, ...order } = JSON.parse(Body)
          found.push({ ...order, ...(JSON.stringify(Records) !== '[]' && { Records }) })
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
        }
      }
    },
  }
}
