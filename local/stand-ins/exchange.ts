import type { IncomingMessage } from 'node:http'

/** One request that a stand-in received. Contains no secret. */
export interface Captured {
  /** From `X-Request-Id`, or where else its sender puts it. */
  notificationId?: string
  path: string
  /** Parsed if it is JSON, otherwise its text. */
  body: unknown
  /** The response; missing before it is sent, and after a hang or a reset. */
  status?: number
  /**
   * The request was accepted and answered, but the response did not arrive completely: nothing of it (the client may
   * have left), or half of its body.
   */
  cut?: Cut
  /** When it arrived, in ms since 1970. */
  at: number
}

/**
 * A response, or none: the connection stays open without one (`hang`), or breaks (`reset`), and the request is not
 * accepted. Or the request is accepted and answered as usual, but the connection breaks before the response arrives
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

/** A complete request, including secrets: only for the stand-in itself. */
export interface Request {
  method: string
  path: string
  headers: IncomingMessage['headers']
  bytes: Buffer
  /** `undefined` if it isn't JSON. */
  json: unknown
}

/** The fields of a body. */
export type Fields = Record<string, unknown>

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
