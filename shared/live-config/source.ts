/** What a function takes from a config, and which config that is. One object for each version: rules are compiled once. */
export interface Versioned<Part> {
  version: string
  config: Part
  /** When this process changed to it (ms since 1970); 0: it began with it, and can't tell how old it is. */
  takenAt: number
}

/** Where newer configs come from. */
export interface Source {
  /**
   * What has come since the last call, if anything, and how long to leave the source alone. `null`: there is nothing any
   * more, or not yet.
   * @throws {Error} when it can't be reached. May be called again then.
   */
  poll(): Promise<{ document?: string | null; nextInMs: number }>
  /**
   * What such a document holds. `base`: the packaged version that it was made for, where it says so.
   * @throws {Error} when it is none.
   */
  open(document: string): { version: string; base?: string; config: unknown }
}
