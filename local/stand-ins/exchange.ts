import type { IncomingMessage } from 'node:http'

/** One request that a stand-in got. It holds no secret. */
export interface Captured {
  /** From `X-Request-Id`. */
  notificationId?: string
  path: string
  /** Parsed where it is JSON, else its text. */
  body: unknown
  /** What was answered; missing while there is no answer, and after a hang or a reset. */
  status?: number
  /**
   * The request was taken and answered, but not all of the answer arrived: nothing of it (whoever asked may have left), or
   * half of its body.
   */
  cut?: Cut
  /** When it had arrived, in ms since 1970. */
  at: number
}

/**
 * An answer, or none: the connection stays open in silence (`hang`), or breaks (`reset`), and the request is not taken.
 * Or the request is taken and answered as usual, but the connection breaks before any of the answer has arrived
 * (`cut-before-answer`), or in the middle of its body (`cut-in-body`).
 */
export type Answer = HttpAnswer | 'hang' | 'reset' | Cut

type Cut = 'cut-before-answer' | 'cut-in-body'

export interface HttpAnswer {
  status: number
  headers?: Record<string, string>
  /** An object is sent as JSON. */
  body?: string | object
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
