import { styleText } from 'node:util'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Costs } from '../../shared/estate/cost.ts'
import type { Estate } from '../../shared/estate/estate.ts'
import { type Finding, HARMS, type Harm, KINDS, type NotChecked, titleOf } from '../../shared/estate/finding.ts'
import { groupsOf, type Judgement } from '../../shared/estate/judge.ts'
import {
  alarmCount,
  besides,
  costText,
  destinationTable,
  freeText,
  headlineOf,
  listPrices,
  meaningOf,
  needs,
  placeOf,
} from '../../shared/estate/report.ts'
import { figure } from '../../shared/questions/figure.ts'
import { fitting, framed } from '../table.ts'
import { columns, widest, wrap } from '../wrap.ts'

// Colour only on a terminal: `styleText` checks stdout, NO_COLOR and FORCE_COLOR.
const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text)
const bold = style('bold')
const dim = style('dim')
const COLOUR: Record<Harm, (text: string) => string> = {
  'lost-page': style('red'),
  noise: style('yellow'),
  tidiness: style('cyan'),
}

/** How many alarms of a finding are listed. */
const LISTED = 5
const INDENT = '    '

interface Shown {
  judged: Judgement
  estate: Estate
  costs?: Costs | undefined
  listsAll: boolean
}

/** What was found, for a person: first where alarms go, then what is wrong, the worst first. */
export function judgementText({ judged, estate, costs, listsAll }: Shown, width: number): string {
  const parts = [
    headline(judged, estate, width),
    destinations(judged, width),
    ...HARMS.flatMap((harm) => ofHarm(judged, harm, listsAll, width)),
    ...notChecked(judged.notChecked, width),
    ...(costs ? [costLines(costs, width)] : []),
    ...(judged.findings.some(({ commands }) => commands.length > 0)
      ? [dim(wrap('Commands that fix it: the same with --fix. Every alarm: --all, or --json.', width).join('\n'))]
      : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function headline(judged: Judgement, estate: Estate, width: number): string {
  const lines = wrap(headlineOf(judged, ` in ${oneLine(placeOf(estate))}`), width)
  return lines.map(bold).join('\n')
}

function destinations(judged: Judgement, width: number): string {
  const { senders } = judged
  const besidesThem = besides(judged).flatMap((line) => wrap(line, width))
  const table = senders.length === 0 ? [] : [destinationText(judged, width)]
  return [bold('If each fired now'), ...table, ...besidesThem].join('\n')
}

/** A line each, where they fit. */
function destinationText(judged: Judgement, width: number): string {
  const text = framed(destinationTable(judged, ', '))
  const isWide = text.split('\n').some((line) => columns(line) > width)
  return isWide ? fitting(destinationTable(judged, '\n'), width) : text
}

function ofHarm({ findings }: Judgement, harm: Harm, listsAll: boolean, width: number): string[] {
  const groups = groupsOf(findings.filter((one) => one.harm === harm))
  if (groups.length === 0) return []
  const head = wrap(meaningOf(harm), width).map((line) => COLOUR[harm](bold(line)))
  return [head.join('\n'), ...groups.map((group) => groupText(group, listsAll, width))]
}

function groupText(
  { id, harm, findings }: ReturnType<typeof groupsOf>[number],
  listsAll: boolean,
  width: number,
): string {
  const { why, fix } = KINDS[id]
  const listed = listsAll ? findings : findings.slice(0, LISTED)
  const more = findings.length - listed.length
  return [
    ...wrap(`${titleOf(id, harm)}: ${alarmCount(findings.length)}`, width, '  ').map(bold),
    ...wrap(why, width, INDENT).map(dim),
    ...wrap(`→ ${fix}`, width, INDENT, `${INDENT}  `),
    ...listed.flatMap((one) => alarmLine(one, width)),
    ...(more > 0 ? [`${INDENT}  and ${more} more`] : []),
    `${INDENT}${dim(id)}`,
  ].join('\n')
}

function alarmLine({ alarm, what }: Finding, width: number): string[] {
  const name = shorten(oneLine(alarm.name), 100)
  return wrap(what === '' ? name : `${name}: ${what}`, width, `${INDENT}· `, `${INDENT}  `)
}

function notChecked(parts: NotChecked[], width: number): string[] {
  if (parts.length === 0) return []
  const lines = parts.flatMap(({ ids, alarms, refused }) => {
    const of = alarms === undefined ? '' : ` (${alarmCount(alarms)})`
    const text = `${ids.join(', ')}${of}: ${needs(refused)}`
    return wrap(oneLine(text), width, `${INDENT}· `, `${INDENT}  `)
  })
  return [[bold('Not checked'), ...lines].join('\n')]
}

function costLines({ lines, total, free, unpriced }: Costs, width: number): string {
  const left = widest(lines.map(({ what }) => what))
  const rows = lines.map(({ what, alarms, usd }) => {
    const price = usd === undefined ? 'not known from here' : figure(usd, 'USD')
    return `${INDENT}${what.padEnd(left)} ${String(alarms).padStart(5)}  ${price}`
  })
  const notes = [freeText(free), listPrices()].flatMap((line) => wrap(line, width, INDENT)).map(dim)
  return [bold(`Cost: ${costText({ total, unpriced })}`), ...rows, ...notes].join('\n')
}
