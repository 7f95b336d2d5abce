/** One pass over the index. It may take more than one run of the function. */
export interface Pass {
  /** When the previous pass started; absent: there was none (ISO 8601, as all times). */
  since?: string | undefined
  /** When this one started. */
  at: string
  /** The version of the rules that everything in the index is re-evaluated with, if it has changed. */
  rules?: string | undefined
  /** How often silences had got another end, if everything is re-evaluated because of that. */
  moved?: number | undefined
}

/** An entry: the item's `pk`, and when it is due (ISO 8601, with milliseconds). */
export interface Due {
  pk: string
  dueAt: string
}
