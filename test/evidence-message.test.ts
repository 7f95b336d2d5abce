import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeErrors } from '../local/stand-ins/pagerduty.ts'
import { slackAnswer } from '../local/stand-ins/slack.ts'
import type { Evidence, EvidencePart } from '../schemas/evidence.ts'
import { renderEvidence as email } from '../shared/channels/email/evidence.ts'
import { renderEvidence as pagerduty } from '../shared/channels/pagerduty/evidence.ts'
import { renderEvidence as slack } from '../shared/channels/slack/evidence.ts'
import { firing } from './alert-samples.ts'
import { runs } from './fuzz-runs.ts'

/*
 * How each channel shows evidence: within its vendor's limits, and with text from outside as text.
 */

const of = (...parts: EvidencePart[]): Evidence => ({ askedAt: '2026-11-27T10:00:00.000Z', tookMs: 900, parts })
const isTakenBySlack = (json: unknown) => slackAnswer({ method: 'POST', json }).status === 200

const HOSTILE =
  '<!channel> <@U1> <https://evil.example.com|click> *bold* _it_ ~no~ `code` ```block``` @here & &lt;b&gt;'
const hostile = of({ title: 'Errors in the log', says: HOSTILE, lines: [`> ${HOSTILE}`, '```', HOSTILE] })

describe('a hostile line is text', () => {
  test('in Slack: no mention, link or code, and nothing emphasized', () => {
    const payload = slack(firing, hostile)
    const text = JSON.stringify(payload)
    expect(text).not.toMatch(/<[!@#h]/)
    expect(text).not.toContain('`')
    const section = payload.attachments[0].blocks[1] as { text: { text: string; verbatim: boolean } }
    expect(section.text.verbatim).toBe(true)
    expect(section.text.text).toContain('*Errors in the log*: &lt;!channel&gt; &lt;@U1&gt;')
    expect(section.text.text).toContain('∗bold∗')
    expect(isTakenBySlack(payload)).toBe(true)
  })

  test('in PagerDuty and in an email, which read no markup', () => {
    const { data } = pagerduty(firing, hostile)
    expect(changeErrors(data as never)).toEqual([])
    expect(email(firing, hostile).text).toContain(HOSTILE)
  })
})

test('a rule’s own title is that of the evidence, too', () => {
  const titled = { ...firing, title: '{{severity}}: {{name}}' }
  const [text, summary] = [slack(titled, of()).text, pagerduty(titled, of()).data.payload.summary]
  expect([text, summary]).toEqual(Array(2).fill('Evidence: critical: orders-db-cpu-high'))
  expect(email(titled, of()).subject).toBe('Re: critical: orders-db-cpu-high')
})

test('a subject that is too long is cut', () => {
  const { subject } = email({ ...firing, title: 'x'.repeat(200) }, of())
  expect(subject).toHaveLength(99)
})

test('whatever it holds, each vendor takes it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 500 }),
    fc
      .constantFrom('&', '<', '*_~`', '\u202e', '👩‍👩‍👧')
      .chain((one) => fc.integer({ min: 1, max: 400 }).map((n) => one.repeat(n))),
  )
  const chart = fc.constantFrom(undefined, { line: '▁█', rows: Array(5).fill(`100 │${'█'.repeat(36)}`) })
  const part = fc.record({
    ...{ title: text, says: text, lines: fc.array(text, { maxLength: 14 }) },
    chart,
  })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const all = of(...(parts as EvidencePart[]))
      expect(isTakenBySlack(slack(firing, all))).toBe(true)
      expect(changeErrors(pagerduty(firing, all).data as never)).toEqual([])
      expect(Buffer.byteLength(email(firing, all).text)).toBeLessThan(256 * 1024)
    }),
    { numRuns: runs(200) },
  )
})
