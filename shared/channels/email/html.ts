import { escaped } from '../escaped.ts'
import { shorten } from '../outside-text.ts'
import type { Block, Document, Fact } from './document.ts'

/*
 * A document as HTML for mail programs: tables, styles at each element and a width in pixels, because Outlook lays out with
 * Word's engine; no script, no font and nothing from elsewhere. Colours for dark are for those that ask for them; others invert
 * by themselves. Pure.
 */

/** Gmail shows no more than 102 KB of a message, and hides the rest behind a link. */
const MAX_BYTES = 100_000
/** Characters of each text, tried in turn until all of it fits. */
const ROOMS = [4_000, 1_000, 200] as const
const SHORTENED: Block = { is: 'foot', text: 'Shortened: all of it is in the plain text of this email.' }

/** With white on it, each has a contrast of at least 4.5 (WCAG 2.1, 1.4.3). */
const TONES = { critical: '#b42318', warning: '#b54708', info: '#175cd3', resolved: '#067647' } as const
const FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
const INK = '#1f2328'
const MUTED = '#59636e'
const LINE = '#d1d9e0'

const DARK = `@media (prefers-color-scheme: dark) {
.page { background: #0d1117 !important } .card { background: #161b22 !important; border-color: #30363d !important }
.ink, .ink a { color: #e6edf3 !important } .muted { color: #9198a1 !important } .line { border-color: #30363d !important }
.quiet { background: #161b22 !important; border-color: #6e7681 !important } .quiet a { color: #e6edf3 !important } }`

/** The id by which the HTML shows a document's n-th chart (`cid:`). */
export const chartId = (n: number) => `chart-${n}`

/**
 * The whole page, with a title that only screen readers read. Within the limit of Gmail, if it is about one alert; a digest
 * names each of its alerts.
 */
export function htmlOf(document: Document, title: string): string {
  const isDigest = document.blocks.some(({ is }) => is === 'entry')
  const fits = (html: string) => Buffer.byteLength(html) <= MAX_BYTES
  const whole = page(document, title, document.blocks)
  if (isDigest || fits(whole)) return whole
  for (const room of ROOMS) {
    const html = page(document, title, [...document.blocks.map((block) => cut(block, room)), SHORTENED])
    if (fits(html)) return html
  }
  const blocks = document.blocks.map((block) => cut(block, ROOMS[2]))
  while (blocks.length > 1 && !fits(page(document, title, [...blocks, SHORTENED]))) blocks.pop()
  return page(document, title, [...blocks, SHORTENED])
}

function cut(block: Block, room: number): Block {
  switch (block.is) {
    case 'text':
    case 'note':
      return { ...block, text: shorten(block.text, room) }
    case 'facts':
      return {
        ...block,
        facts: block.facts.map(([label, value]): Fact => [shorten(label, room), shorten(value, room)]),
      }
    case 'answer':
      return { ...block, says: shorten(block.says, room), lines: block.lines.map((line) => shorten(line, room)) }
    default:
      return block
  }
}

function page({ tone, preview }: Document, title: string, blocks: Block[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(title)}</title>
<style>${DARK}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f6f8fa">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escaped(preview)}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f6f8fa" style="background:#f6f8fa"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="card" width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="width:100%;max-width:600px;background:#ffffff;border:1px solid ${LINE};${FONT};font-size:15px;line-height:1.45;color:${INK}">
<tr><td bgcolor="${TONES[tone]}" style="background:${TONES[tone]};height:4px;line-height:4px;font-size:1px">&nbsp;</td></tr>
${rowsOf(blocks, { tone, charts: 0 }).join('\n')}
</table>
</td></tr></table>
</body>
</html>
`
}

interface Drawing {
  tone: Document['tone']
  /** Charts so far. */
  charts: number
}

/** Links that follow each other are a row of buttons. */
function rowsOf(blocks: Block[], drawing: Drawing): string[] {
  const rows: string[] = []
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at] as Block
    if (block.is !== 'link') {
      rows.push(rowOf(block, drawing))
      continue
    }
    const end = blocks.findIndex(({ is }, next) => next > at && is !== 'link')
    const links = blocks.slice(at, end === -1 ? undefined : end).filter((one) => one.is === 'link')
    rows.push(row(links.map((link) => button(link, drawing.tone)).join('\n'), 'padding:12px 20px 4px'))
    at += links.length - 1
  }
  return rows
}

function row(content: string, style = 'padding:8px 20px'): string {
  return `<tr><td class="ink" style="${style};color:${INK}">${content}</td></tr>`
}

function rowOf(block: Exclude<Block, { is: 'link' }>, drawing: Drawing): string {
  switch (block.is) {
    case 'head':
      return row(
        `<h1 style="margin:0;font-size:20px;line-height:1.3;overflow-wrap:anywhere;word-break:break-word">${escaped(block.title)}</h1>${muted(block.where)}`,
        'padding:16px 20px 8px',
      )
    case 'note':
      return row(`<strong>${inLines(block.text)}</strong>`)
    case 'text':
      return row(`${heading(block.heading)}${inLines(block.text)}`, `padding:8px 20px;${BREAKS}`)
    case 'facts':
      return row(`${heading(block.heading)}${tableOf(block.facts)}`)
    case 'group':
      return row(`<h2 style="margin:8px 0 0;font-size:15px">${escaped(block.title)}</h2>`)
    case 'entry':
      return row(
        `${block.url === undefined ? `<strong>${escaped(block.title)}</strong>` : `<a href="${escaped(block.url)}" style="color:#0969da;font-weight:600">${escaped(block.title)}</a>`}${muted(block.facts)}`,
        `padding:4px 20px;${BREAKS}`,
      )
    case 'answer':
      return row(
        `${heading(block.title)}${inLines(block.says)}${pictureOf(block, drawing)}${listOf(block.lines)}`,
        `padding:8px 20px;${BREAKS}`,
      )
    case 'foot':
      return row(muted(block.text), 'padding:12px 20px 16px')
  }
}

const BREAKS = 'overflow-wrap:anywhere;word-break:break-word'

function inLines(text: string): string {
  return escaped(text).replaceAll('\n', '<br>\n')
}

function muted(text: string): string {
  return text === '' ? '' : `<div class="muted" style="color:${MUTED};font-size:13px;${BREAKS}">${inLines(text)}</div>`
}

function heading(text: string | undefined): string {
  return text === undefined ? '' : `<h2 style="margin:8px 0 2px;font-size:15px">${escaped(text)}</h2>`
}

function tableOf(facts: Fact[]): string {
  const cell = `padding:5px 12px 5px 0;border-top:1px solid ${LINE};vertical-align:top;font-size:14px`
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th class="muted line" align="left" scope="row" width="130" style="${cell};font-weight:400;color:${MUTED};width:130px;${BREAKS}">${escaped(label)}</th>` +
      `<td class="ink line" style="${cell};color:${INK};${BREAKS}">${escaped(value)}</td></tr>`,
  )
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%">${rows.join('\n')}</table>`
}

/** Tables beside each other, which wrap on a phone. Outlook does not show the padding of a link, but that of a cell. */
function button({ label, url, isMain }: Extract<Block, { is: 'link' }>, tone: Document['tone']): string {
  const [fill, edge, ink] = isMain ? [TONES[tone], TONES[tone], '#ffffff'] : ['#ffffff', '#8c959f', INK]
  return `<table role="presentation" align="left" cellpadding="0" cellspacing="0" border="0" style="display:inline-table;margin:0 8px 8px 0"><tr><td${isMain ? '' : ' class="quiet"'} bgcolor="${fill}" style="background:${fill};border:1px solid ${edge};border-radius:6px;padding:9px 16px"><a href="${escaped(url)}" style="color:${ink};font-weight:600;font-size:14px;text-decoration:none">${escaped(label)}</a></td></tr></table>`
}

/** The picture, where its values are known; else its characters. */
function pictureOf({ says, chart }: Extract<Block, { is: 'answer' }>, drawing: Drawing): string {
  if (!chart) return ''
  if (!chart.bars)
    return `<pre style="margin:8px 0;line-height:1;font-size:13px">${escaped(chart.rows.join('\n'))}</pre>`
  drawing.charts++
  return `<img src="cid:${chartId(drawing.charts)}" width="560" height="112" alt="${escaped(says)}" style="display:block;width:100%;max-width:560px;height:auto;margin:8px 0;border:0">`
}

function listOf(lines: string[]): string {
  if (lines.length === 0) return ''
  const items = lines.map((line) => `<li style="margin:2px 0">${inLines(line)}</li>`)
  return `<ul style="margin:4px 0;padding-left:20px;font-size:13px">${items.join('\n')}</ul>`
}
