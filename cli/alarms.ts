import { readConfig } from '../shared/config/read.ts'
import { costsOf } from '../shared/estate/cost.ts'
import { HARMS, type Harm, KINDS } from '../shared/estate/finding.ts'
import { type Judgement, judgeEstate } from '../shared/estate/judge.ts'
import { estateReport } from '../shared/estate/report.ts'
import { reportPage } from '../shared/reports/html.ts'
import { fixesOf } from './alarms/fixes.ts'
import { judgementAsJson } from './alarms/json.ts'
import { openEstate } from './alarms/open.ts'
import { judgementText } from './alarms/print.ts'
import { UsageError } from './command.ts'
import type { ALARMS } from './commands/alarms.ts'
import type { Given } from './frame/spec.ts'
import { writeOut } from './out.ts'
import { widthOf } from './wrap.ts'

export async function alarms({ options }: Given<typeof ALARMS>): Promise<number> {
  const { config, html, json, fix, all } = options
  if (fix && json) throw new UsageError('Give --fix or --json, not both: the JSON has the commands, too.')
  const rules = readConfig(config)
  const estate = await openEstate(options)
  const judged = judgeEstate(estate, rules)
  const costs = options.costs ? costsOf(estate.alarms) : undefined
  if (html !== undefined) writeOut(html, reportPage(estateReport(estate, judged, costs)), '--html')
  if (json) process.stdout.write(`${JSON.stringify(judgementAsJson(judged, estate, costs))}\n`)
  else if (fix) process.stdout.write(fixesOf(judged) || '# No command fixes what was found.\n')
  else process.stdout.write(judgementText({ judged, estate, costs, listsAll: all }, widthOf(process.stdout)))
  return fails(options['fail-on'], judged, estate.from.kind === 'account') ? 1 : 0
}

/** A file can't hold what was not put into it; what an account refused to say may be just that harm. */
function fails(harm: Harm | undefined, { findings, notChecked }: Judgement, isAccount: boolean): boolean {
  if (harm === undefined) return false
  const worse = HARMS.slice(0, HARMS.indexOf(harm) + 1)
  const isHidden = notChecked.some(({ ids, isOpen }) => !isOpen && ids.some((id) => worse.includes(KINDS[id].harm)))
  return findings.some((one) => worse.includes(one.harm)) || (isAccount && isHidden)
}
