import { JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const INIT = spec({
  name: 'init',
  group: 'Try',
  summary: 'start a repository of your own, with rules and tests',
  about: `Lays down what a team keeps in its own git, in this folder: rules (config/alerts.yml) with cases that test them (config/tests/), the settings of the stack (stack.yml), a workflow for GitHub that checks every pull request, and a .gitignore. The router itself stays a dependency.

What is there already is left as it is.`,
  options: {
    'dry-run': { what: 'Say what would be written, and write nothing' },
    json: JSON_OPTION,
  },
  examples: [
    ['init --dry-run', 'what it would write'],
    ['init', 'then "replay", "rules check" and "rules test" work here'],
  ],
  json: '{"written": [FILE], "left": [FILE]}',
  exits: { 0: 'It is laid down, or was there.' },
})
