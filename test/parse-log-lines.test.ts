import { expect, test } from 'vitest'
import { worstOf } from '../shared/parse/log-line.ts'

/** What a batch of log lines says, and how bad it is: the line that speaks for it, and its level. */

const TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    run()'

test.each<[string, string[], string | undefined, string | undefined]>([
  ['nothing', [], undefined, undefined],
  ['an empty line', [''], undefined, undefined],
  ['the first of lines that name no level', ['ready', 'steady'], 'ready', undefined],
  ['a line that names no level, before one that is well', ['INFO ready', 'steady', 'go'], 'steady', undefined],
  ['a warning, before what names no level', ['ready', 'WARN slow', 'WARNING slower'], 'WARN slow', 'warning'],
  ['an error, before a warning', ['WARN slow', 'ERROR gone', 'CRITICAL all gone'], 'ERROR gone', 'critical'],
  ['the worst of errors', ['ERROR gone', 'FATAL over', 'CRIT x'], 'ERROR gone', 'fatal'],
  ['the worst of what is well', ['DEBUG a', 'INFO b'], 'DEBUG a', 'info'],
  ['what is all of one level', ['DEBUG a', 'TRACE b'], 'DEBUG a', 'debug'],
])('of several lines: %s', (_, lines, said, level) => {
  expect(worstOf(lines)).toEqual({ said, level })
})

test.each<[string, string | undefined]>([
  // A word in capitals.
  ...[
    ['FATAL x', 'fatal'],
    ['FTL x', 'fatal'],
    ['EMERG x', 'critical'],
    ['EMERGENCY x', 'critical'],
  ],
  ...[
    ['PANIC x', 'critical'],
    ['CRIT x', 'critical'],
    ['CRITICAL x', 'critical'],
    ['SEVERE x', 'error'],
  ],
  ...[
    ['ERROR x', 'error'],
    ['ERR x', 'error'],
    ['WARN x', 'warning'],
    ['WARNING x', 'warning'],
    ['WRN x', 'warning'],
  ],
  ...[
    ['NOTICE x', 'info'],
    ['INFO x', 'info'],
    ['INF x', 'info'],
    ['DEBUG x', 'debug'],
    ['DBG x', 'debug'],
  ],
  ...[
    ['TRACE x', 'debug'],
    ['12:00 [main] ERROR x', 'error'],
    ['ERROR: x', 'error'],
    ['(ERROR) x', 'error'],
  ],
  ...[
    ['ERROR_COUNT=0', undefined],
    ['X-INFO x', undefined],
    ['a.INFO x', undefined],
    ['a/INFO x', undefined],
  ],
  ...[
    ['a=INFO x', undefined],
    ['INFO.x', undefined],
    ['INFO/x', undefined],
    ['INFO=x', undefined],
    ['INFO-x', undefined],
  ],
  ...[
    ['XINFO x', undefined],
    ['INFOX x', undefined],
    ['INFORMATION x', undefined],
  ],
  // At the start, as winston and .NET write it.
  ...[
    ['error: x', 'error'],
    ['fail: x', 'error'],
    ['crit: x', 'critical'],
    ['critical: x', 'critical'],
    ['fatal: x', 'fatal'],
  ],
  ...[
    ['warn: x', 'warning'],
    ['warning: x', 'warning'],
    ['notice: x', 'info'],
    ['info: x', 'info'],
    ['dbug: x', 'debug'],
  ],
  ...[
    ['trace: x', 'debug'],
    ['verbose: x', 'debug'],
    ['debug: x', 'debug'],
    ['PHP Fatal error: x', 'fatal'],
  ],
  ...[
    ['PHP Warning: x', 'warning'],
    ['2026-09-14T11:18:52.123Z info: x', 'info'],
    ['info x', undefined],
  ],
  ...[
    ['failed: x', undefined],
    ['orders info: x', undefined],
    ['PHP is info: x', undefined],
  ],
  // In brackets.
  ...[
    ['[emerg] x', 'critical'],
    ['[alert] x', 'critical'],
    ['(crit) x', 'critical'],
    ['<critical> x', 'critical'],
  ],
  ...[
    ['[err] x', 'error'],
    ['|error| x', 'error'],
    ['[warn] x', 'warning'],
    ['[warning] x', 'warning'],
  ],
  ...[
    ['[notice] x', 'info'],
    ['[info] x', 'info'],
    ['[debug] x', 'debug'],
    ['[trace] x', 'debug'],
    ['[infos] x', undefined],
  ],
  ...[
    ['[fatal] x', 'fatal'],
    ['{info} x', undefined],
    ['Order was [info] gone', undefined],
  ],
  // By a key.
  ...[
    ['level=info x', 'info'],
    ['lvl=warn x', 'warning'],
    ['severity: error', 'error'],
    ['log_level=debug x', 'debug'],
  ],
  ...[
    ['loglevel=crit x', 'critical'],
    ['"level": "fatal"', 'fatal'],
    ["'level':'err'", 'error'],
    ['level=odd ERROR', 'error'],
  ],
  ...[
    ['level=eror', 'error'],
    ['level=dpanic', 'critical'],
    ['level=inf', 'info'],
    ['level=emergency', 'critical'],
  ],
  ...[
    ['level=INFORMATION', 'info'],
    ['level=panic', 'critical'],
    ['mylevel=info', undefined],
    ['level info', undefined],
  ],
  // As Kubernetes writes it.
  ...[
    ['F0914 11:18:00.1 x', 'fatal'],
    ['E0914 11:18:00.1 x', 'error'],
    ['W0914 11:18:00.1 x', 'warning'],
  ],
  ...[
    ['I0914 11:18:00.1 error x', 'info'],
    ['X0914 11:18:00.1 x', undefined],
    ['at I0914 11:18:00.1 x', undefined],
  ],
  ...[
    ['I09 11:18', undefined],
    ['I0914 1:18', undefined],
  ],
  // Lambda’s own.
  ...[
    ['START RequestId: 1 error', 'info'],
    ['END RequestId: 1', 'info'],
    ['REPORT RequestId: 1', 'info'],
  ],
  ...[
    ['REPORT RequestId: 1 Status: timeout', 'error'],
    ['REPORT RequestId: 1 Status:error Error', 'error'],
  ],
  ...[
    ['REPORT Status: success', 'info'],
    ['INIT_START x', 'info'],
    ['INIT_REPORT x', 'info'],
    ['XRAY x', 'info'],
  ],
  ...[
    ['EXTENSION x', 'info'],
    ['TELEMETRY x', 'info'],
    ['RESTORE_START x', 'info'],
    ['STARTED error', 'error'],
  ],
  // By its words.
  ...[
    ['a NullPointerException', 'error'],
    ['a TypeError: x', 'error'],
    ['exception in it', 'error'],
    ['EXCEPTION', 'error'],
  ],
  ...[
    ['panic: x', 'error'],
    ['thread panicked at x', 'error'],
    ['Task timed out after 3 s', 'error'],
    ['Unhandled x', 'error'],
  ],
  ...[
    ['uncaught x', 'error'],
    ['Segmentation fault', 'error'],
    ['Process exited before x', 'error'],
    ['a fatal x', 'error'],
  ],
  ...[
    ['a critical x', 'error'],
    ['an error x', 'error'],
    ['no error', undefined],
    ['0 error', undefined],
  ],
  ...[
    ['zero error', undefined],
    ['without error', undefined],
    ['no fatal error', 'error'],
    ['errors', undefined],
  ],
  ...[
    ['a warning x', 'warning'],
    ['we warn', 'warning'],
    ['warned', undefined],
    ['MyErrors', undefined],
    ['Error', 'error'],
  ],
  ...[
    ['Exceptional', undefined],
    ['unexceptional', undefined],
    ['ErrorHandler ready', undefined],
    ['x1Error', 'error'],
  ],
] as [string, string | undefined][])('%j: %s', (line, level) => {
  expect(worstOf([line])).toEqual({ said: line, level })
})

test.each([
  ...['12:00:01 ERROR x', '[a b c] ERROR x', '(a b c) ERROR x', 'orders - ERROR x', 'name – ERROR x', 'UTC ERROR x'],
  ...[
    'Mon Sep 14 11:18:52 ERROR x',
    'Mon, ERROR x',
    'main: ERROR x',
    'app[7] ERROR x',
    'ip-10-0-0-1 ERROR x',
    'a1 ERROR x',
  ],
  ...[`${'1 '.repeat(100)}ERROR x`],
])('a level stands behind a time, ids and names: %j', (line) => {
  expect(worstOf([line.replace('ERROR', 'INFO')])).toEqual({ said: line.replace('ERROR', 'INFO'), level: 'info' })
  expect(worstOf([line])).toEqual({ said: line, level: 'error' })
})

test.each([
  ...[
    'we saw INFO x',
    'Not, INFO x',
    "it's INFO x",
    'Mon day INFO x',
    'so! INFO x',
    'a INFO x',
    'order gone - then INFO x',
  ],
  ...[`${'1 '.repeat(101)}INFO x`],
])('in a sentence it is a word: %j', (line) => {
  expect(worstOf([line])).toEqual({ said: line, level: undefined })
})

test.each<[string, string, string | undefined, string | undefined]>([
  ['the first level counts', 'WARN about ERROR', 'WARN about ERROR', 'warning'],
  ['that of a name in brackets before', '[ERROR] INFO x', '[ERROR] INFO x', 'error'],
  ['that before a name in brackets', 'WARN [info] x', 'WARN [info] x', 'warning'],
  ['a later line with a bad word', 'ready\nERROR x', 'ERROR x', 'error'],
  ['a later line that looks bad', 'ready\n  at TypeError: y\nTypeError: x\nError: z', 'TypeError: x', 'error'],
  ['the first line, where that looks bad', 'an error\nTypeError: x', 'an error', 'error'],
  ['the first line, where that has a level', 'INFO ready\nTypeError: x', 'INFO ready', 'info'],
  ['a line after empty ones', '\n\r\n  ready\nx', 'ready', undefined],
  ['a trace', `${TRACE}\nKeyError: 'id'\nmore`, "KeyError: 'id'", 'error'],
  ['a trace with what was logged', `not stored\n${TRACE}\nKeyError: 1`, 'not stored: KeyError: 1', 'error'],
  ['a trace with what was logged, which says it', `KeyError: 1\n${TRACE}\nKeyError: 1`, 'KeyError: 1', 'error'],
  ['a trace with a level', `WARN not stored\n${TRACE}\nKeyError: 1`, 'WARN not stored: KeyError: 1', 'warning'],
  [
    'a trace with two lines that were logged',
    `not stored\nagain\n${TRACE}\nKeyError: 1`,
    'not stored: KeyError: 1',
    'error',
  ],
  ['a trace after an empty line', `\n${TRACE}\nKeyError: 1\nmore`, 'KeyError: 1', 'error'],
  ['a trace that is cut off', TRACE, 'Traceback (most recent call last):', 'error'],
  ['a trace that is cut off, with what was logged', `not stored\n${TRACE}`, 'not stored', 'error'],
  [
    'two traces of which one led to the other',
    `${TRACE}\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n${TRACE}\nIOError: 2`,
    ...(['IOError: 2', 'error'] as const),
  ],
  [
    'two traces of which one was the cause of the other',
    `${TRACE}\nA: 1\n\nThe above exception was the direct cause of the following exception:\n\n${TRACE}\nB: 2\nC\n${TRACE}\nD: 3`,
    ...(['B: 2', 'error'] as const),
  ],
  ['Lambda’s of Node', '1\tERROR\tInvoke Error\t{"errorType":"TypeError","errorMessage":"x"}', 'TypeError: x', 'error'],
  ['JSON behind a tab that is none', '1\tERROR\t{broken', '1\tERROR\t{broken', 'error'],
  ['JSON behind a tab that says no error', '1\tINFO\t{"a":1}', '1\tINFO\t{"a":1}', 'info'],
])('a line of several: %s', (_, line, said, level) => {
  expect(worstOf([line])).toEqual({ said, level })
})

test('a trace that is printed line by line ends with its error, if that is near', () => {
  const lines = ['INFO ready', ...TRACE.split('\n'), 'KeyError: 1', 'INFO next']
  expect(worstOf(lines)).toEqual({ said: 'KeyError: 1', level: 'error' })
  const long = [...TRACE.split('\n'), ...Array.from({ length: 200 }, () => '  more'), 'KeyError: 1']
  expect(worstOf(long)).toEqual({ said: 'Traceback (most recent call last):', level: 'error' })
  const nearly = [...TRACE.split('\n'), ...Array.from({ length: 196 }, () => '  more'), 'KeyError: 1']
  expect(worstOf(nearly)).toEqual({ said: 'KeyError: 1', level: 'error' })
})
