import type { Taken } from './taken.ts'
import type { Input } from './world.ts'

/*
 * What a message says about a firing beside the change itself, as its reader knows it: by its words.
 */

export interface Said {
  is: 'reminder' | 'escalation' | 'acknowledged' | 'unacknowledged' | 'calmed'
  /** Different for each of those about one change. */
  name: string
  /** Which reminder it is. */
  number?: number
  /** Who has acknowledged it. */
  by?: string
}

export function saidIn({ action, body, at }: Taken, { mark }: Pick<Input, 'mark'>): Said | undefined {
  if (action === 'resolve') return undefined
  const text = JSON.stringify(body)
  const inDigest = saidInLine(
    at,
    text.split(/\\n|"/).find((line) => line.includes(mark) && SHORT.test(line)),
  )
  if (inDigest) return inDigest
  if (/CALM AGAIN|It flapped, and has calmed/.test(text)) return { is: 'calmed', name: `calmed ${at}` }
  if (text.includes('NOT ACKNOWLEDGED')) return { is: 'unacknowledged', name: `unacknowledged ${at}` }
  if (action === 'acknowledge' || /\bACKNOWLEDGED/.test(text)) {
    const by = /Acknowledged by (\w+-\d+)/.exec(text)?.[1]
    return { is: 'acknowledged', name: `acknowledged ${by ?? at}`, ...(by !== undefined && { by }) }
  }
  if (text.includes('STILL FIRING')) {
    const number = /Reminder (\d+)/.exec(text)?.[1]
    return { is: 'reminder', name: `reminder ${number ?? at}`, ...(number && { number: Number(number) }) }
  }
  const after = /Nobody has acknowledged it within (\w+)/.exec(text)?.[1]
  if (after !== undefined || text.includes('ESCALATED')) return { is: 'escalation', name: `escalation ${after ?? at}` }
  return undefined
}

/** As a digest's line says it. */
const SHORT = /\b(?:escalated after (\w+)|reminder (\d+)|acknowledged by (\w+-\d+)|calm again)\b/

function saidInLine(at: number, line = ''): Said | undefined {
  const [all, after, number, by] = SHORT.exec(line) ?? []
  if (all === undefined) return undefined
  if (all === 'calm again') return { is: 'calmed', name: `calmed ${at}` }
  if (after !== undefined) return { is: 'escalation', name: `escalation ${after}` }
  if (number !== undefined) return { is: 'reminder', name: `reminder ${number}`, number: Number(number) }
  return { is: 'acknowledged', name: `acknowledged ${by}`, ...(by !== undefined && { by }) }
}
