import { Agent as HttpAgent, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'

export interface Question {
  url: URL
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body: string
}

/** How long an attempt may take, ms: to connect, and altogether. Without a limit: as long as nobody aborts it. */
export interface Patience {
  connectMs?: number | undefined
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

export interface Answer {
  status: number
  headers: Record<string, string | undefined>
  text: string
}

/** As many connections as the SDK's own handler keeps. */
const OPTIONS = { keepAlive: true, maxSockets: 50 }
const agents: { https?: HttpsAgent; http?: HttpAgent } = {}

/**
 * One request, and its whole answer.
 * @throws {Error} `TimeoutError` after `timeoutMs`, `AbortError` when `signal` is aborted; or what the connection says, with
 * its `code`.
 */
export function exchange({ url, method, headers, body }: Question, patience: Patience): Promise<Answer> {
  const { connectMs, timeoutMs, signal } = patience
  if (signal?.aborted) return Promise.reject(aborted(signal))
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const isSecure = url.protocol === 'https:'
  if (isSecure) agents.https ??= new HttpsAgent(OPTIONS)
  else agents.http ??= new HttpAgent(OPTIONS)
  const agent = isSecure ? agents.https : agents.http
  const request = (isSecure ? requestByHttps : requestByHttp)(url, { method, headers, agent })
  const end = (what: string) => request.destroy(Object.assign(new Error(what), { name: 'TimeoutError' }))
  const late = timeoutMs && setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs)
  const abort = () => signal && request.destroy(aborted(signal))
  signal?.addEventListener('abort', abort, { once: true })
  request.once('close', () => {
    if (late) clearTimeout(late)
    signal?.removeEventListener('abort', abort)
  })
  request.once('socket', (socket) => {
    if (!socket.connecting || !connectMs) return
    const slow = setTimeout(() => end(`no connection within ${connectMs} ms`), connectMs)
    socket.once('connect', () => clearTimeout(slow)).once('close', () => clearTimeout(slow))
  })
  request.once('error', reject)
  request.once('response', (message) => {
    const parts: Buffer[] = []
    message.on('data', (part: Buffer) => parts.push(part))
    message.once('error', reject)
    message.once('end', () => {
      const headers = message.headers as Answer['headers']
      resolve({ status: message.statusCode ?? 0, headers, text: Buffer.concat(parts).toString() })
    })
  })
  request.end(body)
  return promise
}

function aborted({ reason }: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError' })
}
