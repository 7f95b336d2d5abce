import { MAX_SILENCE_DAYS } from '../../schemas/silence.ts'
import { durationSchema } from '../../schemas/windows.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import { UsageError } from '../command.ts'

/** The end of a silence that lasts so long from now on (ISO 8601). @throws {UsageError} */
export function untilIn(lasts: string, now: Date): string {
  const ms = durationSchema.safeParse(lasts).success ? durationMs(lasts) : undefined
  if (ms === undefined) throw new UsageError(`--for ${lasts}: write how long, as in 30m, 2h or 3d`)
  if (ms > durationMs(`${MAX_SILENCE_DAYS}d`)) {
    throw new UsageError(
      `--for ${lasts}: a silence lasts at most ${MAX_SILENCE_DAYS}d, and can be extended. What is never to be sent is a rule with "notify: { nobody: … }"`,
    )
  }
  return new Date(now.getTime() + ms).toISOString()
}
