import type { Comparison } from '../decide/comparison.ts'

/** Numbers from `min` to `max`; an open end is excluded. */
export interface Interval {
  min: number
  max: number
  isOpenBelow: boolean
  isOpenAbove: boolean
}

const ALL: Interval = {
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  isOpenBelow: false,
  isOpenAbove: false,
}

export function intervalOf({ operator, limit }: Pick<Comparison, 'operator' | 'limit'>): Interval {
  if (operator === '>' || operator === '>=') return { ...ALL, min: limit, isOpenBelow: operator === '>' }
  return { ...ALL, max: limit, isOpenAbove: operator === '<' }
}

/** The numbers that a comparison excludes. */
export function intervalOutside({ operator, limit }: Pick<Comparison, 'operator' | 'limit'>): Interval {
  const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const
  return intervalOf({ operator: opposite[operator], limit })
}

export function both(a: Interval, b: Interval): Interval {
  const below = a.min > b.min || (a.min === b.min && a.isOpenBelow) ? a : b
  const above = a.max < b.max || (a.max === b.max && a.isOpenAbove) ? a : b
  return { min: below.min, isOpenBelow: below.isOpenBelow, max: above.max, isOpenAbove: above.isOpenAbove }
}

export function isEmpty({ min, max, isOpenBelow, isOpenAbove }: Interval): boolean {
  return min > max || (min === max && (isOpenBelow || isOpenAbove))
}

/** Is every number of the inner one in the outer one? */
export function includes(outer: Interval, inner: Interval): boolean {
  if (isEmpty(inner)) return true
  const together = both(outer, inner)
  return (
    together.min === inner.min &&
    together.max === inner.max &&
    together.isOpenBelow === inner.isOpenBelow &&
    together.isOpenAbove === inner.isOpenAbove
  )
}

/** Some numbers in it, round ones first if that is easy; none if it is empty. */
export function numbersIn(interval: Interval): number[] {
  const { min, max } = interval
  const steps = [1, 2, 3, 4]
  const candidates = [
    ...[min, max],
    ...steps.flatMap((step) => [Math.floor(min) + step, Math.ceil(max) - step]),
    ...steps.map((step) => min + ((max - min) * step) / 5),
    0,
  ]
  return candidates.filter((n) => Number.isFinite(n) && includes(interval, { ...ALL, min: n, max: n }))
}
