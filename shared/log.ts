import { Logger } from '@aws-lambda-powertools/logger'

/** Structured logs. A line about an alert carries its `fingerprint`, one about a delivery its `notificationId` too. */
export const log = new Logger()
