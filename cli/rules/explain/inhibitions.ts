import type { Explanation } from '../../../shared/explain/explanation.ts'
import { bold } from '../../decision-text.ts'
import { wrap } from '../../wrap.ts'

/** `"system down" holds it while an alert fires that its `when` matches, with the same account, region` */
export function describeInhibitions({ mutedBy, mutes }: Explanation['inhibitions'], width: number): string {
  const lines = [
    ...mutedBy.map(({ name, equal, children }) => {
      const what = children ? 'a composite alarm fires that is made of it' : 'an alert fires that its `when` matches'
      return `"${name}" holds it while ${what}${same(equal)}`
    }),
    ...mutes.map(({ name, equal, children }) => {
      const what = children ? 'the alarms that it is made of' : 'what `mutes` matches'
      return `"${name}" holds ${what} while this one fires${same(equal)}`
    }),
  ]
  if (lines.length === 0) return ''
  return `\n\n${[bold('Inhibitions'), ...lines.flatMap((line) => wrap(line, width, '  ', '    '))].join('\n')}`
}

function same(equal: string[] | undefined): string {
  return equal === undefined ? '' : `, with the same ${equal.join(', ')}`
}
