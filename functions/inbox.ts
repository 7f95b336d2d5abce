import type { Context } from 'aws-lambda'
import { within } from '../shared/aws/deadline.ts'
import { receive } from '../shared/inbox/inbox.ts'
import type { Response } from '../shared/inbox/request.ts'

/**
 * Its URL is called by Slack when somebody presses a button, by PagerDuty when an incident changes, and by browsers for the
 * links in emails. What a person wants becomes an order on the alarms' queue; it changes no alert itself.
 */
export async function handler(event: unknown, context: Context): Promise<Response> {
  const remainingMs = context.getRemainingTimeInMillis()
  return within(remainingMs, () => receive(event, remainingMs + 1_000))
}
