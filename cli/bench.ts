import { readFileSync } from 'node:fs'
import { measureAll } from '../bench/all.ts'
import { type Comparison, compare } from '../bench/compare.ts'
import { drawn, type Measured, ratioCells, tablesIn } from '../bench/measured.ts'
import type { Ratio } from '../bench/ratio.ts'
import { temporaryFolder } from '../local/temporary.ts'
import type { BENCH } from './commands/work.ts'
import type { Given } from './frame/spec.ts'

/** Where the figures of a release are. */
const COMMITTED = 'docs/performance.md'

export async function bench({ options }: Given<typeof BENCH>): Promise<number> {
  const folder = temporaryFolder('alert-router-bench-')
  const { 'notify-slack': notifySlack, assertible, python } = options
  const measured: Measured[] = []
  try {
    await measureAll(folder.path, { notifySlack, assertible, python }, (one) => {
      measured.push(one)
      if (!options.json) console.log(`${drawn(one)}\n`)
    })
  } finally {
    folder.remove()
  }
  if (options.json) process.stdout.write(`${JSON.stringify(measured)}\n`)
  if (!options.check) return 0
  const comparison = compare(tablesIn(readFileSync(COMMITTED, 'utf8')), measured)
  for (const line of linesOf(comparison)) console.log(line)
  return comparison.worse.length > 0 ? 1 : 0
}

function linesOf({ worse, same, notMeasured, notCommitted }: Comparison): string[] {
  const shown = (ratio: Ratio) => ratioCells(ratio).join(', half of them ')
  return [
    `Compared with ${COMMITTED}: ${worse.length} worse, ${same} not.`,
    ...worse.map(({ name, ...one }) => `  worse: ${name}: ${shown(one.measured)}; committed: ${shown(one.committed)}`),
    ...notMeasured.map((name) => `  not compared, not measured here: ${name}`),
    ...notCommitted.map((name) => `  not compared, not in ${COMMITTED}: ${name}`),
  ]
}
