import { explainAwsError } from '../../command.ts'
import type { Unread } from '../stage.ts'

/** How long AWS is waited for. ms */
export interface Patience {
  /** For the answer to one try of a call. */
  tryMs: number
  /** For a call, with all its tries. */
  callMs: number
}

export const PATIENCE: Patience = { tryMs: 5_000, callMs: 15_000 }

/** What all of the SDK's clients have in common. */
interface Client {
  config: { serviceId: string }
  middlewareStack: { add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void }
}

const ABSENT = /NotFound|DoesNotExist|NonExistent/
const DENIED = /AccessDenied|AuthorizationError|NotAuthorized|Unauthorized/
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|LimitExceeded|SlowDown/
const SILENT = /Timeout|Abort|ECONN|ENOTFOUND|EAI_AGAIN/

/**
 * Calls to AWS of which none is without a deadline, and of which each that failed is written down. A service that has not
 * answered once is not asked again.
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

  /** Reads AWS's clock from the answers to a client. */
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

  /** How far this machine's clock is ahead of AWS's, if that is known by now. */
  get clockAheadMs(): number | undefined {
    return this.#aheadMs
  }

  /** By AWS's clock, ms since 1970. */
  get now(): number {
    return Date.now() - (this.#aheadMs ?? 0)
  }

  /**
   * What a call gives; `null` when AWS says that there is no such thing; `undefined` when it can't be known, which is then
   * in `unread`. The right's name begins with that of the service.
   */
  async ask<Answer>(
    what: string,
    right: string,
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer | null | undefined> {
    const service = right.slice(0, right.indexOf(':'))
    const silent = this.#silent.get(service)
    if (silent !== undefined)
      return this.#cannotRead({ what, right, why: `not asked, for ${service} gave no answer before` })
    try {
      return await this.inTime(call)
    } catch (error) {
      const { name, code = '' } = error as Error & { code?: string }
      if (ABSENT.test(name)) return null
      if (SILENT.test(name) || SILENT.test(code)) this.#silent.set(service, what)
      return this.#cannotRead({ what, right, why: whyOf(error as Error) })
    }
  }

  /** @throws what the call throws, or an `AbortError` when its time is over. */
  async inTime<Answer>(call: (options: { abortSignal: AbortSignal }) => Promise<Answer>): Promise<Answer> {
    const abortSignal = AbortSignal.timeout(this.patience.callMs)
    const isOver = Promise.withResolvers<never>()
    const stop = () => isOver.reject(abortSignal.reason)
    abortSignal.addEventListener('abort', stop, { once: true })
    try {
      // A body that never ends would keep the SDK waiting.
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
