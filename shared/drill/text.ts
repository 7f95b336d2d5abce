import { fingerprintOfSent } from '../route/send.ts'
import { type Drill, type Drilled, type DrillOutcome, follow } from './story.ts'

/** A person tries one channel: its deliverer sends the text, and that is followed. */
export function sendText(
  channel: string,
  {
    text,
    by,
    id,
    timeoutMs,
    opensIncident,
  }: { text: string; by: string; id: string; timeoutMs: number; opensIncident: boolean },
  router: Drilled,
): Promise<DrillOutcome> {
  const publishedAt = router.now()
  const drill: Drill = { subject: 'send', id, key: `${fingerprintOfSent(channel)}#drill-${id}`, publishedAt }
  const fire = () => router.order({ send: channel, text, id, by, at: publishedAt.toISOString() })
  const end = () => (opensIncident ? router.order({ resolve: drill.key, by }) : Promise.resolve())
  return follow(drill, { fire, end, timeoutMs, isOnce: !opensIncident }, router)
}
