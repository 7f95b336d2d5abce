import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notification } from '../schemas/notification.ts'
import { firingIn, type Link, linkIn, linkOf, tokenOf } from '../shared/answers/link.ts'
import { hmac, isSigned } from '../shared/answers/signature.ts'
import { LINKS, wishOf } from '../shared/inbox/links.ts'
import { type Outcome, passed, saidOf, timeOf } from '../shared/inbox/outcome.ts'
import { done, failed, shown } from '../shared/inbox/page.ts'
import { type Does, nameIn, noteIn, orderOf, timeIn, type Wish } from '../shared/inbox/wish.ts'
import { firing, noData, resolved } from './alert-samples.ts'

/*
 * What people answer, and what they are shown, by value alone: links, orders, pages, texts.
 */

const KEY = 'a-key-that-signs-links-in-emails'
const NOW = new Date('2026-11-27T10:00:00.000Z')
const LINK: Link = {
  action: 'acknowledge',
  alert: 'orders',
  episode: '2026-11-27T09:00:00.000Z',
  recipient: 'ann@example.com',
  expires: '2026-12-01T00:00:00.000Z',
}

describe('a link', () => {
  test.each<Partial<Link>>([
    { alert: 'another' },
    { episode: '2026-11-27T10:00:00.000Z' },
    { recipient: 'mallory@example.com' },
    { expires: '2036-12-01T00:00:00.000Z' },
  ])('is forged with another part: %j', (change) => {
    const [, signature] = tokenOf(LINK, KEY).split('.')
    const [other] = tokenOf({ ...LINK, ...change }, 'a-key-of-somebody-else').split('.')
    expect(linkIn(`${other}.${signature}`, [KEY])).toBe('forged')
  })

  test('is forged by another key, and with less of it', () => {
    const token = tokenOf(LINK, KEY)
    const [signed = '', signature = ''] = token.split('.')
    for (const other of [`${signed}.${signature.slice(1)}`, `${signed}.`, signed, `.${signature}`, '', `${token}.x`]) {
      expect([other, linkIn(other, [KEY])]).toEqual([other, 'forged'])
    }
    expect(linkIn(token, ['a-key-of-somebody-else'])).toBe('forged')
    expect(linkIn(token, [])).toBe('forged')
  })

  test('holds any alert and any name, by any of the keys; its id is the same each time, and no other’s', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 })
    const ids = new Set<string>()
    fc.assert(
      fc.property(text, text, text, (alert, recipient, key) => {
        const link: Link = { ...LINK, alert, recipient }
        const token = tokenOf(link, key)
        expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/)
        const found = linkIn(token, ['another', key])
        expect(found).toEqual({ link, id: expect.stringMatching(/^[0-9a-f]{64}$/) })
        expect(linkIn(token, [key])).toEqual(found)
        ids.add(typeof found === 'object' ? found.id : '')
      }),
      { numRuns: 50 },
    )
    expect(ids.size).toBeGreaterThan(45)
  })

  test.each<[what: string, parts: unknown]>([
    ['of a later form', [2, 'acknowledge', 'a', '', 'b', LINK.expires]],
    ['for what this version can’t do', [1, 'delete', 'a', '', 'b', LINK.expires]],
    ['for what every object has', [1, 'constructor', 'a', '', 'b', LINK.expires]],
    ['with a number in place of a name', [1, 'acknowledge', 'a', '', 1, LINK.expires]],
    ['without an end', [1, 'acknowledge', 'a', '', 'b', 'never']],
    ['with a part too few', [1, 'acknowledge', 'a', '', LINK.expires]],
    ['with a part too many', [1, 'acknowledge', 'a', '', 'b', LINK.expires, 'c']],
    ['that is no list', { 0: 1 }],
    ['that is no JSON', undefined],
  ])('that we have signed, %s, is of an unknown form', (_what, parts) => {
    const signed = Buffer.from(parts === undefined ? '{' : JSON.stringify(parts)).toString('base64url')
    const signature = hmac(KEY, ['alert-router link 1 ', signed]).toString('base64url')
    expect(linkIn(`${signed}.${signature}`, [KEY])).toBe('unknown form')
  })

  test('is for seven days, its notification’s alert and firing, and one person', () => {
    const to = { action: 'acknowledge' as const, recipient: 'ann@example.com', secret: KEY }
    const made = (notification: Notification, base = 'https://abc.lambda-url.eu-west-1.on.aws/') => {
      const url = linkOf(firingIn(notification) ?? { alert: '', episode: '' }, { ...to, base }, NOW)
      expect(url).toMatch(/^https:\/\/abc\.lambda-url\.eu-west-1\.on\.aws\/link\/[\w-]+\.[\w-]{43}$/)
      const found = linkIn(url.split('/link/')[1] ?? '', [KEY])
      return typeof found === 'object' ? found.link : found
    }
    const [episode, expires] = [firing.alert.changedAt, '2026-12-04T10:00:00.000Z']
    expect(made({ ...firing, alertKey: 'a key' })).toEqual({ ...LINK, alert: 'a key', episode, expires })
    expect(made(firing, 'https://abc.lambda-url.eu-west-1.on.aws//')).toMatchObject({ alert: firing.alert.fingerprint })
    const firingSince = '2026-09-14T10:00:00.000Z'
    expect(made({ ...noData, firingSince })).toMatchObject({ episode: firingSince })
    for (const over of [resolved, { ...firing, alert: { ...firing.alert, once: true as const } }]) {
      expect(firingIn(over)).toBeUndefined()
    }
  })

  const request = (method: string, path: string) => ({ method, path, headers: {}, query: '', body: Buffer.alloc(0) })
  test('that is not whole, or asked for in another way, is refused before its key is read', () => {
    const path = `/link/${tokenOf(LINK, KEY)}`
    for (const method of ['GET', 'HEAD', 'POST']) expect(LINKS.before(request(method, path))).toBeUndefined()
    expect(LINKS.before(request('PUT', path))).toMatchObject({
      because: 'method',
      response: { statusCode: 405, headers: { allow: 'GET, HEAD, POST' } },
    })
    for (const other of [path.slice(0, -1), '/link/', '/link/a.b', `${path}/`, `${path}?`]) {
      expect(LINKS.before(request('GET', other))).toMatchObject({ because: 'link', response: { statusCode: 400 } })
    }
  })

  test('is shown, pressed, or refused', () => {
    const decided = (method: string, at = NOW) =>
      LINKS.decide(request(method, `/link/${tokenOf(LINK, KEY)}`), [KEY], at)
    const id = expect.any(String)
    expect(['GET', 'HEAD', 'POST'].map((method) => decided(method))).toEqual([
      { do: 'show', link: LINK, id },
      { do: 'show', link: LINK, id },
      { do: 'press', link: LINK, id },
    ])
    expect(decided('GET', new Date(Date.parse(LINK.expires) - 1))).toMatchObject({ do: 'show' })
    expect(decided('POST', new Date(LINK.expires))).toMatchObject({ because: 'expired', response: { statusCode: 410 } })
    const [, later] = [1, 2].map((form) => {
      const signed = Buffer.from(JSON.stringify([form, 'acknowledge', 'a', '', 'b', LINK.expires])).toString(
        'base64url',
      )
      return `${signed}.${hmac(KEY, ['alert-router link 1 ', signed]).toString('base64url')}`
    })
    expect(LINKS.decide(request('POST', `/link/${later}`), [KEY], NOW)).toMatchObject({
      because: 'link',
      response: { statusCode: 400 },
    })
    const forged = LINKS.decide(request('POST', `/link/${tokenOf(LINK, 'another')}`), [KEY], NOW)
    expect(forged).toMatchObject({ because: 'link', response: { statusCode: 403 } })
  })

  test('pressed, is the wish of the person that it was made for', () => {
    expect(wishOf(LINK, 'x', NOW)).toEqual({
      id: 'link x',
      about: { alert: 'orders', since: LINK.episode },
      does: { acknowledge: true },
      by: 'ann@example.com',
      via: 'email',
      at: '2026-11-27T10:00:00.000Z',
    })
    expect(wishOf({ ...LINK, recipient: ' ' }, 'x', NOW).by).toBe('somebody')
  })
})

test('a signature is any of the first ten, by any secret, over the same bytes', () => {
  const right = hmac('b', ['one', Buffer.from('two')]).toString('hex')
  const wrong = 'a'.repeat(64)
  expect(isSigned([right], ['a', 'b'], ['onetwo'])).toBe(true)
  expect(isSigned([...Array(9).fill(wrong), right], ['b'], ['onetwo'])).toBe(true)
  expect(isSigned([...Array(10).fill(wrong), right], ['b'], ['onetwo'])).toBe(false)
  for (const other of [wrong, '', right.slice(1), `${right}0`, `x${right.slice(1)}`, ` ${right}`]) {
    expect([other, isSigned([other], ['b'], ['onetwo'])]).toEqual([other, false])
  }
  expect(isSigned([right], [], ['onetwo'])).toBe(false)
  expect(isSigned([], ['b'], ['onetwo'])).toBe(false)
})

const WISH: Wish = {
  id: 'x',
  about: { alert: 'orders' },
  does: { acknowledge: true },
  by: 'ann',
  via: 'slack',
  at: '2026-11-27T10:00:00.000Z',
}
const UNTIL = '2026-11-27T12:00:00.000Z'

test.each<[Partial<Wish>, object]>([
  [{}, { acknowledge: 'a', by: 'ann', via: 'slack', at: WISH.at }],
  [
    { does: { acknowledge: true, until: UNTIL } },
    { acknowledge: 'a', by: 'ann', via: 'slack', at: WISH.at, until: UNTIL },
  ],
  [
    { does: { unacknowledge: true }, via: 'pagerduty' },
    { unacknowledge: 'a', by: 'ann', via: 'pagerduty', at: WISH.at },
  ],
  [
    { does: { note: 'b' }, via: 'email' },
    { note: 'a', text: 'b', by: 'ann', via: 'email', at: WISH.at },
  ],
  [{ does: { resolve: true } }, { resolve: 'a', by: 'ann, in Slack' }],
  [
    { does: { resolve: true }, via: 'pagerduty' },
    { resolve: 'a', by: 'ann, in PagerDuty' },
  ],
  [
    { does: { resolve: true }, via: 'email' },
    { resolve: 'a', by: 'ann, by email' },
  ],
])('the order for a wish with %j', (changes, order) => {
  expect(orderOf({ ...WISH, ...changes }, 'a')).toStrictEqual(order)
})

test('names, notes and times are bounded and printable', () => {
  expect(nameIn([undefined, 3, '', '  ', 'ann', 'bob'], 'x')).toBe('ann')
  expect(nameIn([null], 'x')).toBe('x')
  expect(nameIn(['a'.repeat(101)], 'x')).toHaveLength(100)
  expect(noteIn(`a\r\nb\u0000${'c'.repeat(2_000)}`)).toMatch(/^a\nbc{996}…$/)
  expect([1_764_237_600_000, '2026-11-27T10:00:00Z'].map(timeIn)).toEqual([
    '2025-11-27T10:00:00.000Z',
    '2026-11-27T10:00:00.000Z',
  ])
  expect(['never', Number.NaN, 9e15, null, {}].map(timeIn)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(timeOf(undefined)).toBe('an unknown time')
})

const LINE = { title: 'orders-cpu', status: 'firing', firingSince: '2026-11-27T09:00:00.000Z' }

describe('the firing that a person saw', () => {
  const about = (since?: string): Wish['about'] => ({ alert: 'a', ...(since !== undefined && { since }) })
  test.each<
    [
      what: string,
      does: Does,
      about: Wish['about'],
      line: typeof LINE | Omit<typeof LINE, 'firingSince'>,
      kind?: string,
    ]
  >([
    ['is the one that there is', { acknowledge: true }, about('2026-11-27T09:00:00.000Z'), LINE],
    ['has changed since it began', { acknowledge: true }, about('2026-11-27T09:30:00.000Z'), LINE],
    ['is not known', { acknowledge: true }, about(), LINE],
    ['is older', { acknowledge: true }, about('2026-11-27T08:59:59.999Z'), LINE, 'fires again'],
    ['is older, and to be resolved', { resolve: true }, about('2026-11-26T09:00:00.000Z'), LINE, 'fires again'],
    ['has ended', { acknowledge: true }, about('2026-11-27T09:00:00.000Z'), { ...LINE, status: 'resolved' }, 'ended'],
    ['has ended, and is to get a note', { note: 'x' }, about(), { ...LINE, status: 'resolved' }],
    [
      'has lost its data',
      { acknowledge: true },
      about('2026-11-27T09:00:00.000Z'),
      { title: 'a', status: 'insufficient-data' },
    ],
    ['is PagerDuty’s to know', { acknowledge: true }, { incident: 'P1' }, { ...LINE, status: 'resolved' }],
  ])('%s', (_what, does, of, line, kind) => {
    expect(passed({ does, about: of }, line)?.kind).toBe(kind)
  })
})

const AGAIN = '2026-11-27T10:00:30.000Z'
test.each<[Outcome, Does, string]>([
  [
    { kind: 'unknown' },
    { acknowledge: true },
    'No such alert is known: it may have been a long time ago, or the key is not whole.',
  ],
  [{ kind: 'ended', line: LINE }, { acknowledge: true }, '"orders-cpu" has ended: nothing was done.'],
  [
    { kind: 'fires again', line: LINE },
    { acknowledge: true },
    '"orders-cpu" has ended, and fires again since 2026-11-27 09:00 UTC: use the newer message. Nothing was done.',
  ],
  [
    { kind: 'ordered', line: LINE },
    { acknowledge: true },
    'Acknowledged: "orders-cpu". The alert’s messages will show it.',
  ],
  [
    { kind: 'ordered' },
    { acknowledge: true, until: UNTIL },
    'Acknowledged until 2026-11-27 12:00 UTC. The alert’s messages will show it.',
  ],
  [
    { kind: 'ordered', again: AGAIN },
    { resolve: true },
    'Resolved, at 2026-11-27 10:00 UTC already. The alert’s messages will show it.',
  ],
  [{ kind: 'ordered' }, { note: 'x' }, 'Noted. The alert’s messages will show it.'],
  [{ kind: 'ordered' }, { unacknowledge: true }, 'Not acknowledged any more. The alert’s messages will show it.'],
])('of %j, to %j, a person reads', (outcome, does, text) => {
  expect(saidOf(outcome, { does })).toBe(text)
})

describe('the page of a link', () => {
  /** The words of a page; its button in brackets. */
  const words = ({ body }: { body: string }) =>
    body
      .replace(/^[\s\S]*<body>/, '')
      .replace(/<button[^>]*>(.*?)<\/button>/g, '[$1]')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  const forAnn = 'This link was made for ann@example.com It is valid until 2026-12-01 00:00 UTC'
  const alert = 'Alert orders-cpu Now firing Firing since 2026-11-27 09:00 UTC'

  test.each<[what: string, page: () => ReturnType<typeof shown>, status: number, text: string]>([
    [
      'before it is pressed',
      () => shown(LINK, { line: LINE }),
      200,
      `Acknowledge this alert? ${alert} ${forAnn} [Acknowledge] Reminders and escalation stop until it fires again. It is recorded under the name above.`,
    ],
    [
      'of lost data',
      () => shown(LINK, { line: { title: 'a', status: 'insufficient-data' } }),
      200,
      `Acknowledge this alert? Alert a Now no data ${forAnn} [Acknowledge] Reminders and escalation stop until it fires again. It is recorded under the name above.`,
    ],
    [
      'once it is recorded',
      () => done(LINK, { kind: 'ordered', line: LINE }),
      200,
      `Acknowledged ${alert} ${forAnn} It is recorded; the alert’s messages show it within a minute.`,
    ],
    [
      'once it has been',
      () => shown(LINK, { outcome: { kind: 'ordered', line: LINE, again: AGAIN } }),
      200,
      `Acknowledged ${alert} ${forAnn} It was recorded at 2026-11-27 10:00 UTC already.`,
    ],
    [
      'of what has ended',
      () => done(LINK, { kind: 'ended', line: { title: 'orders-cpu', status: 'resolved' } }),
      200,
      `It has ended Alert orders-cpu Now resolved ${forAnn} Nothing was done: there is nothing to acknowledge any more.`,
    ],
    [
      'of what fires again',
      () => done(LINK, { kind: 'fires again', line: LINE }),
      200,
      `It has ended, and fires again ${alert} ${forAnn} Nothing was done: this link is of the firing before. Use that of the newer message.`,
    ],
    [
      'of what is unknown',
      () => done(LINK, { kind: 'unknown' }),
      404,
      `No such alert is known ${forAnn} It was a long time ago.`,
    ],
    [
      'while it can’t be recorded',
      () => failed(LINK),
      503,
      `Not recorded yet ${forAnn} The router could not record it. Press again in a moment. [Acknowledge]`,
    ],
  ])('%s', (_what, page, status, text) => {
    expect([page().statusCode, words(page())]).toEqual([status, text])
    expect(page().headers['content-type']).toBe('text/html; charset=utf-8')
  })

  test('shows names and titles as text', () => {
    const { body } = shown({ ...LINK, recipient: '<b>\n"ann"' }, { line: { ...LINE, title: '<i>&' } })
    expect(body).toContain('<dd>&lt;b&gt; &quot;ann&quot;</dd>')
    expect(body).toContain('<dd>&lt;i&gt;&amp;</dd>')
  })
})
