import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { GetObjectCommand, paginateListBuckets, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { concatenated } from './concatenated.ts'

/** As in deploy/archive.yml. */
export const PREFIX = 'alarms/'

/** Firehose names an object by its oldest record, in UTC; later records are in it as well. */
export const MAX_BUFFER_MS = 3_600_000

/** The number of objects fetched at a time. */
const AT_ONCE = 16

/** A person may have a slow connection: calls may take longer than a function's. */
export function archiveClient(): S3Client {
  return new S3Client({
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  })
}

/** An event, and the object that contained it. */
export interface Archived {
  file: string
  text: string
}

/**
 * The bucket of a stage's archive. CloudFormation names it: the stack, the resource, and a random suffix. A bucket
 * left behind by a removed stack is older.
 * @throws {Error} with the name `NoSuchRouter`.
 */
export async function bucketOf(client: S3Client, stage: string): Promise<string> {
  const prefix = `alert-router-${stage}-archivebucket-`
  const found: { name: string; since: number }[] = []
  // Another region may also have a stack of that stage.
  const region = await client.config.region()
  for await (const { Buckets = [] } of paginateListBuckets({ client }, { Prefix: prefix, BucketRegion: region })) {
    for (const { Name, CreationDate } of Buckets) {
      if (Name?.startsWith(prefix)) found.push({ name: Name, since: CreationDate?.getTime() ?? 0 })
    }
  }
  const [newest] = found.sort((a, b) => b.since - a.since)
  if (newest) return newest.name
  const error = new Error(`no bucket named ${prefix}…`)
  error.name = 'NoSuchRouter'
  throw error
}

/**
 * What a stage's alarms topic received since then, as SNS notifications, in no particular order. May include up to
 * an hour before that.
 */
export async function* archivedSince(client: S3Client, bucket: string, since: Date): AsyncGenerator<Archived> {
  const hour = new Date(since.getTime() - MAX_BUFFER_MS).toISOString().slice(0, 13)
  const from = PREFIX + hour.replaceAll(/[-T]/g, '/')
  let keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    // Names sort by time.
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
  // Detected by the first bytes: a proxy may have decompressed it already.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  const text = (isPacked ? await promisify(gunzip)(bytes) : bytes).toString('utf8')
  return [...concatenated(text)].map((event) => ({ file: `s3://${bucket}/${key}`, text: event }))
}
