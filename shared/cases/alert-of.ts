import type { Alert } from '../../schemas/alert.ts'
import type { Case } from '../../schemas/case.ts'
import { severityWord } from '../alert/severity-word.ts'
import { parsePublished } from '../parse/published.ts'
import { RefusedEvent } from '../parse/refused.ts'

/** The alert, or why there is not exactly one. */
export function alertOf({ event, alert, at }: Pick<Case, 'event' | 'alert' | 'at'>): Alert | string {
  const changedAt = at === undefined ? undefined : new Date(at).toISOString()
  if (alert) return { ...alarmWith(alert), ...(changedAt && { changedAt }) }
  try {
    const [first, ...others] = parsePublished(event, changedAt ? { now: new Date(changedAt) } : {})
    if (!first) return 'no alert'
    if (others.length > 0) return `${others.length + 1} alerts: give each a case of its own`
    return { ...first, ...(changedAt && { changedAt }) }
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return `a rejected event: ${error.message}`
  }
}

/** Fixed, so that a case gives the same result every day. */
export const SOME_TIME = '2026-01-01T12:00:00.000Z'

/** The name of an alarm whose case gives none. A pattern for other alarms is unlikely to match it. */
export const NO_NAME = '(unnamed)'

function alarmWith(fields: NonNullable<Case['alert']>): Alert {
  const name = fields.name ?? fields.title ?? NO_NAME
  return {
    fingerprint: name,
    kind: 'metric-alarm',
    status: 'firing',
    name,
    title: name,
    changedAt: SOME_TIME,
    source: 'aws.cloudwatch',
    resource: name,
    dimensions: {},
    tags: {},
    children: [],
    details: {},
    links: {},
    ...fields,
    ...(fields.declaredSeverity && { declaredSeverity: severityWord(fields.declaredSeverity) }),
  }
}
