import { oneLine } from '../../shared/channels/outside-text.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { changesSomething, planOf } from '../../shared/plan/plan.ts'
import { UsageError } from '../command.ts'
import { sinceTime } from '../since.ts'
import { widthOf } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { liveInWords, type Place, stageName } from './live/place.ts'
import { type Base, readBase } from './plan/base.ts'
import { type Asked, type History, readHistory } from './plan/history.ts'
import { planAsJson, reportOf } from './plan/print.ts'
import { refuseOther, savePlan } from './plan/saved.ts'

/** 2 says that something changes: a script must not take a mistake for that. */
export const wrongUsage = 1

export const help = `What an edit of the rules would have changed: recorded alerts are decided by the
rules before and after it.

  npm run rules -- plan [--against FILE]… [--config PATH] [--base WHAT]
  npm run rules -- plan --stage STAGE [--since 30d] [--base live] [--out FILE]

  --against FILE   events to replay: a file or a folder (.json, .jsonl, .txt).
                   Can be given several times
  --stage STAGE    what the router of that stage received, from its archive in
                   S3, by the credentials and the region of your environment, or
                   --profile NAME and --region REGION. The archive lags by up to
                   a quarter of an hour
  --since WHEN     alerts since then: 12h, 30d ago, or a date as in 2026-11-03.
                   With --stage: 30d
  --config PATH    the edited rules, a file or a folder; ${CONFIG_FOLDER}/
  --base WHAT      the rules before: a file, a folder, git:REV, or live: what is
                   live in the stage. Without it those in git's HEAD; without
                   git, what was packaged last (config/alerts.json)
  --out FILE       write the plan into a file for "push --plan FILE", which
                   pushes what was shown here and nothing else. Compares with
                   what is live in the stage (--base live)
  --json           {"base", "history", "from", "to", "alerts", "repeated",
                   "refused", "differences": [{"alert", "effect", "before",
                   "after", "words"}], "channels", "noise"}. In "before" and
                   "after", "held" was sent later, "unsent" never

Without --against and --stage: what "npm run replay -- --record" has recorded
here, and if there is nothing, samples/. The first line says which. An alert
that was held, and resolved before its time came, goes to nobody. Alerts a day
are counted over the days that were recorded.

--base live and --out read AppConfig, as "push" does.

Exit code: 0 nothing changes, 2 something does: an alert, a channel, or how much
is sent; 1 it can't be told: the rules are wrong, there are no alerts, or wrong
usage.
`

export async function run(args: string[]): Promise<number> {
  const { config, base: askedBase, stage, asked, out, json } = readArguments(args)
  if (out !== undefined) refuseOther(out)
  const after = readConfig(config)
  const live = askedBase === 'live' && stage !== undefined ? await readLive(stage) : undefined
  const base = live ?? readBase(askedBase, config)
  const history = await readHistory(asked)
  if (history.alerts.length === 0) return noAlerts(history, asked)

  const plan = planOf(history.alerts, base.config, after, history.recorded)
  const words = (width: number) => reportOf(plan, { before: base.name, after: config, history }, width)
  if (out !== undefined && live) {
    savePlan(out, {
      ...live.place,
      config,
      version: versionOf(documentOf(after)),
      live: live.version,
      madeAt: new Date().toISOString(),
      shown: words(SAVED_WIDTH),
      plan: planAsJson(plan, base.name, history),
    })
  }
  process.stdout.write(
    json ? `${JSON.stringify(planAsJson(plan, base.name, history))}\n` : `${words(widthOf(process.stdout))}\n`,
  )
  if (out !== undefined) {
    process.stderr.write(`Saved in ${out}: npm run rules -- push --plan ${out}\n`)
  }
  return changesSomething(plan) ? 2 : 0
}

/** A plan that is shown later is shown on another terminal. */
const SAVED_WIDTH = 100

function readArguments(args: string[]) {
  const { values, positionals } = readOptions(args, {
    against: { type: 'string', multiple: true, default: [] },
    stage: { type: 'string' },
    since: { type: 'string' },
    config: { type: 'string', default: CONFIG_FOLDER },
    base: { type: 'string' },
    out: { type: 'string' },
  } as const)
  const { against, stage, since, config, base = values.out === undefined ? undefined : 'live', out, json } = values
  // `--against a b`: what a shell makes of `--against events/*`.
  const files = [...against, ...(against.length > 0 ? positionals : [])]
  if (positionals.length > 0 && against.length === 0) {
    throw new UsageError(`"${positionals.join(' ')}": name events as --against FILE, and rules as --config FILE.`)
  }
  if (stage !== undefined) stageName(stage)
  if (out !== undefined && base !== 'live') {
    throw new UsageError(
      `--out goes with --base live, and not with --base ${base}: a push takes the place of what is live.`,
    )
  }
  if (base === 'live' && stage === undefined) {
    throw new UsageError(`${out === undefined ? '--base live' : '--out'}: name the stage, as in --stage prod.`)
  }
  if (stage !== undefined && files.length > 0 && base !== 'live') {
    throw new UsageError('--against or --stage: one history at a time.')
  }
  const from = since ?? (stage === undefined || files.length > 0 ? undefined : '30d')
  const asked: Asked = {
    against: files,
    stage: files.length > 0 ? undefined : stage,
    since: from === undefined ? undefined : sinceTime(from),
  }
  return { config, base, stage, asked, out, json }
}

/** What is live in a stage. */
async function readLive(name: string): Promise<Base & { place: Place; version: string }> {
  // Loading it takes longer than all the rest.
  const { appConfigClient, liveConfigOf, readStage } = await import('./live/stage.ts')
  const client = appConfigClient()
  try {
    const stage = await readStage(client, name)
    const { place, current } = stage
    return { name: liveInWords(place, current.version), place, version: current.version, config: liveConfigOf(stage) }
  } finally {
    client.destroy()
  }
}

function noAlerts({ from, refused }: History, { since }: Asked): number {
  const when = since ? ` since ${since.toISOString().slice(0, 16).replace('T', ' ')}` : ''
  const why =
    refused.length > 0 ? `, and what lies there are no events:\n  ${refused.slice(0, 5).map(oneLine).join('\n  ')}` : ''
  const wayOut = since ? 'Look back longer, as in --since 90d' : 'Name events, as in --against FILE'
  process.stderr.write(
    `There are no alerts${when} in ${from}${why}\nSo what an edit changes can't be told. ${wayOut}, or record some: npm run replay -- --record FILE\n`,
  )
  return 1
}
