import { expect, test } from 'vitest'
import { worstOf } from '../shared/parse/log-line.ts'

/** What a log line says that is JSON, and how bad it is. */

test.each<[string, object, string, string | undefined]>([
  ['a message and a level', { level: 'warn', msg: 'slow', x: 1 }, 'slow', 'warning'],
  ['keys in capitals', { Level: ' Error ', Message: 'gone' }, 'gone', 'error'],
  ['Google’s', { severity: 'CRITICAL', textPayload: 'gone' }, 'gone', 'critical'],
  ['Google’s, with JSON', { severity: 'INFO', jsonPayload: { message: 'gone', level: 'error' } }, 'gone', 'info'],
  ['Graylog’s', { level_name: 'ERROR', short_message: 'gone' }, 'gone', 'error'],
  ['Python’s', { levelname: 'WARNING', event: 'slow' }, 'slow', 'warning'],
  ['OpenTelemetry’s', { severity_text: 'FATAL', log: 'over' }, 'over', 'fatal'],
  ['another of OpenTelemetry’s', { SeverityText: 'Debug', msg: ' ', message: 'x' }, 'x', 'debug'],
  ['ECS’s, in a name', { 'log.level': 'error', message: 'gone' }, 'gone', 'error'],
  ['ECS’s, in an object', { log: { level: 'error' }, message: 'gone' }, 'gone', 'error'],
  ['lvl', { lvl: 'ftl', msg: 'x' }, 'x', 'fatal'],
  ['loglevel', { loglevel: 'err', msg: 'x' }, 'x', 'error'],
  ['log_level', { log_level: 'wrn', msg: 'x' }, 'x', 'warning'],
  ['a level that is none, and one that is', { level: 'odd', severity: 'error', msg: 'x' }, 'x', 'error'],
  ['a level within its message', { message: 'ERROR gone', time: 1 }, 'ERROR gone', 'error'],
  ['JSON within its message', { message: '{"level":"error","msg":"gone"}' }, 'gone', 'error'],
  ['JSON too deep', { msg: '{"msg":"{\\"msg\\":\\"{}\\"}"}' }, '{}', undefined],
  ['no message', { a: 'x', b: { c: 1 } }, 'a: x, b.c: 1', undefined],
  ['no message, with a bad word', { a: 'an error', b: 2 }, 'a: an error, b: 2', 'error'],
  ['an error', { error: 'gone\nat x', level: 'info' }, 'gone', 'info'],
  ['an error that is an object', { err: { type: 'TypeError', message: 'x' } }, 'TypeError: x', 'error'],
  ['an exception', { exception: { name: 'IOError' }, a: 1 }, 'IOError', 'error'],
  ['an error of Lambda', { errorType: 'E', errorMessage: 'm', stackTrace: [] }, 'E: m', 'error'],
  ['an error beside a message', { msg: 'not stored', error: 'gone' }, 'not stored', 'error'],
  ['an error of nothing', { error: {}, msg: 'x' }, 'x', undefined],
  ['Lambda’s own', { type: 'platform.report', record: { status: 'success' } }, 'platform.report: success', 'info'],
  [
    'Lambda’s own, bad',
    { type: 'platform.report', record: { status: 'timeout' } },
    'platform.report: timeout',
    'error',
  ],
  ['Lambda’s own, without a status', { type: 'platform.start', record: 'error' }, 'platform.start', 'info'],
  ['another’s type', { type: 'my.platform.start', msg: 'x' }, 'x', undefined],
])('JSON: %s', (_, json, said, level) => {
  expect(worstOf([JSON.stringify(json)])).toEqual({ said, level })
})

test.each<[unknown, string | undefined]>([
  [9, undefined],
  [10, 'debug'],
  [20, 'debug'],
  [29, 'debug'],
  [30, 'info'],
  [39, 'info'],
  [40, 'warning'],
  [49, 'warning'],
  [50, 'error'],
  [59, 'error'],
  [60, 'fatal'],
  [99, 'fatal'],
  [100, undefined],
  ['50', 'error'],
])('a level of bunyan and pino, %j, is %s', (level, expected) => {
  expect(worstOf([JSON.stringify({ level, msg: 'x' })])).toEqual({ said: 'x', level: expected })
})
