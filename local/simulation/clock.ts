/** A task at a virtual time. */
export interface Task {
  at: number
  run: () => void
  /** It does not keep a world running: the tick of each minute, a container that is retired. */
  isBackground: boolean
  isCancelled: boolean
  order: number
}

/**
 * Virtual time: it stops while code runs, and jumps to the next task. Tasks of the same time run in the order
 * in which they were scheduled.
 */
export class Clock {
  now: number
  #heap: Task[] = []
  #planned = 0
  #foreground = 0

  constructor(now: number) {
    this.now = now
  }

  plan(at: number, run: () => void, isBackground = false): Task {
    const task = { at: Math.max(at, this.now), run, isBackground, isCancelled: false, order: this.#planned++ }
    if (!isBackground) this.#foreground++
    push(this.#heap, task)
    return task
  }

  after(ms: number, run: () => void, isBackground = false): Task {
    return this.plan(this.now + Math.max(0, ms), run, isBackground)
  }

  cancel(task: Task): void {
    if (task.isCancelled) return
    task.isCancelled = true
    if (!task.isBackground) this.#foreground--
  }

  /** Advances to the next task; `undefined` if there is none. */
  next(): Task | undefined {
    for (let task = pop(this.#heap); task; task = pop(this.#heap)) {
      if (task.isCancelled) continue
      // A task that has run can't be cancelled.
      this.cancel(task)
      this.now = task.at
      return task
    }
    return undefined
  }

  /** Whether any task is scheduled besides recurring ones. */
  get isBusy(): boolean {
    return this.#foreground > 0
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Task[], task: Task): void {
  let at = heap.length
  heap.push(task)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(task, heap[parent] as Task)) break
    heap[at] = heap[parent] as Task
    at = parent
  }
  heap[at] = task
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++
    if (!isBefore(heap[child] as Task, last)) break
    heap[at] = heap[child] as Task
    at = child
  }
  heap[at] = last
  return first
}
