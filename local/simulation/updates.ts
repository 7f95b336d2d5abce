import type { Taken } from './vendors.ts'

/*
 * What a message says about a firing beside the change itself, as its reader knows it: by its words.
 */

export interface Said {
  is: 'reminder' | 'escalation' | 'acknowledged' | 'unacknowledged'
  /** Different for each of those about one change. */
  name: string
  /** Which reminder it is; unknown in a digest. */
  number?: number
  /** Who has acknowledged it; unknown in a digest. */
  by?: string
}

export function saidIn({ action, body, at }: Taken): Said | undefined {
  if (action === 'resolve') return undefined
  const text = JSON.stringify(body)
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
