import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startFauxqs } from 'fauxqs'
import { CREDENTIALS } from '../local/emulated.ts'
import type { Json } from './stack.ts'

/** What a stage has for reports: its archive, and its alarms topic with a queue behind it. */
export interface ArchiveAndTopic {
  bucket: string
  topicArn: string
  /** Leads clients there. */
  env: Record<string, string>
  /** The events that were published, the oldest first. */
  events(): Json[]
  /** An object of the archive, if it is there. */
  object(key: string): Promise<{ text: string; type: string | undefined } | undefined>
  /** Neither objects nor events any more. */
  forget(): void
  stop(): Promise<void>
}

const REGION = 'eu-west-1'
const [BUCKET, TOPIC, QUEUE] = ['alert-router-prod-archivebucket-1abc', 'alert-router-prod-alarms', 'behind-the-topic']

export async function startArchiveAndTopic(): Promise<ArchiveAndTopic> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: REGION })
  server.createBucket(BUCKET)
  server.createTopic(TOPIC)
  server.createQueue(QUEUE)
  server.subscribe({ topic: TOPIC, queue: QUEUE, attributes: { RawMessageDelivery: 'true' } })
  const endpoint = `http://127.0.0.1:${server.port}`
  const s3 = new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS })
  return {
    bucket: BUCKET,
    topicArn: `arn:aws:sns:${REGION}:000000000000:${TOPIC}`,
    env: { AWS_ENDPOINT_URL_S3: endpoint, AWS_ENDPOINT_URL_SNS: endpoint },
    events: () => (server.inspectQueue(QUEUE)?.messages.ready ?? []).map(({ body }: Json) => JSON.parse(body)),
    async object(key) {
      try {
        const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))
        return { text: (await Body?.transformToString()) ?? '', type: ContentType }
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined
        throw error
      }
    },
    forget: () => server.reset(),
    stop: async () => {
      s3.destroy()
      await server.stop()
    },
  }
}
