import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concatenated } from '../cli/archive/concatenated.ts'
import { record } from '../cli/archive/local.ts'
import { heartbeatEvent } from '../shared/observe/heartbeat.ts'
import { type Run, rules } from './command.ts'

const DAY_MS = 86_400_000

/** As SNS delivers it to Firehose. */
function notification(message: unknown, at: Date): string {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:alert-router-prod-alarms'
  return JSON.stringify({ Type: 'Notification', MessageId: String(at.getTime()), TopicArn, Message, Timestamp: at })
}

function alarm(name: string, at: Date): string {
  return notification({ AlarmName: name, NewStateValue: 'ALARM', StateChangeTime: at.toISOString() }, at)
}

describe("a stage's archive", () => {
  let server: FauxqsServer
  let client: S3Client
  let env: Record<string, string>
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  const now = new Date()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  /** As Firehose names an object by the oldest record in it. */
  const put = (Bucket: string, oldest: Date, body: string, packed = true) => {
    const hour = oldest.toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')
    const Key = `alarms/${hour}/alert-router-prod-archive-1-${oldest.toISOString()}-${body.length}${packed ? '.gz' : ''}`
    return client.send(new PutObjectCommand({ Bucket, Key, Body: packed ? gzipSync(body) : body }))
  }

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    env = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    }
    client = new S3Client({
      endpoint: env.AWS_ENDPOINT_URL_S3,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    const bucket = 'alert-router-prod-archivebucket-1abc'
    for (const Bucket of [bucket, 'alert-router-production-archivebucket-2', 'something-else']) {
      await client.send(new CreateBucketCommand({ Bucket }))
    }
    // Objects that are too old are not read.
    await put(bucket, ago(40 * DAY_MS), '{"Records":[]}')
    // In one object: events from before the month and from within it; with line breaks, and without.
    const start = ago(30 * DAY_MS)
    const [before, after] = [new Date(start.getTime() - 300_000), new Date(start.getTime() + 300_000)]
    await put(bucket, before, `${alarm('too-early-errors', before)}\n${alarm('first-errors', after)}\n`)
    await put(bucket, ago(DAY_MS), alarm('plain-errors', ago(DAY_MS)) + alarm('joined-{errors}', ago(DAY_MS)), false)
    await put(
      bucket,
      ago(60_000),
      `${notification(heartbeatEvent(now.toISOString()), now)}\n${notification('down!', now)}\n{"Type":"Notif`,
    )
    // More than are fetched at a time.
    for (let n = 0; n < 20; n++) await put(bucket, ago(n * 3_600_000), alarm(`errors-${n}`, ago(n * 3_600_000)))

    const shipped = readFileSync('config/alerts.yml', 'utf8')
    writeFileSync(join(folder, 'before.yml'), shipped)
    writeFileSync(
      join(folder, 'after.yml'),
      shipped.replace(/(name: high error rate[\s\S]*?severity: )warning/, '$1critical'),
    )
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })
  const plan = (...more: string[]): Promise<Run> =>
    rules(['plan', '--base', 'before.yml', '--config', 'after.yml', ...more], { cwd: folder, env })

  test('is replayed as far back as requested, without the heartbeat', async () => {
    const { code, stdout } = await plan('--stage', 'prod', '--since', '30d', '--json', '--detailed-exitcode')
    const notified = JSON.parse(stdout)
    const names = notified.differences.map((d: { alert: { name: string } }) => d.alert.name)
    expect(names).toEqual(expect.arrayContaining(['first-errors', 'plain-errors', 'joined-{errors}', 'errors-19']))
    expect(names).toHaveLength(23)
    // And the text.
    expect(notified.alerts).toBe(24)
    expect(notified.refused).toEqual([expect.stringContaining('s3://alert-router-prod-archivebucket-1abc/alarms/')])
    expect(Object.keys(notified.volume[0].after)).not.toContain(
      ago(40 * DAY_MS)
        .toISOString()
        .slice(0, 10),
    )
    expect(code).toBe(3)
  })

  test('covers a month by default', async () => {
    const { stdout } = await plan('--stage', 'prod')
    expect(stdout).toContain(
      // The first came five minutes later, which may be the next day.
      `Of 24 alerts (${ago(30 * DAY_MS - 300_000)
        .toISOString()
        .slice(0, 10)} to`,
    )
    expect(stdout).toContain('s3://alert-router-prod-archivebucket-1abc, the archive of stage prod')
  })

  test('that does not exist is reported', async () => {
    const { code, stderr } = await plan('--stage', 'staging')
    expect(stderr).toContain('Stack not found')
    expect(code).toBe(1)
  })
})

describe('what was recorded here', () => {
  const events = [{ text: '{"title":"one","severity":"info","source":"test"}' }, { text: 'two' }]

  test('is recorded once, however often, as the router received it', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'archive-')), '.alert-router/archive')
    expect(record(events, { folder, now: new Date('2026-11-03T10:00:00Z') })).toBe(2)
    expect(record([...events, { text: 'three' }], { folder, now: new Date('2026-11-04T10:00:00Z') })).toBe(1)
    expect(readdirSync(folder)).toEqual(['2026-11-03', '2026-11-04'])
    const [file = ''] = readdirSync(join(folder, '2026-11-04'))
    expect(JSON.parse(readFileSync(join(folder, '2026-11-04', file), 'utf8'))).toMatchObject({
      Type: 'Notification',
      Message: 'three',
      Timestamp: '2026-11-04T10:00:00.000Z',
    })
  })

  test('is deleted after 90 days', () => {
    const folder = mkdtempSync(join(tmpdir(), 'archive-'))
    record(events, { folder, now: new Date('2026-08-01T10:00:00Z') })
    record([{ text: 'three' }], { folder, now: new Date('2026-11-04T10:00:00Z') })
    expect(readdirSync(folder)).toEqual(['2026-11-04'])
  })

  test('is replayed by default', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
    mkdirSync(join(cwd, 'config'))
    writeFileSync(join(cwd, 'config/alerts.yml'), readFileSync('config/alerts.yml'))
    record(events, { folder: join(cwd, '.alert-router/archive') })
    const { stdout } = await rules(['plan', '--base', 'config/alerts.yml'], { cwd })
    expect(stdout).toContain('Of 2 alerts')
    expect(stdout).toContain('.alert-router/archive/, recorded here')
  })
})

describe('alerts per day, of what was recorded here', () => {
  const dated = (day: string) =>
    JSON.stringify({ AlarmName: `errors-${day}`, NewStateValue: 'ALARM', StateChangeTime: `${day}T10:00:00Z` })
  /** What is recorded on each day, with one channel for everything. */
  async function planned(recorded: Record<string, string[]>) {
    const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
    const config = (channel: string) => `channels: { ${channel}: { type: email, addresses: [a@example.com] } }
severities: { critical: { channels: [${channel}] }, warning: { channels: [${channel}] }, info: { channels: [${channel}] } }
default: { severity: info }
rules: []
`
    writeFileSync(join(cwd, 'before.yml'), config('old'))
    writeFileSync(join(cwd, 'after.yml'), config('new'))
    for (const [day, texts] of Object.entries(recorded)) {
      const events = texts.map((text) => ({ text }))
      record(events, { folder: join(cwd, '.alert-router/archive'), now: new Date(`${day}T12:00:00Z`) })
    }
    const plan = (...args: string[]) =>
      rules(['plan', '--base', 'before.yml', '--config', 'after.yml', ...args], { cwd })
    const [, aDay] = /^ {2}new +0\.00 +(\S+)/m.exec((await plan()).stdout) ?? []
    const { from, to } = JSON.parse((await plan('--json')).stdout)
    return [from.slice(0, 10), to.slice(0, 10), aDay]
  }

  test.each<[string, Record<string, string[]>, [string, string, string]]>([
    ['those of one day', { '2020-11-03': [dated('2020-11-03')] }, ['2020-11-03', '2020-11-03', '1.00']],
    [
      'days without an alert count, within what was recorded',
      { '2020-11-04': [dated('2020-11-01'), dated('2020-11-04')] },
      ['2020-11-01', '2020-11-04', '0.50'],
    ],
    [
      'recorded weeks later, they are those of their own days',
      { '2020-11-26': [dated('2020-11-02'), dated('2020-11-03')] },
      ['2020-11-02', '2020-11-03', '1.00'],
    ],
    [
      'one without a time does not extend them',
      { '2020-11-26': [dated('2020-11-02'), dated('2020-11-03'), 'down!', '{"title":"x","source":"s"}'] },
      ['2020-11-02', '2020-11-03', '2.00'],
    ],
    [
      'nor one that was recorded before',
      { '2020-10-01': ['down!'], '2020-11-26': [dated('2020-11-02'), dated('2020-11-03')] },
      ['2020-11-02', '2020-11-03', '1.50'],
    ],
    [
      'if none has a time, the days are those of the recording',
      { '2020-11-01': ['down!'], '2020-11-02': ['up'], '2020-11-04': ['down again'] },
      ['2020-11-01', '2020-11-04', '0.75'],
    ],
  ])('%s', async (_, recorded, expected) => {
    expect(await planned(recorded)).toEqual(expected)
  })

  test('are as if they had not been recorded', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'rules-'))
    const files = readdirSync('samples').map((name) => ({ text: readFileSync(join('samples', name), 'utf8') }))
    const now = '2026-11-04T10:00:00Z'
    record(files, { folder: join(cwd, '.alert-router/archive'), now: new Date(now) })
    writeFileSync(join(cwd, 'before.yml'), readFileSync('config/alerts.yml'))
    writeFileSync(
      join(cwd, 'after.yml'),
      readFileSync('config/alerts.yml', 'utf8').replaceAll('severity: warning', 'severity: info'),
    )
    const tableOf = async (...args: string[]) => {
      const { stdout } = await rules(['plan', '--base', 'before.yml', '--config', 'after.yml', ...args], { cwd, now })
      return stdout.slice(stdout.indexOf('Alerts per day'))
    }
    const unrecorded = await tableOf('--against', resolve('samples'))
    expect(unrecorded).toContain('pagerduty')
    expect(await tableOf()).toBe(unrecorded)
  })
})

test('concatenated objects are separated, whatever is in them', () => {
  const object = fc.dictionary(
    fc.string(),
    fc.anything({ withNullPrototype: false }).map((value) => value ?? null),
  )
  fc.assert(
    fc.property(fc.array(object), fc.constantFrom('', '\n', ' \n'), (objects, between) => {
      const texts = objects.map((one) => JSON.stringify(one))
      expect([...concatenated(texts.join(between))]).toEqual(texts)
    }),
  )
})
