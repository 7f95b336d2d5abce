import { explainAwsError } from '../../command.ts'
import type { Unread } from '../stage.ts'

/** Timeouts for AWS. ms */
export interface Patience {
  /** For one attempt of a call. */
  tryMs: number
  /** For a call with all its attempts. */
  callMs: number
}

export const PATIENCE: Patience = { tryMs: 5_000, callMs: 15_000 }

/** The interface that all clients of the SDK share. */
interface Client {
  config: { serviceId: string }
  middlewareStack: { add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void }
}

const ABSENT = /NotFound|DoesNotExist|NonExistent/
const DENIED = /AccessDenied|AuthorizationError|NotAuthorized|Unauthorized/
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|LimitExceeded|SlowDown/
const SILENT = /Timeout|Abort|ECONN|ENOTFOUND|EAI_AGAIN/

/**
 * Calls to AWS, each with a deadline; failed calls are recorded. A service that did not answer once is not called
 * again.
 */
export class Calls {
  readonly unread: Unread[] = []
  readonly patience: Patience
  readonly #silent = new Map<string, string>()
  #aheadMs: number | undefined

  constructor(patience: Patience) {
    this.patience = patience
  }

  /** For the constructors of clients. */
  get clientOptions() {
    const { tryMs } = this.patience
    return {
      maxAttempts: 3,
      requestHandler: { connectionTimeout: tryMs, requestTimeout: tryMs, throwOnRequestTimeout: true },
    } as const
  }

  /** Reads AWS's clock from the responses to a client. */
  watched<Of extends Client>(client: Of): Of {
    const readClock =
      (next: (args: unknown) => Promise<{ response?: unknown }>) =>
      async (args: unknown): Promise<unknown> => {
        const askedAt = Date.now()
        const result = await next(args)
        const { headers = {} } = (result.response ?? {}) as { headers?: Record<string, string> }
        const theirs = Date.parse(headers.date ?? '')
        // The header has whole seconds, rounded down.
        if (!Number.isNaN(theirs)) this.#aheadMs ??= (askedAt + Date.now()) / 2 - (theirs + 500)
        return result
      }
    client.middlewareStack.add(readClock as never, { step: 'deserialize', priority: 'low', name: 'readClock' })
    return client
  }

  /** How far this machine's clock is ahead of AWS's, if known yet. */
  get clockAheadMs(): number | undefined {
    return this.#aheadMs
  }

  /** By AWS's clock, ms since 1970. */
  get now(): number {
    return Date.now() - (this.#aheadMs ?? 0)
  }

  /**
   * The result of a call; `null` if AWS reports that the resource does not exist; `undefined` if it could not be
   * read, which is then in `unread`. The name of the right starts with the service.
   */
  async ask<Answer>(
    what: string,
    right: string,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer | null | undefined> {
    const service = right.slice(0, right.indexOf(':'))
    const silent = this.#silent.get(service)
    if (silent !== undefined)
      return this.#cannotRead({ what, right, why: `skipped, because ${service} did not answer before` })
    try {
      return await this.inTime(call)
    } catch (error) {
      const { name, code = '' } = error as Error & { code?: string }
      if (ABSENT.test(name)) return null
      if (SILENT.test(name) || SILENT.test(code)) this.#silent.set(service, what)
      return this.#cannotRead({ what, right, why: whyOf(error as Error) })
    }
  }

  /** @throws what the call throws, or an `AbortError` after its timeout. */
  async inTime<Answer>(call: (options: { abortSignal: AbortSignal }) => Promise<Answer>): Promise<Answer> {
    const abortSignal = AbortSignal.timeout(this.patience.callMs)
    const isOver = Promise.withResolvers<never>()
    const stop = () => isOver.reject(abortSignal.reason)
    abortSignal.addEventListener('abort', stop, { once: true })
    try {
      // The SDK would wait forever for a body that never ends.
      return await Promise.race([call({ abortSignal }), isOver.promise])
    } finally {
      abortSignal.removeEventListener('abort', stop)
    }
  }

  #cannotRead(unread: Unread): undefined {
    this.unread.push(unread)
    return undefined
  }
}

function whyOf(error: Error & { code?: string }): string {
  const { name, code = '' } = error
  if (DENIED.test(name)) return 'access denied'
  if (THROTTLED.test(name)) return 'throttled'
  if (SILENT.test(name) || SILENT.test(code)) return 'no answer'
  return explainAwsError(error)
}
