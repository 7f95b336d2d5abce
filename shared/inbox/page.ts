import { createHash } from 'node:crypto'
import { LINK_ACTIONS, type Link } from '../answers/link.ts'
import { escaped } from '../channels/escaped.ts'
import { oneLine } from '../channels/outside-text.ts'
import { type Line, type Outcome, timeOf } from './outcome.ts'
import { page, type Response } from './request.ts'

/*
 * What a link shows: what its button does, to which alert, and for whom it was made; and afterwards, what was done. No script,
 * nothing from elsewhere; the button is a form that is sent to the same address. Pure.
 */

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#1d1c1d}h1{font-size:1.4rem}dt{color:#616061;font-size:.85rem}dd{margin:0 0 .75rem;overflow-wrap:anywhere}button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:4px;background:#1264a3;color:#fff}'
/** The style alone, by its hash, and a form to the page's own host. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** Before anything is done. `outcome`: why there is nothing to do; `line`: the alert. */
export function shown(link: Link, now: { outcome: Outcome } | { line: Line }): Response {
  if ('outcome' in now) return done(link, now.outcome)
  const { line } = now
  const facts = [...factsOf(line), ...forWhom(link)]
  return inPage(200, `${LINK_ACTIONS[link.action]} this alert?`, facts, [
    `<form method="post"><button type="submit">${escaped(LINK_ACTIONS[link.action])}</button></form>`,
    '<p>Reminders and escalation stop until it fires again. It is recorded under the name above.</p>',
  ])
}

/** Afterwards; a second press shows the same. */
export function done(link: Link, outcome: Outcome): Response {
  const line = 'line' in outcome ? outcome.line : undefined
  const facts = [...(line ? factsOf(line) : []), ...forWhom(link)]
  return inPage(outcome.kind === 'unknown' ? 404 : 200, HEADINGS[outcome.kind], facts, [
    `<p>${escaped(explained(outcome))}</p>`,
  ])
}

/** It could not be done now. */
export function failed(link: Link): Response {
  return inPage(503, 'Not recorded yet', forWhom(link), [
    '<p>The router could not record it. Press again in a moment.</p>',
    `<form method="post"><button type="submit">${escaped(LINK_ACTIONS[link.action])}</button></form>`,
  ])
}

const HEADINGS: Record<Outcome['kind'], string> = {
  ordered: 'Acknowledged',
  ended: 'It has ended',
  'fires again': 'It has ended, and fires again',
  unknown: 'No such alert is known',
}

function explained(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ordered':
      return outcome.again
        ? `It was recorded at ${timeOf(outcome.again)} already.`
        : 'It is recorded; the alert’s messages show it within a minute.'
    case 'ended':
      return 'Nothing was done: there is nothing to acknowledge any more.'
    case 'fires again':
      return 'Nothing was done: this link is of the firing before. Use that of the newer message.'
    case 'unknown':
      return 'It was a long time ago.'
  }
}

function factsOf({ title, status, firingSince }: Line): [string, string][] {
  const since = firingSince === undefined ? [] : [['Firing since', timeOf(firingSince)] as [string, string]]
  return [['Alert', oneLine(title)], ['Now', status === 'insufficient-data' ? 'no data' : status], ...since]
}

function forWhom({ recipient, expires }: Link): [string, string][] {
  return [
    ['This link was made for', oneLine(recipient)],
    ['It is valid until', timeOf(expires)],
  ]
}

function inPage(status: number, heading: string, facts: [string, string][], rest: string[]): Response {
  const list = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`)
  const html = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    // Without an icon, a browser would ask for one, which is counted as a stranger's request.
    `<link rel="icon" href="data:,"><title>${escaped(heading)}</title><style>${STYLE}</style></head>`,
    `<body><h1>${escaped(heading)}</h1>`,
    `<dl>${list.join('')}</dl>`,
    ...rest,
    '</body></html>',
  ]
  return page(status, `${html.join('\n')}\n`, POLICY)
}
