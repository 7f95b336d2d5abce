import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readArguments } from '../arguments.ts'
import { UsageError } from '../command.ts'

export const HELP = `Replays events through the whole router on this machine, and shows where each
alert went and why.

  npm run replay -- [options] [files, folders, or - for stdin]

Without any it replays samples/.

  --show                  print what each channel received
  --json                  one JSON object a line for each alert, and nothing
                          else on stdout
  --config PATH           try other rules than those in config/: a file, or a
                          folder with an alerts.yml and teams' files
  --record                keep the events (.alert-router/archive/, 90 days), for
                          "npm run rules -- plan" to replay
  --channel-url NAME=URL  send to a server of yours instead of the stand-in;
                          NAME is slack, pagerduty, or a channel of the config.
                          Can be given several times
  --digests               as deployed, what comes together is told together, at
                          the channels' pace; without it each alert's own
                          message is shown
  --keep                  go on running afterwards, until Ctrl-C: "npm run
                          history -- ALARM" and "npm run dead-letters -- list"
                          in another terminal then look into it
  --watch                 go on: replay the same events after each edit of the
                          rules file, and show what it changed
  --live                  send to the real channels; asks first. Secrets come
                          from the environment: SECRET_<NAME> for each secret
                          that the config names
                          (SECRET_SLACK_WARNING=https://…); for email
                          EMAIL_TOPIC_ARN_PREFIX (the stack's output) and AWS
                          credentials. A channel without its secret stays with
                          the stand-in
  --yes                   with --live: don't ask
  --help                  this text

To see a channel fail, point it to a server of yours that answers 404 (a revoked
webhook) or 500. In one terminal, and then in another:

  node -e 'require("http").createServer((_, r) =>
    r.writeHead(404).end()).listen(8404)'
  npm run replay -- --keep --channel-url slack=http://localhost:8404

Exit code: 0 all handled; 1 something was refused or not delivered, the rules
can't be read, or nothing was sent; 2 wrong usage.
`

const OPTIONS = {
  config: { type: 'string', default: CONFIG_FOLDER },
  record: { type: 'boolean', default: false },
  show: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  digests: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
  live: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'channel-url': { type: 'string', multiple: true, default: [] as string[] },
} as const

export interface ReplayArguments {
  paths: string[]
  config: string
  record: boolean
  show: boolean
  json: boolean
  digests: boolean
  keep: boolean
  watch: boolean
  live: boolean
  yes: boolean
  /** By the channel's name or type. */
  channelUrls: Record<string, string>
}

/** @throws {UsageError} that says what is wrong and what is allowed. */
export function replayArguments(argv: string[]): ReplayArguments {
  const { values, positionals } = readArguments(argv, OPTIONS, 'paths')
  for (const other of ['live', 'json'] as const) {
    if (values.watch && values[other]) throw new UsageError(`--watch and --${other}: one or the other`)
  }
  return {
    paths: positionals.length > 0 ? positionals : ['samples'],
    config: values.config,
    record: values.record,
    show: values.show,
    json: values.json,
    digests: values.digests,
    keep: values.keep,
    watch: values.watch,
    live: values.live,
    yes: values.yes,
    channelUrls: Object.fromEntries(values['channel-url'].map(channelUrl)),
  }
}

function channelUrl(argument: string): [string, string] {
  const equals = argument.indexOf('=')
  const name = argument.slice(0, equals)
  const url = argument.slice(equals + 1)
  if (equals < 1) throw new UsageError(`--channel-url ${argument}: write NAME=URL, as in slack=http://localhost:8080`)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`--channel-url ${argument}: "${url}" is not an http or https URL`)
  }
  return [name, url]
}
