import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { platformSchema } from '../schemas/platform.ts'
import { written } from './emf.ts'

/*
 * The probe against a server of this machine: what it publishes, and what it logs.
 */

let folder: string
let server: Server
/** The paths that were asked for, in order. */
let asked: string[]
/** By path; what has none answers 200. */
let answers: Record<string, RequestListener>
let host: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'))
  asked = []
  answers = {}
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    asked.push(pathname)
    const answer = answers[pathname] ?? ((_request, usual) => usual.end('all is well'))
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true })
})

async function portThatIsFree(): Promise<number> {
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as AddressInfo
  await new Promise((done) => other.close(done))
  return port
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end()

const OWNER = { type: 'http', owner: 'portal' }

/** The service `up`, which answers, and `other`, of which the metric is. */
async function probed(other: { url?: string; status?: number; text?: string; timeout?: string } = {}) {
  const platform = platformSchema.parse({
    stages: ['prod'],
    services: {
      up: { ...OWNER, url: `http://${host}/up` },
      other: { ...OWNER, url: `http://${host}/other`, ...other },
    },
    metrics: {
      availability: {
        namespace: 'Platform/Health',
        metric: 'SystemAvailability',
        unit: 'Percent',
        from: { by: 'probe', services: ['up', 'other'] },
      },
      cost: { namespace: 'Platform/Cost', metric: 'DailyCost', unit: 'None', from: { by: 'daily-report' } },
    },
  })
  const file = join(folder, 'platform.json')
  writeFileSync(file, JSON.stringify(platform))
  vi.stubEnv('PLATFORM_FILE', file)
  vi.resetModules()
  const { handler } = await import('../functions/probe.ts')
  const { metrics, logged, lines } = await written(() =>
    (handler as (event: object, context: object) => unknown)({}, {}),
  )
  return { metrics, logged, all: JSON.stringify([lines, logged]) }
}

const published = (value: number) => [
  { namespace: 'Platform/Health', metric: 'SystemAvailability', unit: 'Percent', value, dimensions: {} },
]
const twice = (reason: string) => `${reason}; ${reason}`

test('all answer: 100 %, and nothing is logged', async () => {
  const { metrics, logged } = await probed()
  expect([metrics, logged]).toEqual([published(100), []])
  expect(asked.sort()).toEqual(['/other', '/up'])
})

describe('one of two does not answer as it should: 50 %, and the log says why', () => {
  test.each<[what: string, RequestListener, object, reason: string]>([
    ['another status', status(503), {}, 'status 503, expected 200'],
    ['a text that is missing', (_, response) => response.end('sorry'), { text: 'well' }, 'the answer has no "well"'],
    ['another status, where a text is asked for', status(500), { text: 'well' }, 'status 500, expected 200'],
    ['a connection that ends', (request) => request.socket.destroy(), {}, 'other side closed'],
  ])('%s', async (_what, answer, other, reason) => {
    answers['/other'] = answer
    const { metrics, logged } = await probed(other)
    expect(metrics).toEqual(published(50))
    expect(logged).toEqual([
      {
        event: 'probe.failed',
        message: 'a service does not answer',
        service: 'other',
        url: `${host}/other`,
        reason: twice(reason),
      },
    ])
    expect(asked.filter((path) => path === '/other')).toHaveLength(2)
  })

  test('nobody listens', async () => {
    const closed = await portThatIsFree()
    const { metrics, logged } = await probed({ url: `http://127.0.0.1:${closed}/health` })
    expect(metrics).toEqual(published(50))
    expect(logged[0]).toMatchObject({
      url: `127.0.0.1:${closed}/health`,
      reason: twice(`connect ECONNREFUSED 127.0.0.1:${closed}`),
    })
  })

  test('a redirect: it is not followed', async () => {
    answers['/other'] = status(302, { location: '/elsewhere' })
    const { metrics, logged } = await probed()
    expect(metrics).toEqual(published(50))
    expect(logged[0]?.reason).toBe(twice('status 302, expected 200'))
    expect(asked).not.toContain('/elsewhere')
  })
})

describe('these are good answers', () => {
  test('another status, where it is the one that is named', async () => {
    answers['/other'] = status(302, { location: '/elsewhere' })
    expect((await probed({ status: 302 })).metrics).toEqual(published(100))
  })

  test('a page that has the text, even after it was cut into pieces', async () => {
    answers['/other'] = (_request, response) => {
      response.write('all is we')
      setImmediate(() => response.end('ll'))
    }
    expect((await probed({ text: 'is well' })).metrics).toEqual(published(100))
  })
})

test('one lost answer is no outage: it is asked once more', async () => {
  let count = 0
  answers['/other'] = (_request, response) => {
    // The first never comes.
    if (count++ > 0) response.end('late')
  }
  const { metrics, logged } = await probed({ timeout: '1s' })
  expect([metrics, logged]).toEqual([published(100), []])
  expect(asked.filter((path) => path === '/other')).toHaveLength(2)
})

test('an answer whose text does not end in time counts as none', async () => {
  answers['/other'] = (_request, response) => void response.write('all ')
  const { metrics, logged } = await probed({ text: 'well', timeout: '1s' })
  expect(metrics).toEqual(published(50))
  expect(logged[0]?.reason).toBe(twice('no answer within 1s'))
})

describe('no secret of a URL is logged', () => {
  test.each([
    ['of a query string', (at: string) => `http://${at}/other?token=s3cret#s3cret`],
    ['of its credentials', (at: string) => `http://ana:s3cret@${at}/other`],
  ])('%s', async (_what, urlOf) => {
    answers['/other'] = status(401)
    const { metrics, logged, all } = await probed({ url: urlOf(host) })
    expect(metrics).toEqual(published(50))
    expect(logged[0]).toMatchObject({ service: 'other', url: `${host}/other` })
    expect(all).not.toContain('s3cret')
  })
})
