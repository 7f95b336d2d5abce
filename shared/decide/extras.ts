/** What rules give an alert beside its severity and channels. */
export interface Extras {
  /** In a storm, what these fields have in common is told together: in place of the channel's own `groupBy`. */
  groupBy?: string[]
  /** A URL, for an alert that has none of its own. */
  runbook?: string
  labels?: Record<string, string>
  /** Templates, in place of the channels' own. */
  title?: string
  text?: string
}

/** What must be the same when it is over, so that what was told together is found again. */
export function extrasOf({ groupBy, runbook, labels, title, text }: Extras): Extras {
  return {
    ...(groupBy && { groupBy }),
    ...(runbook !== undefined && { runbook }),
    ...(labels && { labels }),
    ...(title !== undefined && { title }),
    ...(text !== undefined && { text }),
  }
}
