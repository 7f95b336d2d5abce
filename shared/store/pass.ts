/** One time through the index. It may take more than one run of the function. */
export interface Pass {
  /** When the pass before this one began; nothing: there was none (ISO 8601, as all times). */
  since?: string | undefined
  /** When this one began. */
  at: string
  /** The version of the rules that everything in the index is told of, where it has changed. */
  rules?: string | undefined
}

/** An entry: the item's `pk`, and when it is due (ISO 8601, with milliseconds). */
export interface Due {
  pk: string
  dueAt: string
}
