/** How often a value is its base, over many rounds. */
export interface Ratio {
  /** The median of the values, over that of the bases. */
  middle: number
  /** Half of the rounds lie between these, each over the base of the same round. */
  from: number
  to: number
}

/** Values and bases of the same rounds, in their order: a slow moment of the machine has slowed both. */
export function ratioOf(values: number[], bases: number[]): Ratio {
  const middle = median(values) / median(bases)
  const each = values.map((value, round) => value / (bases[round] ?? Number.NaN))
  const [from, to] = middleHalf(each)
  return { middle, from: Math.min(from, middle), to: Math.max(to, middle) }
}

export const median = (values: number[]): number => quantile(values, 0.5)

/** Half of the values lie between these. */
export const middleHalf = (values: number[]): [number, number] => [quantile(values, 0.25), quantile(values, 0.75)]

function quantile(values: number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN
}
