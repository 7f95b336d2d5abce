/** Thrown by `parse` for an input that is not an event. Says where in the input, and how to fix it. */
export class RefusedEvent extends Error {
  /** Where in the input, as a JSON path: `Records[0].body`. */
  readonly path: string

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`)
    this.name = 'RefusedEvent'
    this.path = path
  }
}
