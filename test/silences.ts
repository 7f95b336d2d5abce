import type { Silence } from '../schemas/silence.ts'

/** A silence by ann, of everything, from 10:00 to 12:00. */
export function silenceOf(more: Partial<Silence> = {}): Silence {
  return {
    ...{ id: 'quiet-otter', when: { name: '*' }, about: 'name: *', by: 'ann', via: 'cli', why: 'load test' },
    ...{ at: '2026-11-27T10:00:00.000Z', until: '2026-11-27T12:00:00.000Z' },
    ...more,
  }
}

/** A time of that day: `10:30`. */
export const timeAt = (time: string) => new Date(`2026-11-27T${time}:00.000Z`)
