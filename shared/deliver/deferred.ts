/** Not attempted yet: nothing has failed, and it is retried after `waitMs`. */
export class DeferredError extends Error {
  readonly waitMs: number

  constructor(message: string, waitMs: number) {
    super(message)
    this.waitMs = waitMs
  }
}
