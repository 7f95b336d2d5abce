/** Recurring days, as the fields of a cron expression. */
export interface Days {
  dayOfMonth: string
  /** 1 to 12, or `*` */
  month: string
  dayOfWeek: string
}

/** For messages. */
export const DAYS_IN_WORDS =
  'every day, weekdays, weekend, monday, monday to thursday, first sunday (second, third, fourth, last), last day of month, 15, 24 december, each optionally with "of december", or a list of these'

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const NTH: Record<string, string> = { first: '1', second: '2', third: '3', fourth: '4', last: 'L' }

/** Parses days (`DAYS_IN_WORDS`); `undefined` if the text is invalid. */
export function daysOf(text: string): Days | undefined {
  const words = text
    .toLowerCase()
    .replace(/\s*-\s*/g, ' to ')
    .split(/[\s,]/)
    .filter((word) => !['', 'the', 'of', 'on', 'in'].includes(word))
  const month = position(MONTHS, words.at(-1))
  const days = withinMonth((month < 0 ? words : words.slice(0, -1)).join(' '))
  return days && { ...days, month: month < 0 ? '*' : String(month + 1) }
}

/** Days that exist in no year: 31 february. */
export function areNever({ dayOfMonth, month }: Days): boolean {
  const longest = month === '2' ? 29 : ['4', '6', '9', '11'].includes(month) ? 30 : 31
  return Number(dayOfMonth) > longest
}

function withinMonth(text: string): Omit<Days, 'month'> | undefined {
  const ofWeek = (dayOfWeek: string) => ({ dayOfMonth: '*', dayOfWeek })
  if (/^(every ?day|daily|days?)$/.test(text)) return ofWeek('*')
  if (/^(every )?weekdays?$/.test(text)) return ofWeek('1-5')
  if (/^(every )?weekends?$/.test(text)) return ofWeek('6,0')
  if (/^last day( month)?$/.test(text)) return { dayOfMonth: 'L', dayOfWeek: '*' }

  const [, ofMonth] = /^(?:day )?(\d{1,2})(?:st|nd|rd|th|\.)?( month)?$/.exec(text) ?? []
  if (ofMonth) {
    const day = Number(ofMonth)
    return day >= 1 && day <= 31 ? { dayOfMonth: String(day), dayOfWeek: '*' } : undefined
  }

  const [, nth, name, , last] =
    /^(?:(first|second|third|fourth|last|every) )?([a-z]+)( to ([a-z]+))?( month)?$/.exec(text) ?? []
  const from = weekday(name)
  const to = last === undefined ? from : weekday(last)
  if (from < 0 || to < 0) return undefined
  if (nth !== undefined && nth !== 'every') return last === undefined ? ofWeek(`${from}#${NTH[nth]}`) : undefined
  const length = (to - from + 7) % 7
  return ofWeek(Array.from({ length: length + 1 }, (_, index) => (from + index) % 7).join(','))
}

function weekday(word: string | undefined): number {
  return position(WEEKDAYS, word?.replace(/s$/, '')) // mondays
}

/** Three letters of a name are enough. */
function position(names: string[], word: string | undefined): number {
  return word !== undefined && word.length >= 3 ? names.findIndex((name) => name.startsWith(word)) : -1
}
