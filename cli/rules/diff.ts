import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import type { DIFF } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { describeEdits, editsOf } from './diff/edits.ts'
import { describeLive, stageName } from './live/place.ts'
import { appConfigClient, readStage } from './live/stage.ts'

export async function run({ options }: Given<typeof DIFF>): Promise<number> {
  const name = stageName(options.stage)
  const config = readConfig(options.config)
  const version = versionOf(documentOf(config))
  const client = appConfigClient()
  try {
    const { place, current } = await readStage(client, name)
    const differences = editsOf(current.config, config)
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ ...place, live: current.version, version, differences })}\n`)
    } else {
      process.stdout.write(`${describeLive(place, current.version)} → ${options.config} (version ${version})\n\n`)
      process.stdout.write(`${version === current.version ? 'No differences.' : describeEdits(differences)}\n`)
    }
    return options['detailed-exitcode'] && differences.length > 0 ? 3 : 0
  } finally {
    client.destroy()
  }
}
