import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTable } from '../local/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import { acknowledge } from '../shared/decide/acknowledge.ts'
import { parse } from '../shared/parse/parse.ts'
import { changeAlert } from '../shared/store/alerts.ts'
import { rules } from './command.ts'
import { Life } from './kept-life.ts'

/*
 * `rules plan --stage`: what the archive has was acknowledged, by the history of the same stage.
 */

const NOW = '2026-11-27T10:00:00.000Z'
const [FIRED, ACKNOWLEDGED, ENDED] = ['08:00', '08:10', '09:30'].map((time) => `2026-11-26T${time}:00.000Z`) as [
  string,
  string,
  string,
]
const ARN = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-errors'

const SOURCE = {
  channels: { chat: { type: 'slack', secret: 'chat' }, lead: { type: 'email', addresses: ['lead@example.com'] } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  rules: [] as object[],
  default: { severity: 'warning' },
}
const EDITED = { ...SOURCE, remind: '30m', escalate: [{ after: '1h', to: ['lead'] }] }

const alarm = (at: string, value: 'ALARM' | 'OK') => ({
  ...{ AlarmName: 'orders-errors', AlarmArn: ARN, AWSAccountId: '123456789012', Region: 'eu-west-1' },
  ...{ NewStateValue: value, StateChangeTime: at, NewStateReason: 'so many', Trigger: { Dimensions: [] } },
})

let server: FauxqsServer
let table: Awaited<ReturnType<typeof startTable>>
let env: Record<string, string>
const folder = mkdtempSync(join(tmpdir(), 'plan-acknowledged-'))

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  table = await startTable([], 'alert-router-prod-AlertTable-1ABC')
  env = {
    ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.port}`, AWS_ENDPOINT_URL_DYNAMODB: table.url },
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    ...{ TABLE_NAME: table.name, NO_COLOR: '1' },
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  writeFileSync(join(folder, 'before.yml'), JSON.stringify(SOURCE))
  writeFileSync(join(folder, 'after.yml'), JSON.stringify(EDITED))
  await archived([alarm(FIRED, 'ALARM'), alarm(ENDED, 'OK')])
  await recorded()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
  await Promise.all([server.stop(), table.stop()])
})

async function archived(alarms: ReturnType<typeof alarm>[]): Promise<void> {
  const client = new S3Client({ forcePathStyle: true })
  const Bucket = 'alert-router-prod-archivebucket-1abc'
  await client.send(new CreateBucketCommand({ Bucket }))
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:alert-router-prod-alarms'
  const messages = alarms.map((one, index) => ({
    ...{ Type: 'Notification', MessageId: `m${index}`, TopicArn, Message: JSON.stringify(one) },
    // When SNS has received it.
    Timestamp: one.StateChangeTime,
  }))
  const Body = messages.map((one) => JSON.stringify(one)).join('\n')
  await client.send(new PutObjectCommand({ Bucket, Key: 'alarms/2026/11/26/08/alerts-1', Body }))
  client.destroy()
}

/** What the router wrote meanwhile: the alert, who acknowledged it, and its end. */
async function recorded(): Promise<void> {
  const config = checkConfig(structuredClone(SOURCE))
  const later = (at: string, seconds: number) => new Date(Date.parse(at) + seconds * 1_000)
  const [fired, ended] = [alarm(FIRED, 'ALARM'), alarm(ENDED, 'OK')].flatMap((one) => parse(one))
  if (!fired || !ended) throw new Error('these are alarms')
  const life = Life.of(fired, config)
  await life.comes(fired, later(FIRED, 1))
  await life.notified('chat', later(FIRED, 2))
  const said = { by: 'ann', via: 'cli', at: ACKNOWLEDGED } as const
  await changeAlert(fired.fingerprint, (state) => ({
    state: state && acknowledge(state, said, config, new Date(ACKNOWLEDGED)).state,
    result: undefined,
  }))
  await life.notified('chat', later(ACKNOWLEDGED, 2))
  await life.comes(ended, later(ENDED, 1))
}

const plan = (args: string[], more: Record<string, string> = {}) =>
  rules(['plan', '--base', 'before.yml', '--config', 'after.yml', ...args], {
    ...{ cwd: folder, env: { ...env, ...more }, now: NOW },
  })

const volumeIn = (stdout: string): Record<string, object> =>
  Object.fromEntries(JSON.parse(stdout).volume.map(({ channel, after }: never) => [channel, after]))

test('it would not have been reminded of, nor escalated: the firing and the end are counted', async () => {
  const { stdout, stderr } = await plan(['--stage', 'prod', '--json'])
  expect(stderr).toBe('')
  expect(volumeIn(stdout)).toEqual({ chat: { '2026-11-26': 2 }, lead: {} })
  expect(JSON.parse(stdout)).not.toHaveProperty('withoutAcknowledgements')
})

test('where the history can’t be read, it says so, and counts what would have followed', async () => {
  const elsewhere = { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${server.port}`, AWS_MAX_ATTEMPTS: '1' }
  const { stdout, code } = await plan(['--stage', 'prod'], elsewhere)
  expect(code).toBe(0)
  expect(stdout.replace(/\s+/g, ' ')).toMatch(
    /Acknowledgements are not known: .*\. Reminders and escalations count as if nobody had acknowledged anything\./,
  )
  const json = await plan(['--stage', 'prod', '--json'], elsewhere)
  // Reminders at 08:30, 09:00 and 09:30; the escalation at 09:00, a reminder of it, and both ends.
  expect(volumeIn(json.stdout)).toEqual({ chat: { '2026-11-26': 5 }, lead: { '2026-11-26': 3 } })
})

test('rules that follow nothing up ask for no history', async () => {
  const nowhere = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }
  const args = ['plan', '--base', 'before.yml', '--config', 'before.yml', '--stage', 'prod']
  const { stdout, code } = await rules(args, { cwd: folder, env: { ...env, ...nowhere }, now: NOW })
  expect([code, stdout]).toEqual([0, expect.not.stringContaining('Acknowledgements')])
})

test('events of files have none, and it says so', async () => {
  const file = join(folder, 'event.json')
  writeFileSync(file, JSON.stringify(alarm(FIRED, 'ALARM')))
  const { stdout } = await plan(['--against', file])
  expect(stdout).toContain('Acknowledgements are not known: events have none.')
})
