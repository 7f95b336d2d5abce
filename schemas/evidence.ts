/** What is known of an alert that is out: answers to what one would ask first. It is kept for a day, for each recipient. */
export interface Evidence {
  /** When it was asked (ISO 8601), and how long that took. */
  askedAt: string
  tookMs: number
  parts: EvidencePart[]
}

/** Texts of AWS and of logs, redacted; nothing is escaped for a channel yet. */
export interface EvidencePart {
  title: string
  /** The answer in one line. */
  says: string
  lines: string[]
  chart?: {
    /** In one line, of characters of one width. */
    line: string
    /** The same, of several rows, with the threshold. */
    rows: string[]
    /** The same as values, for a picture. What an earlier version kept has none. */
    bars?: Bars
  }
}

/** A metric over equal parts of a time. */
export interface Bars {
  /** The worst of each part; `null` where there was none. */
  values: (number | null)[]
  threshold?: number
  /** What is below the threshold is beyond it. */
  isLow: boolean
}
