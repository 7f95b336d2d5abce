import { AsyncLocalStorage } from 'node:async_hooks'
import type { Random } from './random.ts'

/**
 * One execution environment of a function, as on Lambda: it handles one event at a time, sleeps in between, and
 * dies.
 */
export interface Container {
  id: string
  /** The function's name. */
  name: string
  /** Its process has ended: its code never runs again. */
  isDead: boolean
  /** It sleeps between two invocations: tasks that become due run when it wakes. */
  isFrozen: boolean
  /** The tasks that became due while it slept. */
  due: (() => void)[]
  /** Its calls that are not answered yet. */
  pending: Set<Pending>
  random: Random
  /** Its process.env. */
  env: Record<string, string>
  /** The functions that the current message has passed through, and how often. */
  lineage: Record<string, number>
}

/** A call in progress. */
export interface Pending {
  /** Its description, for `simulate --story`. */
  what: string
  /** Cancels its pending effect. */
  giveUp: () => void
}

/** The container of the code that is running now. */
export const inContainer = new AsyncLocalStorage<Container>()

/** Whether code of the product may have run since this was last set to `false`. */
export const touched = { is: false }

/** Runs a due task of a container: later if it sleeps, never if it is dead. */
export function deliver(to: Container | undefined, run: () => void): void {
  if (to?.isDead) return
  if (to?.isFrozen) {
    to.due.push(run)
    return
  }
  touched.is = true
  run()
}
