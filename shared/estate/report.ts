import { oneLine } from '../channels/outside-text.ts'
import type { Answer, Source } from '../questions/answer.ts'
import type { Refused } from '../questions/ask.ts'
import { figure } from '../questions/figure.ts'
import type { AskedReport } from '../reports/report.ts'
import type { Costs } from './cost.ts'
import type { Estate } from './estate.ts'
import { HARM_MEANS, HARMS, type Harm, KINDS, titleOf } from './finding.ts'
import { destinationsOf, groupsOf, type Judgement } from './judge.ts'
import { PRICES } from './prices.ts'

const HARM_TITLES: Record<Harm, string> = { 'lost-page': 'Lost pages', noise: 'Noise', tidiness: 'Tidiness' }
/** Of a table: whoever wants more reads the JSON. */
const MOST_ROWS = 200

/** `12 alarms` */
export const alarmCount = (n: number): string => `${n} alarm${n === 1 ? '' : 's'}`

/** What was found, as a report: in each form that a report has. */
export function estateReport(estate: Estate, judged: Judgement, costs?: Costs): AskedReport {
  const source = sourceOf(estate)
  const groups = groupsOf(judged.findings)
  const harms = HARMS.map((harm) => ({
    title: HARM_TITLES[harm],
    answers: groups
      .filter((group) => group.harm === harm)
      .map(({ id, findings }): Answer => {
        const { why, fix } = KINDS[id]
        const title = titleOf(id, harm)
        const hasWhat = findings.some(({ what }) => what !== '')
        const rows = findings.map(({ alarm, what }) => [oneLine(alarm.name), ...(hasWhat ? [what] : [])])
        return {
          ...{ id: `${harm} ${id}`, title, verdict: 'bad', says: alarmCount(findings.length), todo: fix },
          ...{ compared: [why], table: tableOf(['alarm', ...(hasWhat ? ['what'] : [])], rows), source },
        }
      }),
  }))
  return {
    ...{ name: 'alarms', title: 'Alarms before they fire', stage: placeOf(estate), at: estate.at, timezone: 'UTC' },
    sections: [
      { title: 'Where they go', answers: [destinations(judged, source)] },
      ...harms,
      { title: 'Not checked', answers: notChecked(judged, source) },
      ...(costs ? [{ title: 'Cost', answers: [costAnswer(costs, source)] }] : []),
    ],
    headline: headlineOf(judged),
  }
}

const IN_SHORT: Record<Harm, string> = {
  'lost-page': 'may wake nobody',
  noise: 'make noise',
  tidiness: 'are untidy',
}

/** `60 alarms: 24 may wake nobody, 18 make noise, 2 are untidy.` */
export function headlineOf({ findings, alarms, apart }: Judgement, place = ''): string {
  const counts = HARMS.flatMap((harm) => {
    const of = new Set(findings.filter((one) => one.harm === harm).map(({ alarm }) => alarm))
    return of.size === 0 ? [] : [`${of.size} ${IN_SHORT[harm]}`]
  })
  const says = counts.length === 0 ? 'nothing found' : counts.join(', ')
  return `${alarmCount(alarms.length + apart.scaling.length + apart.router.length)}${place}: ${says}.`
}

/** `stage prod`, or the file. */
export function placeOf({ from, router, alarms }: Estate): string {
  if (from.kind === 'file') return from.name
  const [first] = alarms
  const account = [first?.account, first?.region].filter((one) => one !== undefined).join(', ')
  return [router?.stage, account].filter((one) => one !== undefined && one !== '').join(', ') || 'account'
}

function sourceOf({ from, at }: Estate): Source {
  return { query: from.kind === 'file' ? `The alarms in ${from.name}` : 'DescribeAlarms', asOf: at }
}

function tableOf(head: string[], rows: string[][]): NonNullable<Answer['table']> {
  const more = rows.length - MOST_ROWS
  const rest = more > 0 ? [[`and ${more} more: --json lists all`, ...head.slice(1).map(() => '')]] : []
  return { head, rows: [...rows.slice(0, MOST_ROWS), ...rest] }
}

function destinations(judged: Judgement, source: Source): Answer {
  const { senders } = judged
  return {
    ...{ id: 'destinations', title: 'If each fired now', verdict: 'shown', says: alarmCount(senders.length) },
    ...{
      compared: besides(judged),
      source,
      table: destinationTable(judged, ', '),
    },
  }
}

/** @param between two channels. */
export function destinationTable({ senders }: Judgement, between: string): { head: string[]; rows: string[][] } {
  const rows = destinationsOf(senders).map(({ severity, rule, channels, later, nobody, alarms }) => [
    severity,
    String(alarms.length),
    rule === 'default' ? 'the default' : oneLine(rule),
    [...channels, ...later.map((channel) => `${channel} (later)`)].join(between) || nobodyText(nobody),
  ])
  return tableOf(['severity', 'alarms', 'by rule', 'goes to'], rows)
}

const nobodyText = (reason: string | undefined): string =>
  reason === undefined ? 'nobody' : `nobody, on purpose: ${oneLine(reason)}`

/** What is not in a list of those that send. */
export function besides({ senders, alarms, apart: { scaling, router } }: Judgement): string[] {
  const children = alarms.length - senders.length
  return [
    ...(children > 0
      ? [`${alarmCount(children)} more: a composite sends what ${children === 1 ? 'it finds' : 'they find'}`]
      : []),
    ...(router.length > 0
      ? [`${alarmCount(router.length)} of the router itself: they email its operator, see doctor`]
      : []),
    ...(scaling.length > 0 ? [`${alarmCount(scaling.length)} of Auto Scaling: not judged`] : []),
  ]
}

export function needs({ needs: missing, why }: Refused): string {
  return missing === undefined ? why : `needs ${missing} (${why})`
}

function notChecked({ notChecked: parts }: Judgement, source: Source): Answer[] {
  return parts.map(({ ids, alarms, refused }, at): Answer => {
    const title = ids.map((id) => KINDS[id].title).join('; ')
    const of = alarms === undefined ? '' : `${alarmCount(alarms)}: `
    return { id: `not-checked ${at}`, title, verdict: 'not checked', says: `${of}${needs(refused)}`, source }
  })
}

function costAnswer({ lines, total, free, unpriced }: Costs, source: Source): Answer {
  const rows = lines.map(({ what, alarms, metrics, usd }) => [
    what,
    String(alarms),
    metrics === 0 ? '' : String(metrics),
    usd === undefined ? 'not known from here' : figure(usd, 'USD'),
  ])
  return {
    ...{ id: 'cost', title: 'A month of them', verdict: 'shown', says: costText({ total, unpriced }) },
    ...{ compared: [freeText(free), listPrices()], source },
    table: tableOf(['kind', 'alarms', 'metrics', 'a month'], rows),
  }
}

export const costText = ({ total, unpriced }: Pick<Costs, 'total' | 'unpriced'>): string =>
  `${unpriced > 0 ? 'at least ' : ''}${figure(total, 'USD')} a month`

export const freeText = (free: number): string =>
  `${figure(free, 'USD')} of it is free, once in an account: the first ${PRICES.freeMetrics} metrics of alarms`

export const listPrices = (): string =>
  `by the list prices of us-east-1, ${PRICES.asOf} (${PRICES.source}); elsewhere up to a quarter more`

export const meaningOf = (harm: Harm): string => `${HARM_TITLES[harm]}: ${HARM_MEANS[harm]}`
