import { oneLine } from '../../shared/channels/outside-text.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { changesSomething, type Difference, type Plan, planOf } from '../../shared/plan/plan.ts'
import { UsageError } from '../command.ts'
import { sinceTime } from '../since.ts'
import { readOptions } from './arguments.ts'
import { type Base, readBase } from './plan/base.ts'
import { type Asked, type History, readHistory } from './plan/history.ts'
import { count, planInWords } from './plan/print.ts'

export const help = `What an edit of the rules would have changed: recorded alerts are decided by the rules before and after it.

  npm run rules -- plan [--against FILE]… [--since 30d --stage prod] [--config PATH] [--base PATH | git:REV] [--json]

  --against FILE    events to replay: a file or a folder (.json, .jsonl, .txt). Can be given several times
  --stage STAGE     what the router of that stage received, from its archive in S3, by the credentials and the region
                    (AWS_REGION) of your environment. What came in the last quarter of an hour may not be in it yet
  --since WHEN      alerts since then: 12h, 30d ago, or a date as in 2026-11-03. With --stage: 30d
  --config PATH     the edited rules, a file or a folder; ${CONFIG_FOLDER}/
  --base WHAT       the rules before: a file, a folder, or git:REV. Without it those in git's HEAD; without git, what was
                    packaged last (config/alerts.json)
  --json            {"base", "history", "from", "to", "alerts", "repeated", "refused", "differences": [{"alert", "effect", "before",
                    "after", "words"}], "channels", "noise"}

Without --against and --stage: what "npm run replay -- --record" has recorded here, and if there is nothing, samples/.

Exit code: 0 nothing changes, 2 something does, 1 it can't be told: the rules are wrong, or there are no alerts.
`

export async function run(args: string[]): Promise<number> {
  const { config, base: askedBase, asked, json } = readArguments(args)
  const after = readConfig(config)
  const base = readBase(askedBase, config)
  const history = await readHistory(asked)
  if (history.alerts.length === 0) return noAlerts(history, asked)

  const plan = planOf(history.alerts, base.config, after)
  // Of a month that is asked for, days without an alert count too.
  if (asked.since) Object.assign(plan, { from: asked.since.toISOString(), to: new Date().toISOString() })
  process.stdout.write(json ? `${JSON.stringify(asJson(plan, base, history))}\n` : inWords(plan, base, history, config))
  return changesSomething(plan) ? 2 : 0
}

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    against: { type: 'string', multiple: true, default: [] },
    stage: { type: 'string' },
    since: { type: 'string' },
    config: { type: 'string', default: CONFIG_FOLDER },
    base: { type: 'string' },
  } as const)
  const { against, stage, since, config, base, json } = values
  // `--against a b`: what a shell makes of `--against events/*`.
  const files = [...against, ...(against.length > 0 ? positionals : [])]
  if (positionals.length > 0 && against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name events as --against FILE, and rules as --config FILE.`)
  }
  if (stage !== undefined && files.length > 0) throw new UsageError('--against or --stage: one history at a time.')
  if (stage !== undefined && !/^[A-Za-z0-9-]+$/.test(stage)) {
    throw new UsageError(`--stage ${stage}: letters, digits and dashes, as in prod`)
  }
  const from = since ?? (stage === undefined ? undefined : '30d')
  const asked: Asked = { against: files, stage, since: from === undefined ? undefined : sinceTime(from) }
  return { config, base, asked, json }
}

function noAlerts({ from, refused }: History, { since }: Asked): number {
  const when = since ? ` since ${since.toISOString().slice(0, 16).replace('T', ' ')}` : ''
  const why =
    refused.length > 0 ? `, and what lies there are no events:\n  ${refused.slice(0, 5).map(oneLine).join('\n  ')}` : ''
  process.stderr.write(`There are no alerts in ${from}${when}${why}\nSo what an edit changes can't be told.\n`)
  return 1
}

function inWords(plan: Plan, base: Base, history: History, config: string): string {
  const { from, refused } = history
  const notes = [
    ...(plan.repeated > 0 ? [`${count(plan.repeated, 'repeated or late change')} left out`] : []),
    ...(refused.length > 0 ? [`${count(refused.length, 'event')} refused`] : []),
  ]
  const words = planInWords(plan, Math.max(60, Math.min(process.stdout.columns ?? 100, 140)))
  return `${words}\n\n${base.name} → ${config}, over ${from}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}\n`
}

/** An alert by what tells it apart: the whole is in the history. */
function asJson(plan: Plan, base: Base, { from, refused }: History) {
  const { differences, from: since, to, ...rest } = plan
  const shown = ({ alert: { fingerprint, name, title, status, changedAt, resource }, ...difference }: Difference) => ({
    alert: { fingerprint, name, title, status, changedAt, resource },
    ...difference,
  })
  return { base: base.name, history: from, from: since, to, ...rest, refused, differences: differences.map(shown) }
}
