import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clean, factLines, oneLine, shorten } from '../shared/channels/outside-text.ts'
import { webLinks } from '../shared/channels/web-links.ts'
import { finding, firing } from './alert-samples.ts'

describe('links', () => {
  test('only those that a browser can open, most useful first', () => {
    const links = { console: 'javascript:alert(1)', logs: 'https://logs.example.com/a b', runbook: 'http://wiki/x' }
    expect(webLinks({ ...firing.alert, links: { ...links, dashboard: 'HTTPS://Example.com' } })).toEqual([
      { label: 'Logs', url: 'https://logs.example.com/a%20b' },
      { label: 'Runbook', url: 'http://wiki/x' },
      { label: 'Dashboard', url: 'HTTPS://Example.com' },
    ])
    expect(webLinks({ ...finding.alert, links: { console: 'http://c' } })).toEqual([
      { label: 'Console', url: 'http://c' },
    ])
  })

  test.each<[url: string, shown: string[]]>([
    ['https://example.com/<a|b>"c"', ['https://example.com/%3Ca%7Cb%3E%22c%22']],
    ['https://ä.example.com', ['https://xn--4ca.example.com/']],
    ['x-https://example.com', []],
    ['https://', []],
    ['', []],
  ])('%j gives a link that can be opened, or none', (console, urls) => {
    expect(webLinks({ ...firing.alert, links: { console } }).map(({ url }) => url)).toEqual(urls)
  })

  test('one that is too long is left out, not cut', () => {
    const console = 'https://example.com/'.padEnd(3_000, 'x')
    const urls = (console: string) => webLinks({ ...firing.alert, links: { console } }).map(({ url }) => url)
    expect([urls(console), urls(`${console}x`)]).toEqual([[console], []])
  })
})

describe('text from outside', () => {
  test('is made printable', () => {
    expect(clean('\u0000a\r\nb\u2028c\u202e\ud800 ')).toBe('a\nb\nc\ufffd')
    expect(oneLine(' a\n\tb  c ')).toBe('a b c')
  })

  test.each([
    ['orders-api', 10, 'orders-api'],
    ['orders-api', 9, 'orders-a…'],
    ['ab😀cd', 4, 'ab…'],
    ['ae\u0301bc', 3, 'a…'],
    ['👩‍👩‍👧!', 6, '…'],
    ['ab', 1, '…'],
    ['ab  cdef', 5, 'ab…'],
    ['a\ud800\udc00b', 3, 'a…'],
    ['a！！b', 3, 'a！…'],
    ['a\u{1f3fb}b', 2, '…'],
    ['\u0301\u0302\u0303', 2, '…'],
  ])('%j is cut to %d between characters', (text, max, cut) => {
    expect(shorten(text, max)).toBe(cut)
  })

  test.each([
    [`a${'\u0301'.repeat(50)}`, 33, '…'],
    [`a${'\u0301'.repeat(50)}`, 40, `a${'\u0301'.repeat(38)}…`],
    [`a${'\u{1f3fb}'.repeat(40)}`, 41, `a${'\u{1f3fb}'.repeat(19)}…`],
  ])('%#: a letter with dozens of marks is cut, but no mark', (text, max, cut) => {
    expect(shorten(text, max)).toBe(cut)
  })

  test('of facts has a label and a value, at most as many as an alert keeps', () => {
    expect(factLines({ 'a\nb': ' c ', '': 'x', '\u0000': 'x', d: '', e: '\n', f: 'g' })).toEqual([
      ['a b', 'c'],
      ['f', 'g'],
    ])
    const many = Array.from({ length: 51 }, (_, n) => [`label ${n}`, `${n}`])
    expect(factLines(Object.fromEntries(many))).toEqual(many.slice(0, 50))
  })

  test('is never longer than the limit, and never holds half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const cut = shorten(text, max)
        expect(cut.length).toBeLessThanOrEqual(max)
        expect(cut.isWellFormed()).toBe(true)
        if (cut !== text) expect(text.startsWith(cut.slice(0, -1))).toBe(true)
      }),
    )
  })
})
