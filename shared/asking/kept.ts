import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import type { KeptPlaybook } from '../questions/ask.ts'
import { folderOfIncident, placeIn } from '../reports/place.ts'
import type { AskedReport } from '../reports/report.ts'

/** So many are read, the newest. */
const MOST = 20

/** The playbooks that were run for an incident, the oldest first. */
export async function askKept(
  client: S3Client,
  bucket: string,
  { alarm, from, to }: { alarm: string; from: string; to: string },
  abortSignal: AbortSignal,
): Promise<KeptPlaybook[]> {
  const keys: string[] = []
  const input = { Bucket: bucket, Prefix: folderOfIncident(alarm) }
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, input, { abortSignal })) {
    keys.push(...Contents.map(({ Key = '' }) => Key))
  }
  const wanted = keys.filter((key) => {
    const place = placeIn(key)
    return place !== undefined && place.name !== 'incident' && place.at >= from && place.at <= to
  })
  return Promise.all(
    wanted
      .sort()
      .slice(-MOST)
      .map(async (Key) => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }), { abortSignal })
        const { name, at, headline } = JSON.parse((await Body?.transformToString()) ?? '') as AskedReport
        return { name, at, headline, key: Key.replace(/json$/, 'html') }
      }),
  )
}
