import { JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const INIT = spec({
  name: 'init',
  group: 'Try',
  summary: 'start your own repository, with rules and tests',
  about: `Writes the files of a team's own git repository into this folder: rules (config/alerts.yml) with cases that test them (config/tests/), what is watched (config/platform.yml), the settings of the stack (stack.yml), a workflow for GitHub that checks every pull request, and a .gitignore. The router itself stays a dependency.

Existing files are left unchanged.`,
  options: {
    'dry-run': { what: 'List what would be written, and write nothing' },
    json: JSON_OPTION,
  },
  examples: [
    ['init --dry-run', 'what it would write'],
    ['init', 'then "replay", "rules check" and "rules test" work here'],
  ],
  json: '{"written": [FILE], "left": [FILE]}',
  exits: { 0: 'Written, or already there.' },
})
