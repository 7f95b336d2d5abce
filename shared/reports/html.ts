import { escaped } from '../channels/escaped.ts'
import type { Answer, Proposal, Verdict } from '../questions/answer.ts'
import { localTime } from '../questions/local-time.ts'
import { isCommand, partsOf } from '../questions/shell.ts'
import { chart } from './chart.ts'
import { type AskedReport, shownTime, todosOf, unknownByReason, WORDS } from './report.ts'
import { STYLE } from './style.ts'

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
${glance(report)}
${todoList(report)}
${sections.map(({ title: name, answers }) => section(name, answers, report)).join('\n')}
<footer><p>Times in ${escaped(timezone)}, days of cost in UTC. Each figure has its query below it.</p></footer>
</main>
</body>
</html>
`
}

/** Each section in a line, for those who read no further. */
function glance({ sections }: AskedReport): string {
  const items = sections.flatMap(({ title, answers }) => {
    if (answers.length === 0) return []
    const of = (...verdicts: Verdict[]) => answers.filter(({ verdict }) => verdicts.includes(verdict)).length
    const counts = [
      [of('bad'), 'bad', 'to do'],
      [of('not checked'), 'unknown', 'not checked'],
      [of('no data'), 'unknown', 'without data'],
      [of('good'), 'good', 'good'],
    ] as const
    const said = counts
      .filter(([count]) => count > 0)
      .map(([count, name, text]) => `<b class="${name}">${count} ${text}</b>`)
    const [first] = said.length > 0 ? said : [`${answers.length} shown`]
    return `<a href="#${anchor(title)}">${escaped(title)} <span>${[first, ...said.slice(1)].join(' ')}</span></a>`
  })
  return `<nav>${items.join('')}</nav>`
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
  return `<section><h2 id="${anchor(title)}">${escaped(title)}</h2><div class="answers">${answers.map((one) => card(one, report)).join('\n')}</div></section>`
}

/** Columns: of a figure that is a sentence. */
const LONG = 48

function card(answer: Answer, { timezone }: AskedReport): string {
  const { id, title, verdict, says, bound, compared = [], items = [], line, table } = answer
  const word = WORDS[verdict]
  return `<article id="${anchor(id)}" class="${CLASSES[verdict]}">
<h3>${escaped(title)}${word === '' ? '' : ` <b>${word}</b>`}</h3>
<div class="sides"><div>
<p class="says${says.length > LONG ? ' long' : ''}">${escaped(says)}</p>
${bound === undefined ? '' : `<p class="bound">good: ${escaped(bound)}</p>`}
${items.length === 0 ? '' : `<ul>${items.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`}
${compared.map((text) => `<p class="compared">${escaped(text)}</p>`).join('\n')}
${line && line.points.length > 1 ? chart(line, timezone, `${title}: ${says}`) : ''}
</div>
${table ? tableOf(table) : ''}
</div>
${(answer.proposals ?? []).map(proposalOf).join('\n')}
<details><summary>Source</summary><p>${sourceOf(answer, timezone)}</p></details>
</article>`
}

function tableOf({ head, rows }: NonNullable<Answer['table']>): string {
  const row = (cells: string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`
}

/** It breaks between its parts, and not at the dashes of an option. */
function codeOf(command: string): string {
  const parts = partsOf(command).map((part) => `<span>${escaped(part)}</span>`)
  return `<code>${parts.join(' ')}</code>`
}

function proposalOf({ command, effect, saving, risk, back }: Proposal): string {
  const text = (of: string) => (isCommand(of) ? codeOf(of) : escaped(of))
  const rows = [
    ...(saving === undefined ? [] : [['saves', saving] as const]),
    ['risk', risk] as const,
    ['back', back] as const,
  ]
  return `<div class="proposal"><p>Proposal: ${escaped(effect)}</p>
<pre>${codeOf(command)}</pre>
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
