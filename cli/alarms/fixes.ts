import { oneLine } from '../../shared/channels/outside-text.ts'
import { KINDS, titleOf } from '../../shared/estate/finding.ts'
import { groupsOf, type Judgement } from '../../shared/estate/judge.ts'
import { alarmCount } from '../../shared/estate/report.ts'

/** A script that a person reads before it runs: each command fixes one alarm. An empty text where there is nothing to say. */
export function fixesOf({ findings }: Judgement): string {
  const printed = new Set<string>()
  return groupsOf(findings)
    .flatMap(({ id, harm, findings: those }) => {
      // One that fixes several findings stands with the worst.
      const commands = new Set(those.flatMap((one) => one.commands).filter((command) => !printed.has(command)))
      for (const command of commands) printed.add(command)
      if (commands.size === 0 && those.every(({ byHand }) => byHand === undefined)) return []
      const without = those.filter((one) => one.commands.length === 0 || one.byHand !== undefined)
      const left = without.map(
        ({ alarm, byHand }) => `#   by hand: ${oneLine(alarm.name)}${byHand === undefined ? '' : `: ${byHand}`}`,
      )
      const head = [`# ${titleOf(id, harm)}: ${alarmCount(those.length)}`, `#   ${KINDS[id].fix}`]
      return [[...head, ...left, ...commands].join('\n')]
    })
    .map((part) => `${part}\n`)
    .join('\n')
}
