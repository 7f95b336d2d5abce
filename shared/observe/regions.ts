/** Two regions with the same stack (docs/second-region.md), and which of them this one is. */
export interface Pair {
  here: string
  other: string
  /** It is the one that sends, if neither has ever said anything. */
  home: string
}

/** The regions of this stack, by the environment (deploy/pair.ts); `undefined`: it is alone. */
export function pairHere(): Pair | undefined {
  const { REGIONS = '', AWS_REGION: here = '' } = process.env
  const [home, second] = REGIONS.split(' ')
  if (!home || !second) return undefined
  return { here, home, other: here === home ? second : home }
}

/** The region that names what both must name alike, such as an incident that one opens and the other closes. */
export function namingRegion(): string | undefined {
  return pairHere()?.home ?? process.env.AWS_REGION
}
