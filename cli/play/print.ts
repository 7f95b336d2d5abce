import { styleText } from 'node:util'
import type { Day, DayLine } from '../../shared/cases/day.ts'
import { oneLine } from '../../shared/channels/outside-text.ts'
import { shownAt } from '../../shared/decide/wall-clock.ts'
import { count } from '../count.ts'
import { columns, widest, wrap } from '../wrap.ts'

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const [dim, bold] = [style('dim'), style('bold')]

/** What is longer has its messages below it. */
const MOST_BESIDE = 40

/** The day as a time line, by the clocks of the rules, and what it came to. */
export function describeDay(day: Day, width: number): string {
  const beside = day.lines.map(({ what }) => oneLine(what)).filter((what) => columns(what) <= MOST_BESIDE)
  const left = 'HH:MM  '.length + widest(beside) + 2
  const lines = day.lines.flatMap((line, index) => {
    const before = day.lines[index - 1]
    const isNew = before === undefined || dayIn(before.at, day.zone) !== dayIn(line.at, day.zone)
    return [
      ...(isNew ? ['', bold(`${dateOf(line.at, day.zone)}, ${day.zone}`)] : []),
      ...describeLine(line, day.zone, { left, width }),
    ]
  })
  return [...lines.slice(1), '', ...sumsOf(day, width)].join('\n')
}

function describeLine(
  { at, what, notes, sent }: DayLine,
  zone: string,
  { left, width }: { left: number; width: number },
): string[] {
  const time = new Date(shownAt(at, zone)).toISOString().slice(11, 16)
  const happened = `${dim(time)}  ${oneLine(what)}`
  const room = width - left
  const beside = [
    ...sent.flatMap(({ kind, channels }) => wrap(`→ ${channels.join(', ')}: ${kind}`, room, '', '  ').map(bold)),
    ...notes.flatMap((note) => wrap(oneLine(note), room, '', '  ').map(dim)),
  ]
  const isBeside = columns(happened) < left
  const [first = '', ...more] = isBeside ? beside : ['', ...beside]
  const space = first === '' ? '' : ' '.repeat(left - columns(happened))
  return [`${happened}${space}${first}`, ...more.map((line) => `${' '.repeat(left)}${line}`)]
}

/** By number: to write the date of each line would take longer than to play them. */
function dayIn(at: number, zone: string): number {
  return Math.floor(shownAt(at, zone) / 86_400_000)
}

/** `Tuesday, 10 November 2026` */
function dateOf(at: number, zone: string): string {
  const options = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const
  return new Date(shownAt(at, zone)).toLocaleDateString('en-GB', options)
}

function sumsOf(day: Day, width: number): string[] {
  const { alerts, firings, unsent, firing, channels } = day
  const never = [...unsent.values()].reduce((sum, n) => sum + n, 0)
  const fired = `${count(alerts, 'alert')} fired ${count(firings, 'time')}`
  const whys = [...unsent].toSorted(([, a], [, b]) => b - a)
  return [
    ...wrap(`${fired}${never === 0 ? '.' : `; ${count(never, 'time')} nobody was notified:`}`, width),
    ...whys.flatMap(([why, n]) => wrap(oneLine(why), width, `${String(n).padStart(5)}  `, ' '.repeat(7))),
    ...(firing.length > 0 ? wrap(`Still firing at the end: ${firing.map(oneLine).join(', ')}.`, width) : []),
    '',
    ...tableOf(channels),
    '',
    ...wrap('Without: each firing and each end were sent at once, and nothing else.', width),
  ]
}

const HEAD = ['messages', 'this day', 'changes', 'reminders', 'escalations', 'answers', 'without']

function tableOf(channels: Day['channels']): string[] {
  const rows = channels.map(({ channel, changes, reminders, escalations, answers, without }) => [
    channel,
    ...[changes + reminders + escalations + answers, changes, reminders, escalations, answers, without].map(String),
  ])
  const widths = HEAD.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('   ')
  return [dim(line(HEAD)), ...rows.map(line)]
}
