import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf, versionOf } from '../../shared/live-config/version.ts'
import { UsageError } from '../command.ts'
import { readOptions } from './arguments.ts'
import { editsInWords, editsOf } from './diff/edits.ts'
import { liveInWords, stageName } from './live/place.ts'
import { appConfigClient, readStage } from './live/stage.ts'

/** 2 says that they differ: a script must not take a mistake for that. */
export const wrongUsage = 1

export const help = `What your rules say otherwise than those that are live in a stage.

  npm run rules -- diff --stage STAGE [--config PATH] [--json]

  --stage STAGE   the router of that stage, by the credentials and the region
                  of your environment, or --profile NAME and --region REGION
  --config PATH   your rules, a file or a folder; ${CONFIG_FOLDER}/
  --json          {"stage", "account", "region", "live", "version",
                  "differences": [{"what", "before", "after"}]}

"-" is live, "+" is yours. It reads AppConfig, as "push" does, and changes
nothing. What the edit does to alerts: npm run rules -- plan.

Exit code: 0 both say the same, 2 they do not, 1 it can't be told, or wrong
usage.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    stage: { type: 'string' },
    config: { type: 'string', default: CONFIG_FOLDER },
  } as const)
  if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}": name the rules as --config PATH.`)
  const name = stageName(values.stage)
  const config = readConfig(values.config)
  const version = versionOf(documentOf(config))
  const client = appConfigClient()
  try {
    const { place, current } = await readStage(client, name)
    const differences = editsOf(current.config, config)
    if (values.json) {
      process.stdout.write(`${JSON.stringify({ ...place, live: current.version, version, differences })}\n`)
    } else {
      process.stdout.write(`${liveInWords(place, current.version)} → ${values.config} (version ${version})\n\n`)
      process.stdout.write(`${version === current.version ? 'They are the same.' : editsInWords(differences)}\n`)
    }
    return differences.length > 0 ? 2 : 0
  } finally {
    client.destroy()
  }
}
