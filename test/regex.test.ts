import { describe, expect, test } from 'vitest'
import { compileRegex, readRegex } from '../shared/decide/regex.ts'

describe('a regular expression in a rule', () => {
  test.each([
    ['/a/', { source: 'a', flags: '' }],
    ['/a b/im', { source: 'a b', flags: 'im' }],
    ['/a/b/i', { source: 'a/b', flags: 'i' }],
    ['/a\nb/s', { source: 'a\nb', flags: 's' }],
    ['//', undefined],
    ['/a', undefined],
    ['a/', undefined],
    ['x/a/', undefined],
    ['/a/I', undefined],
    ['/a/i ', undefined],
    ['', undefined],
  ])('is read: %o', (text, expected) => {
    expect(readRegex(text)).toEqual(expected)
  })

  test.each([
    ['b', '', 'abc', true],
    ['B', '', 'abc', false],
    ['B', 'i', 'abc', true],
    ['^b', '', 'a\nb', false],
    ['^b', 'm', 'a\nb', true],
    ['a.b', '', 'a\nb', false],
    ['a.b', 's', 'a\nb', true],
    ['^B.c', 'ims', 'a\nb\nc', true],
    ['b', 'x', 'abc', true],
  ])('/%s/%s matches %o: %o', (source, flags, value, isMatch) => {
    expect(compileRegex({ source, flags }).test(value)).toBe(isMatch)
  })

  test('is compiled once, until five thousand others have been', () => {
    const compile = (source: string, flags = '') => compileRegex({ source, flags })
    const isKept = () => compile('a') === (compile('a', 'i') && compile('a'))
    // It may be the turn of all to be forgotten, but not twice.
    expect(isKept() || isKept()).toBe(true)
    const first = compile('a')
    for (let n = 0; n < 5_000; n++) compile(`${n}`)
    expect(compile('a')).not.toBe(first)
  })

  test('that can not be compiled is an error', () => {
    expect(() => compileRegex({ source: '(', flags: '' })).toThrow()
  })
})
