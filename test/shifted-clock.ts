/*
 * Loaded before all else (`--import`), in child processes too: the clock is off by CLOCK_OFFSET_MS, and goes on from there.
 * Timers and `performance.now()` go by the machine's, as they do for a process on a machine with such a clock.
 */
const offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0)
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RealDate.now() + offsetMs)
    else super(...(given as [number]))
  }

  static override now(): number {
    return RealDate.now() + offsetMs
  }
}

/** `Date()` without `new` is a text: a class alone can't be called so. */
globalThis.Date = new Proxy(ShiftedDate, {
  apply: () => new ShiftedDate().toString(),
}) as DateConstructor
