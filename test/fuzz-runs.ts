/** How often a property is tried: three hundred times in `npm test`, a hundred thousand in the nightly form (FUZZ_RUNS). */
export const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 300)

/** For the test's own limit of time. */
export const FUZZ_TIMEOUT_MS = 60_000 + 30 * FUZZ_RUNS
