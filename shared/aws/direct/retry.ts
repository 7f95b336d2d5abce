/** In place of that of @smithy/core/retry (client.ts): how often a call is made, and how long it waits before each time. */
export class ConfiguredRetryStrategy {
  readonly maxAttempts: number
  /** ms, by the number of attempts before it. */
  readonly computeNextBackoffDelay: (attempt: number) => number

  constructor(maxAttempts: number, computeNextBackoffDelay: (attempt: number) => number) {
    this.maxAttempts = maxAttempts
    this.computeNextBackoffDelay = computeNextBackoffDelay
  }
}
