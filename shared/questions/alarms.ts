import { duration } from './figure.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { ageS } from './spans.ts'

/** An alarm that has fired for longer is furniture: somebody should fix it, or its threshold. */
const LONG_S = 7 * 86_400

/** Which alarms fire, and since when. */
export function firingAlarms({ now, platform: { timezone } }: Context): Question[] {
  return [
    question({
      id: 'alarms',
      title: 'Alarms that fire',
      asks: { alarms: { kind: 'alarms' } },
      answer: ({ alarms }) => {
        if (alarms.length === 0) return { verdict: 'good', says: 'none', bound: 'none' }
        const age = ({ since }: (typeof alarms)[number]) => (since === undefined ? 0 : ageS(now, since))
        const sorted = alarms.toSorted((one, other) => age(other) - age(one))
        const long = sorted.filter((one) => age(one) > LONG_S)
        const old = long.length === 0 ? '' : `; ${long.length} for more than a week: fix them or their thresholds`
        return {
          verdict: 'bad',
          says: String(alarms.length),
          bound: 'none',
          todo: `Look into ${alarms.length === 1 ? 'the alarm' : 'the alarms'} that ${alarms.length === 1 ? 'fires' : 'fire'}${old}`,
          table: {
            head: ['alarm', 'since', 'for'],
            rows: sorted.map((one) => [
              one.hasActions ? one.name : `${one.name} (has no action)`,
              one.since === undefined ? 'unknown' : localTime(one.since, timezone),
              one.since === undefined ? '' : duration(age(one)),
            ]),
          },
        }
      },
    }),
  ]
}
