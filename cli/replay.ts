import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SingleBar } from 'cli-progress'
import type { Requests } from '../local/engine.ts'
import { startEngineThread } from '../local/engine-thread.ts'
import { startRouter } from '../local/router.ts'
import { temporaryFolder } from '../local/temporary.ts'
import { isVendor, VENDOR_TYPES } from '../local/vendors.ts'
import type { Config } from '../schemas/config.ts'
import { ConfigError } from '../shared/config/check.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { configTexts, readConfigTexts } from '../shared/config/read.ts'
import { documentOf } from '../shared/live-config/version.ts'
import { ARCHIVE, record } from './archive/local.ts'
import { isOfFileSystem, SIGNALS, UsageError } from './command.ts'
import type { REPLAY } from './commands/replay.ts'
import { confirmed } from './confirmed.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { type ReplayArguments, replayArguments } from './replay/arguments.ts'
import { json, type ReplayEvent, readEvents } from './replay/events.ts'
import { type EvidenceDemo, evidenceText, startEvidenceDemo } from './replay/evidence.ts'
import { type Live, liveChannels } from './replay/live.ts'
import { collectOutcomes, type ReplayOutcome } from './replay/outcome.ts'
import { type Published, publishEvents, wavesOf } from './replay/publish.ts'
import { exitCode, jsonLines, received, summary, table } from './replay/report.ts'
import { forgetAlerts, replaceRules, watchRules } from './replay/watch.ts'
import { announceRouter, refuseSecondRouter, withdrawRouter } from './which-router.ts'
import { widthOf } from './wrap.ts'

/** Nobody waits an hour here: after this many attempts a message becomes a dead letter. */
const MAX_RECEIVE_COUNT = 5

/** With at least this many events, a progress bar is shown. */
const MUCH = 50

const KEPT = `
The router keeps running until Ctrl-C. In another terminal:
  ${commandLine('history ALARM')}
      why did it page me?
  ${commandLine('dead-letters list')}
      undelivered alerts; also: show, redrive, discard
  ${commandLine('resolve ALARM')}
      resolve an alert that will not resolve automatically
`

export function replay(given: Given<typeof REPLAY>): Promise<number> {
  return main(replayArguments(given)).catch(explained)
}

/** An error here does not come from AWS. */
function explained(error: unknown): number {
  if (error instanceof ConfigError || error instanceof UsageError || isOfFileSystem(error)) throw error
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  process.stderr.write(`The replay itself failed: ${process.env.DEBUG ? stack : `${message} (DEBUG=1 shows where)`}\n`)
  return 1
}

async function main(args: ReplayArguments): Promise<number> {
  const started = performance.now()
  const texts = configTexts(args.config)
  const config = readConfigTexts(texts)
  checkChannelNames(args, config)
  const stays = args.keep || args.watch
  if (stays) await refuseSecondRouter()
  const live = args.live ? liveChannels(config, process.env) : undefined
  const events = await readEvents(args.paths)
  if (live && !(await mayGoLive(args, live, events.length))) {
    process.stderr.write('Nothing was sent.\n')
    return 1
  }
  if (args.record) recordAll(events)

  const demo = args.evidence ? await startEvidenceDemo(config, events) : undefined
  const running = await start(config, args, { live, demo })
  const replayWith = (edited: Config) => running.replayWith(edited, events)
  const say = (text: string) => void process.stdout.write(`\n${text}\n`)
  try {
    const interrupted = stays ? announceUntilInterrupted(running.environment) : undefined
    const outcomes = await Promise.race([running.replay(events), ...(interrupted ? [interrupted] : [])])
    // Ctrl-C before the end: there is nothing to show.
    if (!outcomes) return 130
    const code = report(outcomes, args, (performance.now() - started) / 1_000)
    if (args.evidence) process.stdout.write(evidenceText(await running.requests()))
    if (interrupted) {
      process.stderr.write(args.watch ? `\nWatching ${args.config}: each edit is replayed, until Ctrl-C.\n` : KEPT)
      const stop = new AbortController()
      const watched =
        args.watch && watchRules({ path: args.config, texts, config, outcomes }, replayWith, say, stop.signal)
      await Promise.race([interrupted, ...(watched ? [watched] : [])])
      stop.abort()
      await watched
      return 130
    }
    return code
  } finally {
    withdrawRouter()
    await running.stop()
    await demo?.close()
  }
}

function report(outcomes: ReplayOutcome[], args: ReplayArguments, seconds: number): number {
  if (args.json) process.stdout.write(jsonLines(outcomes))
  else {
    const width = widthOf(process.stdout, 180, 140)
    const shown = args.show ? received(outcomes) : table(outcomes, width)
    process.stdout.write(`${shown}\n${summary(outcomes, seconds, width)}\n`)
    if (!args.show && process.stderr.isTTY)
      process.stderr.write('--show prints what each channel received, --json everything.\n')
  }
  return exitCode(outcomes)
}

/** Lets the other commands find this router, until Ctrl-C; a second Ctrl-C exits at once. */
function announceUntilInterrupted(environment: Record<string, string>): Promise<undefined> {
  announceRouter(environment)
  return new Promise((resolve) => {
    for (const signal of SIGNALS) {
      process.once(signal, () => {
        withdrawRouter()
        resolve(undefined)
      })
    }
  })
}

interface Running {
  environment: Record<string, string>
  requests(): Promise<Requests>
  replay(events: ReplayEvent[]): Promise<ReplayOutcome[]>
  /** Replays the same events by other rules, from an empty state. */
  replayWith(config: Config, events: ReplayEvent[]): Promise<ReplayOutcome[]>
  stop(): Promise<void>
}

interface Instead {
  live: Live | undefined
  demo: EvidenceDemo | undefined
}

async function start(config: Config, args: ReplayArguments, { live, demo }: Instead): Promise<Running> {
  // Before the engine, whose thread would keep this process alive if there were no place for the folder.
  const folder = temporaryFolder('alert-router-')
  const engine = await startEngineThread({
    config,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    forward: { ...args.channelUrls, ...live?.forward },
    realSecrets: live?.realSecrets ?? {},
    hasEvidence: args.evidence,
  })
  Object.assign(engine.environment, live?.environment, demo?.environment)
  const configFile = join(folder.path, 'alerts.json')
  if (demo) {
    engine.environment.PLATFORM_FILE = join(folder.path, 'platform.json')
    writeFileSync(engine.environment.PLATFORM_FILE, demo.platform)
  }
  const paced = (config: Config) => (live || args.digests ? config : unhurried(config))
  writeFileSync(configFile, documentOf(paced(config)))
  const stopEngine = async () => {
    await engine.stop()
    folder.remove()
  }

  let progress: SingleBar | undefined
  const snsIds = new Map<string, string>()
  const router = await startRouter(engine, {
    configFile,
    batching: args.digests ? 'as-deployed' : 'none',
    onRecord(queue, record) {
      if (queue !== 'alarms' || snsIds.has(record.messageId)) return
      snsIds.set(record.messageId, snsIdIn(record.body, engine.alarmsTopicArn) ?? record.messageId)
      progress?.increment()
    },
  }).catch(async (error) => {
    // Its thread would keep this process alive.
    await stopEngine()
    throw error
  })

  async function replay(events: ReplayEvent[], config: Config): Promise<ReplayOutcome[]> {
    progress = progressBar(events.length)
    const waves: Published[][] = []
    for (const wave of wavesOf(events)) {
      waves.push(await publishEvents(wave, engine.alarmsTopicArn))
      await router.drained()
    }
    progress?.stop()
    const requests = await engine.requests()
    const snsIdOf = (id: string) => snsIds.get(id) ?? id
    return collectOutcomes(waves.flat(), { config, events, requests, snsIdOf })
  }

  return {
    environment: engine.environment,
    requests: () => engine.requests(),
    replay: (events) => replay(events, config),
    async replayWith(edited, events) {
      await replaceRules(configFile, paced(edited))
      await forgetAlerts()
      return replay(events, edited)
    },
    async stop() {
      await router.stop()
      await stopEngine()
    },
  }
}

/** Stand-ins have no rate limit, and nobody wants to wait a minute for the sixty-first message. */
function unhurried(config: Config): Config {
  const channels = Object.entries(config.channels).map(([name, channel]) => [name, { ...channel, perMinute: 60_000 }])
  return { ...config, channels: Object.fromEntries(channels) }
}

/** For `rules plan`. */
function recordAll(given: ReplayEvent[]): void {
  const events = given.filter(({ refused }) => refused === undefined)
  const recorded = record(events)
  const rest = recorded < events.length ? `, ${events.length - recorded} already recorded` : ''
  process.stderr.write(`Recorded in ${ARCHIVE}/: ${recorded}${rest}.\n`)
}

/** The id that SNS assigned when the event was published here; none for events put into the queue directly. */
function snsIdIn(body: string, topicArn: string): string | undefined {
  const { TopicArn, MessageId } = (json(body) ?? {}) as { TopicArn?: string; MessageId?: string }
  return TopicArn === topicArn ? MessageId : undefined
}

function progressBar(total: number): SingleBar | undefined {
  if (total < MUCH || !process.stderr.isTTY) return undefined
  const bar = new SingleBar({
    format: 'routing [{bar}] {value} of {total}',
    clearOnComplete: true,
    stream: process.stderr,
  })
  bar.start(total, 0)
  return bar
}

function checkChannelNames({ channelUrls }: ReplayArguments, { channels }: Config): void {
  const names = [...new Set([...VENDOR_TYPES, ...Object.keys(channels)])]
  for (const name of Object.keys(channelUrls)) {
    const type = channels[name]?.type
    if (type && !isVendor(type))
      throw new UsageError(`--channel-url ${name}: ${type} is sent through SNS or SES, not to a URL`)
    if (!names.includes(name)) {
      throw new UsageError(`--channel-url ${name}: unknown channel. Allowed: ${names.join(', ')}`)
    }
  }
}

async function mayGoLive(args: ReplayArguments, live: Live, events: number): Promise<boolean> {
  const rest = live.local.length > 0 ? ` (stand-ins receive what is sent to ${live.local.join(', ')})` : ''
  const question = `This sends ${count(events, 'event')} for real, to ${live.channels.join(', ')}${rest}. Continue? [y/N] `
  return args.yes || confirmed(question, '--live')
}
