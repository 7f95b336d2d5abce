import { type Agent, createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from './certificate.ts'
import type { Answer, Captured, HttpAnswer, Request } from './exchange.ts'
import { forward } from './forward.ts'

export interface StandIn {
  /** `http://127.0.0.1:1234` */
  url: string
  /** `127.0.0.1:1234` */
  host: string
  /** In the order of arrival. */
  requests: Captured[]
  /** The next requests receive these responses, one each, in this order; after that the usual behaviour applies. */
  answerNext(...answers: Answer[]): void
  /**
   * Decides each request's response, `n` counting from 0; `undefined` is the usual behaviour. Without a function,
   * everything is as usual.
   */
  answerBy(answer?: (request: Captured, n: number) => Answer | undefined): void
  /** From now on, delays each response by this much after its request was accepted. */
  answerAfter(latencyMs: number): void
  close(): Promise<void>
}

/** A server of the user for all requests, or for those with this key or webhook name. */
export type ForwardTo = URL | ((name: string) => URL | undefined)

export function destination(forwardTo: ForwardTo | undefined, name: string): URL | undefined {
  return typeof forwardTo === 'function' ? forwardTo(name) : forwardTo
}

/** The differences between vendors. */
interface Vendor {
  tls?: Certificate
  /** The documented behaviour. */
  answer(request: Request): HttpAnswer | Promise<HttpAnswer>
  /** The parts of a request that may be kept. */
  capture(request: Request): Pick<Captured, 'path' | 'body' | 'notificationId'>
  /** Where to forward a request, instead of answering it here; `undefined`: nowhere. */
  forwardTo?(request: Request): URL | undefined
  /**
   * Keeps the connections for forwarded requests. Without it each request has its own, because the user's server may
   * not support more.
   */
  agent?: Agent
  /** The format of a forwarded response. */
  relay?(answer: HttpAnswer): HttpAnswer
}

/** Listens on a free port of this machine. */
export async function startStandIn(vendor: Vendor): Promise<StandIn> {
  const requests: Captured[] = []
  const nextAnswers: Answer[] = []
  let latencyMs = 0
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
    const scripted = nextAnswers.shift() ?? answerBy?.(captured, n)
    const isCut = scripted === 'cut-before-answer' || scripted === 'cut-in-body'
    const answer =
      (isCut ? undefined : scripted) ?? (await passOn(request, response, vendor)) ?? (await vendor.answer(request))
    if (answer === 'hang') return
    if (typeof answer === 'string') {
      incoming.socket.destroy()
      return
    }
    captured.status = answer.status
    if (latencyMs > 0) await sleep(latencyMs)
    if (isCut) captured.cut = scripted
    else if (incoming.socket.destroyed) captured.cut = 'cut-before-answer'
    if (scripted === 'cut-before-answer') incoming.socket.destroy()
    else if (scripted === 'cut-in-body') giveHalf(answer, response)
    else give(answer, response)
  }

  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    // The client may disconnect at any time; that is not an error.
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
    answerAfter: (ms) => {
      latencyMs = ms
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Forwards to the user's server, if there is one. */
async function passOn(request: Request, response: ServerResponse, vendor: Vendor): Promise<Answer | undefined> {
  const to = vendor.forwardTo?.(request)
  if (to === undefined) return undefined
  const gone = new AbortController()
  const leave = () => gone.abort()
  response.once('close', leave)
  const answer = await forward(request, to, gone.signal, vendor.agent)
  response.off('close', leave)
  return typeof answer === 'object' && vendor.relay ? vendor.relay(answer) : answer
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

function give(answer: HttpAnswer, response: ServerResponse): void {
  writeHead(answer, response).end(bodyOf(answer))
}

function giveHalf(answer: HttpAnswer, response: ServerResponse): void {
  const whole = Buffer.from(bodyOf(answer))
  response.setHeader('content-length', whole.length)
  // Once written, it is sent: breaking the connection does not cancel it.
  writeHead(answer, response).write(whole.subarray(0, whole.length / 2), () => response.socket?.destroy())
}

function writeHead({ status, headers, body }: HttpAnswer, response: ServerResponse): ServerResponse {
  const type = typeof body === 'object' ? 'application/json' : 'text/plain'
  return response.writeHead(status, { 'content-type': type, ...headers })
}

function bodyOf({ body = '' }: HttpAnswer): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}
