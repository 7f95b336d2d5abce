import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import type { Config } from '../schemas/config.ts'
import type { Platform } from '../schemas/platform.ts'
import { closeClients, openClients } from '../shared/asking/clients.ts'
import { askReport } from '../shared/asking/report.ts'
import { FileError } from '../shared/config/problem.ts'
import { readConfig } from '../shared/config/read.ts'
import { readPlatform } from '../shared/platform/read.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { reportPage } from '../shared/reports/html.ts'
import { notChecked, todosOf } from '../shared/reports/report.ts'
import { UsageError } from './command.ts'
import type { REPORT } from './commands/report.ts'
import { goTo } from './frame/aws.ts'
import type { Given } from './frame/spec.ts'
import { writeOut } from './out.ts'
import { reportText } from './report/terminal.ts'
import { stageName } from './rules/live/place.ts'
import { chooseRouter } from './which-router.ts'
import { widthOf } from './wrap.ts'

export async function report({ options, args: [name] }: Given<typeof REPORT>): Promise<number> {
  const { demo, platform: file, out, json } = options
  const stage = demo ? 'demo' : options.stage
  const wanted = reportNamed(name)
  if (stage === undefined) throw new UsageError('Give a stage, as in --stage prod, or --demo.')
  const platform = readPlatform(file)
  if (!platform) throw new FileError(`${file}: file not found. Write what is watched there: docs/platform.md`)
  const rules = readConfig(options.config)
  const now = new Date()
  const made = demo ? await startDemoHere(platform, rules, now) : undefined
  goTo(options)
  const routerMetrics = made?.routerMetrics ?? `alert-router/${stageName(stage)}`
  const clients = openClients()
  const tableName = async () => made?.table ?? (await chooseRouter(stage)).tableName(clients.dynamoDb)
  const about = { name: wanted.name, stage, clients, tableName }
  const done = await askReport(wanted, { platform, rules, now, days: 7, routerMetrics }, about).finally(() => {
    closeClients(clients)
    return made?.close()
  })
  if (out !== undefined) writeOut(out, reportPage(done))
  process.stdout.write(json ? `${JSON.stringify(done)}\n` : reportText(done, widthOf(process.stdout)))
  return todosOf(done).length + notChecked(done).length > 0 ? 1 : 0
}

/** A stand-in for AWS with the demo's data, to which this process's clients are led. */
async function startDemoHere(
  platform: Platform,
  rules: Config,
  now: Date,
): Promise<{ routerMetrics: string; table: string; close(): Promise<void> }> {
  const { ROUTER_METRICS, ROUTER_TABLE, startDemo } = await import('../local/demo/start.ts')
  const aws = await startDemo({ platform, rules, now })
  Object.assign(process.env, aws.env, CREDENTIALS_ENVIRONMENT, { AWS_REGION: 'eu-west-1' })
  return { routerMetrics: ROUTER_METRICS, table: ROUTER_TABLE, close: () => aws.close() }
}

function reportNamed(name: string | undefined): Report & { name: string } {
  const names = Object.keys(REPORTS)
  const found = Object.entries(REPORTS).find(([one]) => one === name)
  if (!found)
    throw new UsageError(
      `${name === undefined ? 'Give a report' : `no report "${name}"`}. There are: ${names.join(', ')}.`,
    )
  return { name: found[0], ...found[1] }
}
