import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../schemas/evidence.ts'
import type { Notification } from '../schemas/notification.ts'
import { chartsOf } from '../shared/channels/email/chart.ts'
import { renderEvidence } from '../shared/channels/email/evidence.ts'
import { htmlOf } from '../shared/channels/email/html.ts'
import { email } from '../shared/channels/email/index.ts'
import { everything, firing, hostile, noData, resolved } from './alert-samples.ts'
import { anyNotification, anyStorm } from './any-notification.ts'
import { runs } from './fuzz-runs.ts'

/*
 * An email as HTML, as SES sends it: of the same document as its text, and safe whatever an alert holds.
 */

const htmlFor = (notification: Notification) => htmlOf(email.render(notification).rich.document, 'a title')

/** As a reader sees it: without tags, each of which ends a line. */
function seen(html: string): string[] {
  return html
    .replace(/^[\s\S]*<body[^>]*>/, '')
    .replace(/<[^>]*>/g, '\n')
    .replace(
      /&(lt|gt|quot|#39|nbsp|amp);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' })[name] ?? '&',
    )
    .split('\n')
    .filter((line) => line.trim() !== '')
}

const TAGS = 'html head meta title style body div table tr td th h1 h2 p a strong br img ul li pre'.split(' ')

/** Every tag is one of ours, every attribute quoted; nothing runs, and nothing is loaded from elsewhere. */
function faultsOf(html: string): string[] {
  const faults: string[] = []
  const rest = html.replace(/^<!doctype html>\n/, '').replace(/<style>[^<]*<\/style>/, '')
  for (const [tag, name = ''] of rest.matchAll(/<\/?([^\s>]*)[^>]*>/g)) {
    if (!TAGS.includes(name)) faults.push(tag)
    if (!/^<\/?[a-z0-9]+(?: [a-z-]+="[^"<>]*")*>$/.test(tag)) faults.push(tag)
    const urls = [...tag.matchAll(/ (?:href|src|background)="([^"]*)"/g)].map(([, url = '']) => url)
    for (const url of urls) if (!/^(?:https?:\/\/|cid:chart-\d+$)/i.test(url)) faults.push(tag)
    if (/ on[a-z]+=|<script/i.test(tag)) faults.push(tag)
  }
  if (/[<>]/.test(rest.replace(/<[^>]*>/g, ''))) faults.push('a loose bracket')
  return faults
}

describe('the HTML of an alert', () => {
  test('says what the text says, in its order', () => {
    for (const notification of [firing, resolved, noData, everything]) {
      const { document } = email.render(notification).rich
      const lines = seen(htmlOf(document, 'a title'))
      const texts = document.blocks.flatMap((block): string[] => {
        if (block.is === 'head') return [block.title, block.where]
        if (block.is === 'facts') return block.facts.flat()
        return block.is === 'link' ? [block.label] : 'text' in block ? block.text.split('\n') : []
      })
      let at = 0
      for (const text of texts) {
        at = lines.indexOf(text, at)
        expect([text, at]).not.toEqual([text, -1])
        expect(email.render(notification).text).toContain(text)
      }
    }
  })

  test('has its facts as a table, and its links as buttons', () => {
    const html = htmlFor(firing)
    expect(html).toMatch(/<th [^>]*scope="row"[^>]*>Region<\/th><td [^>]*>eu-west-1<\/td>/)
    const buttons = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, url, label]) => [label, url])
    const { console, logs, runbook } = firing.alert.links
    expect(buttons).toEqual([
      ['Alarm', console],
      ['Logs', logs],
      ['Runbook', runbook],
    ])
  })

  test('shows in a list of emails what the subject does not say', () => {
    expect(seen(htmlFor(firing))[0]).toBe(
      'CRITICAL · Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2',
    )
    expect(seen(htmlFor(resolved))[0]).toMatch(/^RESOLVED after 12 min · /)
  })

  test('has the colour of its severity, and that of a resolve', () => {
    expect(htmlFor(firing)).toContain('bgcolor="#b42318"')
    expect(htmlFor({ ...firing, severity: 'warning' })).toContain('bgcolor="#b54708"')
    expect(htmlFor(resolved)).toContain('bgcolor="#067647"')
  })

  test('shows hostile text as text', () => {
    expect(faultsOf(htmlFor(hostile))).toEqual([])
    const html = htmlFor({ ...firing, alert: { ...firing.alert, title: '<script>alert(1)</script>"\'&amp;' } })
    expect(seen(html)).toContain('CRITICAL: <script>alert(1)</script>"\'&amp;')
    expect(faultsOf(html)).toEqual([])
  })

  test('is below what Gmail shows, whatever it holds; the text has the rest', () => {
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`key-${n}`, '<'.repeat(900)]))
    const big = {
      ...firing,
      alert: { ...firing.alert, details: long, tags: long, dimensions: long, reason: '&'.repeat(5_000) },
    }
    const html = htmlFor(big)
    expect(Buffer.byteLength(html)).toBeLessThan(102_000)
    expect(seen(html).at(-1)).toBe('Shortened: all of it is in the plain text of this email.')
    expect(seen(html)).toContain('Runbook')
    expect(faultsOf(html)).toEqual([])
  })

  test('is sound for every alert, and for every storm', () => {
    const safe = (html: string) => {
      expect(faultsOf(html)).toEqual([])
      expect(html.isWellFormed()).toBe(true)
    }
    fc.assert(
      fc.property(anyNotification, (notification) => {
        const html = htmlFor(notification)
        safe(html)
        expect(Buffer.byteLength(html)).toBeLessThan(102_000)
      }),
      { numRuns: runs(100) },
    )
    fc.assert(
      fc.property(anyStorm, (storm) => {
        for (const { payload } of email.renderDigest?.(storm) ?? [])
          safe(htmlOf(payload.rich.document, payload.subject))
      }),
      { numRuns: runs(20) },
    )
  })
})

describe('one firing is one thread', () => {
  const since = firing.alert.changedAt
  const reminder: Notification = {
    ...firing,
    firingSince: since,
    update: { is: 'reminder', at: '2026-09-14T12:00:00Z' } as never,
  }
  const subjects = (...all: Notification[]) => all.map((one) => email.render(one).rich.subject)
  const threads = (...all: Notification[]) => new Set(all.map((one) => email.render(one).rich.thread)).size

  test('all of its emails have one subject and one thread, also that of its evidence', () => {
    const first = '[CRITICAL] orders-db-cpu-high: orders-db (DBInstanceIdentifier)'
    const lost = { ...noData, firingSince: since }
    const end = { ...resolved, firingSince: since }
    expect(subjects(firing, reminder, lost, end)).toEqual([first, `Re: ${first}`, `Re: ${first}`, `Re: ${first}`])
    expect(threads(firing, reminder, lost, end)).toBe(1)
    const evidence = renderEvidence(firing, { askedAt: '', tookMs: 0, parts: [] })
    expect([evidence.rich.subject, evidence.rich.thread]).toEqual([`Re: ${first}`, email.render(firing).rich.thread])
  })

  test('by SNS, each says its own state in its subject, as before', () => {
    expect(email.render(resolved).subject).toBe('[RESOLVED] orders-db-cpu-high: orders-db (DBInstanceIdentifier)')
  })

  test('another firing, and another alert, is another thread', () => {
    const later = { ...firing, alert: { ...firing.alert, changedAt: '2026-09-15T00:00:00.000Z' } }
    expect(threads(firing, later, { ...firing, alertKey: 'another' })).toBe(3)
  })

  test('what is the first that anybody hears of it, is no answer', () => {
    const missed = { ...resolved, firingSince: since, missed: true as const }
    expect(subjects(missed, noData)).toEqual([
      '[RESOLVED] orders-db-cpu-high: orders-db (DBInstanceIdentifier)',
      '[NO DATA] orders-db-cpu-high: orders-db (DBInstanceIdentifier)',
    ])
  })

  test('a subject that is too long is cut in the same place', () => {
    const long = (notification: Notification) => ({
      ...notification,
      alert: { ...notification.alert, title: 'x'.repeat(255) },
    })
    const [first = '', second = ''] = subjects(long(firing), long({ ...resolved, firingSince: since }))
    expect(second).toBe(`Re: ${first}`)
    expect(second.length).toBeLessThanOrEqual(99)
  })

  test('so is a template’s', () => {
    const titled = (one: Notification) => ({ ...one, title: '{{severity}}: {{name}}' })
    const [first, second] = subjects(titled(firing), titled({ ...resolved, firingSince: since }))
    expect([first, second]).toEqual(['critical: orders-db-cpu-high', 'Re: critical: orders-db-cpu-high'])
  })
})

describe('the chart of evidence', () => {
  const evidence = (bars: NonNullable<Evidence['parts'][number]['chart']>['bars']): Evidence => ({
    ...{ askedAt: '2026-11-27T10:00:00.000Z', tookMs: 900 },
    parts: [
      {
        title: 'Metric',
        says: 'now 93 & rising',
        lines: ['one'],
        chart: { line: '▁▇', rows: ['│▁▇'], ...(bars && { bars }) },
      },
    ],
  })
  /** The colours of a picture: by column, from left to right, at a share of its height from the top. */
  function colours(png: Uint8Array, at: number): number[] {
    const bytes = Buffer.from(png)
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
    const start = bytes.indexOf('IDAT')
    const rows = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)))
    expect(rows).toHaveLength(height * (width + 1))
    const row = Math.min(height - 1, Math.floor(at * height))
    return [...rows.subarray(row * (width + 1) + 1, (row + 1) * (width + 1))]
  }

  test('is a picture in the HTML, and one line in the text', () => {
    const { rich, text } = renderEvidence(firing, evidence({ values: [10, null, 90], threshold: 80, isLow: false }))
    const html = htmlOf(rich.document, rich.subject)
    expect(html).toContain('<img src="cid:chart-1" width="560" height="112" alt="now 93 &amp; rising"')
    expect(faultsOf(html)).toEqual([])
    expect(text).toContain('Metric: now 93 & rising\n▁▇\none')
    expect(chartsOf(rich.document)).toHaveLength(1)
  })

  test('shows each value, a gap where there was none, and what is beyond the threshold in its own colour', () => {
    const { rich } = renderEvidence(firing, evidence({ values: [10, null, 90], threshold: 80, isLow: false }))
    const [png = new Uint8Array()] = chartsOf(rich.document)
    const bottom = colours(png, 1)
    const third = bottom.length / 3
    const [first, gap, last] = [0.3, 1.3, 2.3].map((part) => bottom[Math.floor(part * third)])
    expect([first, gap, last]).toEqual([1, 0, 2])
    const top = colours(png, 0.02)
    expect(top[Math.floor(0.3 * third)]).toBe(0)
    expect(top[Math.floor(2.3 * third)]).toBe(2)
  })

  test.each([
    ['no value', { values: [null], isLow: false }],
    ['no time', { values: [], isLow: false }],
    ['zeros', { values: [0, 0], threshold: 0, isLow: true }],
    ['negative values', { values: [-5, -1], threshold: -3, isLow: true }],
    ['one value', { values: [1e300], threshold: 1, isLow: false }],
  ])('is a picture of %s', (_, bars) => {
    const { rich } = renderEvidence(firing, evidence(bars))
    for (const png of chartsOf(rich.document)) expect(colours(png, 0.5).length).toBe(1_120)
  })

  test('that an earlier version kept is drawn with characters', () => {
    const { rich } = renderEvidence(firing, evidence(undefined))
    expect(chartsOf(rich.document)).toEqual([])
    expect(seen(htmlOf(rich.document, ''))).toContain('│▁▇')
  })
})
