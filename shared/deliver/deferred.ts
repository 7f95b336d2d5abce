/** Not attempted yet: nothing has failed, and it is retried after `waitMs`. */
export class DeferredError extends Error {
  readonly waitMs: number
  /** It waits for its channel's pace: with many others, it may have to wait again. */
  readonly isForSlot: boolean

  constructor(message: string, waitMs: number, { isForSlot = false } = {}) {
    super(message)
    this.waitMs = waitMs
    this.isForSlot = isForSlot
  }
}
