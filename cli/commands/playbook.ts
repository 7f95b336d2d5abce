import { AWS, CONFIG, JSON_OPTION } from '../frame/options.ts'
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
    stage: { value: 'STAGE', what: 'The stage whose account is asked' },
    ...AWS,
    demo: {
      what: 'Ask five weeks of made-up data on this machine, with known faults. Needs no account',
      conflicts: ['stage'],
    },
    since: { value: 'TIME', what: 'How far back: 90m, 12h, or a time. Default: 1h; data-quality: 4h' },
    config: CONFIG,
    platform: { value: 'FILE', default: 'config/platform.yml', what: 'What is watched' },
    out: { value: 'FILE', what: 'Write it, too: as a page (.html) or as Markdown (.md)' },
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
