import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'

/** A config of these rules, r0, r1, …: warnings where they say nothing else. */
export function someConfig(rules: object[], more: object = {}): Config {
  return checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager', fallback: 'slack' },
      slack: { type: 'slack', secret: 'slack' },
    },
    severities: {
      critical: { channels: ['pager', 'slack'] },
      warning: { channels: ['slack'] },
      info: { channels: ['slack'] },
    },
    windows: { office: { from: '09:00', to: '17:00' }, nights: { from: '22:00', to: '06:00' } },
    default: { severity: 'warning' },
    nonProduction: { when: { 'tags.env': ['dev', 'staging'] }, highest: 'warning' },
    rules: rules.map((rule, index) => ({ name: `r${index}`, severity: 'warning', ...rule })),
    ...more,
  })
}
