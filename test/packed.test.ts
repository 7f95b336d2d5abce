import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DICTIONARY } from '../shared/aws/dictionary.ts'
import { packed, unpacked } from '../shared/aws/packed.ts'
import { parse } from '../shared/parse/parse.ts'

describe('a packed text', () => {
  test('is read as it was', () => {
    const text = fc.oneof(fc.string({ maxLength: 2_000 }), fc.json())
    fc.assert(fc.property(text, (one) => unpacked(packed(one)) === one))
  })

  test('of an alert takes a quarter', () => {
    const alert = JSON.stringify(parse(JSON.parse(readFileSync('samples/data-loss-1-alarm.json', 'utf8')))[0])
    expect(packed(alert).B?.length).toBeLessThan(alert.length / 4)
    expect(packed('short')).toEqual({ S: 'short' })
  })

  test('of an earlier version is read: deflated alone, or not at all', () => {
    const text = JSON.stringify({ title: 'x'.repeat(400) })
    expect([{ S: text }, { B: deflateRawSync(text) }, undefined].map(unpacked)).toEqual([text, text, undefined])
    const anyText = fc.string({ maxLength: 2_000 })
    fc.assert(fc.property(anyText, (one) => unpacked({ B: deflateRawSync(one) }) === one))
  })

  test('is read by this dictionary alone: what is in tables was packed with it', () => {
    const hash = createHash('sha256').update(DICTIONARY).digest('base64url').slice(0, 12)
    expect(hash, 'never change it: add a second one, with a number of its own').toBe('Errk3K74WtV0')
  })
})
