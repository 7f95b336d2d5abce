import { UsageError } from '../command.ts'
import type { REPLAY } from '../commands/replay.ts'
import type { Given } from '../frame/spec.ts'
import { samplesFolder } from '../own-files.ts'

export interface ReplayArguments {
  paths: string[]
  config: string
  record: boolean
  show: boolean
  json: boolean
  digests: boolean
  evidence: boolean
  keep: boolean
  watch: boolean
  live: boolean
  yes: boolean
  /** By the channel's name or type. */
  channelUrls: Record<string, string>
}

/** @throws {UsageError} that names the problem and what is allowed. */
export function replayArguments({ options, args }: Given<typeof REPLAY>): ReplayArguments {
  const { 'channel-url': channelUrls, ...rest } = options
  return {
    ...rest,
    paths: args.length > 0 ? args : [samplesFolder()],
    channelUrls: Object.fromEntries(channelUrls.map(channelUrl)),
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
