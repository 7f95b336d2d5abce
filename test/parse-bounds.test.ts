import { expect, test } from 'vitest'
import { LIMITS } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/** However much comes in, an alert stays so small that it fits into a message, and says what was left out. */

const read = (event: object) => {
  const [alert, ...others] = parse({ title: 'x', source: 's', ...event })
  expect(others).toEqual([])
  if (!alert) throw new Error('no alert')
  return alert
}
const published = (message: unknown, more: object = {}) =>
  parse({ Type: 'Notification', Message: JSON.stringify(message), ...more })[0]
const a = (length: number) => 'a'.repeat(length)

test.each([
  [500, a(500)],
  [501, `${a(477)}… (24 more characters)`],
  [10_000, `${a(475)}… (9525 more characters)`],
])('a title of %i characters', (length, title) => {
  expect(read({ title: a(length) }).title).toBe(title)
})

test.each([
  [475, '😀', `😀… (100 more characters)`],
  [476, '😀', '… (102 more characters)'],
  [476, '\u{10000}', '… (102 more characters)'],
  [476, '\u{10ffff}', '… (102 more characters)'],
  [476, '\ud7ff', '\ud7ff… (100 more characters)'],
  [476, '\ue000', '\ue000… (100 more characters)'],
])('a character of two units is not cut in two: behind %i others, %j', (before, character, end) => {
  expect(read({ title: `${a(before)}${character}${a(100)}` }).title).toBe(a(before) + end)
})

test.each([
  ['description', LIMITS.description],
  ['resource', LIMITS.fact],
] as const)('a %s is bounded', (field, limit) => {
  expect(read({ [field]: a(limit) })[field]).toBe(a(limit))
  expect(read({ [field]: a(limit + 1) })[field]).toMatch(/^a+… \(\d+ more characters\)$/)
  expect(read({ [field]: a(limit + 1) })[field]?.length).toBeLessThanOrEqual(limit)
})

test('so many facts are kept, the first', () => {
  const details = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, at]))
  expect(Object.keys(read({ details }).details)).toEqual(Object.keys(details).slice(0, 50))
})

test('facts have so much room together', () => {
  // Key and value are 999 characters: 16 of them fit into 16,000.
  const of = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${String(at).padStart(2, '0')}`, a(length)]))
  expect(Object.keys(read({ details: of(20, 996) }).details)).toHaveLength(16)
  expect(Object.keys(read({ details: of(20, 997) }).details)).toHaveLength(16)
  expect(Object.keys(read({ details: of(20, 998) }).details)).toHaveLength(15)
  expect(Object.keys(read({ tags: of(20, 997) }).tags)).toHaveLength(10)
})

test('facts with no name, or with nothing to say, are left out', () => {
  const tags = JSON.parse('{"\\u200b":"x","a":"\\u200b","__proto__":"x","b":"y"}')
  expect(read({ tags }).tags).toEqual({ b: 'y' })
  expect(read({ details: tags }).details).toEqual({ b: 'y' })
})

test('a composite’s alarms are bounded', () => {
  const of = (count: number, name: (at: number) => string) =>
    published({
      ...{ AlarmName: 'c', NewStateValue: 'ALARM' },
      TriggeringChildren: Array.from({ length: count }, (_, at) => ({ Name: name(at) })),
    })?.children
  expect(of(60, String)?.map(({ name }) => name)).toEqual(Array.from({ length: 50 }, (_, at) => String(at)))
  // Of 250 characters each, 40 fit into 10,000.
  expect(of(50, () => a(250))).toHaveLength(40)
  const Arn = `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${a(202)}`
  const TriggeringChildren = Array.from({ length: 50 }, () => ({ Arn }))
  const children = published({ AlarmName: 'c', NewStateValue: 'ALARM', TriggeringChildren })?.children
  expect(children).toHaveLength(22)
  expect(published({ AlarmName: 'c', NewStateValue: 'ALARM', TriggeringChildren: [{ Name: '\u200b' }] })).toMatchObject(
    {
      children: [{ name: 'unnamed' }],
    },
  )
})

test('a fingerprint is bounded in bytes, and ends with a hash where it was cut', () => {
  const of = (id: string) => read({ id }).fingerprint
  expect(of(a(1_892))).toBe(`event:s:${a(1_892)}`)
  expect(of(a(1_893))).toMatch(/^event:s:a{1859}#[0-9a-f]{32}$/)
  expect(of('é'.repeat(946))).toBe(`event:s:${'é'.repeat(946)}`)
  expect(of('é'.repeat(947))).toMatch(/^event:s:é{929}#[0-9a-f]{32}$/)
  expect(of(`${a(1_893)}b`)).not.toBe(of(`${a(1_893)}c`))
})

test('at most five notes', () => {
  const typos = { sorce: 3, statu: 4, descriptio: 5, messag: 6, resourc: 7, environmen: 8 }
  expect(read({ ...typos, source: undefined, severity: 'low' }).notes).toHaveLength(5)
})

test('JSON in JSON is opened to six levels, and lists show twenty', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'end' : { k: deep(levels - 1) })
  const details = (content: object) => published({ message: 'm', ...content })?.details
  expect(details({ a: deep(4) })).toEqual({ message: 'm', 'a.k.k.k.k': 'end' })
  expect(details({ a: deep(5) })).toEqual({ message: 'm', 'a.k.k.k.k.k': 'end' })
  expect(details({ a: deep(6) })).toEqual({ message: 'm', 'a.k.k.k.k.k': '(nested deeper)' })
  expect(details({ a: { a: { a: { a: { a: [[{ b: 1 }]] } } } } })).toEqual({
    ...{ message: 'm', 'a.a.a.a.a': '(nested deeper)' },
  })
  expect(details({ a: { a: { a: { a: { a: '{"b":1}' } } } } })).toEqual({ message: 'm', 'a.a.a.a.a.b': '1' })
  expect(details({ a: { a: { a: { a: { a: ['{"b":1}', {}] } } } } })).toEqual({
    ...{ message: 'm', 'a.a.a.a.a[0]': '{"b":1}', 'a.a.a.a.a[1]': '(nested deeper)' },
  })
  const list = (length: number) => Array.from({ length }, (_, at) => at)
  expect(details({ list: list(20) })).toEqual({ message: 'm', list: list(20).join(', ') })
  expect(details({ list: list(22) })).toEqual({ message: 'm', list: `${list(20).join(', ')}, … (2 more)` })
  expect(details({ [a(300)]: { b: 1 } })).toEqual({ message: 'm', [a(200)]: '1' })
})

test('of a message of many facts there are two hundred lines', () => {
  const lines = (content: object) => published(content)?.description?.split('\n')
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]))
  expect(lines(many(200))).toHaveLength(200)
  expect(lines(many(201))).toHaveLength(200)
  expect(lines({ ...many(199), list: [{ a: 1 }, { a: 2 }] })?.at(-1)).toBe('list[0].a: 1')
  const objects = Array.from({ length: 25 }, (_, a) => ({ a }))
  expect(lines({ ...many(179), list: objects })?.at(-1)).toBe('list: … (5 more)')
  expect(lines({ ...many(180), list: objects })?.at(-1)).toBe('list[19].a: 19')
})

test('of the alarms below another fifty are kept', () => {
  const TriggeringChildren = Array.from({ length: 60 }, (_, at) => ({ Name: `alarm ${at}` }))
  const alert = published({ AlarmName: 'all', NewStateValue: 'ALARM', TriggeringChildren })
  expect(alert?.children).toHaveLength(50)
})

test('of a log fifty lines are shown', () => {
  const logEvents = Array.from({ length: 60 }, (_, at) => ({ message: `line ${at}` }))
  const alert = published({ messageType: 'DATA_MESSAGE', logGroup: 'g', logEvents })
  expect(alert?.description?.split('\n')).toHaveLength(50)
})

test('envelopes are opened to eight levels', () => {
  const inside = (levels: number): string =>
    levels === 0 ? 'end' : JSON.stringify({ Type: 'Notification', Message: inside(levels - 1) })
  const quoted = (levels: number): string => (levels === 0 ? 'end' : JSON.stringify(quoted(levels - 1)))
  expect(parse(inside(8))[0]?.description).toBe('end')
  expect(parse(inside(9))[0]?.description).toBe('Type: Notification\nMessage: end')
  expect(parse(quoted(8))[0]?.title).toBe('end')
  expect(parse(quoted(9))[0]?.title).toBe('"end"')
  const listed = (levels: number): unknown => (levels === 0 ? { title: 'end', source: 's' } : [listed(levels - 1)])
  expect(parse(listed(1))[0]?.title).toBe('end')
})
