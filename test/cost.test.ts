import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as yaml from 'yaml'
import { aMillion, idle, PRICE_TABLE, tableOf, total } from '../bench/cost.ts'
import { type Counts, countsOf } from '../bench/counts.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { packagedTemplate } from './stack.ts'

/*
 * docs/cost.md shows what is counted on the local path and in the packaged template, times the list of prices. With
 * UPDATE_DOCS=1 it is written.
 */

const PAGE = 'docs/cost.md'

const shipped = readConfig('config')
/** Alarms that come one by one: a channel's pace is never used up. Each goes to two channels. */
const two = ['pagerduty', 'slack-critical']
const counted: Config = {
  ...shipped,
  severities: { ...shipped.severities, critical: { ...shipped.severities.critical, channels: two } },
  channels: Object.fromEntries(
    Object.entries(shipped.channels).map(([name, one]) => [name, { ...one, perMinute: 60_000 }]),
  ),
}

const { params } = yaml.parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'error' })

let folder: string
let counts: Counts
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cost-'))
  const configFile = join(folder, 'alerts.json')
  writeFileSync(configFile, JSON.stringify(counted))
  counts = await countsOf(counted, configFile)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const tables = async (): Promise<Record<string, string>> => {
  const { archiveDays, historyDays } = params.default
  const rows = {
    idle: idle(await packagedTemplate(), counts, shipped),
    'a million alarms': aMillion(counts, shipped, { history: historyDays, archive: archiveDays }),
  }
  const sum = `**Idle: about $${Math.round(total(rows.idle))} a month. A million alarms, each to two channels: about $${Math.round(total(rows['a million alarms']))}.**`
  return {
    sum,
    ...Object.fromEntries(Object.entries(rows).map(([name, of]) => [name, tableOf(of)])),
    prices: PRICE_TABLE,
  }
}

const marked = (name: string, inside: string) => `<!-- counted: ${name} -->\n${inside}\n<!-- end -->`
const found = (page: string, name: string) =>
  page.match(new RegExp(`<!-- counted: ${name} -->\n([\\s\\S]*?)\n<!-- end -->`))?.[1] ?? ''

/** Texts are the same, and their numbers nearly: ids and times differ in how well they are compressed. */
function isNearly(shown: string, counted: string): boolean {
  const number = /\d[\d,]*(\.\d+)?/g
  const [a, b] = [shown, counted].map((text) =>
    (text.match(number) ?? []).map((one) => Number(one.replaceAll(',', ''))),
  )
  return (
    shown.replace(number, '#') === counted.replace(number, '#') &&
    (a ?? []).every((one, at) => Math.abs(one - (b?.[at] ?? Number.NaN)) <= Math.max(0.011, one * 0.03))
  )
}

test('docs/cost.md shows what is counted', async () => {
  const all = await tables()
  let page = readFileSync(PAGE, 'utf8')
  for (const [name, text] of Object.entries(all)) {
    const shown = found(page, name)
    if (isNearly(shown, text)) continue
    const how = `${PAGE}, "${name}". Write what is counted: UPDATE_DOCS=1 npx vitest run test/cost.test.ts`
    if (!process.env.UPDATE_DOCS) expect(shown, how).toBe(text)
    page = page.replace(marked(name, shown), () => marked(name, text))
  }
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, page)
}, 120_000)

test('the README says the same sums', async () => {
  const [idle, million] = found(readFileSync(PAGE, 'utf8'), 'sum').match(/\$\d+/g) ?? []
  expect(readFileSync('README.md', 'utf8')).toContain(
    `[about ${idle} a month](docs/cost.md), a million alarms about ${million};`,
  )
})
