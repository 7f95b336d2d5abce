/*
 * The schedules of EventBridge, of its Scheduler, and of CloudWatch's mute rules, as AWS reads them (EventBridge User
 * Guide, Cron expressions reference; Scheduler User Guide, Schedule types; CloudWatch API Reference, Schedule of a
 * mute rule).
 */

interface Field {
  name: string
  least: number
  most: number
  /** Names for its numbers, from `least` on. */
  names?: readonly string[]
  /** What it takes beside numbers, `,` and `-`. */
  wildcards: string
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const

const SIX_FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, wildcards: '*/' },
  { name: 'hour', least: 0, most: 23, wildcards: '*/' },
  { name: 'day of month', least: 1, most: 31, wildcards: '*/?LW' },
  { name: 'month', least: 1, most: 12, names: MONTHS, wildcards: '*/' },
  { name: 'day of week', least: 1, most: 7, names: DAYS, wildcards: '*/?L#' },
  { name: 'year', least: 1970, most: 2199, wildcards: '*/' },
]

/** Unix's, whose Sunday is 0. */
const FIVE_FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, wildcards: '*' },
  { name: 'hour', least: 0, most: 23, wildcards: '*' },
  { name: 'day of month', least: 1, most: 31, wildcards: '*' },
  { name: 'month', least: 1, most: 12, names: MONTHS, wildcards: '*' },
  { name: 'day of week', least: 0, most: 6, names: DAYS, wildcards: '*' },
]

/** What is wrong with the schedule of an EventBridge rule: `cron(…)` in UTC, or `rate(…)`. */
export function ruleScheduleProblems(expression: string): string[] {
  return scheduleProblems(expression, { cron: sixFieldProblems, rate: rateProblems })
}

/** What is wrong with the expression of a Scheduler schedule: `cron(…)`, `rate(…)` or `at(…)`. */
export function schedulerProblems(expression: string): string[] {
  const at = (text: string) =>
    isTime(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/) ? [] : [`at(${text}): write at(yyyy-mm-ddThh:mm:ss)`]
  return scheduleProblems(expression, { cron: sixFieldProblems, rate: rateProblems, at })
}

/** What is wrong with the schedule of an alarm mute rule: `cron(…)` of five fields, or `at(…)`. */
export function muteScheduleProblems(expression: string): string[] {
  const at = (text: string) =>
    isTime(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d$/) ? [] : [`at(${text}): write at(yyyy-mm-ddThh:mm)`]
  return scheduleProblems(expression, { cron: (text) => fieldProblems(text, FIVE_FIELDS), at })
}

function scheduleProblems(expression: string, forms: Record<string, (inside: string) => string[]>): string[] {
  const [, form = '', inside = ''] = /^(\w+)\((.*)\)$/s.exec(expression) ?? []
  const known = forms[form]
  const names = Object.keys(forms).map((name) => `${name}(…)`)
  return known ? known(inside) : [`"${expression}" is no schedule. Write ${names.join(' or ')}`]
}

function rateProblems(text: string): string[] {
  const [, number = '', unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(text) ?? []
  if (unit === '') return [`rate(${text}): write a whole number and minutes, hours or days, as in rate(5 minutes)`]
  const right = number === '1' ? `1 ${unit}` : `${number} ${unit}s`
  return text === right ? [] : [`rate(${text}): AWS accepts only rate(${right})`]
}

function sixFieldProblems(text: string): string[] {
  const problems = fieldProblems(text, SIX_FIELDS)
  const [, , dayOfMonth, , dayOfWeek] = text.split(/\s+/)
  if (problems.length > 0) return problems
  return [dayOfMonth, dayOfWeek].filter((day) => day === '?').length === 1
    ? []
    : [`cron(${text}): one of day of month and day of week must be ?, and the other not`]
}

function fieldProblems(text: string, fields: readonly Field[]): string[] {
  const given = text.trim().split(/\s+/)
  if (given.length !== fields.length) {
    return [
      `cron(${text}) has ${given.length} fields, and needs ${fields.length}: ${fields.map(({ name }) => name).join(', ')}`,
    ]
  }
  return fields.flatMap((field, index) => {
    const found = given[index] as string
    return isField(found, field)
      ? []
      : [`cron(${text}): "${found}" is no ${field.name}: ${field.least} to ${field.most}${describe(field)}`]
  })
}

function describe({ names, wildcards }: Field): string {
  return `${names ? ` or ${names[0]} to ${names.at(-1)}` : ''}, with , - ${[...wildcards].join(' ')}`
}

function isField(text: string, field: Field): boolean {
  const parts = text.split(',')
  // AWS reads "3#1,6#3" as two expressions, and refuses it.
  if (parts.length > 1 && text.includes('#')) return false
  return parts.every((part) => isPart(part, field))
}

function isPart(part: string, field: Field): boolean {
  const { wildcards } = field
  const has = (sign: string) => wildcards.includes(sign)
  const [base = '', step, ...more] = part.split('/')
  if (step !== undefined) return has('/') && more.length === 0 && /^[1-9]\d*$/.test(step) && isRange(base, field)
  if (part === '?') return has('?')
  if (part === 'L') return has('L')
  if (part === 'LW') return has('W')
  if (has('W') && part.endsWith('W')) return isValue(part.slice(0, -1), field)
  if (has('L') && has('#') && part.endsWith('L')) return isValue(part.slice(0, -1), field)
  const [day = '', which = ''] = part.split('#')
  if (part.includes('#')) return has('#') && isValue(day, field) && /^[1-5]$/.test(which)
  return isRange(part, field)
}

function isRange(text: string, field: Field): boolean {
  if (text === '*') return field.wildcards.includes('*')
  const [from = '', to, ...more] = text.split('-')
  return more.length === 0 && isValue(from, field) && (to === undefined || isValue(to, field))
}

function isValue(text: string, { least, most, names }: Field): boolean {
  if (names?.includes(text.toUpperCase())) return true
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
}

/** A date that there is: `at(2026-02-30T…)` is refused. */
function isTime(text: string, form: RegExp): boolean {
  if (!form.test(text)) return false
  const time = new Date(`${text}Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text)
}
