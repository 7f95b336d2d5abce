/** What a query is computed from: a line of the log, or so many alike. */
export interface LogRecord {
  fields: Record<string, string | number>
  count: number
}
