import type { Case, Expected } from '../../schemas/case.ts'
import type { Words } from './words.ts'

// What editors show of each key in config/tests/. A key without its words is a type error.

export const CASE: Words<Case> = {
  name: 'Says what the rules should do: "data loss pages". `rules test --run` finds it by this.',
  event: 'The file that holds an event, or the event itself.',
  alert: 'In place of an event: some fields of an alert. Those not given are as in a firing alarm.',
  alerts: 'Of a story: several alerts, by the names that its lines give them, as in `cpu: { name: orders-cpu }`.',
  at: 'When it happens, as in `"2026-11-03T02:30:00Z"`: it selects the windows.',
  expect: 'What the rules must decide: any of its keys.',
  starts:
    'When the story starts: `2026-11-27 23:00` in the timezone of the rules, or `2026-11-27T23:00:00+01:00`. Without it, on 1 January 2026 at noon UTC.',
  ends: 'When the story ends, as in `2h` or `07:00`: nothing later counts. Without it, when nothing is due any more.',
  story:
    'What happens and what is expected, a line each: `at 5m: firing`, `expect at 5m: slack-warning firing`. Times: `5m`, `07:00`, `monday 07:00`.',
}

export const EXPECTED: Words<Expected> = {
  severity: 'critical, warning or info.',
  rule: 'The rule that decides, or `default`.',
  values: 'Values that rules set, by name: these, and perhaps others.',
  channels: 'All channels that are notified at once, in any order.',
  later: 'All channels that are notified later, because of a window or a maintenance.',
  text: 'What a message must contain, by channel: a text, a list of texts, or a `/regex/`.',
}

// Where keys have a pattern, editors show no Markdown.
export const LINES = {
  at: 'What happens then: "firing", "resolved", "no data" (each "with tags.team orders", "late by 10m"), "duplicate", "acknowledged by ann", "resolved by ann", "silenced by ann for 2h, load test", "silence extended by ann for 1h", "silence ended by ann", "slack-warning down", "slack-warning up", "tick late by 10m", "tick on time".',
  expect:
    'What is sent then: "nothing"; or channels and "firing", "resolved", "no data", "reminder", "escalation", "acknowledged", "unacknowledged" or "missed", as in "pagerduty and email firing", with "for slack-critical" (as its fallback) and "saying orders".',
}
