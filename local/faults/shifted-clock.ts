/*
 * Shifts the clock of a process: what takes hours or days on a stack can be tested within seconds. Timers are not
 * affected.
 */

const RealDate = Date
let shiftMs = 0

class ShiftedDate extends RealDate {
  constructor(...parts: [] | [value: number | string | Date]) {
    super(...((parts.length === 0 ? [ShiftedDate.now()] : parts) as [number]))
  }

  static override now(): number {
    return RealDate.now() + shiftMs
  }
}

/** From now on the clock is ahead of the machine's by this much. */
export function shiftClock(ms: number): void {
  shiftMs = ms
  globalThis.Date = ShiftedDate as DateConstructor
}
