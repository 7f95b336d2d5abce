import { type Line, type Run, timeOf, type World } from './world.ts'

/** What is always worth telling: what came in, what vendors took or refused, what failed. */
const WORTH =
  /published|not taken|pagerduty|slack|email|dead letter|dies|is ended|threw|loop|pushed|→ (?!2\d\d$)|no answer/
const MOST_LINES = 60

/** A world and what happened in it, in a few lines. `isFull`: each call. */
export function storyOf(run: Run, broken: string[], isFull = false): string {
  const lines = isFull ? run.trace : thinned(run.trace.filter(({ what }) => WORTH.test(what)))
  return [worldInWords(run.world), ...lines.map(inWords), ...broken.map((one) => `✗ ${one}`)].join('\n')
}

function thinned(lines: Line[]): (Line | undefined)[] {
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES / 2), undefined, ...lines.slice(-MOST_LINES / 2)]
}

function inWords(line: Line | undefined): string {
  return line ? `  ${timeOf(line.ms)} ${line.who} ${line.what}` : '  …'
}

function worldInWords({ seed, startAt, config, inputs, spells, pushes, redrives, most }: World): string {
  const channels = Object.entries(config.channels).map(([name, { type, ...of }]) => {
    const options = Object.entries(of).filter(([option]) => !['secret', 'region', 'addresses'].includes(option))
    return `${name} (${[type, ...options.map(([option, value]) => `${option} ${value}`)].join(', ')})`
  })
  const severities = Object.entries(config.severities).map(
    ([name, { channels: to, mute }]) => `${name} → ${to.join(', ')}${mute ? ` but not by ${mute}` : ''}`,
  )
  return [
    `seed ${seed}, from ${startAt}, ${inputs.length} messages`,
    `  ${channels.join('; ')}`,
    `  ${severities.join('; ')}`,
    ...spells.map(
      ({ fromMs, untilMs, on, kind, rate }) => `  ${on} ${kind} (${rate}) from ${timeOf(fromMs)} to ${timeOf(untilMs)}`,
    ),
    ...pushes.map(({ atMs }) => `  other rules from ${timeOf(atMs)}`),
    ...redrives.map(({ atMs, how }) => `  a person brings dead letters back at ${timeOf(atMs)} by the ${how}`),
    ...(Object.keys(most).length > 0 ? [`  at once: ${JSON.stringify(most)}`] : []),
  ].join('\n')
}
