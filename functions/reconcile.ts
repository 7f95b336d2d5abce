import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import middy from '@middy/core'
import type { Platform } from '../schemas/platform.ts'
import { environment } from '../shared/aws/client.ts'
import { within } from '../shared/aws/deadline.ts'
import { reconcile } from '../shared/reconcile/reconcile.ts'

/** Written beside the bundle when it is packaged: config/platform.yml, checked, as JSON; `{}` in a stage that has none. */
const { accounts = {} } = JSON.parse(
  readFileSync(process.env.PLATFORM_FILE ?? 'config/platform.json', 'utf8'),
) as Partial<Pick<Platform, 'accounts'>>

/**
 * Every five minutes it compares CloudWatch's alarms with the table: CloudWatch sends each change once, and one that was
 * lost is not sent a second time.
 */
export const handler = middy<unknown, void>().handler((_event, context) => {
  const remainingMs = context.getRemainingTimeInMillis()
  return within(remainingMs, () =>
    reconcile({
      accounts,
      isUs: (action) => action === environment('ALARMS_TOPIC_ARN') || action === environment('ROUTE_FUNCTION_ARN'),
      graceMs: Number(environment('GRACE_S')) * 1_000,
      wait: sleep,
      signal: AbortSignal.timeout(remainingMs),
    }),
  )
})
