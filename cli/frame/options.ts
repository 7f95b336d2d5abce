/** Options that several commands have. */

export const CONFIG = {
  value: 'PATH',
  kind: 'path',
  what: 'The rules: a file, or a folder with an alerts.yml and files of teams',
  default: 'config',
} as const

export const JSON_OPTION = { what: 'Print JSON, and nothing else, on stdout' } as const

const REGION = {
  value: 'REGION',
  what: 'Its region. Without it AWS_REGION, AWS_DEFAULT_REGION or the region of the profile',
  env: 'AWS_REGION',
} as const
const PROFILE = {
  value: 'NAME',
  what: 'A profile of the AWS CLI. Without it what the environment has',
  env: 'AWS_PROFILE',
} as const

/** Of commands that look at a stage in AWS: `cli/frame/aws.ts` points the clients there. */
export const AWS = { region: REGION, profile: PROFILE } as const

/** Of commands that work with a router in AWS, or with the one that runs here. */
export const ROUTER = {
  stage: {
    value: 'STAGE',
    what: 'The router in AWS. Without it: the one that "replay --keep" runs on this machine',
  },
  ...AWS,
} as const

/** Of commands that work with a router in AWS. */
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

/** Before --against: what a shell makes of `--against events/*`. */
export const MORE_EVENTS = {
  name: 'FILE',
  what: 'More for --against',
  kind: 'path',
  many: true,
  isHidden: true,
} as const
