/*
 * How a drill is marked. An event that is published as a drill has the message attribute `alert-router-drill`, with its id;
 * an alarm that is set to ALARM for a drill has it in the reason of the change. Pure.
 */

/** The name of the message attribute: no sender has it by chance. */
export const DRILL_ATTRIBUTE = 'alert-router-drill'

/** As shared/drill/ids.ts makes it. */
const ID = /^\d{4}-\d\d-\d\d-[0-9a-f]{6}$/

/** The id in a message attribute; `undefined`: it is not one. */
export function drillIn(attribute: string | undefined): string | undefined {
  return attribute !== undefined && ID.test(attribute) ? attribute : undefined
}

const REASON = /^alert-router drill (\d{4}-\d\d-\d\d-[0-9a-f]{6}): /

/** The reason with which an alarm is set for a drill, and set back. */
export function drillReason(id: string, words: string): string {
  return `alert-router drill ${id}: ${words}`
}

/** The id in the reason of an alarm's change. CloudWatch's own reasons start with other words. */
export function drillInReason(reason: string | undefined): string | undefined {
  return REASON.exec(reason ?? '')?.[1]
}
