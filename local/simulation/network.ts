import type { Clock } from './clock.ts'
import { type Container, deliver, inContainer, type Pending } from './container.ts'
import type { Random } from './random.ts'
import type { Kind, Spells } from './spells.ts'

/** An HTTP answer. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** Its body never arrives. */
  isCut?: boolean
}

/** A call to a service or a vendor, before it is made. */
export interface Call {
  /** A short description, for `simulate --story`. */
  what: string
  /** Its names in spells. */
  names: string[]
  /** Performs it and returns the response. `part`: perform only part of it; `stale`: a read may be outdated. */
  act: (how: { isPartial: boolean; isStale: boolean }) => Answer
  /** The response for a failure of the service, or for throttling. */
  failure: (kind: 'refused' | 'throttled' | 'bad' | 'revoked') => Answer
  /** Called when the response has reached the caller, which is still alive. */
  answered?: (answer: Answer) => void
}

/** The caller's timeout and signal. */
export interface Patience {
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
  abortError: (signal: AbortSignal) => Error
}

const BEFORE = ['refused', 'throttled', 'bad', 'revoked', 'reset', 'hangs'] as const
const AFTER = ['lost', 'lost-500', 'hangs-after', 'cut'] as const
const FAULTS: readonly Kind[] = [...BEFORE, ...AFTER]

/** All calls that leave a container: the seed decides when each takes effect, when it is answered, and what fails. */
export class Network {
  readonly #clock: Clock
  readonly #random: Random
  readonly #spells: Spells
  readonly #report: (container: Container | undefined, line: string) => void
  /** Ends a container's process. */
  kill: (container: Container) => void = () => {}
  calls = 0
  /** Messages of a deliverer about a delivery that the table could not record: as often as they failed. */
  lostNotes = 0
  /** All such messages. */
  notes = 0

  constructor(parts: {
    clock: Clock
    random: Random
    spells: Spells
    report: (container: Container | undefined, line: string) => void
  }) {
    this.#clock = parts.clock
    this.#random = parts.random
    this.#spells = parts.spells
    this.#report = parts.report
  }

  call(call: Call, patience: Patience): Promise<Answer> {
    // Like the SDK's handler: an aborted request is not sent.
    if (patience.signal?.aborted) return Promise.reject(patience.abortError(patience.signal))
    this.calls++
    const container = inContainer.getStore()
    const fault = this.#spells.on(call.names, FAULTS)
    if (container?.name.startsWith('deliver-') && call.what.startsWith('sqs SendMessage alarms')) {
      this.notes++
      if (fault) this.lostNotes++
    }
    const [there, back] = [this.#latency(call.names), this.#latency([])]
    this.#mayDie(container, there, back)
    return new Promise((resolve, reject) => {
      const settle = this.#settler(call, container, patience, reject)
      const act = () => {
        pending.giveUp = () => {}
        const answer = this.#effect(call, fault)
        const status = typeof answer === 'object' ? answer.status : ''
        const outcome = `${status} ${fault ?? ''}`.trim()
        this.#report(container, `${call.what} → ${outcome}`)
        if (answer === undefined) return
        this.#clock.after(back, () =>
          settle(pending, () => {
            if (answer === 'reset') return reject(resetError())
            if (fault === undefined || fault === 'cut') call.answered?.(answer)
            resolve(answer)
          }),
        )
      }
      const task = this.#clock.after(there, act)
      const pending: Pending = { what: call.what, giveUp: () => this.#clock.cancel(task) }
      container?.pending.add(pending)
    })
  }

  /** The call's effect and its response; `undefined` if none ever arrives. */
  #effect(call: Call, fault: Kind | undefined): (Answer | 'reset') | undefined {
    if (fault === 'hangs') return undefined
    if (fault === 'reset') return 'reset'
    if (fault === 'refused' || fault === 'throttled' || fault === 'bad' || fault === 'revoked')
      return call.failure(fault)
    const isPartial = this.#spells.on(call.names, ['partial']) !== undefined
    const isStale = this.#spells.on(call.names, ['stale']) !== undefined
    const answer = call.act({ isPartial, isStale })
    if (fault === 'lost') return 'reset'
    if (fault === 'lost-500') return call.failure('refused')
    if (fault === 'cut') return { ...answer, isCut: true }
    return fault === 'hangs-after' ? undefined : answer
  }

  /** Whichever is first: the response, the caller's timeout, its signal. */
  #settler(
    call: Call,
    container: Container | undefined,
    { signal, timeoutMs, abortError }: Patience,
    reject: (error: Error) => void,
  ) {
    let isSettled = false
    const end = (run: () => void) => {
      if (isSettled) return
      isSettled = true
      signal?.removeEventListener('abort', onAbort)
      if (timer) this.#clock.cancel(timer)
      run()
    }
    const onAbort = () => end(() => reject(abortError(signal as AbortSignal)))
    const timer = timeoutMs
      ? this.#clock.after(timeoutMs, () =>
          deliver(container, () =>
            end(() => {
              this.#report(container, `${call.what}: no answer in ${timeoutMs} ms`)
              reject(timeoutError(timeoutMs))
            }),
          ),
        )
      : undefined
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    return (pending: Pending, run: () => void) => {
      container?.pending.delete(pending)
      deliver(container, () => end(run))
    }
  }

  /** Usually some milliseconds, sometimes a second. */
  #latency(names: string[]): number {
    const slow = names.length > 0 && this.#spells.on(names, ['slow']) !== undefined
    if (slow) return this.#random.between(300, 6_000)
    return this.#random.chance(0.02) ? this.#random.between(50, 1_000) : this.#random.between(1, 25)
  }

  /** A process can end at any await: before its call takes effect, after that, or after the response. */
  #mayDie(container: Container | undefined, there: number, back: number): void {
    if (!container || this.#spells.on([container.name, 'lambda'], ['dies']) === undefined) return
    const at = this.#random.pick([0, there, there + back / 2, there + back])
    this.#clock.after(at, () => this.kill(container))
  }
}

function resetError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

function timeoutError(ms: number): Error {
  return Object.assign(new Error(`the request has taken longer than ${ms} ms`), { name: 'TimeoutError' })
}
