import { RECONCILE } from '../../deploy/reconcile-times.ts'
import type { Clock } from './clock.ts'
import type { Lambda } from './lambda.ts'
import type { Spells } from './spells.ts'

const EVERY_MS = RECONCILE.minutes * 60_000
/** After the last that happens: what was lost, was found, and what was found, was sent. */
const RUNS_AFTER = 6

/** EventBridge's schedule, which invokes `reconcile` every five minutes: sometimes twice, and not at all during a spell. */
export function startReconciler(
  { clock, spells, lambda }: { clock: Clock; spells: Spells; lambda: Lambda },
  untilMs: number,
): void {
  const end = clock.now + untilMs + RUNS_AFTER * EVERY_MS
  const run = () => {
    if (clock.now < end) clock.after(EVERY_MS, run)
    if (spells.on(['reconcile'], ['dead'])) return
    const times = spells.on(['reconcile'], ['twice']) ? 2 : 1
    for (let n = 0; n < times; n++) lambda.invoke('reconcile', {}, RECONCILE.timeoutS * 1_000, {}, () => {})
  }
  clock.after(2 * 60_000, run)
}
