import type { Answer, Proposal, Verdict } from '../questions/answer.ts'
import { localTime } from '../questions/local-time.ts'
import { isCommand } from '../questions/shell.ts'
import { chart } from './chart.ts'
import { escaped } from './escaped.ts'
import { type AskedReport, shownTime, todosOf, unknownByReason, WORDS } from './report.ts'

const CLASSES: Record<Verdict, string> = {
  bad: 'bad',
  good: 'good',
  shown: 'shown',
  'no data': 'unknown',
  'not checked': 'unknown',
}

/** A page of its own: no script, no font, no picture from elsewhere. For a screen, a phone, in dark, and printed. */
export function reportPage(report: AskedReport): string {
  const { title, stage, at, timezone, sections } = report
  const when = localTime(at, timezone)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(`${title}, ${stage}, ${when}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escaped(title)}</h1>
<p class="about">${escaped(`${stage} · ${when} (${timezone})`)}</p>
<p class="headline">${escaped(report.headline)}</p>
</header>
${todoList(report)}
${sections.map(({ title: name, answers }) => section(name, answers, report)).join('\n')}
<footer><p>Times in ${escaped(timezone)}, days of cost in UTC. Each figure has its query below it.</p></footer>
</main>
</body>
</html>
`
}

function todoList(report: AskedReport): string {
  const todos = todosOf(report)
  const list = (className: string, title: string, items: string[]) =>
    items.length === 0 ? '' : `<section class="${className}"><h2>${title}</h2><ol>${items.join('')}</ol></section>`
  return [
    list(
      'todo',
      'To do',
      todos.map(
        ({ id, title, todo = '', says }) =>
          `<li><a href="#${anchor(id)}">${escaped(todo)}</a> <span>${escaped(`${title}: ${says}`)}</span></li>`,
      ),
    ),
    list(
      'missing',
      'Not checked',
      unknownByReason(report).map(
        ({ reason, answers }) =>
          `<li>${escaped(reason)} <span>${answers.map(({ id, title }) => `<a href="#${anchor(id)}">${escaped(title)}</a>`).join(', ')}</span></li>`,
      ),
    ),
  ].join('\n')
}

const anchor = (id: string) => id.replace(/[^a-z0-9]+/gi, '-')

function section(title: string, answers: Answer[], report: AskedReport): string {
  if (answers.length === 0) return ''
  return `<section><h2>${escaped(title)}</h2><div class="answers">${answers.map((one) => card(one, report)).join('\n')}</div></section>`
}

function card(answer: Answer, { timezone }: AskedReport): string {
  const { id, title, verdict, says, bound, compared = [], line, table } = answer
  const word = WORDS[verdict]
  return `<article id="${anchor(id)}" class="${CLASSES[verdict]}">
<h3>${escaped(title)}${word === '' ? '' : ` <b>${word}</b>`}</h3>
<p class="says">${escaped(says)}</p>
${bound === undefined ? '' : `<p class="bound">good: ${escaped(bound)}</p>`}
${compared.map((text) => `<p class="compared">${escaped(text)}</p>`).join('\n')}
${line && line.points.length > 1 ? chart(line, timezone, `${title}: ${says}`) : ''}
${table ? tableOf(table) : ''}
${(answer.proposals ?? []).map(proposalOf).join('\n')}
<details><summary>Source</summary><p>${sourceOf(answer, timezone)}</p></details>
</article>`
}

function tableOf({ head, rows }: NonNullable<Answer['table']>): string {
  const row = (cells: string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`
}

function proposalOf({ command, effect, saving, risk, back }: Proposal): string {
  const text = (of: string) => (isCommand(of) ? `<code>${escaped(of)}</code>` : escaped(of))
  const rows = [
    ...(saving === undefined ? [] : [['saves', saving] as const]),
    ['risk', risk] as const,
    ['back', back] as const,
  ]
  return `<div class="proposal"><p>Proposal: ${escaped(effect)}</p>
<pre><code>${escaped(command)}</code></pre>
<dl>${rows.map(([name, of]) => `<div><dt>${name}</dt><dd>${text(of)}</dd></div>`).join('')}</dl></div>`
}

function sourceOf({ source: { query, from, to, asOf, incomplete } }: Answer, timezone: string): string {
  const span =
    from === undefined || to === undefined ? '' : ` from ${shownTime(from, timezone)} to ${shownTime(to, timezone)}`
  const parts = [
    `${query}${span}, asked ${localTime(asOf, timezone)}.`,
    ...(incomplete ? [`Not complete: ${incomplete}.`] : []),
  ]
  return escaped(parts.join(' '))
}

const STYLE = `
:root { --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d0d7de; --good: #1a7f37; --bad: #cf222e; --unknown: #9a6700; --draw: #0969da }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --card: #151b23; --line: #3d444d; --good: #3fb950; --bad: #ff7b72; --unknown: #d29922; --draw: #58a6ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem } h3 { font-size: 1rem; margin: 0; font-weight: 600 }
p { margin: 0 } .about, .bound, .compared, footer, details { color: var(--soft); font-size: .85rem }
.headline { font-size: 1.25rem; margin-top: .8rem; font-weight: 600 }
.todo ol, .missing ol { margin: 0; padding-left: 1.4rem } .todo li, .missing li { margin: .3rem 0 } li span { color: var(--soft); font-size: .9rem } a { color: inherit }
.answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: .8rem }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; padding: .8rem .9rem; min-width: 0; break-inside: avoid }
article.good { border-left-color: var(--good) } article.bad { border-left-color: var(--bad) } article.unknown { border-left-color: var(--unknown) }
article b { font-size: .75rem; font-weight: 600; margin-left: .3rem } .good b { color: var(--good) } .bad b { color: var(--bad) } .unknown b { color: var(--unknown) }
article:has(table, .proposal) { grid-column: 1 / -1 } .says { font-size: 1.2rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere } details { margin-top: .4rem } details p { overflow-wrap: anywhere } footer { margin-top: 2rem }
svg { display: block; width: 100%; max-width: 26rem; height: auto; margin-top: .5rem } svg .draw { fill: none; stroke: var(--draw); stroke-width: 1.5 } svg .trend { stroke: var(--soft); stroke-dasharray: 2 3; stroke-width: 1 } svg .limit { stroke: var(--good); stroke-dasharray: 4 3; stroke-width: 1 } svg .axis { stroke: var(--line) } svg text { fill: var(--soft); font-size: 10px }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .85rem; margin-top: .5rem } th, td { text-align: left; padding: .15rem .8rem .15rem 0; border-bottom: 1px solid var(--line); vertical-align: top } th { color: var(--soft); font-weight: 500 }
.proposal { margin-top: .7rem; padding-top: .5rem; border-top: 1px solid var(--line); font-size: .9rem } pre { margin: .3rem 0; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .4rem .6rem } code { font: .85rem ui-monospace, monospace } dd code { overflow-wrap: anywhere }
dl { margin: 0 } dl div { display: flex; gap: .6rem } dt { color: var(--soft); min-width: 3rem } dd { margin: 0; min-width: 0 }
@media print { body { font-size: 11px } details { display: none } article, .answers { background: none } main { max-width: none; padding: 0 } }
`
