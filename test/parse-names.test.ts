import { expect, test } from 'vitest'
import { arnAccount, arnText, parseArn, resourceName } from '../shared/parse/arn.ts'
import { consolePage, encode, logGroupPage, logStreamPage, runbookIn, webLink } from '../shared/parse/links.ts'
import { logQueryIn } from '../shared/parse/log-query.ts'
import { withCause, withoutArns } from '../shared/parse/summary.ts'

/** What things are called, and where they are shown: ARNs, links, log groups. */

const ARN = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a'

test.each([
  [ARN, ARN],
  [' arn:aws:ec2:eu-west-1: 111122223333 : a: b:c\n', 'arn:aws:ec2:eu-west-1:111122223333: a: b:c'],
  ['my arn:aws:x', undefined],
  ['xarn:aws:x', undefined],
  [undefined, undefined],
])('%j as an ARN is %s', (text, expected) => {
  expect(arnText(text)).toBe(expected)
})

test.each([
  [' arn: aws : ec2 : eu-west-1 : 111122223333 :a:b ', ['aws', 'ec2', 'eu-west-1', '111122223333', 'a:b']],
  ['arn:aws:s3:::logs', ['aws', 's3', '', '', 'logs']],
  ['arn:aws:s3:', undefined],
  ['arn:aws:s3::', undefined],
  ['arn:aws', undefined],
  ['arn:', undefined],
  ['xarn:aws:s3:::logs', undefined],
  ['x arn:aws:s3:::logs', undefined],
  [undefined, undefined],
])('%j has the parts %j', (text, parts) => {
  const { partition, service, region, account, resource } = parseArn(text) ?? {}
  expect([partition, service, region, account, resource]).toEqual(parts ?? Array(5).fill(undefined))
})

test.each([
  [ARN, '111122223333'],
  ['arn:aws:s3:::logs', undefined],
  ['arn:aws:ec2:eu-west-1:1111222233334:x', undefined],
  ['arn:aws:ec2:eu-west-1:x111122223333:x', undefined],
  ['arn:aws:ec2:eu-west-1:aws:x', undefined],
  ['text', undefined],
])('%s is of the account %s', (text, account) => {
  expect(arnAccount(text)).toBe(account)
})

test.each([
  [ARN, 'i-0a (instance)'],
  ['arn:aws:s3:::logs', 'logs'],
  ['arn:aws:s3:::logs/', 'logs/'],
  ['arn:aws:x:::/a/b', '/a/b'],
  ['arn:aws:x:::a b:c', 'a b:c'],
  ['arn:aws:x:::type:name/of:many', 'name/of:many (type)'],
  ['arn:aws:x:::type/two\nlines', 'two\nlines (type)'],
  ['orders/api', 'orders/api'],
])('%j is called %j', (text, name) => {
  expect(resourceName(text)).toBe(name)
})

test.each([
  [`at ${ARN}, and (${ARN}).`, 'at i-0a, and (i-0a).'],
  ['arn:aws:iam::1:role/a (b)', 'a (b)'],
  ['barn:aws:s3:::x arn:a b', 'barn:aws:s3:::x arn:a b'],
  ['arn:aws:s3:::x', 'x'],
])('%j is shown without ARNs: %j', (text, expected) => {
  expect(withoutArns(text)).toBe(expected)
})

test('a headline has the first line of its cause, and so much of it', () => {
  expect(withCause('Job failed', '\n no room \nmore')).toBe('Job failed: no room ')
  expect(withCause('Job failed', '')).toBe('Job failed')
  expect(withCause('Job failed', undefined)).toBe('Job failed')
  expect(withCause('Job failed', 'x'.repeat(200))).toMatch(/^Job failed: x{137}… \(63 more characters\)$/)
})

const url = (length: number) => `https://example.com/${'a'.repeat(length - 20)}`

test.each([
  [' https://example.com/a ', 'https://example.com/a'],
  ['http://example.com', 'http://example.com'],
  ['HTTPS://example.com', 'HTTPS://example.com'],
  ['see https://example.com', undefined],
  ['https://example.com and', undefined],
  ['https://example.com/\u0007', undefined],
  ['https://u:p@example.com', undefined],
  ['https://u@example.com', 'https://u@example.com'],
  ['https://[x', undefined],
  ['ftp://example.com', undefined],
  ['javascript:alert(1)//https://example.com', undefined],
  [undefined, undefined],
  [url(2_000), url(2_000)],
  [url(2_001), undefined],
])('%j as a link is %j', (text, expected) => {
  expect(webLink(text)).toBe(expected)
})

test.each([
  ["a b/(c)!*'d", 'a%20b%2F%28c%29%21%2A%27d'],
  ['\ud800', '%EF%BF%BD'],
])('%j in a link is %s', (text, expected) => {
  expect(encode(text)).toBe(expected)
})

test('pages of the console', () => {
  expect(consolePage(undefined, '/x')).toBeUndefined()
  expect(consolePage('us-iso-east-1', '/x')).toBeUndefined()
  expect(consolePage('eu-west-1', '/x')).toBe('https://eu-west-1.console.aws.amazon.com/x')
  const group =
    'https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#logsV2:log-groups/log-group/$252Fa$252Fb'
  expect(logGroupPage('cn-north-1', '/a/b')).toBe(group)
  expect(logStreamPage('cn-north-1', '/a/b', '[1]')).toBe(`${group}/log-events/$255B1$255D`)
  expect(logStreamPage('cn-north-1', '/a/b', '[1]', 5)).toBe(`${group}/log-events/$255B1$255D$3Fstart$3D5`)
})

test.each([
  ['see https://example.com/a.', 'https://example.com/a'],
  ['(https://example.com/a?!)._', 'https://example.com/a'],
  ['https://example.com/a_(b)', 'https://example.com/a_(b)'],
  ['https://example.com/a))..', 'https://example.com/a'],
  ['https://u:p@example.com/a https://example.com/b', 'https://example.com/b'],
  ['Playbook - https://example.com/b https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a run book: https://example.com/b', 'https://example.com/b'],
  ['run-books\nhttps://example.com/a https://docs.example.com/b', 'https://docs.example.com/b'],
  [`runbook ${' '.repeat(61)}https://example.com/a https://example.com/wiki`, 'https://example.com/wiki'],
  ['<https://example.com/a|x> <https://example.com/b|our runbook>', 'https://example.com/b'],
  ['https://example.com/a https://example.com/b |runbook>', 'https://example.com/a'],
  [`${'https://example.com/a '.repeat(49)}runbook https://example.com/b`, 'https://example.com/b'],
  [`${'https://example.com/a '.repeat(50)}runbook https://example.com/b`, 'https://example.com/a'],
  [`${url(2_001)} https://example.com/a`, 'https://example.com/a'],
  [`${url(2_000)} https://example.com/a`, url(2_000)],
  ['no link', undefined],
  [undefined, undefined],
])('the runbook in %j', (description, runbook) => {
  expect(runbookIn(description)).toBe(runbook)
})

const GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:'

test.each<[unknown, ReturnType<typeof logQueryIn>]>([
  [
    { QueryString: 'a', x: { queryString: 'b' } },
    { query: 'a', groups: [] },
  ],
  [{ a: { b: { c: { queryString: 'd' } } } }, { query: 'd', groups: [] }],
  [{ a: { b: { c: { d: { queryString: 'e' } } } } }, undefined],
  [{ myQueryString: 'a', queryStrings: 'b', logGroupsOf: 'c', myLogGroup: 'd' }, undefined],
  [{ logGroup: 'a' }, { groups: ['a'] }],
  [{ logGroups: ['a', ' ', 7] }, { groups: ['a', '7'] }],
  [{ logGroupNames: [`${GROUP}a:*`] }, { groups: ['a'] }],
  [{ LogGroupIdentifiers: [`${GROUP}a:*:b`] }, { groups: ['a:*:b'] }],
  [{ logGroupArn: 'arn:aws:logs:eu-west-1:111122223333:x:log-group:a' }, { groups: ['x:log-group:a'] }],
  [{ logGroupName: null }, undefined],
  [{ logGroupNames: Array(60).fill('a') }, { groups: Array(50).fill('a') }],
  [{ a: 'text', b: null, c: [{ queryString: 'd' }] }, undefined],
  ['text', undefined],
])('%j has the query %j', (source, query) => {
  expect(logQueryIn([source])).toEqual(query)
})
