import { JSON_OPTION, PLATFORM } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const PLATFORM_CHECK = spec({
  name: 'platform check',
  group: 'Platform',
  summary: 'find what can’t work: metrics that nobody publishes, …',
  about:
    'Checks what is watched: errors in the file, metrics that nobody publishes, alarms that can never fire. Shows when each objective notifies.',
  options: {
    platform: PLATFORM,
    strict: { what: 'Also fail on warnings' },
    json: JSON_OPTION,
  },
  notes: `What it finds, besides syntax errors and unknown names:

- errors: nobody-publishes (a metric), one-metric-twice, dimension-missing (AWS has no data without it), budget-gone-first (an objective whose alarms come too late), never-fires (an alarm), slower-than-period (a metric with one value a day), summed-twice (a metric that the daily report publishes)
- warnings: alike-metrics (two names that may mean one metric), unused-metric, nobody-asks (an http service), too-many-to-name (services: the permissions of reports are of all)`,
  examples: [['platform check --strict', 'as CI runs it']],
  json: '{"platform", "errors", "warnings", "findings": [{"code", "level", "file", "line", "col", "path", "message", "fix", "also"}], "objectives": [{"name", "goal", "over", "budget", "fires": [{"bad", "afterS", "severity"}]}]}',
  exits: { 0: 'No errors.', 1: 'There are errors; with --strict also warnings.' },
})
