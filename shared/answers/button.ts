/*
 * The buttons of a message in Slack: what each is called, and what it carries. Pure.
 */

/** A button's `action_id`. Any other is a link's, or another app's: it is not for us. */
export const BUTTONS = ['acknowledge', 'silence'] as const
export type Button = (typeof BUTTONS)[number]

/** Slack's limit of a button's `value`, in characters. */
const MAX_VALUE = 2_000

/** What a button is about. */
export interface Pressed {
  /** The alert's key in the table. */
  alert: string
  /** When the firing that it was shown with began, or was last known (ISO 8601). Absent: whichever there is. */
  since?: string
}

/** A button's `value`. A key that leaves no room for more stands alone. */
export function buttonValue(pressed: Pressed): string {
  const value = JSON.stringify(pressed)
  return value.length <= MAX_VALUE ? value : pressed.alert
}

/** What a `value` says: an object as above; else the key itself. */
export function pressedIn(value: string): Pressed {
  try {
    const { alert, since } = JSON.parse(value) as Record<string, unknown>
    if (typeof alert === 'string') return { alert, ...(typeof since === 'string' && { since }) }
  } catch {
    // It is a key: that of no alert is JSON with an alert in it.
  }
  return { alert: value }
}
