import { readFileSync } from 'node:fs'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { appConfig } from './app-config.ts'
import { changedFile } from './changed-file.ts'
import { configFile } from './load.ts'
import type { Source, Versioned } from './source.ts'
import { versionOf } from './version.ts'

/** A source that does not answer is asked again after this time. */
const AFTER_FAILURE_MS = 60_000

/**
 * The config that holds now. At the start that is the packaged one, at once; a newer one takes its place as soon as it is
 * there and has the right shape. It is asked for at most as often as its source wants, and whoever asks waits for no more
 * than one poll of the source. When the source is away, or gives what is no config, the last good one stays, and a line in
 * the log and the metric ConfigStale say so at each poll.
 *
 * Without a source: AppConfig where LIVE_CONFIG names it, else the packaged file itself, which on a laptop may be edited.
 *
 * @param take what the function takes from a config; of one that is not the packaged one, throws when its shape is wrong.
 * @throws {Error} when the packaged config can't be read: the function fails to start, and what waits in its queue stays.
 */
export function liveConfig<Part>(take: (config: unknown, isPackaged: boolean) => Part, now = Date.now) {
  const source = sourceOfEnvironment()
  const document = readFileSync(configFile(), 'utf8')
  const packaged: Versioned<Part> = {
    version: versionOf(document),
    config: take(JSON.parse(document), true),
    takenAt: 0,
  }
  let good = packaged
  /** Why the newest one is not taken. */
  let refused: string | undefined
  let nextPollAt = 0
  let isFirstPoll = true
  let polling: Promise<void> | undefined

  async function current(): Promise<Versioned<Part>> {
    if (now() >= nextPollAt) polling ??= poll()
    await polling
    return good
  }

  async function poll(): Promise<void> {
    try {
      const { document: newest, nextInMs } = await source.poll()
      nextPollAt = now() + nextInMs
      if (newest === null) {
        refused = undefined
        good = packaged
      } else if (newest !== undefined) adopt(newest)
      if (refused !== undefined) reportStale(refused)
    } catch (error) {
      nextPollAt = now() + AFTER_FAILURE_MS
      reportStale(String(error))
    } finally {
      isFirstPoll = false
      polling = undefined
    }
  }

  function adopt(newest: string): void {
    try {
      const { version, base, config } = source.open(newest)
      refused = undefined
      if (base !== undefined && base !== packaged.version) {
        log.info('rules passed over: a deployment has changed the rules since they were pushed', { version, base })
        good = packaged
      } else if (version !== good.version) {
        good = ofNow(version === packaged.version ? packaged : { version, config: take(config, false), takenAt: 0 })
        log.info('rules taken', { version })
      }
    } catch (error) {
      refused = String(error).slice(0, 1_000)
    }
  }

  /** What it has at its start it may have had for long. */
  function ofNow(taken: Versioned<Part>): Versioned<Part> {
    return { ...taken, takenAt: isFirstPoll ? 0 : now() }
  }

  function reportStale(reason: string): void {
    log.error('rules are stale: those that held before stay', { reason, version: good.version })
    measure({ ConfigStale: 1 })
  }

  return { packaged, current }
}

function sourceOfEnvironment(): Source {
  return process.env.LIVE_CONFIG ? appConfig(process.env.LIVE_CONFIG) : changedFile(configFile())
}
