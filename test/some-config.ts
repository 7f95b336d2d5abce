import type { Config, When } from '../schemas/config.ts'
import { findingsOf } from '../shared/check/findings.ts'
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

/** What the check gives for these rules: a line for each rule's verdict, then one for each finding about rules. */
export function checked(rules: [When, object?][], now: Date): string[] {
  const config = someConfig(rules.map(([when, more]) => ({ when, ...more })))
  const { findings, rules: verdicts } = findingsOf(config, { now })
  const lines = findings.map(({ code, path, also = [] }) =>
    [code, path.join('.'), ...(also.length > 0 ? ['<', also.map((one) => one.join('.')).join(', ')] : [])].join(' '),
  )
  return [
    ...verdicts.map((one) =>
      [one.rule, one.verdict, ...('example' in one ? [JSON.stringify(one.example)] : [])].join(' '),
    ),
    ...lines.filter((line) => !line.startsWith('unused-window')),
  ]
}
