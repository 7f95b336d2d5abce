import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { GetObjectCommand, paginateListBuckets, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { concatenated } from './concatenated.ts'

/** As deploy/archive.yml has it. */
export const PREFIX = 'alarms/'

/** Firehose names an object by the oldest record in it, in UTC: what came later lies in it as well. */
export const MAX_BUFFER_MS = 3_600_000

/** So many objects are fetched at a time. */
const AT_ONCE = 16

/** A person waits, perhaps behind a slow line: its calls may take longer than a function's. */
export function archiveClient(): S3Client {
  return new S3Client({
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  })
}

/** An event, and the object that it lay in. */
export interface Archived {
  file: string
  text: string
}

/**
 * The bucket of a stage's archive. CloudFormation names it: the stack, the resource, and something random. One that was
 * left behind by a stack that is gone is older.
 * @throws {Error} with the name `NoSuchRouter`.
 */
export async function bucketOf(client: S3Client, stage: string): Promise<string> {
  const prefix = `alert-router-${stage}-archivebucket-`
  const found: { name: string; since: number }[] = []
  // Another region may have a stack of that stage too.
  const region = await client.config.region()
  for await (const { Buckets = [] } of paginateListBuckets({ client }, { Prefix: prefix, BucketRegion: region })) {
    for (const { Name, CreationDate } of Buckets) {
      if (Name?.startsWith(prefix)) found.push({ name: Name, since: CreationDate?.getTime() ?? 0 })
    }
  }
  const [newest] = found.sort((a, b) => b.since - a.since)
  if (newest) return newest.name
  const error = new Error(`no bucket is called ${prefix}…`)
  error.name = 'NoSuchRouter'
  throw error
}

/**
 * What a stage's alarms topic was sent since then, as SNS notifications, in no order. What came before may be among
 * it, at most an hour's.
 */
export async function* archivedSince(client: S3Client, bucket: string, since: Date): AsyncGenerator<Archived> {
  const hour = new Date(since.getTime() - MAX_BUFFER_MS).toISOString().slice(0, 13)
  const from = PREFIX + hour.replaceAll(/[-T]/g, '/')
  let keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    // Names are in the order of time.
    { Bucket: bucket, Prefix: PREFIX, StartAfter: from },
  )) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
    while (keys.length >= AT_ONCE) {
      yield* (await Promise.all(keys.slice(0, AT_ONCE).map((key) => eventsOf(client, bucket, key)))).flat()
      keys = keys.slice(AT_ONCE)
    }
  }
  yield* (await Promise.all(keys.map((key) => eventsOf(client, bucket, key)))).flat()
}

async function eventsOf(client: S3Client, bucket: string, key: string): Promise<Archived[]> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
  // Told by its first bytes: whatever stood between may have unpacked it already.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  const text = (isPacked ? await promisify(gunzip)(bytes) : bytes).toString('utf8')
  return [...concatenated(text)].map((event) => ({ file: `s3://${bucket}/${key}`, text: event }))
}
