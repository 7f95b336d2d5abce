/** Options that several commands share. */

export const CONFIG = {
  value: 'PATH',
  kind: 'path',
  what: 'The rules: a file, or a folder with an alerts.yml and the files of teams',
  default: 'config',
} as const

export const JSON_OPTION = { what: 'Print only JSON on stdout' } as const

const REGION = {
  value: 'REGION',
  what: 'Its region. Default: AWS_REGION, AWS_DEFAULT_REGION or the region of the profile',
  env: 'AWS_REGION',
} as const
const PROFILE = {
  value: 'NAME',
  what: 'A profile of the AWS CLI. Default: the credentials in the environment',
  env: 'AWS_PROFILE',
} as const

/** For commands that read a stage in AWS: `cli/frame/aws.ts` points the clients there. */
export const AWS = { region: REGION, profile: PROFILE } as const

/** For commands that use a router in AWS, or the one that runs here. */
export const ROUTER = {
  stage: {
    value: 'STAGE',
    what: 'The router in AWS. Default: the one that "replay --keep" runs on this machine',
  },
  ...AWS,
} as const

/** For commands that use a router in AWS. */
export const STAGE = {
  stage: { value: 'STAGE', what: 'The router of that stage in AWS, such as prod' },
  ...AWS,
} as const

export const AGAINST = {
  value: 'FILE',
  kind: 'path',
  many: true,
} as const

export const SINCE = { value: 'WHEN' } as const

/** What follows the first file when a shell expands `--against events/*`. */
export const MORE_EVENTS = {
  name: 'FILE',
  what: 'More events for --against',
  kind: 'path',
  many: true,
  isHidden: true,
} as const

/** For commands that ask AWS about the platform, or the demo. */
export const ASKED = {
  stage: { value: 'STAGE', what: 'The stage whose account is asked' },
  ...AWS,
  demo: {
    what: 'Ask five weeks of made-up data on this machine, with known faults. Needs no account',
    conflicts: ['stage'],
  },
} as const

export const PLATFORM = { value: 'FILE', default: 'config/platform.yml', what: 'What is watched' } as const

export const REPORT_OUT = { value: 'FILE', what: 'Write it, too: as a page (.html) or as Markdown (.md)' } as const
