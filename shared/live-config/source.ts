/** The part of a config that a function uses, and its version. One object per version: rules are compiled once. */
export interface Versioned<Part> {
  version: string
  config: Part
  /** When this process switched to it (ms since 1970); 0: it started with it, and can't know how old it is. */
  takenAt: number
}

/** Where newer configs come from. */
export interface Source {
  /**
   * The document that has arrived since the last call, if any, and how long to wait before the next call. `null`: there
   * is no longer one, or not yet.
   * @throws {Error} when the source can't be reached. May be called again.
   */
  poll(): Promise<{ document?: string | null; nextInMs: number }>
  /**
   * The content of such a document. `base`: the packaged version that it was made for, if it names one.
   * @throws {Error} when it is invalid.
   */
  open(document: string): { version: string; base?: string; config: unknown }
}
