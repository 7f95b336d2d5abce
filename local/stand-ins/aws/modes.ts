import type { Asked, Operation } from './operation.ts'
import { Refusal } from './refusal.ts'
import { SERVICES } from './services.ts'
import { nameOf } from './wire.ts'

/** How an operation answers from now on. */
export interface Mode {
  /** Refused, as without the right in IAM. */
  isDenied?: boolean
  /** So many requests are throttled, then answered. */
  throttled?: number
  /** Answers come after this: a promise that the caller keeps, or so many ms. */
  after?: Promise<unknown> | number
  /** The account has no data yet. */
  hasNoData?: boolean
  /** The service is not enabled, or not subscribed to. */
  isOff?: boolean
  /** At most so many on a page, whatever a request asks for. */
  pageSize?: number
}

/** Refuses in the way of a mode. `mode.throttled` counts down. @throws {Refusal} */
export function refuseBy(mode: Mode, operation: Operation, { data }: Asked): void {
  const { iam, denied, throttled } = SERVICES[operation.service]
  const name = nameOf(operation)
  if (mode.throttled !== undefined && mode.throttled > 0) {
    mode.throttled--
    throw new Refusal(throttled[0], 'Rate exceeded', throttled[1])
  }
  if (mode.isDenied) {
    const user = `User: arn:aws:sts::${data.account}:assumed-role/alert-router/reports`
    const why = `because no identity-based policy allows the ${iam}:${name} action`
    throw new Refusal(denied[0], `${user} is not authorized to perform: ${iam}:${name} ${why}`, denied[1])
  }
}
