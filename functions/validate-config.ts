import { checkPushed } from '../shared/live-config/check-pushed.ts'
import { log } from '../shared/observe/log.ts'

/** What AppConfig sends to a validator, as far as we use it (AppConfig User Guide, Understanding validators). */
interface ValidatorEvent {
  /** Base64 */
  content: string
  configurationVersion?: string
}

/**
 * Validates rules before AppConfig deploys them: the same check that `push` has made already, for rules that come
 * another way.
 * @throws {Error} with all problems: that is how a validator refuses.
 */
export async function handler({ content, configurationVersion }: ValidatorEvent): Promise<void> {
  const { problems, timeWasUp } = checkPushed(Buffer.from(content, 'base64').toString())
  if (timeWasUp.length > 0)
    log.warn('rules.partly_checked', 'no time to check all rules', { configurationVersion, timeWasUp })
  if (problems.length === 0) return
  log.error('rules.rejected', 'rules rejected', { configurationVersion, problems })
  throw new Error(`These rules can't go live:\n${problems.join('\n')}`)
}
