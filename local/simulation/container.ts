import { AsyncLocalStorage } from 'node:async_hooks'
import type { Random } from './random.ts'

/** One execution environment of a function, as Lambda has them: it handles one event at a time, sleeps in between, and dies. */
export interface Container {
  id: string
  /** The function's name. */
  name: string
  /** Its process is gone: nothing of it ever runs again. */
  isDead: boolean
  /** It sleeps between two invocations: what is due then happens when it is woken. */
  isFrozen: boolean
  /** What became due as it slept. */
  due: (() => void)[]
  /** What has been asked of others, and is not answered yet. */
  pending: Set<Pending>
  random: Random
  /** What its process.env holds. */
  env: Record<string, string>
  /** Through which functions the message has passed that it is handling, and how often. */
  lineage: Record<string, number>
}

/** A call that is under way. */
export interface Pending {
  /** What it was, for the story. */
  what: string
  /** Takes back the effect that it has not had yet. */
  giveUp: () => void
}

/** Which container the code that is running now belongs to. */
export const inContainer = new AsyncLocalStorage<Container>()

/** Whether code of the product may have run since this was last set to `false`. */
export const touched = { is: false }

/** Runs what has become due in a container: later where it sleeps, never where it is dead. */
export function deliver(to: Container | undefined, run: () => void): void {
  if (to?.isDead) return
  if (to?.isFrozen) {
    to.due.push(run)
    return
  }
  touched.is = true
  run()
}
