import { JSON_OPTION, STAGE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** Commands for a stage in two regions (docs/second-region.md). */

export const REGIONS_SHOW = spec({
  name: 'regions show',
  group: 'Operate',
  summary: 'which of two regions sends',
  about: 'Shows which of two regions sends, since when, and what each has said last.',
  options: { ...STAGE, json: JSON_OPTION },
  notes:
    'It reads the table in the region that is given: dynamodb:ListTables and dynamodb:Query. Either region shows both.',
  examples: [['regions show --stage prod --region eu-central-1', 'as the region eu-central-1 knows it']],
  json: '{"sends": REGION or null, "regions": [{"region", "term", "isActive", "since", "at", "rules"}], "behindMs"}',
  exits: { 0: 'Shown.', 1: 'No region sends, the stage has no second region, or AWS denied access.' },
})

export const REGIONS_TAKE_OVER = spec({
  name: 'regions take-over',
  group: 'Operate',
  summary: 'have a region send instead of the other one',
  about:
    'Has the region that is given send from now on, instead of the other one: before work on it, or to go back after a loss.',
  options: {
    ...STAGE,
    by: { value: 'NAME', what: 'Who wants it, for the log. Default: your user name' },
    force: { what: 'Even if the replica is behind: what the other region has sent meanwhile is sent again' },
    json: JSON_OPTION,
  },
  notes: `The other region stops as soon as it reads that, in a second or two. This one begins a minute later: by then what was under way has ended. What arrives meanwhile waits. A region that is lost need not be asked: the other one takes over automatically.

It needs the permissions of "regions show", and to send to the alarms queue: sqs:GetQueueUrl and sqs:SendMessage.`,
  examples: [['regions take-over --stage prod --region eu-west-1', 'the region eu-west-1 sends from now on']],
  json: '{"region", "by"}',
  exits: {
    0: 'It was queued.',
    1: 'It sends already, it could not send, the replica is behind, or AWS denied access.',
  },
})
