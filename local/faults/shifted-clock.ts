/*
 * The clock of a process, put forward or back: what takes hours or days on a stack is looked at within seconds. Timers go on
 * as they are.
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

/** From now on the clock shows so much more than the machine's. */
export function shiftClock(ms: number): void {
  shiftMs = ms
  globalThis.Date = ShiftedDate as DateConstructor
}
