import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/** Lines of a log group, by a subscription of CloudWatch Logs: packed or not, in SNS or as a Lambda is given them. */
const DATA = {
  ...{
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/aws/ecs/shop',
    logStream: 'app/0a',
    subscriptionFilters: ['errors'],
  },
  logEvents: [
    { id: '1', timestamp: Date.UTC(2026, 8, 14, 11, 18), message: 'INFO started' },
    { id: '2', timestamp: Date.UTC(2026, 8, 14, 11, 19), message: '11:19 ERROR payment refused\n  at pay.js:1' },
  ],
}
const packed = (data: unknown) => gzipSync(JSON.stringify(data)).toString('base64')
const inSns = (Message: string) => ({
  ...{ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:logs', Message },
})
const read = (input: unknown): Alert[] => parse(input).map((alert) => alertSchema.parse(alert))

describe('log lines', () => {
  test.each([
    ['as a Lambda is given them', { awslogs: { data: packed(DATA) } }, undefined],
    ['packed, in SNS', inSns(packed(DATA)), 'eu-west-1'],
    ['as a Lambda is given them, in SNS', inSns(JSON.stringify({ awslogs: { data: packed(DATA) } })), 'eu-west-1'],
    ['unpacked, in SNS', inSns(JSON.stringify(DATA)), 'eu-west-1'],
  ])('%s', (_, input, region) => {
    expect(read(input)).toMatchObject([
      {
        ...{ kind: 'message', source: 'aws.logs', resource: '/aws/ecs/shop', account: '111122223333' },
        ...{ title: '11:19 ERROR payment refused', declaredSeverity: 'error', reason: '2 lines' },
        ...{ changedAt: '2026-09-14T11:18:00.000Z', description: expect.stringContaining('INFO started') },
        details: { logGroup: '/aws/ecs/shop', logStream: 'app/0a', filters: 'errors', lines: '2' },
      },
    ])
    if (region)
      expect(read(input)[0]?.links.logs).toContain(
        '/log-group/$252Faws$252Fecs$252Fshop/log-events/app$252F0a$3Fstart$3D',
      )
  })

  /** What a batch of lines is shown as: its title, and its severity. */
  const shown = (...messages: string[]) => {
    const logEvents = messages.map((message, index) => ({ id: String(index), message }))
    const [alert] = read(inSns(JSON.stringify({ ...DATA, logEvents })))
    return [alert?.title, alert?.declaredSeverity]
  }
  const PYTHON = 'Traceback (most recent call last):\n  File "app.py", line 3, in handler\n    log.info(order)'

  test.each<[string, string[], string, string | undefined]>([
    ['a class', ['INFO start', 'java.lang.NullPointerException: no order\n\tat A.b'], 'java.lang.Null…', 'error'],
    ['a class of Python’s', ['INFO ok', 'ValueError: bad id'], 'ValueError: bad id', 'error'],
    [
      'a timeout',
      ['START RequestId: 1', '2026-09-14 1 Task timed out after 3.00 seconds'],
      '2026-09-14 1 Task…',
      'error',
    ],
    ['the first of two', ['INFO a', 'ERROR first', 'ERROR second'], 'ERROR first', 'error'],
    ['the first, as bad as the worst', ['ERROR first', 'FATAL second'], 'ERROR first', 'fatal'],
    ['a panic', ['INFO ok', 'panic: index out of range'], 'panic: index out of range', 'error'],
    [
      'klog’s',
      ['I0914 11:18:00.1 1 a.go:1] ok', 'E0914 11:18:00.2 1 a.go:2] bad'],
      'E0914 11:18:00.2 1 a.go:2] bad',
      'error',
    ],
    ['winston’s', ['2026-09-14T11:18:00Z info: an error was ignored', 'error: db'], 'error: db', 'error'],
    ['nginx’s', ['2026/09/14 11:18:00 [crit] 7#7: open() failed'], '2026/09/14 11:18:00 [crit]…', 'critical'],
    ['logfmt', ['level=info msg="no error"', 'ts=1 level=error msg=no'], 'ts=1 level=error msg=no', 'error'],
    [
      'Lambda’s report',
      ['REPORT RequestId: 1 Duration: 9 ms', 'REPORT RequestId: 2 Status: timeout'],
      'REPORT RequestId: 2…',
      'error',
    ],
    [
      'Node’s code first',
      ['/app/a.js:9\n  throw new Error("x")\n  ^\n\nTypeError: x\n    at a.js:9'],
      'TypeError: x',
      'error',
    ],
    [
      'Lambda’s of Node',
      ['1\t2\tERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"x is no function","stack":[]}'],
      ...(['TypeError: x is no function', 'error'] as const),
    ],
    ['a warning before what names no level', ['listening', 'WARN slow', 'INFO ok'], 'WARN slow', 'warning'],
    ['what names no level before INFO', ['INFO ok', 'order 7 gone', 'DEBUG x'], 'order 7 gone', undefined],
    ['INFO where nothing else is', ['INFO ok', 'DEBUG x'], 'INFO ok', 'info'],
    ['no error', ['done with no errors', 'done without error, 0 error'], 'done with no errors', undefined],
    ['INFO of an exception', ['INFO ValueError was handled', 'DEBUG x'], 'INFO ValueError was handled', 'info'],
    ['a level in a sentence', ['Could not fetch INFO from it', 'INFO ok'], 'Could not fetch INFO from it', undefined],
    ['one in brackets in it', ['Order was [info] gone', 'INFO ok'], 'Order was [info] gone', undefined],
    ['a name that holds a level', ['X-TRACE-ID: 1 KeyError: 2'], 'X-TRACE-ID: 1 KeyError: 2', 'error'],
    ['nothing', ['', ' '], 'Lines of /aws/ecs/shop', undefined],
  ])('the title is the first error: %s', (_, messages, title, severity) => {
    const [found, declared] = shown(...messages)
    if (title.endsWith('…')) expect(found).toContain(title.slice(0, -1))
    else expect(found).toBe(title)
    expect(declared).toBe(severity)
  })

  test.each([
    'ERROR gone',
    '2026-09-14 11:18:00,123 ERROR gone',
    '2026-09-14 11:18:00 UTC ERROR gone',
    '2026-09-14 11:18:00 UTC:10.0.0.1(5):app@db:[7]:ERROR: gone',
    '2026-09-14T11:18:00.123Z\t6bc28136-b48f-4c0b-9f0c-2d1f8e0a3c11\tERROR\tgone',
    '11:18:00.123 [main] ERROR com.shop.Orders - gone',
    '[nio-8080 exec 1] 2026-09-14 ERROR gone',
    '2026-09-14 11:18:00,123 - orders - ERROR - gone',
    '2026-09-14 11:18:00 | ERROR | orders | gone',
    'Sep 14 11:18:00 ip-10-0-0-1 orders[7]: ERROR gone',
    'orders: ERROR gone',
    '[Mon Sep 14 11:18:00.1 2026] [error] gone',
    '2026/09/14 11:18:00 [error] 7#7: gone',
  ])('a level is found after a time, ids or names: %s', (line) => {
    const marked = (level: string) => line.replace('ERROR', level).replace('[error]', `[${level.toLowerCase()}]`)
    expect(shown('ready', marked('ERROR'))).toEqual([marked('ERROR').replaceAll('\t', ' '), 'error'])
    expect(shown(marked('INFO'), 'DEBUG x')[1]).toBe('info')
  })

  test('an error among lines without problems is the title', () => {
    const mild = fc.constantFrom(
      'INFO no error',
      'START RequestId: 1',
      '{"level":30,"msg":"ok"}',
      'ready',
      '',
      'WARN slow',
    )
    const bad = fc.constantFrom('ERROR a', 'ValueError: a', 'Task timed out after 3.00 seconds', '[crit] a', 'panic: a')
    fc.assert(
      fc.property(fc.array(mild), bad, fc.array(fc.oneof(mild, bad)), (before, error, after) => {
        expect(shown(...before, error, ...after)[0]).toBe(error)
      }),
    )
  })

  test.each<[string, string[], string]>([
    ['a trace of Python’s', [`${PYTHON}\nKeyError: 'id'`], "KeyError: 'id'"],
    ['line by line', ['INFO ok', ...PYTHON.split('\n'), "KeyError: 'id'", 'INFO next'], "KeyError: 'id'"],
    ['one of no class name', [`${PYTHON}\nshop.OutOfStock: 7\nsecond line`], 'shop.OutOfStock: 7'],
    [
      'of two that led to one another, the last',
      [
        `${PYTHON}\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n${PYTHON}\nIOError: 2`,
      ],
      'IOError: 2',
    ],
    ['with what was logged', [`ERROR:root:not stored\n${PYTHON}\nKeyError: 1`], 'ERROR:root:not stored: KeyError: 1'],
    [
      'as Lambda logs it',
      ["[ERROR] KeyError: 'id'\nTraceback (most recent call last):\n  File x"],
      "[ERROR] KeyError: 'id'",
    ],
    ['that is cut off', [PYTHON], 'Traceback (most recent call last):'],
  ])('the title of a traceback is its last line: %s', (_, messages, title) => {
    expect(shown(...messages)).toEqual([title, 'error'])
  })

  const logged = { token: 'x', time: 1, msg: 'order 7 not stored' }
  const said = logged.msg
  test.each<[string, object, string, string | undefined]>([
    ['by winston', { ...logged, level: 'error' }, said, 'error'],
    ['by pino, an error', { ...logged, level: 50 }, said, 'error'],
    ['by bunyan, fatal', { ...logged, level: 60, v: 0 }, said, 'fatal'],
    ['by pino, a warning', { ...logged, level: 40 }, said, 'warning'],
    ['by pino, of no harm', { ...logged, level: 30, error: null }, said, 'info'],
    ['by Python', { levelname: 'CRITICAL', message: said }, said, 'critical'],
    ['by monolog', { level: 400, level_name: 'ERROR', message: said }, said, 'error'],
    ['by Go', { lvl: 'eror', msg: said }, said, 'error'],
    ['by .NET', { LogLevel: 'Error', Message: said }, said, 'error'],
    ['by java.util.logging', { level: 'SEVERE', message: said }, said, 'error'],
    ['by Elastic', { 'log.level': 'WARN', message: said }, said, 'warning'],
    ['by Elastic, nested', { log: { level: 'ERROR' }, message: said }, said, 'error'],
    ['by Google Cloud, a text', { severity: 'CRITICAL', textPayload: said }, said, 'critical'],
    ['by Google Cloud, an object', { severity: 'ERROR', jsonPayload: { message: said } }, said, 'error'],
    ['by Google Cloud, its level inside', { jsonPayload: { level: 'error', msg: said } }, said, 'error'],
    ['by a collector', { log: `ERROR ${said}\n`, stream: 'stderr' }, `ERROR ${said}`, 'error'],
    ['in JSON again', { log: JSON.stringify({ ...logged, level: 50 }) }, said, 'error'],
    ['with what was thrown', { err: { type: 'TypeError', message: 'no' }, level: 50 }, 'TypeError: no', 'error'],
    ['as Lambda’s answer', { errorType: 'KeyError', errorMessage: "'id'", stackTrace: [] }, "KeyError: 'id'", 'error'],
    ['with a trace', { level: 'ERROR', message: `${PYTHON}\nKeyError: 1` }, 'KeyError: 1', 'error'],
    ['by Lambda', { type: 'platform.report', record: { status: 'timeout' } }, 'platform.report: timeout', 'error'],
    ['by nobody known', { orders: 7, token: 'x', state: 'error' }, 'orders: 7, token: (hidden), state: error', 'error'],
    ['with an odd level', { level: 'constructor', msg: said }, said, undefined],
  ])('in JSON give the logged message, %s', (_, line, title, severity) => {
    expect(shown('{"level":"info","msg":"started"}', JSON.stringify(line))).toEqual(
      severity === 'info' ? ['started', 'info'] : [title, severity],
    )
  })

  test('delivered twice are one alert', () => {
    const [one] = read({ awslogs: { data: packed(DATA) } })
    const [again] = read({ awslogs: { data: packed(DATA) } })
    const [other] = read({ awslogs: { data: packed({ ...DATA, logEvents: [{ message: 'x' }] }) } })
    const [further] = read({ awslogs: { data: packed({ ...DATA, logEvents: [{ message: 'y' }] }) } })
    expect(again?.fingerprint).toBe(one?.fingerprint)
    expect(new Set([one, other, further].map((alert) => alert?.fingerprint)).size).toBe(3)
  })

  test('that ask whether the subscription works notify nobody', () => {
    const logEvents = [
      { id: '', timestamp: 1, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' },
    ]
    const ofNoGroup = { owner: 'CloudwatchLogs', logGroup: '', logStream: '', subscriptionFilters: [], logEvents }
    for (const more of [{}, ofNoGroup]) {
      expect(read({ awslogs: { data: packed({ ...DATA, ...more, messageType: 'CONTROL_MESSAGE' }) } })).toEqual([])
    }
  })

  test.each([
    ['no gzip', 'H4sIAAAAAAAA', /cannot be unpacked/, undefined],
    ['gzip of no JSON', gzipSync('text').toString('base64'), /cannot be unpacked/, undefined],
    ['gzip of something else', packed({ a: 1 }), /unpacks to JSON/, 'a: 1'],
    ['gzip of more than any log sends', packed({ logGroup: 'x'.repeat(9_000_000) }), /larger than 8 MB/, undefined],
  ])('that are %s are reported as unreadable, without the packed text', (_, data, reason, description) => {
    for (const input of [inSns(data), { awslogs: { data } }, inSns(JSON.stringify({ awslogs: { data } }))]) {
      const [alert] = read(input)
      expect(alert).toMatchObject({ kind: 'message', title: "Log lines that can't be read", source: 'aws.logs' })
      expect(alert?.reason).toMatch(reason)
      expect(alert?.description).toBe(description)
      expect(JSON.stringify(alert)).not.toContain('H4sI')
    }
  })

  test('of which only a fragment is left are reported as unreadable', () => {
    expect(read({ awslogs: { data: 'H4sIbroken' } })).toMatchObject([{ title: "Log lines that can't be read" }])
    expect(read({ awslogs: { data: 'broken' } })).toMatchObject([{ title: "Log lines that can't be read" }])
  })

  const arn = (region: string, account = '111122223333') => `arn:aws:sqs:${region}:${account}:orders`
  test.each<[string, string[], string | undefined]>([
    ['all ARNs of their account name', [`ERROR ${arn('eu-west-1')}`, `${arn('eu-west-1')} x`], 'eu-west-1'],
    ['ARNs of another account name not', [`ERROR ${arn('eu-west-1', '999988887777')}`], undefined],
    ['several name', [`ERROR ${arn('eu-west-1')} ${arn('us-east-1')}`], undefined],
    ['nothing names', ['ERROR arn:aws:s3:::orders'], undefined],
  ])('without an envelope have the region, and its link, that %s', (_, messages, region) => {
    const logEvents = messages.map((message) => ({ message }))
    const [alert] = read({ ...DATA, logEvents })
    expect(alert?.region).toBe(region)
    expect(alert?.links.logs?.slice(0, 50)).toBe(
      region && `https://${region}.console.aws.amazon.com/cloudwatch/home`.slice(0, 50),
    )
  })

  test('from a Kinesis stream have its region; other records of a stream are left unchanged', () => {
    const eventSourceARN = 'arn:aws:kinesis:eu-west-1:111122223333:stream/logs'
    const record = (data: string) => ({ Records: [{ eventSource: 'aws:kinesis', eventSourceARN, kinesis: { data } }] })
    expect(read(record(packed(DATA)))).toMatchObject([{ title: '11:19 ERROR payment refused', region: 'eu-west-1' }])
    expect(read(record(packed({ a: 1 })))).toMatchObject([{ source: 'aws.kinesis' }])
  })
})
