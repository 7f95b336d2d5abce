import { Agent as HttpAgent, type IncomingMessage, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'

/*
 * A `fetch` by `node:https`, which AWS's SDK has loaded anyway: Node's own loads another HTTP client with the first call, a fifth
 * of what a deliverer takes from its start to the vendor's answer. It has what the vendors' clients use of one: it follows no
 * redirect, and sends a text.
 */

interface Init {
  method?: string
  headers?: object
  body?: unknown
  signal?: AbortSignal | null | undefined
}

/** What the vendors' clients read of a `Response`. */
class Answer {
  readonly #message: IncomingMessage
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly ok: boolean
  readonly headers: { get(name: string): string | null; entries(): Iterable<[string, string]> }

  constructor(message: IncomingMessage, url: string) {
    const { statusCode = 0, statusMessage = '' } = message
    const headers = new Map(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
    this.#message = message
    this.url = url
    this.status = statusCode
    this.statusText = statusMessage
    this.ok = statusCode >= 200 && statusCode < 300
    this.headers = { get: (name) => headers.get(name.toLowerCase()) ?? null, entries: () => headers.entries() }
  }

  /** @throws {Error} when the rest of the answer does not come. */
  async text(): Promise<string> {
    return Buffer.concat(await this.#message.toArray()).toString()
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}

/**
 * One request; resolves with the head of the answer.
 * @throws {Error} without an answer: what the connection says, or the reason of an abort.
 */
export async function httpsFetch(
  address: string | URL,
  { method, headers, body, signal }: Init = {},
): Promise<Response> {
  const url = new URL(address)
  const isSecure = url.protocol === 'https:'
  const send = isSecure ? requestByHttps : requestByHttp
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  signal?.throwIfAborted()
  const request = send(url, { method: method ?? 'GET', headers: { ...headers }, agent: agentOf(isSecure) })
  const abort = () => request.destroy(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  request.once('close', () => signal?.removeEventListener('abort', abort))
  request.once('error', reject)
  request.once('response', (message) => resolve(new Answer(message, url.href) as unknown as Response))
  request.end(body === undefined || body === null ? undefined : String(body))
  return promise
}

/** A connection that was idle for longer may be closed already: Lambda freezes a process, and it cannot see that. */
const IDLE_MS = 4_000
const agents: { https?: HttpsAgent | undefined; http?: HttpAgent | undefined; usedAt: number } = { usedAt: 0 }

function agentOf(isSecure: boolean): HttpAgent {
  const now = Date.now()
  if (now - agents.usedAt > IDLE_MS) {
    agents.https?.destroy()
    agents.http?.destroy()
    agents.https = undefined
    agents.http = undefined
  }
  agents.usedAt = now
  agents.https ??= new HttpsAgent({ keepAlive: true })
  agents.http ??= new HttpAgent({ keepAlive: true })
  return isSecure ? agents.https : agents.http
}
