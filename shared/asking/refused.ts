import type { Refused } from '../questions/ask.ts'

/** How AWS says that a role may not: each service has its spelling. */
const DENIED =
  /^(AccessDenied(Exception)?|UnauthorizedOperation|NotAuthorized|AuthorizationError(Exception)?|ForbiddenException)$/

/** What is off in an account, by the error that says so, and what to switch on. */
const OFF: Record<string, string> = {
  OptInRequiredException: 'Compute Optimizer to be switched on',
  SubscriptionRequiredException: 'a support plan of AWS: Business Support+ or higher',
  InvalidAccessException: 'Security Hub to be switched on',
  NoSuchRouter: 'a router in this stage',
  GuardDutyOff: 'GuardDuty to be switched on',
  DataUnavailableException: 'some days of data',
  AWSOrganizationsNotInUseException: 'AWS Organizations',
}

const THROTTLED = /^(Throttl(ing|ed)(Exception)?|TooManyRequestsException|LimitExceededException|RequestLimitExceeded)$/

/** A part of what was asked was refused, in its own words. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly refused: Refused

  constructor(refused: Refused) {
    super(refused.why)
    this.refused = refused
  }
}

/** An answer, or why there is none: nothing that fails is taken for a good answer, or ends the others. */
export async function outcomeOf<Data>(
  action: string,
  now: () => Date,
  ask: () => Promise<Data>,
): Promise<{ data: Data; asOf: string } | { refused: Refused }> {
  try {
    const asOf = now().toISOString()
    return { data: await ask(), asOf }
  } catch (error) {
    return { refused: refusedBy(error, action) }
  }
}

/** What a person has to do about an error. */
export function refusedBy(error: unknown, action: string): Refused {
  if (error instanceof RefusedError) return error.refused
  const { name = '', message = String(error) } = error as Error
  if (DENIED.test(name)) return { needs: action, why: 'this role may not' }
  const off = OFF[name]
  if (off !== undefined) return { needs: off, why: name }
  if (THROTTLED.test(name)) return { why: `AWS has throttled ${action}` }
  if (/Timeout|Abort/.test(name)) return { why: `no answer in time to ${action}` }
  // Not the message alone: it may be of any length, and of several lines.
  return { why: `${action} failed: ${message.split('\n')[0]?.slice(0, 200)}` }
}
