import { lookAtPushed } from '../shared/live-config/check-pushed.ts'
import { log } from '../shared/observe/log.ts'

/** What AppConfig hands to a validator, as far as we look at it (AppConfig User Guide, Understanding validators). */
interface ValidatorEvent {
  /** Base64 */
  content: string
  configurationVersion?: string
}

/**
 * Looks at rules before AppConfig deploys them: the same check that `push` has made already, for what comes another way.
 * @throws {Error} with all that is wrong: that is how a validator says no.
 */
export async function handler({ content, configurationVersion }: ValidatorEvent): Promise<void> {
  const { problems, timeWasUp } = lookAtPushed(Buffer.from(content, 'base64').toString())
  if (timeWasUp.length > 0) log.warn('rules not looked at', { configurationVersion, timeWasUp })
  if (problems.length === 0) return
  log.error('rules refused', { configurationVersion, problems })
  throw new Error(`These rules can't go live:\n${problems.join('\n')}`)
}
