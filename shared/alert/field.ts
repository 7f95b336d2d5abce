import type { Alert } from '../../schemas/alert.ts'
import type { LABEL_FIELDS } from '../../schemas/config.ts'

/** An alert's values in a field that a rule names; empty if it has none. */
export function fieldValues(alert: Alert, field: string): string[] {
  if (field === 'children') return alert.children.map((child) => child.name)
  const dot = field.indexOf('.')
  const value =
    dot < 0
      ? alert[field as keyof Alert]
      : ownValue(alert[field.slice(0, dot) as (typeof LABEL_FIELDS)[number]], field.slice(dot + 1))
  return value === undefined ? [] : [String(value)]
}

function ownValue(labels: object | undefined, label: string): unknown {
  return labels && Object.hasOwn(labels, label) ? labels[label as keyof typeof labels] : undefined
}
