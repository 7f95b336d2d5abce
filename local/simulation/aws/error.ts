/** An error response of an AWS service. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  /** Other fields of the response. */
  readonly more: Record<string, unknown>

  constructor(
    code: string,
    message: string,
    { status = 400, ...more }: Record<string, unknown> & { status?: number } = {},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.more = more
  }
}

/** The batch rules that SQS and SNS share: at most ten entries, each with a distinct id. */
export function checkBatch(entries: { Id?: unknown }[]): void {
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', "The batch request doesn't contain any entries.")
  if (entries.length > 10) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.')
  }
  const ids = entries.map(({ Id }) => String(Id ?? ''))
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    )
  }
  if (new Set(ids).size < ids.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
}
