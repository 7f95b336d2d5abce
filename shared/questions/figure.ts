import type { Unit } from '../../schemas/platform.ts'

/** The unit of a figure: those of metrics, and dollars. */
export type FigureUnit = Unit | 'USD'

const number = (value: number, digits: number) =>
  new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }).format(value)

/** Of about three digits that count: 0.0213, 2.13, 213, 21,300. */
function plain(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 1e-6) return value.toExponential(1)
  if (size !== 0 && size < 0.001) return new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 }).format(value)
  const digits = size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)))
  return number(value, Math.min(digits, 4))
}

/** Near 100, what is missing counts: 99.95 is not 100. */
function percent(value: number): string {
  if (value <= 90 || value >= 100) return plain(value)
  return number(value, Math.min(4, Math.max(2, Math.ceil(-Math.log10(100 - value)) + 2)))
}

const BYTES = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** With its unit, as people write it: `99.95 %`, `2.4 s`, `4 h 12 min`, `1.2 TB`, `$1,204`. */
export function figure(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'Percent':
      return `${percent(value)} %`
    case 'Seconds':
      return duration(value)
    case 'Milliseconds':
      return value < 10_000 ? `${plain(value)} ms` : duration(value / 1_000)
    case 'Bytes': {
      const power = value === 0 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log10(Math.abs(value)) / 3))
      return `${plain(value / 1_000 ** power)} ${BYTES[power]}`
    }
    case 'USD':
      return value >= 0 ? `$${dollars(value)}` : `-$${dollars(-value)}`
    case 'Count':
    case 'None':
      return plain(value)
  }
}

const dollars = (value: number) =>
  value >= 100 ? number(value, 0) : value >= 0.01 ? value.toFixed(2) : number(value, 6)

/** `12 s`, `4 min`, `4 h 12 min`, `9 days` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${plain(seconds)} s`
  // Up to ten minutes, half a minute counts.
  if (seconds < 600) {
    const whole = Math.round(seconds)
    const rest = whole % 60
    return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`
  }
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
  return `${Math.round(hours / 24)} days`
}

/** `+120 % against the day before (0.1 %)`; nothing where there is nothing to compare with. */
export function against(
  what: string,
  now: number,
  before: number | undefined,
  text: (value: number) => string,
): string[] {
  if (before === undefined || !Number.isFinite(before)) return []
  return [`${change(now, before) ?? 'new'} against ${what} (${text(before)})`]
}

/** `+38 %`, `-4 %`, `the same`; nothing where there is no base. */
export function change(now: number, before: number): string | undefined {
  if (before === 0) return now === 0 ? 'the same' : undefined
  const percent = (100 * (now - before)) / Math.abs(before)
  if (Math.abs(percent) < 0.5) return 'the same'
  return `${percent > 0 ? '+' : ''}${Math.abs(percent) < 1_000 ? Math.round(percent) : number(Math.round(percent), 0)} %`
}
