import { HEARTBEAT } from '../observe/heartbeat.ts'
import type { MetricAsk } from './ask.ts'
import { figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { lastDays } from './spans.ts'

const BEAT_S = HEARTBEAT.minutes * 60
/** A deployment, or a minute of trouble at AWS, costs a beat. */
const MAY_MISS = 2
const LATE_MS = 300_000

/** Whether the router works: its heartbeat, what it refused, how late it was. */
export function routerHealth({ routerMetrics, now }: Context): Question[] {
  const span = lastDays(now, 1)
  const ask = (metric: string, statistic: string, dimensions = {}, periodS = 3_600): MetricAsk => ({
    kind: 'metric',
    series: { namespace: routerMetrics, metric, dimensions },
    statistic,
    periodS,
    ...span,
  })
  return [
    question({
      id: 'router',
      title: 'The router itself',
      asks: {
        beats: ask('LatencyMs', 'SampleCount', { Channel: HEARTBEAT.channel }, BEAT_S),
        late: ask('DueLateMs', 'Maximum'),
        refused: ask('Refused', 'Sum'),
      },
      answer: ({ beats, late, refused }) => {
        if (beats.length === 0)
          return {
            verdict: 'bad',
            says: 'no heartbeat in a day',
            todo: 'The router does not work, or has no heartbeat: run "alert-router doctor"',
          }
        if (late.length === 0)
          return {
            verdict: 'bad',
            says: 'its clock has not run in a day',
            todo: 'What is held or retried is not sent: read the log of the function "tick"',
          }
        const missed = Math.max(0, 86_400 / BEAT_S - beats.length)
        const worst = Math.max(0, ...late.map(([, ms]) => ms))
        const unread = refused.reduce((sum, [, value]) => sum + value, 0)
        const isGood = missed <= MAY_MISS && worst <= LATE_MS && unread === 0
        return {
          verdict: isGood ? 'good' : 'bad',
          says: `${missed} of ${86_400 / BEAT_S} heartbeats missing, at most ${figure(worst, 'Milliseconds')} late, ${unread} messages refused`,
          bound: `at most ${MAY_MISS} missing, ${figure(LATE_MS, 'Milliseconds')} late, none refused`,
          ...(!isGood && { todo: 'Run "alert-router doctor", and read "alert-router dead-letters list"' }),
        }
      },
    }),
  ]
}
