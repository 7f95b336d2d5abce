import type { LogRecord } from './log-record.ts'

type Row = Record<string, string>

const AGGREGATE = /^(\w+)\(\s*([^,)]*?)\s*(?:,\s*([\d.]+)\s*)?\)(?:\s+as\s+(\S+))?$/

/**
 * The rows of a query over its lines: its last `stats`, `sort` and `limit`. Filters are not read: the lines are those that
 * they let through.
 */
export function tableOf(query: string, records: LogRecord[]): Row[] {
  const commands = query.split('|').map((part) => part.trim())
  const stats = commands.findLast((command) => command.startsWith('stats '))
  const rows = stats ? aggregated(stats, records) : records.map(({ fields }) => textOf(fields))
  const sort = commands.findLast((command) => command.startsWith('sort '))
  const limit = Number(/^limit\s+(\d+)/.exec(commands.at(-1) ?? '')?.[1] ?? rows.length)
  return (sort ? sorted(rows, sort) : rows).slice(0, limit)
}

function textOf(fields: LogRecord['fields']): Row {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
}

function aggregated(stats: string, records: LogRecord[]): Row[] {
  const [aggregates = '', by = ''] = stats.replace(/^stats\s+/, '').split(/\s+by\s+/)
  const keys = by === '' ? [] : by.split(',').map((key) => key.trim())
  const groups = Map.groupBy(records, ({ fields }) => JSON.stringify(keys.map((key) => keyIn(fields, key))))
  return [...groups].map(([group, of]) => {
    const values = JSON.parse(group) as string[]
    const named = keys.map((key, at) => [/\s+as\s+(\S+)$/.exec(key)?.[1] ?? key, values[at] ?? ''])
    const computed = partsOf(aggregates).map((part) => {
      const [, name = '', field = '', percent, alias = part] = AGGREGATE.exec(part) ?? []
      return [alias, String(aggregate(name, field, Number(percent), of))]
    })
    return Object.fromEntries([...named, ...computed])
  })
}

/** Parted by the commas that stand in no parentheses. */
function partsOf(aggregates: string): string[] {
  return (aggregates.match(/(?:\([^)]*\)|[^,(])+/g) ?? []).map((part) => part.trim())
}

/** A field, or the beginning of a time: `bin(5m)`. */
function keyIn(fields: LogRecord['fields'], key: string): string {
  const [, count, unit] = /^bin\((\d+)([smhd])\)/.exec(key) ?? []
  if (count === undefined) return String(fields[key.split(/\s+as\s+/)[0] ?? key] ?? '')
  const ms = Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's'] ?? 1_000)
  const time = Date.parse(`${String(fields['@timestamp']).replace(' ', 'T')}Z`)
  return new Date(Math.floor(time / ms) * ms).toISOString().replace('T', ' ').replace('Z', '')
}

/** A field may be divided: `max(@maxMemoryUsed / 1000 / 1000)`. */
function valueIn(fields: LogRecord['fields'], expression: string): number {
  const [name = '', ...by] = expression.split('/').map((part) => part.trim())
  return by.reduce((value, divisor) => value / Number(divisor), Number(fields[name]))
}

function aggregate(name: string, field: string, percent: number, records: LogRecord[]): number {
  if (name === 'count' && (field === '' || field === '*')) return records.reduce((sum, { count }) => sum + count, 0)
  if (name === 'count_distinct') return new Set(records.map(({ fields }) => fields[field])).size
  const values = records.map(({ fields }) => valueIn(fields, field)).filter((value) => !Number.isNaN(value))
  values.sort((a, b) => a - b)
  const sum = values.reduce((all, value) => all + value, 0)
  switch (name) {
    case 'count':
      return values.length
    case 'sum':
      return sum
    case 'avg':
      return sum / values.length
    case 'min':
      return values[0] ?? 0
    case 'max':
      return values.at(-1) ?? 0
    case 'median':
      return values[Math.floor(values.length / 2)] ?? 0
    default:
      return values[Math.min(values.length - 1, Math.ceil((percent / 100) * values.length) - 1)] ?? 0
  }
}

function sorted(rows: Row[], sort: string): Row[] {
  const [, key = '', order = 'asc'] = /^sort\s+([^\s,]+)(?:\s+(asc|desc))?/.exec(sort) ?? []
  const by = (one: Row, other: Row) => {
    const [a, b] = [one[key] ?? '', other[key] ?? '']
    const numbers = Number(a) - Number(b)
    return Number.isNaN(numbers) ? (a < b ? -1 : Number(a > b)) : numbers
  }
  return rows.toSorted((one, other) => (order === 'desc' ? by(other, one) : by(one, other)))
}

/** As `pattern @message` groups them: alike but for their numbers (CloudWatch Logs User Guide, pattern). */
export function patternsOf(records: LogRecord[]): Row[] {
  const groups = Map.groupBy(records, ({ fields }) =>
    String(fields.message ?? fields['@message'] ?? '').replace(/\d+/g, '<*>'),
  )
  const all = records.length
  return [...groups]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([pattern, of]) => ({
      ...{ '@pattern': pattern, '@sampleCount': String(of.length), '@severityLabel': 'ERROR' },
      ...{ '@ratio': String(of.length / all), '@regexString': pattern.replaceAll('<*>', '.*') },
    }))
}
