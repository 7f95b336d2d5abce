import type { Costs } from '../../shared/estate/cost.ts'
import type { Estate } from '../../shared/estate/estate.ts'
import { KINDS, type KindId, titleOf } from '../../shared/estate/finding.ts'
import { groupsOf, type Judgement } from '../../shared/estate/judge.ts'

/** What was found, for a script: every alarm, and every finding. */
export function judgementAsJson(judged: Judgement, estate: Estate, costs: Costs | undefined) {
  const { alarms, senders, apart, findings, notChecked } = judged
  const ids = new Map<unknown, KindId[]>()
  for (const { alarm, id } of findings) ids.set(alarm, [...(ids.get(alarm) ?? []), id])
  const sending = new Set(senders)
  return {
    from: estate.from.kind === 'file' ? estate.from.name : 'account',
    at: estate.at,
    alarms: alarms.map((one) => {
      const { alarm, decision } = one
      const { name, type, arn, state } = alarm
      const { severity, rule, channels, held } = decision
      const later = held.map(({ channel, until, why }) => ({ channel, until, why }))
      const sentBy = sending.has(one) ? 'itself' : 'a composite'
      return { name, type, arn, state, severity, rule, channels, later, sentBy, findings: ids.get(alarm) ?? [] }
    }),
    apart: { scaling: apart.scaling.map(({ name }) => name), router: apart.router.map(({ name }) => name) },
    findings: groupsOf(findings).map(({ id, harm, findings: those }) => ({
      ...{ id, harm, title: titleOf(id, harm), why: KINDS[id].why, fix: KINDS[id].fix },
      alarms: those.map(({ alarm, what, commands, byHand }) => ({
        ...{ name: alarm.name, what, commands },
        ...(byHand !== undefined && { byHand }),
      })),
    })),
    notChecked: notChecked.map(({ ids: those, alarms: count, refused }) => ({ ids: those, alarms: count, ...refused })),
    ...(costs && { costs }),
  }
}
