/*
 * CloudWatch Logs Insights' query language, as far as it can be judged without logs (CloudWatch Logs User Guide,
 * CloudWatch Logs Insights query syntax). What would end in a MalformedQueryException, or silently finds nothing.
 */

const COMMANDS = [
  ...['fields', 'display', 'filter', 'filterIndex', 'parse', 'stats', 'sort', 'limit', 'dedup', 'pattern', 'diff'],
  ...['anomaly', 'unmask', 'unnest', 'lookup', 'join', 'SOURCE'],
]
const MAX_QUERY = 10_000
const MAX_STATS = 2
/** What `bin` takes of each unit. */
const BINS: Record<string, number> = { ms: 1_000, s: 60, m: 60, h: 24 }

/** What is wrong with a query. */
export function queryProblems(query: string): string[] {
  const lines = query.split('\n')
  const comment = lines.find((line) => /^\s*(--|\/\/)/.test(line))
  if (comment !== undefined) return [`"${comment.trim()}": a comment begins with #`]
  const commands = commandsOf(lines.map((line) => line.replace(/^\s*#.*$/, '')).join('\n'))
  const named = commands.map((command) => ({ command, name: /^\S+/.exec(command)?.[0] ?? '' }))
  const unknown = named.find(({ name }) => !COMMANDS.includes(name))
  if (unknown) {
    return [
      unknown.name === ''
        ? 'has an empty command between two |'
        : `there is no command "${unknown.name}". There are ${COMMANDS.join(', ')}`,
    ]
  }
  const stats = named.filter(({ name }) => name === 'stats')
  return [
    ...(query.length > MAX_QUERY ? [`has ${query.length} characters: at most ${MAX_QUERY}`] : []),
    ...(stats.length > MAX_STATS ? [`has ${stats.length} stats: at most ${MAX_STATS}`] : []),
    ...commands.flatMap(binProblems),
    ...named.flatMap(({ command, name }) =>
      name === 'filter' && /[^=!<>~]==[^=]/.test(outsideTexts(command)) ? [`"${command}": = compares, not ==`] : [],
    ),
    ...sortProblems(named),
  ]
}

/** Parted by `|`, but not by one in a text or a regular expression. */
function commandsOf(query: string): string[] {
  const parts =
    query.match(
      /(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|(?<=(?:like|=~|parse @?\w+)\s)\/(?:\\.|[^/\\])*\/|[^|])+|\|/g,
    ) ?? []
  const commands: string[] = ['']
  for (const part of parts) {
    if (part === '|') commands.push('')
    else commands[commands.length - 1] += part
  }
  return commands.map((command) => command.trim())
}

function outsideTexts(command: string): string {
  return command.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/(?:\\.|[^/\\])*\//g, '')
}

function binProblems(command: string): string[] {
  return [...command.matchAll(/\bbin\(\s*(\d+)\s*([a-z]+)\s*\)/g)].flatMap(([whole, count, unit = '']) => {
    const most = BINS[unit]
    if (most === undefined) return /^(d|w|mo|q|y)/.test(unit) ? [] : [`${whole}: use ms, s, m, h, d or longer`]
    return Number(count) <= most ? [] : [`${whole}: at most ${most}${unit}; write it in a larger unit`]
  })
}

/** After `stats` there is only what it gives: its aggregates by their alias, and what it groups by. */
function sortProblems(named: { command: string; name: string }[]): string[] {
  const last = named.findLastIndex(({ name }) => name === 'stats')
  if (last < 0) return []
  const given = columnsOf(named[last]?.command ?? '')
  return named.slice(last + 1).flatMap(({ command, name }) => {
    if (name !== 'sort') return []
    const keys = command
      .replace(/^sort\s+/, '')
      .split(',')
      .map((key) => key.trim().replace(/\s+(asc|desc)$/i, ''))
    return keys.flatMap((key) =>
      given.includes(key) ? [] : [`sort ${key}: stats gives only ${given.join(', ')}. Name an aggregate: count() as n`],
    )
  })
}

function columnsOf(stats: string): string[] {
  const [aggregates = '', by = ''] = stats.replace(/^stats\s+/, '').split(/\s+by\s+/)
  return [...topLevel(aggregates), ...topLevel(by)].map((one) => /\sas\s+(\S+)$/.exec(one)?.[1] ?? one)
}

/** Parted by commas that stand in no parentheses. */
function topLevel(text: string): string[] {
  const parts = text.match(/(?:\((?:[^()]|\([^()]*\))*\)|[^,(])+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
