import { AsyncResource } from 'node:async_hooks'
import nodeCrypto from 'node:crypto'
import type { Answer, Patience, Question } from '../../shared/aws/direct/exchange.ts'
import type { Clock, Task } from './clock.ts'
import { type Container, deliver, inContainer } from './container.ts'

/*
 * Replacements for Node's globals and for modules that use time, randomness, files and the network: they are passed
 * to the product's code and its packages when these are evaluated; this process is not changed.
 */

/** The running world. One at a time per process. */
export interface Host {
  clock: Clock
  /** Receives a line that a container has written. */
  written(container: Container | undefined, line: string): void
  /** The response of a vendor. */
  fetch(url: string, init: RequestInit): Promise<unknown>
  /** The answer of a service of AWS. */
  callAws(question: Question, patience: Patience): Promise<Answer>
  /** The file that a function reads, by its path. */
  readFile(path: string): string
}

let host: Host | undefined

/** Sets the running world. */
export function enter(world: Host | undefined): void {
  host = world
}

function world(): Host {
  if (!host) throw new Error('code of the product ran outside a world')
  return host
}

/** The state before the first world, when the packages are evaluated. */
const NO_TIME = Date.UTC(2026, 0, 1)

const now = () => host?.clock.now ?? NO_TIME

/** Constructs a Date, with the virtual time as its default. */
function VirtualDate(this: unknown, ...given: []): unknown {
  if (!new.target) return new Date(now()).toString()
  return given.length === 0 ? new Date(now()) : new Date(...given)
}
VirtualDate.prototype = Date.prototype
Object.assign(VirtualDate, { now, parse: Date.parse, UTC: Date.UTC })

/** Like Node's: it can be cleared, and unref'd. */
class Timer {
  readonly start: () => Task
  task: Task
  constructor(start: () => Task) {
    this.start = start
    this.task = start()
  }
  ref = () => this
  unref = () => this
  hasRef = () => true
  refresh() {
    world().clock.cancel(this.task)
    this.task = this.start()
    return this
  }
  close() {
    host?.clock.cancel(this.task)
    return this
  }
  [Symbol.dispose] = () => void this.close()
}

type Run = (...given: unknown[]) => void

function setTimeout(run: Run, ms = 0, ...given: unknown[]): Timer {
  const { clock } = world()
  const container = inContainer.getStore()
  const bound = AsyncResource.bind(() => run(...given))
  // Node rounds up to 1 ms.
  return new Timer(() => clock.after(Math.max(1, Math.trunc(ms) || 1), () => deliver(container, bound)))
}

function setInterval(run: Run, ms = 0, ...given: unknown[]): Timer {
  const timer = setTimeout(() => {
    timer.refresh()
    run(...given)
  }, ms)
  return timer
}

const setImmediate = (run: Run, ...given: unknown[]) => setTimeout(run, 0, ...given)

function clearTimeout(timer: unknown): void {
  if (timer instanceof Timer) timer.close()
}

/** From `node:timers/promises`. */
function sleep<T>(ms: number, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      timer.close()
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve(value)
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Signals are Node's, except that `timeout` uses virtual time. */
const VirtualAbortSignal = Object.assign(function AbortSignal() {}, {
  prototype: AbortSignal.prototype,
  any: (signals: AbortSignal[]) => AbortSignal.any(signals),
  abort: (reason?: unknown) => AbortSignal.abort(reason),
  timeout(ms: number) {
    const controller = new AbortController()
    const passed = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    setTimeout(passed, ms)
    return controller.signal
  },
})

function chance(): number {
  return inContainer.getStore()?.random.next() ?? 0.5
}

function randomBytes(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => Math.floor(chance() * 256)))
}

function randomUUID(): string {
  const hex = randomBytes(16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

function getRandomValues<Of extends Uint8Array>(into: Of): Of {
  into.set(randomBytes(into.length))
  return into
}

/** A copy of a module, or of one of its objects, with some values replaced. */
function but(original: object, others: Record<string, unknown>): Record<string, unknown> {
  const copy = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap
  for (const [name, value] of Object.entries(others)) copy[name] = { value, enumerable: true, configurable: true }
  return Object.defineProperties({}, copy)
}

/** The environment for packages, before there is a container. */
const NO_CONTAINER = { AWS_REGION: 'us-east-1', HOME: '/nowhere' }

const virtualProcess = Object.create(process, {
  env: { get: () => inContainer.getStore()?.env ?? NO_CONTAINER },
  stdout: { value: { write: (line: string) => written(line) } },
  stderr: { value: { write: (line: string) => written(line) } },
  hrtime: {
    value: Object.assign(() => [Math.floor(now() / 1_000), 0], { bigint: () => BigInt(Math.round(now() * 1e6)) }),
  },
  on: { value: () => virtualProcess },
  once: { value: () => virtualProcess },
  emitWarning: { value: () => {} },
})

function written(line: string): boolean {
  host?.written(inContainer.getStore(), line)
  return true
}

const write = (...parts: unknown[]) =>
  void written(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '))

const virtualFetch = (url: unknown, init: RequestInit = {}) => world().fetch(String(url), init)

const own = {
  Date: VirtualDate,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval: clearTimeout,
  setImmediate,
  clearImmediate: clearTimeout,
  performance: { now: () => now() - NO_TIME, timeOrigin: NO_TIME, mark: () => {}, measure: () => {} },
  Math: but(Math, { random: chance }),
  crypto: { randomUUID, getRandomValues },
  fetch: virtualFetch,
  callAws: (question: Question, patience: Patience) => world().callAws(question, patience),
  AbortSignal: VirtualAbortSignal,
  process: virtualProcess,
  console: { debug: write, log: write, info: write, warn: write, error: write, trace: write },
}

/** Everything passed to code when it is evaluated, by name. */
export const GLOBALS: Record<string, unknown> = {
  ...own,
  globalThis: Object.defineProperties(Object.create(globalThis), Object.getOwnPropertyDescriptors(own)),
}

const timers = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval: clearTimeout,
  setImmediate,
  clearImmediate: clearTimeout,
}

const noFile = (path: unknown) => Object.assign(new Error(`no file ${path} in a world`), { code: 'ENOENT' })

/** The replaced modules of Node. */
export const MODULES: Record<string, unknown> = {
  timers,
  'timers/promises': { setTimeout: sleep, setImmediate: () => sleep(0) },
  crypto: but(nodeCrypto, {
    randomUUID,
    randomBytes,
    getRandomValues,
    randomInt: (below: number) => Math.floor(chance() * below),
  }),
  process: virtualProcess,
  fs: {
    readFileSync: (path: unknown) => world().readFile(String(path)),
    statSync: () => ({ mtimeMs: 0, size: 0, ino: 0 }),
    promises: { readFile: (path: unknown) => Promise.reject(noFile(path)) },
  },
  'fs/promises': { readFile: (path: unknown) => Promise.reject(noFile(path)) },
}
