import { styleText } from 'node:util'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import type { Costs } from '../../shared/estate/cost.ts'
import type { Estate } from '../../shared/estate/estate.ts'
import { type Finding, HARMS, type Harm, KINDS, type NotChecked } from '../../shared/estate/finding.ts'
import { destinationsOf, groupsOf, type Judgement } from '../../shared/estate/judge.ts'
import {
  alarmCount,
  besides,
  costText,
  freeText,
  listPrices,
  meaningOf,
  needs,
  placeOf,
} from '../../shared/estate/report.ts'
import { figure } from '../../shared/questions/figure.ts'
import { fitting } from '../table.ts'
import { columns, wrap } from '../wrap.ts'

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

function headline({ findings, alarms, apart }: Judgement, estate: Estate, width: number): string {
  const all = alarmCount(alarms.length + apart.length)
  const counts = HARMS.flatMap((harm) => {
    const of = new Set(findings.filter((one) => one.harm === harm).map(({ alarm }) => alarm))
    return of.size === 0 ? [] : [`${of.size} ${IN_SHORT[harm]}`]
  })
  const says = counts.length === 0 ? 'nothing found' : counts.join(', ')
  const [first = '', ...more] = wrap(`${all} in ${oneLine(placeOf(estate))}: ${says}.`, width)
  return [bold(first), ...more.map(bold)].join('\n')
}

const IN_SHORT: Record<Harm, string> = {
  'lost-page': 'may wake nobody',
  noise: 'make noise',
  tidiness: 'are untidy',
}

function destinations({ senders, alarms, apart }: Judgement, width: number): string {
  const rows = destinationsOf(senders).map(({ severity, rule, channels, later, alarms: those }) => [
    severity,
    String(those.length),
    rule === 'default' ? 'the default' : shorten(oneLine(rule), 30),
    [...channels, ...later.map((channel) => `${channel} (later)`)].join('\n') || 'nobody',
  ])
  const wide = { head: ['severity', 'alarms', 'by rule', 'goes to'], rows }
  const besidesThem = besides(alarms.length - senders.length, apart.length).flatMap((line) => wrap(line, width))
  const table = rows.length === 0 ? [] : [fitting(wide, width)]
  return [bold('If each fired now'), ...table, ...besidesThem].join('\n')
}

function ofHarm({ findings }: Judgement, harm: Harm, listsAll: boolean, width: number): string[] {
  const groups = groupsOf(findings.filter((one) => one.harm === harm))
  if (groups.length === 0) return []
  const head = wrap(meaningOf(harm), width).map((line) => COLOUR[harm](bold(line)))
  return [head.join('\n'), ...groups.map((group) => groupText(group, listsAll, width))]
}

function groupText({ id, findings }: ReturnType<typeof groupsOf>[number], listsAll: boolean, width: number): string {
  const { title, why, fix } = KINDS[id]
  const listed = listsAll ? findings : findings.slice(0, LISTED)
  const more = findings.length - listed.length
  return [
    ...wrap(`${title}: ${alarmCount(findings.length)}`, width, '  ').map(bold),
    ...wrap(why, width, INDENT).map(dim),
    ...wrap(`→ ${fix}`, width, INDENT, `${INDENT}  `),
    ...listed.flatMap((one) => alarmLine(one, width)),
    ...(more > 0 ? [`${INDENT}  and ${more} more`] : []),
    `${INDENT}${dim(id)}`,
  ].join('\n')
}

function alarmLine({ alarm, what }: Finding, width: number): string[] {
  const name = shorten(oneLine(alarm.name), 100)
  return wrap(what === '' ? name : `${name}: ${what}`, width, `${INDENT}· `, `${INDENT}    `)
}

function notChecked(parts: NotChecked[], width: number): string[] {
  if (parts.length === 0) return []
  const lines = parts.flatMap(({ ids, alarms, refused }) => {
    const of = alarms === undefined ? '' : ` (${alarmCount(alarms)})`
    const text = `${ids.join(', ')}${of}: ${needs(refused)}`
    return wrap(oneLine(text), width, `${INDENT}· `, `${INDENT}    `)
  })
  return [[bold('Not checked'), ...lines].join('\n')]
}

function costLines({ lines, total, free, unpriced }: Costs, width: number): string {
  const widest = Math.max(...lines.map(({ what }) => columns(what)), 0)
  const rows = lines.map(({ what, alarms, usd }) => {
    const price = usd === undefined ? 'not known from here' : figure(usd, 'USD')
    return `${INDENT}${what.padEnd(widest)} ${String(alarms).padStart(5)}  ${price}`
  })
  const notes = [freeText(free), listPrices()].flatMap((line) => wrap(line, width, INDENT)).map(dim)
  return [bold(`Cost: ${costText({ total, unpriced })}`), ...rows, ...notes].join('\n')
}
