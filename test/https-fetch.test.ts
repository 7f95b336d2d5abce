import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { httpsFetch } from '../shared/channels/https-fetch.ts'

/** How the functions call a vendor; over TLS it is called in every test of a channel. */
let server: Server
let url: string
let connections: number
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  connections = 0
  server = createServer((request, response) => answer(request, response)).on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterEach(async () => {
  vi.useRealTimers()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const post = (options: object = {}) => httpsFetch(url, { method: 'POST', body: '{"text":"é"}', ...options })

test('a text is sent with its headers, and the answer has its status, headers and text', async () => {
  const asked: unknown[] = []
  answer = async (request, response) => {
    const { 'content-length': length, 'x-request-id': id } = request.headers
    asked.push([request.method, request.url, id, length, Buffer.concat(await request.toArray()).toString()])
    response.writeHead(429, { 'Retry-After': '7' }).end('{"ok":false,"why":"ü"}')
  }
  const response = await post({ headers: { 'X-Request-Id': 'n-1' } })
  expect(asked).toEqual([['POST', '/hook', 'n-1', '13', '{"text":"é"}']])
  expect([response.ok, response.status, response.statusText]).toEqual([false, 429, 'Too Many Requests'])
  expect([response.headers.get('Retry-After'), response.headers.get('x-none'), response.url]).toEqual(['7', null, url])
  expect(await response.json()).toEqual({ ok: false, why: 'ü' })
})

test('a redirect is an answer: it is not followed', async () => {
  answer = (_, response) => response.writeHead(307, { Location: '/elsewhere' }).end()
  expect((await post()).status).toBe(307)
})

test('what is aborted ends with its reason: before it, without an answer, and amid its text', async () => {
  answer = () => {}
  await expect(post({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  const without = new AbortController()
  answer = () => without.abort(new Error('no answer'))
  await expect(post({ signal: without.signal })).rejects.toThrow('no answer')
  const amid = new AbortController()
  answer = (_, response) => void response.writeHead(200).write('o')
  const response = await post({ signal: amid.signal })
  const text = response.text()
  amid.abort(new Error('half of it'))
  await expect(text).rejects.toThrow()
})

test('a connection that breaks is an error with its code, also amid a text', async () => {
  answer = (request) => request.socket.destroy()
  await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' })
  answer = (request, response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('part')
    setImmediate(() => request.socket.destroy())
  }
  await expect(post().then((response) => response.text())).rejects.toThrow()
})

test('a connection is used again, unless it was idle: Lambda may have frozen the process meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  answer = (_, response) => response.end('ok')
  for (const waitMs of [0, 1_000, 3_000, 5_000]) {
    vi.setSystemTime(Date.now() + waitMs)
    await (await post()).text()
  }
  expect(connections).toBe(2)
})
