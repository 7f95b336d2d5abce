import type { Answer } from '../questions/answer.ts'
import { type AskedReport, answersOf, notChecked, todosOf, unknownByReason } from './report.ts'
import { sparkline } from './sparkline.ts'

/** The name under which rules know the sender. */
export const SOURCE = 'alert-router-report'

/** What a report is to the rules (`details.class`). Any other is a usage report. */
const CLASSES: Record<string, string> = { daily: 'health check', maintenance: 'maintenance' }

/** So many are named; the page has the others. */
const TODOS = 8
const REASONS = 5
const LINE_WIDTH = 40

/** Where the page is; or why there is none. */
export type Page = { url: string | undefined } | { missing: string }

/**
 * A report as an event of the documented form (schemas/event.ts), so that config/alerts.yml decides who gets it. Without id and
 * status it happens once. It declares that it is information: no word of its title makes it an alarm.
 */
export function reportEvent(report: AskedReport, page: Page): object {
  const { name, title, stage, at, headline } = report
  const said = `${headline.charAt(0).toLowerCase()}${headline.slice(1)}`
  return {
    title: `${title}, ${stage}: ${said}`,
    severity: 'info',
    source: SOURCE,
    class: CLASSES[name] ?? 'usage report',
    environment: stage,
    resource: title,
    time: at,
    description: bodyOf(report, page),
    // Numbers, so that a rule can ask for them: `details.toDo: ">= 1"`.
    details: { report: name, toDo: todosOf(report).length, notChecked: notChecked(report).length },
    ...('url' in page && page.url !== undefined && { links: { console: page.url } }),
  }
}

function bodyOf(report: AskedReport, page: Page): string {
  const empty = answersOf(report).filter(({ verdict }) => verdict === 'no data')
  const named = answersOf(report).filter(({ items }) => items !== undefined)
  const isWell = todosOf(report).length + notChecked(report).length + empty.length + named.length === 0
  return [
    ...(isWell ? [allWell(answersOf(report))] : []),
    ...list(
      'To do',
      todosOf(report).map((one, at) => todo(one, at + 1)),
      TODOS,
    ),
    ...list(
      'Not checked',
      unknownByReason(report).map(({ reason, answers }) => `- ${titles(answers)}: ${reason}`),
      REASONS,
    ),
    ...(empty.length > 0 ? [`Without data: ${titles(empty)}`] : []),
    ...named.map(({ title, says, items = [] }) =>
      [`${title}: ${says}`, ...items.map((item) => `- ${item}`)].join('\n'),
    ),
    ...('missing' in page ? [`Its page could not be written: ${page.missing}`] : []),
  ].join('\n\n')
}

function allWell(answers: Answer[]): string {
  const good = answers.filter(({ verdict }) => verdict === 'good').length
  if (answers.length === 0) return 'It has no question: leave it out of `reports` in config/platform.yml.'
  if (good === answers.length) return `All ${good} answers are good.`
  return `${good} of ${answers.length} answers are good, and the others have no bound.`
}

const titles = (answers: Answer[]) => answers.map(({ title }) => title).join(', ')

function todo({ title, todo: what = '', says, items, line }: Answer, number: number): string {
  const drawn = line ? sparkline(line, LINE_WIDTH) : ''
  return [
    `${number}. ${what}`,
    // Some say it already: "Data quality is 92 %, and should be at least 95 %". What is named one by one follows.
    ...(what.startsWith(title) || items !== undefined ? [] : [`   ${title}: ${says}`]),
    // A flat line says nothing.
    ...(new Set(drawn).size > 1 ? [`   ${drawn}`] : []),
  ].join('\n')
}

function list(title: string, items: string[], most: number): string[] {
  if (items.length === 0) return []
  const more = items.length - most
  return [[title, ...items.slice(0, most), ...(more > 0 ? [`…and ${more} more`] : [])].join('\n')]
}
