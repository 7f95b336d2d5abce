/** It was not tried, for it is not the time: nothing has failed, and it comes again after `waitMs`. */
export class DeferredError extends Error {
  readonly waitMs: number

  constructor(message: string, waitMs: number) {
    super(message)
    this.waitMs = waitMs
  }
}
