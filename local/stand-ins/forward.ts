import { type Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { describeFailure } from '../../shared/channels/http-answer.ts'
import type { Answer, Request } from './exchange.ts'

/**
 * Forwards a request to the user's own server and returns its response: status, `Retry-After`, `Location` and body.
 * A connection that breaks there, or fails, is a `reset` here; one that hangs, hangs here until `gone`. Each request
 * has its own connection, unless there is an agent.
 */
export function forward(request: Request, to: URL, gone: AbortSignal, agent: Agent | false = false): Promise<Answer> {
  const { host, connection, 'transfer-encoding': _, ...headers } = request.headers
  const send = to.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const outgoing = send(to, { method: request.method, headers, agent, signal: gone }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve('reset'))
      response.on('end', () => {
        const { 'retry-after': retryAfter, location, 'content-type': type } = response.headers
        resolve({
          status: response.statusCode ?? 502,
          headers: {
            ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
            ...(location === undefined ? {} : { location }),
            ...(type === undefined ? {} : { 'content-type': type }),
          },
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (!gone.aborted) sayOnce(`${to.host} (--channel-url): ${describeFailure(error)}. A message has 5 attempts.`)
      resolve('reset')
    })
    outgoing.end(request.bytes)
  })
}

const said = new Set<string>()

/** Nothing else would show it during the attempts. */
function sayOnce(text: string): void {
  if (said.has(text)) return
  said.add(text)
  process.stderr.write(`${text}\n`)
}
