import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppConfigClient, StartDeploymentCommand } from '@aws-sdk/client-appconfig'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startAppConfig } from '../local/stand-ins/index.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { liveConfig } from '../shared/live-config/live.ts'
import { rulesIn } from '../shared/live-config/load.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { written } from './emf.ts'

const PACKAGED = readConfig('config/alerts.yml')
const BASE = versionOf(documentOf(PACKAGED))
/** Another config, that is as good. */
const changed = (name: string): Config => ({
  ...PACKAGED,
  rules: [{ name, when: { name: 'x' }, severity: 'info' }, ...PACKAGED.rules],
})
const pushed = (config: unknown, more: object = {}) =>
  JSON.stringify({ version: versionOf(JSON.stringify(config)), base: BASE, config, ...more })
const MINUTE = 60_000

let time = Date.UTC(2026, 10, 3)
const now = () => time
const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'alerts.json')

beforeEach(() => {
  writeFileSync(file, documentOf(PACKAGED))
  vi.stubEnv('CONFIG_FILE', file)
  vi.stubEnv('LOG_LEVEL', 'SILENT')
})
afterEach(() => vi.unstubAllEnvs())

/** After the router's own, of the heartbeat and of silences. */
const firstRule = ({ config }: { config: Config }) => config.rules[2]?.name

describe('rules in AppConfig', () => {
  let server: Awaited<ReturnType<typeof startAppConfig>>

  beforeAll(async () => {
    server = await startAppConfig({
      application: 'alert-router-prod',
      environment: 'prod',
      profiles: ['rules', 'deployed'],
      strategies: [{ name: 'gradual', minutes: 0, growthPercent: 100, bakeMinutes: 0 }],
      now,
    })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    time += 60 * MINUTE
    server.deployments.length = 0
    server.requests.length = 0
    server.answerBy()
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIGDATA', server.url)
    vi.stubEnv('AWS_REGION', 'us-east-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
    vi.stubEnv('LIVE_CONFIG', 'id-alert-router-prod/id-prod/id-rules')
  })

  function deploy(document: string): void {
    const { number } = server.store('rules', document)
    server.deployments.push({
      number: server.deployments.length + 1,
      profile: 'rules',
      version: number,
      startedAt: time,
    })
  }
  const live = () => liveConfig(rulesIn, now)

  test('replace the packaged ones at the first event, and newer ones within a minute', async () => {
    deploy(pushed(changed('first')))
    const rules = live()
    expect(rules.packaged.version).toBe(BASE)
    const first = await rules.current()
    expect(firstRule(first)).toBe('first')
    expect(first.version).toBe(versionOf(documentOf(changed('first'))))

    deploy(pushed(changed('second')))
    time += MINUTE - 1
    // The same object: what was compiled for it stays in use.
    expect(await rules.current()).toBe(first)
    time += 1
    expect(firstRule(await rules.current())).toBe('second')
  })

  test('are polled once a minute, by any number of events', async () => {
    deploy(pushed(changed('first')))
    const rules = live()
    await Promise.all(Array.from({ length: 10 }, () => rules.current()))
    await rules.current()
    expect(server.requests.map(({ path }) => path)).toEqual([
      'POST /configurationsessions',
      'GET /configuration?configuration_token=…',
    ])
    time += MINUTE
    const again = await Promise.all([rules.current(), rules.current()])
    expect(again.map(firstRule)).toEqual(['first', 'first'])
    // By the token of the last answer.
    expect(server.requests).toHaveLength(3)
    expect(server.requests.every(({ status }) => (status ?? 500) < 300)).toBe(true)
  })

  test('are the packaged ones, without an alert, while nothing was pushed', async () => {
    const rules = live()
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(rules.packaged)
    })
    expect(metrics).toEqual([])
  })

  test('are those of the deployment, once one has changed them', async () => {
    deploy(pushed(changed('earlier'), { base: '0123456789ab' }))
    const rules = live()
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(rules.packaged)
    })
    expect(metrics).toEqual([])
    deploy(pushed(changed('later')))
    time += MINUTE
    expect(firstRule(await rules.current())).toBe('later')
  })

  test('are rolled back', async () => {
    deploy(pushed(changed('good')))
    deploy(pushed(changed('bad')))
    const rules = live()
    expect(firstRule(await rules.current())).toBe('bad')
    server.deployments.pop()
    time += MINUTE
    expect(firstRule(await rules.current())).toBe('good')
    server.deployments.pop()
    time += MINUTE
    expect(await rules.current()).toBe(rules.packaged)
  })

  test.each<[string, string]>([
    ['no JSON', '{"version":'],
    ['of another shape', pushed({ ...PACKAGED, rules: 'none' })],
    ['without its version', JSON.stringify({ base: BASE, config: PACKAGED })],
    ['plain rules, without where they came from', documentOf(PACKAGED)],
  ])(
    'that are %s are not taken: the last good ones stay, and a metric and the log say so until good ones come',
    async (_what, bad) => {
      deploy(pushed(changed('good')))
      const rules = live()
      const good = await rules.current()
      deploy(bad)
      for (let minute = 0; minute < 3; minute++) {
        time += MINUTE
        const { metrics, logged } = await written(async () => {
          expect(await rules.current()).toBe(good)
        })
        expect(metrics).toMatchObject([{ metric: 'ConfigStale', value: 1 }])
        expect(logged).toMatchObject([{ version: good.version, reason: expect.any(String) }])
      }
      deploy(pushed(changed('fixed')))
      time += MINUTE
      const { metrics } = await written(async () => {
        expect(firstRule(await rules.current())).toBe('fixed')
      })
      expect(metrics).toEqual([])
    },
  )

  test.each<[string, () => void]>([
    ['refuses', () => server.answerBy(() => ({ status: 403, body: { Message: 'no' } }))],
    ['breaks the connection', () => server.answerBy(() => 'reset')],
    ['fails', () => server.answerBy(() => ({ status: 500, body: { Message: 'no' } }))],
  ])('stay when AppConfig %s; it is polled again a minute later', async (_how, breakIt) => {
    deploy(pushed(changed('good')))
    const rules = live()
    const good = await rules.current()
    time += MINUTE
    breakIt()
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(good)
      expect(await rules.current()).toBe(good)
    })
    expect(metrics).toMatchObject([{ metric: 'ConfigStale', value: 1 }])
    server.answerBy()
    deploy(pushed(changed('newer')))
    time += MINUTE
    expect(firstRule(await rules.current())).toBe('newer')
  })

  test('delay no alert by more than 1.5 s when AppConfig hangs, from the start on', async () => {
    server.answerBy(() => 'hang')
    const rules = live()
    const { timeout } = AbortSignal
    const asked = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout.call(AbortSignal, ms / 100))
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(rules.packaged)
    })
    expect(asked.mock.calls).toContainEqual([1_500])
    asked.mockRestore()
    expect(metrics).toMatchObject([{ metric: 'ConfigStale', value: 1 }])
  })

  test.each<[string, number]>([
    ['an expired session', 25 * 60],
    ['a connection that broke while the function slept', 5],
  ])('survive %s', async (_what, minutes) => {
    deploy(pushed(changed('good')))
    const rules = live()
    const good = await rules.current()
    time += minutes * MINUTE
    server.answerNext(...(minutes === 5 ? (['reset'] as const) : []))
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(good)
    })
    expect(metrics).toEqual([])
  })

  test('that can’t be read are known to be stale', async () => {
    vi.stubEnv('LIVE_CONFIG', 'id-alert-router-prod/id-prod/id-gone')
    const rules = live()
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(rules.packaged)
    })
    expect(metrics).toMatchObject([{ metric: 'ConfigStale', value: 1 }])
  })
})

describe('rules in a file', () => {
  /** As an editor, or a command, replaces a file. */
  function edit(content: string): void {
    writeFileSync(`${file}.new`, content)
    renameSync(`${file}.new`, file)
  }

  test('are activated within a second of an edit, and one object serves until the next', async () => {
    const rules = liveConfig(rulesIn, now)
    expect(await rules.current()).toBe(rules.packaged)
    edit(documentOf(changed('edited')))
    time += 999
    expect(await rules.current()).toBe(rules.packaged)
    time += 1
    const edited = await rules.current()
    expect(firstRule(edited)).toBe('edited')
    time += 1_000
    expect(await rules.current()).toBe(edited)
  })

  test('that an edit breaks stay as they were', async () => {
    const rules = liveConfig(rulesIn, now)
    edit('{')
    time += 1_000
    const { metrics } = await written(async () => {
      expect(await rules.current()).toBe(rules.packaged)
    })
    expect(metrics).toMatchObject([{ metric: 'ConfigStale', value: 1 }])
    edit(documentOf(changed('fixed')))
    time += 60_000
    expect(firstRule(await rules.current())).toBe('fixed')
  })
})

describe("AppConfig's stand-in", () => {
  test('refuses a used token, and a poll that is too early; returns nothing twice', async () => {
    const server = await startAppConfig({
      application: 'a',
      environment: 'e',
      profiles: ['rules'],
      strategies: [{ name: 's', minutes: 10, growthPercent: 25, bakeMinutes: 10 }],
      now,
    })
    const start = async () => {
      const body = JSON.stringify({ ConfigurationProfileIdentifier: 'id-rules' })
      const response = await fetch(`${server.url}/configurationsessions`, { method: 'POST', body })
      return ((await response.json()) as { InitialConfigurationToken: string }).InitialConfigurationToken
    }
    const poll = async (token: string) => {
      const response = await fetch(`${server.url}/configuration?configuration_token=${token}`)
      const next = response.headers.get('next-poll-configuration-token') ?? ''
      return { status: response.status, next, text: await response.text() }
    }
    server.store('rules', 'one')
    const client = new AppConfigClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const where = { ApplicationId: 'id-a', EnvironmentId: 'id-e', ConfigurationProfileId: 'id-rules' }
    await client.send(new StartDeploymentCommand({ ...where, DeploymentStrategyId: 'id-s', ConfigurationVersion: '1' }))
    client.destroy()

    const token = await start()
    const first = await poll(token)
    expect(first).toMatchObject({ status: 200, text: 'one' })
    expect(await poll(token)).toMatchObject({ status: 400, text: expect.stringContaining('Corrupted') })
    expect(await poll(first.next)).toMatchObject({ status: 400, text: expect.stringContaining('PollInterval') })
    time += MINUTE
    expect(await poll(first.next)).toMatchObject({ status: 200, text: '' })
    // The second client is not reached by a quarter of the roll-out, but by half of it.
    const second = await start()
    expect((await poll(second)).status).toBe(404)
    time += 3 * MINUTE
    expect(await poll(second)).toMatchObject({ status: 200, text: 'one' })
    server.alarm()
    expect((await poll(await start())).status).toBe(404)
    await server.close()
  })
})
