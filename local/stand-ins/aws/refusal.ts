/** What a service answers in place of a result; `code` is the name by which its client knows the error. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: string
  readonly status: number
  /** Further fields of the error. */
  readonly fields: object

  constructor(code: string, message: string, status = 400, fields: object = {}) {
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
  }
}
