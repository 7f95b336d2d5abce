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
  /** More than so many in a second are throttled, as by the quota of an API. */
  perSecond?: number
  /** Its right names some resources, and is not on `*`: composite alarms are left out, without an error. */
  isNarrow?: boolean
  /** Answers come after this: a promise that the caller keeps, or so many ms. */
  after?: Promise<unknown> | number
  /** The account has no data yet. */
  hasNoData?: boolean
  /** The service is not enabled, or not subscribed to. */
  isOff?: boolean
  /** At most so many on a page, whatever a request asks for. */
  pageSize?: number
}

/** When those of the last second came, in ms. */
const lately = new WeakMap<Mode, number[]>()

function isTooFast(mode: Mode): boolean {
  if (mode.perSecond === undefined) return false
  const now = performance.now()
  const recent = (lately.get(mode) ?? []).filter((at) => at > now - 1_000)
  const isFast = recent.length >= mode.perSecond
  lately.set(mode, isFast ? recent : [...recent, now])
  return isFast
}

/** Refuses in the way of a mode. `mode.throttled` counts down. @throws {Refusal} */
export function refuseBy(mode: Mode, operation: Operation, { data }: Asked): void {
  const { iam, denied, throttled } = SERVICES[operation.service]
  const name = nameOf(operation)
  if (mode.throttled !== undefined && mode.throttled > 0) {
    mode.throttled--
    throw new Refusal(throttled[0], 'Rate exceeded', throttled[1])
  }
  if (isTooFast(mode)) throw new Refusal(throttled[0], 'Rate exceeded', throttled[1])
  if (mode.isDenied) {
    const user = `User: arn:aws:sts::${data.account}:assumed-role/alert-router/reports`
    const why = `because no identity-based policy allows the ${iam}:${name} action`
    throw new Refusal(denied[0], `${user} is not authorized to perform: ${iam}:${name} ${why}`, denied[1])
  }
}
