import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { costsOf } from '../shared/estate/cost.ts'
import type { Described } from '../shared/estate/dump.ts'
import { estateIn } from '../shared/estate/dump.ts'
import { groupsOf, judgeEstate } from '../shared/estate/judge.ts'
import { messageOf } from '../shared/estate/message.ts'
import { estateReport } from '../shared/estate/report.ts'
import { AT, SHIPPED } from './estate-parts.ts'

/*
 * What is said of the sample, word by word: its report, each finding with its commands, and the message of one alarm of each
 * kind. After a change: UPDATE_ESTATE=1 npx vitest run test/estate-whole.test.ts, and read the diff.
 */

const FILE = 'test/whole-estate.yml'

const OF_EACH_KIND = [
  ...['orders-api-errors', 'orders-api-latency', 'shop-error-rate', 'records-processed-band', 'fleet-cpu-by-team'],
  ...['ingest-lag-promql', 'validation-failed-lines', 'shop-degraded'],
]

function said() {
  const described = estateIn([JSON.parse(readFileSync('demo/estate.json', 'utf8'))]) as Described
  const estate = { from: { kind: 'account' as const }, at: AT, router: { stage: 'prod' }, ...described }
  const judged = judgeEstate(estate, SHIPPED)
  const { findings, apart } = judged
  const groups = groupsOf(findings).map(({ id, harm, findings: those }) => [
    `${harm} ${id}`,
    those.map(({ alarm, what, commands }) => ({
      alarm: alarm.name,
      ...(what && { what }),
      ...(commands.length > 0 && { commands }),
    })),
  ])
  const messages = described.alarms
    .filter(({ name }) => OF_EACH_KIND.includes(name))
    .map((alarm) => [alarm.name, messageOf(alarm, { team: 'a', tier: 'gold' }, new Date(AT))])
  const costs = costsOf(described.alarms)
  return {
    report: JSON.parse(JSON.stringify(estateReport(estate, judged, costs))),
    costs,
    apart: apart.scaling.map(({ name }) => name),
    findings: Object.fromEntries(groups),
    messages: JSON.parse(JSON.stringify(Object.fromEntries(messages))),
  }
}

test('what is said of the sample', () => {
  if (process.env.UPDATE_ESTATE) writeFileSync(FILE, stringify(said(), { lineWidth: 0 }))
  expect(said()).toEqual(parse(readFileSync(FILE, 'utf8')))
})
