import { closest, distance } from 'fastest-levenshtein'

/** What is allowed, and what the user may have meant. */
export function allowed(found: string, names: readonly string[]): string {
  return `${didYouMean(found, names)}Allowed: ${names.join(', ') || '(none defined)'}.`
}

/** `Did you mean "warning"? `, or nothing where no name is near. */
export function didYouMean(found: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const nearest = closest(found, [...names])
  return distance(found, nearest) <= Math.max(2, found.length / 3) ? `Did you mean "${nearest}"? ` : ''
}
