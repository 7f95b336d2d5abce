import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { clientOptions, inTime } from '../aws/client.ts'
import { consolePage } from '../parse/links.ts'
import { reportPage } from '../reports/html.ts'
import { keyOf } from '../reports/place.ts'
import type { AskedReport } from '../reports/report.ts'

/** Both files together take no longer: the event follows. */
const TIMEOUT_MS = 20_000

export interface Archive {
  client: S3Client
  bucket: string
  region: string
}

export function openArchive(bucket: string, region: string): Archive {
  return { client: inTime(new S3Client(clientOptions)), bucket, region }
}

/** Writes the page, and its data. */
export async function keep({ client, bucket }: Archive, report: AskedReport): Promise<void> {
  const files = [
    { ending: 'html', ContentType: 'text/html; charset=utf-8', Body: reportPage(report) },
    { ending: 'json', ContentType: 'application/json', Body: JSON.stringify(report) },
  ]
  const abortSignal = AbortSignal.timeout(TIMEOUT_MS)
  // The data last: where it is, the page is too.
  for (const { ending, ...file } of files) {
    const command = new PutObjectCommand({ Bucket: bucket, Key: `${keyOf(report)}.${ending}`, ...file })
    await client.send(command, { abortSignal })
  }
}

/**
 * The report of that name and time, if an earlier attempt has kept it. Without the right to list the bucket, S3 denies
 * what is not there (S3 API Reference, GetObject): whatever the reason, it is asked again.
 */
export async function kept(
  { client, bucket }: Archive,
  of: Pick<AskedReport, 'name' | 'at' | 'timezone'>,
): Promise<AskedReport | undefined> {
  try {
    const command = new GetObjectCommand({ Bucket: bucket, Key: `${keyOf(of)}.json` })
    const { Body } = await client.send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) })
    const report = JSON.parse((await Body?.transformToString()) ?? '') as AskedReport
    return report.at === of.at ? report : undefined
  } catch {
    return undefined
  }
}

/**
 * The page in the console, for those who may read the bucket. No presigned URL: one that a function signs ends with the
 * session of its role, after hours at most, whatever it says of itself (S3 User Guide, Sharing objects with presigned
 * URLs).
 */
export function pageUrl({ bucket, region }: Archive, report: AskedReport): string | undefined {
  const key = encodeURIComponent(`${keyOf(report)}.html`)
  return consolePage(region, `/s3/object/${bucket}?region=${region}&prefix=${key}`)
}
