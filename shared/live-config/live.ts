import { readFileSync } from 'node:fs'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { appConfig } from './app-config.ts'
import { changedFile } from './changed-file.ts'
import { configFile } from './load.ts'
import type { Source, Versioned } from './source.ts'
import { versionOf } from './version.ts'

/** After a failed poll the next one waits this long. */
const AFTER_FAILURE_MS = 60_000

/**
 * The active config. At the start that is the packaged one, at once; a newer one replaces it as soon as it arrives and
 * its shape is valid. The source is polled at most as often as it wants, and a caller waits for one poll at most. When
 * the source is unreachable or returns an invalid config, the last good one stays active, and each poll logs that and
 * counts it in the metric ConfigStale.
 *
 * The source is AppConfig where LIVE_CONFIG names it, else the packaged file itself, which may be edited on a laptop.
 *
 * @param take the part of a config that the function needs; throws when a config that is not the packaged one has a
 * wrong shape.
 * @throws {Error} when the packaged config can't be read: the function fails to start, and its messages stay in the
 * queue.
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
  /** Why the newest version was not activated. */
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
        log.info('rules.superseded', 'pushed rules ignored: superseded by a deployment', { version, base })
        good = packaged
      } else if (version !== good.version) {
        good = ofNow(version === packaged.version ? packaged : { version, config: take(config, false), takenAt: 0 })
        log.info('rules.activated', 'rules activated', { version })
      }
    } catch (error) {
      refused = String(error).slice(0, 1_000)
    }
  }

  /** The version it starts with may be an old one. */
  function ofNow(taken: Versioned<Part>): Versioned<Part> {
    return { ...taken, takenAt: isFirstPoll ? 0 : now() }
  }

  function reportStale(reason: string): void {
    log.error('rules.stale', 'rules refresh failed; the last valid version stays active', {
      reason,
      version: good.version,
    })
    measure({ ConfigStale: 1 })
  }

  return { packaged, current }
}

function sourceOfEnvironment(): Source {
  return process.env.LIVE_CONFIG ? appConfig(process.env.LIVE_CONFIG) : changedFile(configFile())
}
