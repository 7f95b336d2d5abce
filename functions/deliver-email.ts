import { setTimeout as sleep } from 'node:timers/promises'
import { email } from '../shared/channels/email/index.ts'
import { routeOf } from '../shared/channels/email/route-of.ts'
import { deliverer } from '../shared/deliver/deliver.ts'
import { secretsOf } from '../shared/inbox/secrets.ts'
import { log } from '../shared/observe/log.ts'

/** Sends each notification to its channel's topic, which emails its subscribers, or by SES. */
export const handler = deliverer(email, async (channel, { name }) => {
  const { ses, ...route } = routeOf(channel, name)
  if (!ses) return route
  const acknowledge = await linksToInbox()
  return { ...route, ses: { ...ses, ...(acknowledge && { acknowledge }) } }
})

/** An alert waits no longer for its button. */
const SECRET_MS = 2_000

/** By what links to acknowledge are made, if people can answer. An email does without, rather than not being sent. */
async function linksToInbox(): Promise<{ base: string; secret: string } | undefined> {
  const base = process.env.INBOX_URL
  if (!base) return undefined
  try {
    const late = sleep(SECRET_MS, undefined, { ref: false }).then(() => Promise.reject(new Error('it took too long')))
    const [secret] = await Promise.race([secretsOf('inbox-links'), late])
    return secret === undefined ? undefined : { base, secret }
  } catch (error) {
    log.warn('email.without_links', 'emails have no button to acknowledge', { reason: String(error) })
    return undefined
  }
}
