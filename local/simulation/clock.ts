/** Something that happens at a moment of virtual time. */
export interface Task {
  at: number
  run: () => void
  /** It alone keeps no world from coming to rest: the minute's tick, a container that is given up. */
  isBackground: boolean
  isCancelled: boolean
  order: number
}

/**
 * Virtual time: it stands still while code runs, and jumps to the next task. Of tasks of the same moment, the one that was
 * planned first runs first.
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

  /** The next task, at whose moment it is now; `undefined` when there is none. */
  next(): Task | undefined {
    for (let task = pop(this.#heap); task; task = pop(this.#heap)) {
      if (task.isCancelled) continue
      // What has run can't be cancelled any more.
      this.cancel(task)
      this.now = task.at
      return task
    }
    return undefined
  }

  /** Whether anything is planned beside what goes on for ever. */
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
