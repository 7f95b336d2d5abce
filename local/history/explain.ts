import type { Config } from '../../schemas/config.ts'
import { documentOf, versionOf } from '../../shared/config/version.ts'
import { storyOf } from '../../shared/explain/story.ts'
import { storyInWords } from '../rules/explain/print.ts'
import type { Change } from './story.ts'

/**
 * Tells how the rules decide a change that is on record, line by line, at the time at which it was decided; and whether
 * these are the rules that decided it then.
 */
export function explanationOf({ alert, configVersion, messages }: Change, config: Config, width: number): string {
  const decidedAt = new Date(messages[0]?.recordedAt ?? alert.changedAt)
  const version = versionOf(documentOf(config))
  const whose =
    configVersion === version
      ? `By the rules that decided it (version ${version}):`
      : `By the rules in this folder (version ${version}). It was decided by version ${configVersion ?? 'unknown'}:\nwhere the two differ, so may this.`
  return `${whose}\n\n${storyInWords(storyOf(alert, config, decidedAt), { width, all: false }).trimEnd()}`
}
