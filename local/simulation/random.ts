/** Random numbers from a seed. Each name has its own stream, so that an extra draw here changes nothing there. */
export interface Random {
  /** From 0 up to 1, without 1. */
  next(): number
  /** From 0 to `below` - 1. */
  int(below: number): number
  chance(probability: number): boolean
  between(from: number, to: number): number
  pick<T>(of: readonly T[]): T
  /** Another stream, by its name. */
  of(name: string): Random
}

/** The same seed gives the same numbers, on any machine. */
export function randomOf(seed: number | string): Random {
  const next = sfc32(String(seed))
  const int = (below: number) => Math.floor(next() * below)
  return {
    next,
    int,
    chance: (probability) => probability > 0 && next() < probability,
    between: (from, to) => from + next() * (to - from),
    pick(of) {
      if (of.length === 0) throw new RangeError('nothing to pick from')
      return of[int(of.length)] as never
    },
    of: (name) => randomOf(`${seed}/${name}`),
  }
}

/** Chris Doty-Humphrey's Small Fast Counting generator, which passes PractRand; seeded by FNV-1a. */
function sfc32(seed: string): () => number {
  let [a, b, c, d] = [fnv1a(seed, 1), fnv1a(seed, 2), fnv1a(seed, 3), 1]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let warm = 0; warm < 12; warm++) next()
  return next
}

function fnv1a(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
