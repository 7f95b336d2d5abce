/*
 * How a drill is marked. An event that is published as a drill has the message attribute `drill`, with its id; an alarm
 * that is set to ALARM for a drill has it in the reason of the change. Pure.
 */

/** The name of the message attribute. */
export const DRILL_ATTRIBUTE = 'drill'

const ID = /^[a-z0-9][a-z0-9-]{0,59}$/

/** The id in a message attribute; `undefined`: it is not one. */
export function drillIn(attribute: string | undefined): string | undefined {
  return attribute !== undefined && ID.test(attribute) ? attribute : undefined
}

const REASON = /^alert-router drill ([a-z0-9][a-z0-9-]{0,59}): /

/** The reason with which an alarm is set for a drill, and set back. */
export function drillReason(id: string, words: string): string {
  return `alert-router drill ${id}: ${words}`
}

/** The id in the reason of an alarm's change. CloudWatch's own reasons start with other words. */
export function drillInReason(reason: string | undefined): string | undefined {
  return REASON.exec(reason ?? '')?.[1]
}
