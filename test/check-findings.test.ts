import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { describe as described, diagnosticOf, grouped } from '../cli/rules/check/print.ts'
import { readSource } from '../cli/rules/check/source.ts'
import { findingsOf } from '../shared/check/findings.ts'

/** What the check finds in whole configs, without the command around it: see check-configs. */

const NOW = new Date('2026-10-14T10:00:00Z')
const WIDTH = 100

const configs = ['bad', 'good'].flatMap((kind) => {
  const folder = `test/configs/${kind}`
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => `${folder}/${file}`)
})

const sources = configs.flatMap((path) => {
  const source = readSource(path)
  if (!source.config) return []
  const shown = path.includes('/bad/') ? readFileSync(path.replace('.yml', '.txt'), 'utf8') : ''
  return [{ path, source, config: source.config, shown: shown.split('\n\n').slice(0, -1) }]
})

describe('the findings, and what is said of them', () => {
  test.each(sources)('$path', ({ path, source, config, shown }) => {
    const { findings, tooComplex, timeWasUp } = findingsOf(config, { ...source, now: NOW })
    const found = findings.filter(({ level }) => level !== 'note').map((one) => diagnosticOf(one, source))
    const texts = grouped(found.sort((a, b) => a.place.line - b.place.line)).map((one) =>
      described(one, source.linesOf(path), WIDTH),
    )
    expect(texts).toEqual(shown)
    expect([tooComplex, timeWasUp]).toEqual([[], []])
  })
})
