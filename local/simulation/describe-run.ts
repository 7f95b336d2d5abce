import { type Line, type Run, timeOf, type World } from './world.ts'

/** Lines that are always shown: inputs, what vendors accepted or rejected, failures. */
const WORTH =
  /published|not taken|pagerduty|slack|email|dead letter|dies|is ended|threw|loop|pushed|→ (?!2\d\d$)|no answer/
const MAX_LINES = 60

/** A world and what happened in it, in a few lines. `isFull`: each call. */
export function describeRun(run: Run, broken: string[], isFull = false): string {
  const lines = isFull
    ? run.trace.filter((line) => !isIdle(line))
    : thinned(run.trace.filter((line) => WORTH.test(line.what) && !isIdle(line)))
  return [describeWorld(run.world), ...lines.map(describe), ...broken.map((one) => `✗ ${one}`)].join('\n')
}

/** Recurring calls: checks for due work, and for new rules. */
function isIdle({ who, what }: Line): boolean {
  if (/^appconfig .* (2\d\d|404)/.test(what)) return true
  return who.startsWith('tick/') && /^dynamodb (Query|\w+Item tick last) → 200/.test(what)
}

function thinned(lines: Line[]): (Line | undefined)[] {
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES / 2), undefined, ...lines.slice(-MAX_LINES / 2)]
}

function describe(line: Line | undefined): string {
  return line ? `  ${timeOf(line.ms)} ${line.who} ${line.what}` : '  …'
}

function describeWorld({ seed, startAt, config, inputs, spells, pushes, redrives, deploys, most }: World): string {
  return [
    `seed ${seed}, from ${startAt}, ${inputs.length} messages`,
    ...describeConfig(config),
    ...spells.map(
      ({ fromMs, untilMs, on, kind, rate }) => `  ${on} ${kind} (${rate}) from ${timeOf(fromMs)} to ${timeOf(untilMs)}`,
    ),
    ...pushes.flatMap(({ atMs, config: later }) => [
      `  new rules from ${timeOf(atMs)}:`,
      ...describeConfig(later).filter((line) => !describeConfig(config).includes(line)),
    ]),
    ...redrives.map(({ atMs, how }) => `  a person redrives dead letters at ${timeOf(atMs)} by the ${how}`),
    ...deploys.map((atMs) => `  new code is deployed at ${timeOf(atMs)}`),
    ...(Object.keys(most).length > 0 ? [`  at once: ${JSON.stringify(most)}`] : []),
  ].join('\n')
}

function describeConfig({
  channels,
  severities,
  maintenance,
  nonProduction,
  windows,
  rules,
  hold,
  remind,
  escalate,
}: World['config']): string[] {
  const describe = ([name, { type, ...of }]: [string, World['config']['channels'][string]]) => {
    const options = Object.entries(of).filter(([option]) => !['region', 'addresses'].includes(option))
    return `${name} (${[type, ...options.map(([option, value]) => `${option} ${JSON.stringify(value)}`)].join(', ')})`
  }
  const inTimes = Object.entries(severities).map(
    ([name, { channels: to, ...times }]) =>
      `${name} → ${to.join(', ')} ${Object.keys(times).length > 0 ? JSON.stringify(times) : ''}`,
  )
  const used = JSON.stringify([channels, severities, maintenance])
  const named = Object.entries(windows ?? {}).filter(([name]) => used.includes(`"${name}"`))
  return [
    `  ${Object.entries(channels).map(describe).join('; ')}`,
    `  ${inTimes.join('; ')}`,
    ...rules.flatMap(({ name, severity: _s, when: _w, ...rest }) =>
      Object.keys(rest).length > 0 ? `  rule ${name} ${JSON.stringify(rest)}` : [],
    ),
    ...(nonProduction || maintenance ? [`  ${JSON.stringify({ nonProduction, maintenance })}`] : []),
    ...(hold || remind || escalate ? [`  ${JSON.stringify({ hold, remind, escalate })}`] : []),
    ...(named.length > 0 ? [`  windows ${JSON.stringify(Object.fromEntries(named))}`] : []),
  ]
}
