import type { Platform } from '../../schemas/platform.ts'

/** The function that asks the http services each minute, where a metric comes of it; else none. */
export function probe(platform: Platform | undefined): Record<string, object> {
  const isMeasured = Object.values(platform?.metrics ?? {}).some(({ from }) => from?.by === 'probe')
  if (!isMeasured) return {}
  return {
    probe: {
      handler: 'functions/probe.handler',
      description: 'Each minute, asks the http services of config/platform.yml whether they answer',
      recursiveLoop: 'Terminate',
      // All are asked at once, each twice at most, and none may take longer than its own timeout (at most 20 s).
      timeout: 50,
      environment: { PLATFORM_FILE: 'config/platform.json' },
      package: { patterns: ['config/platform.json'] },
      // Without retries: the next run is in a minute, and a late one would count for another minute.
      maximumRetryAttempts: 0,
      maximumEventAge: 60,
      events: [{ schedule: { description: 'Asks the services of the platform', rate: ['rate(1 minute)'] } }],
      // Only its log: metrics are lines in it.
      iamRoleStatements: [],
    },
  }
}
