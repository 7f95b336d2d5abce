import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ROUTER_METRICS, ROUTER_TABLE, startDemo } from '../local/demo/start.ts'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import { startQueues } from '../local/queues.ts'
import { REGION } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import type { Platform } from '../schemas/platform.ts'
import { REPORTS } from '../shared/questions/reports.ts'

export interface ReportRun {
  name: string
  seconds: number
  /** The most memory that its process had at a time. */
  peakMb: number
  /** Of the services that are asked; the page and the event are three more. */
  requests: number
}

/** Each report as its function makes it from a cold start, of the demo's data, with nothing between it and AWS. */
export async function reportRuns(
  { folder, configFile }: { folder: string; configFile: string },
  platform: Platform,
  rules: Config,
): Promise<ReportRun[]> {
  const now = new Date()
  const [aws, topic] = [await startDemo({ platform, rules, now }), await startQueues()]
  topic.createTopic('alarms')
  topic.createBucket('archive')
  const platformFile = join(folder, 'platform.json')
  writeFileSync(platformFile, JSON.stringify(platform))
  const env = {
    ...{
      PATH: process.env.PATH ?? '',
      ...aws.env,
      ...CREDENTIALS_ENVIRONMENT,
      AWS_REGION: REGION,
      LOG_LEVEL: 'SILENT',
    },
    ...{ AWS_ENDPOINT_URL_S3: topic.address, AWS_ENDPOINT_URL_SNS: topic.address },
    ...{ ARCHIVE_BUCKET: 'archive', ALARMS_TOPIC_ARN: `arn:aws:sns:${REGION}:000000000000:alarms`, STAGE: 'bench' },
    ...{ CONFIG_FILE: configFile, PLATFORM_FILE: platformFile, METRICS_NAMESPACE: ROUTER_METRICS },
    TABLE_NAME: ROUTER_TABLE,
  }
  const runs: ReportRun[] = []
  try {
    for (const name of Object.keys(REPORTS)) {
      const before = aws.requests.length
      const measured = await runOnce(join(folder, 'report.js'), { report: name, scheduledTime: now.toISOString() }, env)
      runs.push({ name, ...measured, requests: aws.requests.length - before })
    }
  } finally {
    await Promise.all([aws.close(), topic.stop()])
  }
  return runs
}

/** In a process of its own. Not `spawnSync`: who answers it is here. */
async function runOnce(bundle: string, event: object, env: Record<string, string>) {
  const invoke = `require(${JSON.stringify(bundle)}).handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 120_000 })
    .then(() => { console.log(process.resourceUsage().maxRSS); process.exit() })`
  const from = performance.now()
  const child = spawn(process.execPath, ['-e', invoke], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [kilobytes, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (status !== 0) throw new Error(`${bundle} failed on ${JSON.stringify(event)}`)
  return { seconds: (performance.now() - from) / 1_000, peakMb: Number(kilobytes) / 1_024 }
}
