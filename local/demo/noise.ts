/** A number from 0 up to 1 for each time, and the same for the same seed, name and time, on any machine. */
export type Noise = (time: number) => number

/** Without state, so that any time can be asked for first: MurmurHash3's finalizer over the minute. */
export function noiseOf(seed: number, name: string): Noise {
  const key = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5 ^ seed)
  return (time) => {
    let hash = key ^ Math.imul(Math.floor(time / 60_000), 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
  }
}
