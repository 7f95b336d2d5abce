import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** The same seed gives the same run, apart from the machine's timing. */
export interface Random {
  /** From 0 to `below` - 1. */
  int(below: number): number
  shuffled<T>(items: T[]): T[]
}

export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  const int = (below: number) => uniformInt(generator, 0, below - 1)
  return {
    int,
    shuffled(items) {
      const shuffled = [...items]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(last + 1)
        ;[shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never]
      }
      return shuffled
    },
  }
}
