/** How often a property is tried: three hundred times in `npm test`, a hundred thousand in the nightly form (FUZZ_RUNS). */
export const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 300)

/** A tenth as often where faults are tried: then each run is one for each fault. */
export function runs(most: number): number {
  return '__stryker__' in globalThis ? Math.ceil(most / 10) : most
}

/** For the test's own limit of time. */
export const FUZZ_TIMEOUT_MS = 60_000 + 30 * FUZZ_RUNS
