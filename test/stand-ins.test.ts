import { createServer, type RequestListener, type Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type Certificate,
  makeCertificate,
  type PagerDutyStandIn,
  startPagerDuty,
  startSecretsManager,
  startSlack,
} from '../local/stand-ins/index.ts'
import { limiter } from '../local/stand-ins/limit.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { slack } from '../shared/channels/slack/index.ts'
import { samples } from './alert-samples.ts'

const KEY = '0123456789abcdef0123456789abcdef'

let tls: Certificate
beforeAll(async () => {
  tls = await makeCertificate()
})

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

function closing<T extends { close(): unknown }>(one: T): T {
  open.push(one)
  return one
}

/** Posts over TLS, trusting only the stand-in's certificate. */
function post(server: PagerDutyStandIn, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(server.url + path, { method: 'POST', ca: tls.cert, agent: false }, (response) => {
      json(response).then((read) => resolve({ status: response.statusCode ?? 0, body: read }), reject)
    })
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

const payload = { summary: 'down', source: 'orders', severity: 'critical' }
const trigger = { routing_key: KEY, event_action: 'trigger', dedup_key: 'a', payload }
const resolve = { routing_key: KEY, event_action: 'resolve', dedup_key: 'a' }

describe('PagerDuty', () => {
  test('accepts what the vendor documents', async () => {
    const server = closing(await startPagerDuty({ tls, routingKeys: [KEY] }))
    expect(await post(server, '/v2/enqueue', trigger)).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'a' },
    })
    expect(await post(server, '/v2/change/enqueue', { routing_key: KEY, payload: { summary: 'done' } })).toMatchObject({
      status: 202,
    })
  })

  test.each<[string, object, string]>([
    ['no key', { ...trigger, routing_key: undefined }, 'routing_key'],
    ['a short key', { ...trigger, routing_key: 'x' }, 'routing_key'],
    ['an unknown key', { ...trigger, routing_key: 'f'.repeat(32) }, 'routing_key'],
    ['an unknown action', { ...trigger, event_action: 'close' }, 'event_action'],
    ['a long dedup key', { ...trigger, dedup_key: 'x'.repeat(256) }, 'dedup_key'],
    ['a resolve without a key', { ...resolve, dedup_key: undefined }, 'dedup_key'],
    ['no payload', { ...trigger, payload: undefined }, 'payload'],
    ['no summary', { ...trigger, payload: { ...payload, summary: '' } }, 'payload.summary'],
    ['a long summary', { ...trigger, payload: { ...payload, summary: 'x'.repeat(1025) } }, 'payload.summary'],
    ['no source', { ...trigger, payload: { ...payload, source: undefined } }, 'payload.source'],
    ['a severity of its own', { ...trigger, payload: { ...payload, severity: 'high' } }, 'payload.severity'],
    ['an invalid time', { ...trigger, payload: { ...payload, timestamp: 'now' } }, 'payload.timestamp'],
    [
      'details that are not an object',
      { ...trigger, payload: { ...payload, custom_details: 'x' } },
      'payload.custom_details',
    ],
    ['an invalid link', { ...trigger, links: [{ href: 'x' }] }, 'links'],
    ['an image over http', { ...trigger, images: [{ src: 'http://x' }] }, 'images'],
  ])('refuses %s', async (_, event, field) => {
    const server = closing(await startPagerDuty({ tls, routingKeys: [KEY] }))
    const { status, body } = await post(server, '/v2/enqueue', event)
    expect(status).toBe(400)
    expect(body).toMatchObject({ status: 'invalid event', errors: [expect.stringContaining(`'${field}'`)] })
    expect(server.incidents()).toEqual([])
  })

  test('rejects invalid JSON, oversized requests, and other paths', async () => {
    const server = closing(await startPagerDuty({ tls }))
    expect(await post(server, '/v2/enqueue', '{')).toMatchObject({ status: 400 })
    expect(await post(server, '/v2/enqueue', { ...trigger, x: 'x'.repeat(512 * 1024) })).toMatchObject({ status: 413 })
    expect(await post(server, '/v1/enqueue', trigger)).toMatchObject({ status: 404 })
  })

  test('keeps incidents as PagerDuty does', async () => {
    const server = closing(await startPagerDuty({ tls }))
    for (const event of [resolve, trigger, trigger, resolve, resolve, trigger]) await post(server, '/v2/enqueue', event)
    await post(server, '/v2/enqueue', { ...resolve, routing_key: 'f'.repeat(32) })
    expect(server.incidents()).toEqual([
      { dedupKey: 'a', state: 'resolved', triggers: 2, summary: 'down' },
      { dedupKey: 'a', state: 'open', triggers: 1, summary: 'down' },
    ])
  })

  test('keeps what it received, without the key', async () => {
    const server = closing(await startPagerDuty({ tls }))
    await post(server, '/v2/enqueue', trigger)
    expect(server.requests).toEqual([
      { path: '/v2/enqueue', body: { ...trigger, routing_key: '(routing key)' }, status: 202, at: expect.any(Number) },
    ])
  })

  test.each(Object.entries(samples))('accepts our message for %s', async (_, notification) => {
    const server = closing(await startPagerDuty({ tls }))
    const { kind, data } = pagerduty.render(notification)
    const { status } = await post(server, kind === 'change' ? '/v2/change/enqueue' : '/v2/enqueue', {
      ...data,
      routing_key: KEY,
    })
    expect(status).toBe(202)
  })
})

async function postJson(url: string, body: unknown): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'x-request-id': 'n-1' } })
  return { status: response.status, text: await response.text() }
}

describe('Slack', () => {
  const section = (text: unknown) => ({ text: 'x', blocks: [{ type: 'section', text }] })
  const plain = (text: string) => ({ type: 'plain_text', text })

  test.each<[string, unknown, number, string]>([
    ['a text', { text: 'hello' }, 200, 'ok'],
    ['no text', { blocks: [{ type: 'divider' }] }, 400, 'no_text'],
    ['no object', 'hello', 400, 'invalid_payload'],
    ['blocks', section({ type: 'mrkdwn', text: 'hi' }), 200, 'ok'],
    ['an empty section', section(plain('')), 400, 'invalid_blocks'],
    ['a long section', section(plain('x'.repeat(3001))), 400, 'invalid_blocks'],
    ['an unknown block', { text: 'x', blocks: [{ type: 'table' }] }, 400, 'invalid_blocks'],
    ['51 blocks', { text: 'x', blocks: Array(51).fill({ type: 'divider' }) }, 400, 'invalid_blocks'],
    [
      '11 fields',
      { text: 'x', blocks: [{ type: 'section', fields: Array(11).fill(plain('x')) }] },
      400,
      'invalid_blocks',
    ],
    [
      'a long field',
      { text: 'x', blocks: [{ type: 'section', fields: [plain('x'.repeat(2001))] }] },
      400,
      'invalid_blocks',
    ],
    ['a long header', { text: 'x', blocks: [{ type: 'header', text: plain('x'.repeat(151)) }] }, 400, 'invalid_blocks'],
    ['a long button', { text: 'x', blocks: [actions({ text: plain('x'.repeat(76)) })] }, 400, 'invalid_blocks'],
    ['a long link', { text: 'x', blocks: [actions({ url: `https://x/${'x'.repeat(3000)}` })] }, 400, 'invalid_blocks'],
    [
      'more than 10 KB',
      { text: 'x', blocks: Array(4).fill(section(plain('x'.repeat(2900))).blocks[0]) },
      400,
      'invalid_blocks',
    ],
    [
      'blocks within an attachment',
      { text: 'x', attachments: [{ blocks: [{ type: 'table' }] }] },
      400,
      'invalid_blocks',
    ],
  ])('%s', async (_, body, status, text) => {
    const server = closing(await startSlack())
    expect(await postJson(`${server.url}/services/T/B/chat`, body)).toEqual({ status, text })
  })

  function actions(button: object) {
    return { type: 'actions', elements: [{ type: 'button', text: plain('Alarm'), ...button }] }
  }

  test.each(Object.entries(samples))('accepts our message for %s', async (_, notification) => {
    const server = closing(await startSlack())
    expect(await postJson(`${server.url}/services/T/B/chat`, slack.render(notification))).toEqual({
      status: 200,
      text: 'ok',
    })
  })

  test('knows its webhooks, and keeps only their names', async () => {
    const server = closing(await startSlack({ webhooks: ['chat'] }))
    await postJson(`${server.url}/services/T/B/chat`, { text: 'x' })
    expect(await postJson(`${server.url}/services/T/B/other`, { text: 'x' })).toEqual({
      status: 404,
      text: 'no_service',
    })
    expect(await postJson(`${server.url}/elsewhere`, { text: 'x' })).toEqual({ status: 404, text: 'no_service' })
    expect(server.requests.map(({ path, status }) => [path, status])).toEqual([
      ['chat', 200],
      ['other', 404],
      ['(unknown webhook)', 404],
    ])
    expect(server.requests[0]).toMatchObject({ notificationId: 'n-1', body: { text: 'x' } })
  })
})

test('Secrets Manager gives its secrets to the SDK, and keeps none', async () => {
  const server = closing(await startSecretsManager({ 'slack/critical': 'https://hooks.example.com/x' }))
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  const client = new SecretsManagerClient({ endpoint: server.url, region: 'eu-west-1', credentials })
  const read = async (SecretId: string) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString
  expect(await read('slack/critical')).toBe('https://hooks.example.com/x')
  server.set('slack/critical', 'https://hooks.example.com/y')
  expect(await read('slack/critical')).toBe('https://hooks.example.com/y')
  await expect(read('other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 400 },
  })
  expect(JSON.stringify(server.requests)).not.toContain('hooks.example.com')
})

describe('faults', () => {
  const url = (server: { url: string }) => `${server.url}/services/T/B/chat`

  test('the next answers, in order, then as usual', async () => {
    const server = closing(await startSlack())
    server.answerNext({ status: 500, body: 'no' }, 'reset')
    expect(await postJson(url(server), { text: 'x' })).toEqual({ status: 500, text: 'no' })
    await expect(postJson(url(server), { text: 'x' })).rejects.toThrow()
    expect(await postJson(url(server), { text: 'x' })).toEqual({ status: 200, text: 'ok' })
    expect(server.requests.map(({ status }) => status)).toEqual([500, undefined, 200])
  })

  test('a function decides, until it is taken away', async () => {
    const server = closing(await startSlack())
    server.answerBy((_, n) => (n % 2 === 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined))
    expect((await postJson(url(server), { text: 'x' })).status).toBe(429)
    expect((await postJson(url(server), { text: 'x' })).status).toBe(200)
    server.answerBy()
    expect((await postJson(url(server), { text: 'x' })).status).toBe(200)
  })
})

describe('a request that is accepted, and its response lost', () => {
  const url = (server: { url: string }) => `${server.url}/services/T/B/chat`

  test('the connection breaks before any of the answer', async () => {
    const server = closing(await startSlack())
    server.answerNext('cut-before-answer')
    await expect(postJson(url(server), { text: 'x' })).rejects.toThrow()
    expect(server.requests).toMatchObject([{ status: 200, cut: 'cut-before-answer' }])
  })

  test('the connection breaks in the middle of the body: the status has arrived', async () => {
    const server = closing(await startSlack())
    server.answerNext('cut-in-body')
    const response = await fetch(url(server), { method: 'POST', body: '{"text":"x"}' })
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
    expect(server.requests).toMatchObject([{ status: 200, cut: 'cut-in-body' }])
  })

  test.each(['cut-before-answer', 'cut-in-body'] as const)('PagerDuty opens the incident anyway: %s', async (cut) => {
    const server = closing(await startPagerDuty({ tls }))
    server.answerNext(cut)
    await expect(post(server, '/v2/enqueue', trigger)).rejects.toThrow()
    expect(server.incidents()).toMatchObject([{ state: 'open', triggers: 1 }])
  })

  test('a rejected request is rejected, whatever arrives of the response', async () => {
    const server = closing(await startSlack())
    server.answerNext('cut-before-answer')
    await expect(postJson(url(server), {})).rejects.toThrow()
    expect(server.requests).toMatchObject([{ status: 400 }])
  })
})

describe('the vendors’ limits', () => {
  async function statuses(count: number, call: () => Promise<{ status: number }>): Promise<number[]> {
    const answers: number[] = []
    for (let n = 0; n < count; n++) answers.push((await call()).status)
    return answers
  }

  test('Slack accepts a burst, then a webhook must wait; another need not', async () => {
    const server = closing(await startSlack({ isLimited: true }))
    const send = (webhook: string) =>
      fetch(`${server.url}/services/T/B/${webhook}`, { method: 'POST', body: '{"text":"x"}' })
    expect(await statuses(10, () => send('chat'))).toEqual(Array(10).fill(200))
    const refused = await send('chat')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await send('other')).status).toBe(200)
  })

  test('PagerDuty accepts a burst, then a routing key must wait; another need not', async () => {
    const server = closing(await startPagerDuty({ tls, isLimited: true }))
    const send = (routing_key: string) => post(server, '/v2/enqueue', { ...trigger, routing_key })
    expect(await statuses(20, () => send(KEY))).toEqual(Array(20).fill(202))
    expect(await statuses(3, () => send(KEY))).toContain(429)
    expect((await send('f'.repeat(32))).status).toBe(202)
  })

  test('in the long run a caller has as many calls a minute as the limit says, and its burst', () => {
    const waitMs = limiter({ perMinute: 60, burst: 10 })
    const taken = Array.from({ length: 600 }, (_, tenth) => waitMs('a', tenth * 100)).filter((wait) => wait === 0)
    expect(taken).toHaveLength(69)
    expect(waitMs('a', 60_000)).toBe(0)
    expect(waitMs('a', 60_250)).toBe(750)
  })

  test('nobody is limited otherwise', async () => {
    const server = closing(await startSlack())
    const send = () => postJson(`${server.url}/services/T/B/chat`, { text: 'x' })
    expect(await statuses(30, send)).toEqual(Array(30).fill(200))
  })
})

describe('forwarding to a server of the user', () => {
  async function userServer(answer: RequestListener): Promise<URL> {
    const server: Server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing({ close: () => server.close().closeAllConnections() })
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  test('it receives the request, and its response is returned and kept', async () => {
    const got: string[] = []
    const user = await userServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      got.push(`${request.method} ${request.url} ${request.headers['x-request-id']} ${body}`)
      response.writeHead(429, { 'retry-after': '7' }).end('slow down')
    })
    const server = closing(await startSlack({ forwardTo: new URL('/my/hook?a=1', user) }))
    const response = await fetch(`${server.url}/services/T/B/chat`, {
      method: 'POST',
      body: '{"anything":1}',
      headers: { 'x-request-id': 'n-1' },
    })
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      429,
      '7',
      'slow down',
    ])
    expect(got).toEqual(['POST /my/hook?a=1 n-1 {"anything":1}'])
    expect(server.requests).toMatchObject([{ path: 'chat', body: { anything: 1 }, status: 429 }])
  })

  test.each(['', '/', '/v2/enqueue', '/v2/enqueue/'])('PagerDuty’s paths follow a base of "%s"', async (path) => {
    const got: (string | undefined)[] = []
    const user = await userServer((request, response) => {
      got.push(request.url)
      request.resume()
      response.writeHead(202).end('fine')
    })
    const server = closing(await startPagerDuty({ tls, forwardTo: new URL(path, user) }))
    // PagerDuty's client reads nothing but JSON.
    expect(await post(server, '/v2/enqueue', trigger)).toEqual({ status: 202, body: { message: 'fine' } })
    await post(server, '/v2/change/enqueue', trigger)
    expect(got).toEqual(['/v2/enqueue', '/v2/change/enqueue'])
  })

  test('a function decides by the webhook’s name; other requests are answered as usual', async () => {
    const user = await userServer((_, response) => response.writeHead(204).end())
    const server = closing(await startSlack({ forwardTo: (name) => (name === 'chat' ? user : undefined) }))
    expect(await postJson(`${server.url}/services/T/B/chat`, {})).toMatchObject({ status: 204 })
    expect(await postJson(`${server.url}/services/T/B/other`, {})).toEqual({ status: 400, text: 'no_text' })
  })

  test('a broken connection there breaks the one here', async () => {
    const user = await userServer((request) => request.socket.destroy())
    const server = closing(await startSlack({ forwardTo: user }))
    await expect(postJson(`${server.url}/services/T/B/chat`, { text: 'x' })).rejects.toThrow()
    expect(server.requests[0]).not.toHaveProperty('status')
  })

  test('a hang there is a hang here', async () => {
    let left: () => void = () => {}
    const hasLeft = new Promise<void>((resolve) => {
      left = resolve
    })
    const user = await userServer((request) => request.socket.once('close', left))
    const server = closing(await startSlack({ forwardTo: user }))
    const sent = fetch(`${server.url}/services/T/B/chat`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(100),
    })
    await expect(sent).rejects.toThrow(/timeout/)
    await hasLeft
  })
})
