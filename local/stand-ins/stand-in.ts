import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificate.ts'
import { forward } from './forward.ts'

/** One request that a stand-in got. It holds no secret. */
export interface Captured {
  /** From `X-Request-Id`. */
  notificationId?: string
  path: string
  /** Parsed where it is JSON, else its text. */
  body: unknown
  /** What was answered; missing while there is no answer, and after a hang or a reset. */
  status?: number
  /** When it had arrived, in ms since 1970. */
  at: number
}

/** An answer, or none: the connection stays open in silence, or breaks. */
export type Answer = HttpAnswer | 'hang' | 'reset'

export interface HttpAnswer {
  status: number
  headers?: Record<string, string>
  /** An object is sent as JSON. */
  body?: string | object
}

export interface StandIn {
  /** `http://127.0.0.1:1234` */
  url: string
  /** `127.0.0.1:1234` */
  host: string
  /** In the order of arrival. */
  requests: Captured[]
  /** The next requests get these answers, one each, in this order; after them it behaves as usual again. */
  answerNext(...answers: Answer[]): void
  /** Decides each request's answer, `n` counting from 0; `undefined` is the usual behaviour. Without a function all is usual again. */
  answerBy(answer?: (request: Captured, n: number) => Answer | undefined): void
  close(): Promise<void>
}

/** A request in full, secrets and all: for the stand-in's own eyes. */
export interface Request {
  method: string
  path: string
  headers: IncomingMessage['headers']
  bytes: Buffer
  /** `undefined` if it isn't JSON. */
  json: unknown
}

/** A server of the user's for all requests, or for those of which the key or webhook is so named. */
export type ForwardTo = URL | ((name: string) => URL | undefined)

export function destination(forwardTo: ForwardTo | undefined, name: string): URL | undefined {
  return typeof forwardTo === 'function' ? forwardTo(name) : forwardTo
}

/** What makes one vendor differ from another. */
interface Vendor {
  tls?: Certificate
  /** The documented behaviour. */
  answer(request: Request): HttpAnswer
  /** What may be kept of a request. */
  capture(request: Request): Pick<Captured, 'path' | 'body'>
  /** Where to pass a request on, instead of answering it here; `undefined` is nowhere. */
  forwardTo?(request: Request): URL | undefined
  /** The form in which a passed-on answer is given back. */
  relay?(answer: HttpAnswer): HttpAnswer
}

/** Listens on a free port of this machine. */
export async function startStandIn(vendor: Vendor): Promise<StandIn> {
  const requests: Captured[] = []
  const nextAnswers: Answer[] = []
  let answerBy: ((request: Captured, n: number) => Answer | undefined) | undefined

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const id = incoming.headers['x-request-id']
    const captured: Captured = {
      ...(typeof id === 'string' ? { notificationId: id } : {}),
      ...vendor.capture(request),
      at: Date.now(),
    }
    const n = requests.push(captured) - 1
    const answer =
      nextAnswers.shift() ?? answerBy?.(captured, n) ?? (await passOn(request, response)) ?? vendor.answer(request)
    if (answer === 'hang') return
    if (answer === 'reset') {
      incoming.socket.destroy()
      return
    }
    captured.status = answer.status
    give(answer, response)
  }

  async function passOn(request: Request, response: ServerResponse): Promise<Answer | undefined> {
    const to = vendor.forwardTo?.(request)
    if (to === undefined) return undefined
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const answer = await forward(request, to, gone.signal)
    return typeof answer === 'object' && vendor.relay ? vendor.relay(answer) : answer
  }

  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    // The other side may leave at any time; that is no fault of this one.
    handle(incoming, response).catch(() => incoming.socket.destroy())
  }
  const server = vendor.tls ? createHttpsServer(vendor.tls, onRequest) : createHttpServer(onRequest)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url: `${vendor.tls ? 'https' : 'http'}://${host}`,
    host,
    requests,
    answerNext: (...answers) => void nextAnswers.push(...answers),
    answerBy: (answer) => {
      answerBy = answer
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    bytes,
    json: parse(bytes),
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function give({ status, headers, body = '' }: HttpAnswer, response: ServerResponse): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}
