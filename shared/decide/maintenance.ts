import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import { changesBetween, openUntil, windowCompiler } from './windows.ts'

const SOURCE = 'alert-router.maintenance'
const FINGERPRINT = `event:${SOURCE}:`

/** What began or was over longer ago is no news. */
const OLDEST_MS = 86_400_000

/** Does it tell that a maintenance began or is over? No maintenance covers that. */
export function isNotice({ fingerprint }: Pick<Alert, 'fingerprint'>): boolean {
  return fingerprint.startsWith(FINGERPRINT)
}

/**
 * That a maintenance began or is over after `after`, up to `upTo` and with it, as our own events (schemas/event.ts). One
 * fires as the maintenance begins and is resolved as it ends. The same time gives the same events, so that those who
 * are told twice are told once.
 */
export function noticesBetween(config: Config, after: Date, upTo: Date): object[] {
  const which = windowCompiler(config)
  const since = new Date(Math.max(after.getTime(), upTo.getTime() - OLDEST_MS))
  return (config.maintenance ?? []).flatMap(({ name, window }) => {
    const times = which(window)
    return changesBetween(times, since, upTo).map(({ at, isOpen }) => ({
      title: isOpen ? `Maintenance began: ${name}` : `Maintenance is over: ${name}`,
      description: isOpen
        ? `Alerts that it covers are held until ${minute(openUntil(times, at))} UTC. What is resolved goes through.`
        : 'What still fires is told now.',
      source: SOURCE,
      id: name,
      class: 'maintenance',
      severity: 'info',
      status: isOpen ? 'firing' : 'resolved',
      time: at.toISOString(),
    }))
  })
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ')
}

/** Whatever people write, they are info. */
export const NOTICE_RULE: Rule = {
  name: 'maintenance notice',
  when: { fingerprint: `${FINGERPRINT}*` },
  severity: 'info',
}

/** A config with the notices' rule, before all others. */
export function withNotices(config: Config): Config {
  return config.maintenance?.length ? { ...config, rules: [NOTICE_RULE, ...config.rules] } : config
}
