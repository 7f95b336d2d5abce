import { ASKED, CONFIG, JSON_OPTION, PLATFORM, REPORT_OUT } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const PLAYBOOK = spec({
  name: 'playbook',
  group: 'Platform',
  summary: 'what to look at when something is wrong',
  about:
    'Asks AWS, step by step, what a person would look at in an incident: what does not answer, what fails, what was deployed, who changed what. Each step only reads, and has its own time limit.',
  args: [
    { name: 'TYPE', what: 'system-down, high-error-rate or data-quality' },
    { name: 'ALARM', what: 'The alarm that fires, or a part of its name: what is found is kept for the review of it' },
  ],
  options: {
    ...ASKED,
    since: { value: 'TIME', what: 'How far back: 90m, 12h, or a time. Default: 1h; data-quality: 4h' },
    config: CONFIG,
    platform: PLATFORM,
    out: REPORT_OUT,
    json: JSON_OPTION,
  },
  examples: [
    ['playbook high-error-rate --demo', 'without an account'],
    ['playbook system-down system-availability --stage prod', 'what does not answer, kept for the review'],
    ['playbook data-quality --stage prod --since 12h', 'over the last twelve hours'],
  ],
  json: 'As of report',
  exits: { 0: 'Nothing is wrong.', 1: 'Something is wrong, or something could not be checked.' },
})
