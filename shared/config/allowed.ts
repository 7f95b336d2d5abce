import { closest, distance } from 'fastest-levenshtein'

/** The allowed names, and the one that the user may have meant. */
export function allowed(found: string, names: readonly string[]): string {
  return `${didYouMean(found, names)}Allowed: ${names.join(', ') || '(none defined)'}.`
}

/** `Did you mean "warning"? `, or nothing where no name is close. */
export function didYouMean(found: string, names: readonly string[]): string {
  return meant(nearestOf(found, names))
}

/** The same for a name that is certainly meant. */
export function meant(name: string | undefined): string {
  return name === undefined ? '' : `Did you mean "${name}"? `
}

/** The names, the most similar one first. */
export function nearestFirst(found: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, far: distance(found, name) }))
    .sort((a, b) => a.far - b.far)
    .map(({ name }) => name)
}

/** The name that may have been meant; `undefined` where none is close. */
export function nearestOf(found: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  const nearest = closest(found, [...names])
  return distance(found, nearest) <= Math.max(2, found.length / 3) ? nearest : undefined
}
