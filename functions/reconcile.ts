import { setTimeout as sleep } from 'node:timers/promises'
import middy from '@middy/core'
import { environment } from '../shared/aws/client.ts'
import { within } from '../shared/aws/deadline.ts'
import { packagedPlatform } from '../shared/platform/packaged.ts'
import { isUs } from '../shared/reconcile/places.ts'
import { reconcile } from '../shared/reconcile/reconcile.ts'

const { accounts = {} } = packagedPlatform()
/** What is found beyond that, is left to the next run. */
const MOST = 500

/**
 * Every five minutes it compares CloudWatch's alarms with the table: CloudWatch sends each change once, and one that was
 * lost is not sent a second time.
 */
export const handler = middy<unknown, void>().handler((_event, context) => {
  const remainingMs = context.getRemainingTimeInMillis()
  return within(remainingMs, () =>
    reconcile({
      accounts,
      isUs,
      graceMs: Number(environment('GRACE_S')) * 1_000,
      most: MOST,
      wait: sleep,
      signal: AbortSignal.timeout(remainingMs),
    }),
  )
})
