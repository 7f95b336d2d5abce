import type { Lineage } from './aws/sqs-messages.ts'
import type { Clock, Task } from './clock.ts'
import type { FunctionModule } from './code.ts'
import { type Container, inContainer, touched } from './container.ts'
import type { Random } from './random.ts'
import type { Spells } from './spells.ts'

/** How an invocation ended. */
export type Outcome = { answer: unknown } | { threw: unknown } | 'timed out' | 'died'
/** The outcomes of invocations, for all functions together. */
export interface Counts {
  invocations: number
  coldStarts: number
  deaths: number
  timeouts: number
  throws: string[]
}

export interface Parts {
  clock: Clock
  random: Random
  /** Chooses the next idle one; by default the most recent. */
  takesTurns?: Random | undefined
  spells: Spells
  start: (name: string) => FunctionModule
  environment: (name: string) => Record<string, string>
  report: (container: Container | undefined, line: string) => void
  /** Whether nothing runs at all: the region is lost. */
  isDown?: () => boolean
}
interface Running {
  end: (outcome: Outcome) => void
}

const COLD_START_MS = [200, 1_500] as const

/** Lambda: containers that start and stop, each with the module state of its function. */
export class Lambda {
  readonly counts: Counts = { invocations: 0, coldStarts: 0, deaths: 0, timeouts: 0, throws: [] }
  readonly #parts: Parts
  readonly #idle = new Map<string, Container[]>()
  readonly #modules = new Map<Container, FunctionModule>()
  readonly #running = new Map<Container, Running>()
  readonly #outdated = new Set<Container>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Invokes a function: in an idle container, or else in a new one. `ended` is called once. */
  invoke(name: string, event: unknown, timeoutMs: number, lineage: Lineage, ended: (outcome: Outcome) => void): void {
    const { clock, random, takesTurns, isDown } = this.#parts
    if (isDown?.()) {
      ended('died')
      return
    }
    this.counts.invocations++
    const idle = this.#idle.get(name) ?? []
    // The most recent one; or any, so that containers with older and newer rules alternate.
    const [warm] = idle.splice(takesTurns ? takesTurns.int(idle.length) : -1, 1)
    if (warm) {
      this.#run(warm, event, timeoutMs, lineage, ended)
      return
    }
    clock.after(random.between(...COLD_START_MS), () =>
      this.#run(this.#newContainer(name), event, timeoutMs, lineage, ended),
    )
  }

  #newContainer(name: string): Container {
    const id = `${name}/${++this.counts.coldStarts}`
    const { random, environment } = this.#parts
    return {
      id,
      name,
      isDead: false,
      isFrozen: false,
      due: [],
      pending: new Set(),
      random: random.of(id),
      env: environment(name),
      lineage: {},
    }
  }

  #run(
    container: Container,
    event: unknown,
    timeoutMs: number,
    lineage: Lineage,
    ended: (outcome: Outcome) => void,
  ): void {
    const { clock, report, start } = this.#parts
    const deadline = clock.now + timeoutMs
    const timeout = clock.plan(deadline, () => {
      this.counts.timeouts++
      report(container, `is ended: timed out after ${timeoutMs / 1_000} s`)
      this.#end(container, 'timed out')
    })
    this.#running.set(container, { end: this.#ender(container, timeout, ended) })
    container.lineage = { ...lineage, [container.name]: (lineage[container.name] ?? 0) + 1 }
    this.#thaw(container)
    touched.is = true
    inContainer.run(container, () => {
      const context = contextOf(container, () => Math.max(0, deadline - clock.now))
      Promise.resolve()
        .then(() => {
          const module = this.#modules.get(container) ?? start(container.name)
          this.#modules.set(container, module)
          return module.handler(event, context)
        })
        .then(
          (answer) => this.#end(container, { answer }),
          (threw) => this.#end(container, { threw }),
        )
    })
  }

  #ender(container: Container, timeout: Task, ended: (outcome: Outcome) => void) {
    return (outcome: Outcome) => {
      this.#running.delete(container)
      this.#parts.clock.cancel(timeout)
      if (typeof outcome === 'string') this.#bury(container)
      else this.#freeze(container, outcome)
      ended(outcome)
    }
  }

  #end(container: Container, outcome: Outcome): void {
    this.#running.get(container)?.end(outcome)
  }

  #freeze(container: Container, outcome: Exclude<Outcome, string>): void {
    if ('threw' in outcome) {
      this.counts.throws.push(String(outcome.threw))
      this.#parts.report(container, `threw ${outcome.threw}`)
    }
    container.isFrozen = true
    // Lambda retires a container now and then.
    if (this.#parts.random.chance(0.05) || this.#outdated.delete(container)) {
      this.#bury(container)
      return
    }
    const idle = this.#idle.get(container.name) ?? []
    idle.push(container)
    this.#idle.set(container.name, idle)
  }

  #thaw(container: Container): void {
    container.isFrozen = false
    for (const run of container.due.splice(0)) run()
  }

  /** Its calls in progress may or may not take effect; its code never runs again. */
  #bury(container: Container): void {
    container.isDead = true
    for (const pending of container.pending) if (this.#parts.random.chance(0.5)) pending.giveUp()
    container.pending.clear()
    container.due = []
    this.#modules.delete(container)
    const idle = this.#idle.get(container.name)
    if (idle?.includes(container)) idle.splice(idle.indexOf(container), 1)
  }

  /** New code is deployed: idle containers are retired at once, busy ones when they finish. */
  deploy(): void {
    for (const idle of this.#idle.values()) for (const container of [...idle]) this.#bury(container)
    for (const container of this.#running.keys()) this.#outdated.add(container)
  }

  /** All of its processes end. */
  lose(): void {
    for (const container of [...this.#running.keys()]) this.#end(container, 'died')
    for (const idle of this.#idle.values()) for (const container of [...idle]) this.#bury(container)
  }

  /** Kills a process in the middle of its work. A sleeping one is not affected. */
  kill(container: Container): void {
    if (container.isDead || !this.#running.has(container)) return
    this.counts.deaths++
    this.#parts.report(container, `dies${[...container.pending].map(({ what }) => ` amid ${what}`).join(',')}`)
    this.#end(container, 'died')
  }
}
function contextOf({ name, id }: Container, getRemainingTimeInMillis: () => number) {
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    memoryLimitInMB: '512',
    awsRequestId: id,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: id,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  }
}
