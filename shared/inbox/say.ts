import { log } from '../observe/log.ts'
import { escapedForSlack } from './slack.ts'

/** Slack waits three seconds for the answer to the press itself. */
const TIMEOUT_MS = 1_000

/**
 * Shows a text to the person who pressed a button, and to nobody else. `url`: of the request, checked to be Slack's
 * (shared/inbox/slack.ts); SLACK_RESPONSES names another server, such as a stand-in. Never throws: what they pressed is done.
 */
export async function say(url: string, text: string): Promise<void> {
  const { pathname } = new URL(url)
  const { SLACK_RESPONSES } = process.env
  try {
    const { status } = await fetch(SLACK_RESPONSES === undefined ? url : new URL(pathname, SLACK_RESPONSES), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escapedForSlack(text) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (status === 200) return
    log.warn('answer.unsaid', 'Slack did not show a text to the person who pressed', { status })
  } catch (error) {
    // Its message could name the address, by which anybody can write to that person.
    log.warn('answer.unsaid', 'Slack did not show a text to the person who pressed', { reason: (error as Error).name })
  }
}
