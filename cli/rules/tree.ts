import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { treeOf } from '../../shared/explain/tree.ts'
import { UsageError } from '../command.ts'
import { widthOf } from '../wrap.ts'
import { readOptions } from './arguments.ts'
import { alertWith, readFields } from './set.ts'
import { toldBy, treeInWords } from './tree/print.ts'

export const help = `Who gets what: the rules of each severity, and the channels that each sends to.

  npm run rules -- tree [--set FIELD=VALUE]… [--config PATH] [--json]

  --set FIELD=VALUE  only of alerts with this, as in --set tags.team=orders.
                     Can be given several times; what is not given may be
                     anything
  --config PATH      the rules, a file or a folder; ${CONFIG_FOLDER}/
  --json             {"config", "set", "nonProduction", "rules": [{"rule",
                     "position", "matches", "continues", "severity",
                     "otherwise", "channels", "instead", "times"}],
                     "neverReached", "default", "channels"}

A number is where a rule stands: the first that matches decides.

Exit code: 0 told, 1 the rules can't be read, 2 wrong usage.
`

const NO_DURATION =
  'a tree shows all durations. To try one, explain an alert: npm run rules -- explain --firing-since TIME'

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string', default: CONFIG_FOLDER },
    set: { type: 'string', multiple: true, default: [] },
  } as const)
  if (positionals.length > 0) {
    throw new UsageError(`"${positionals.join(' ')}": name fields as --set FIELD=VALUE, and rules as --config PATH.`)
  }
  const fields = readFields(values.set, NO_DURATION)
  const config = readConfig(values.config)
  const tree = treeOf(config, alertWith(fields, new Date()), new Set(fields.keys()))
  if (!values.json) {
    process.stdout.write(treeInWords(tree, config, { path: values.config, fields, width: widthOf(process.stdout) }))
    return 0
  }
  const { branches, byDefault, ...rest } = tree
  const { severity, channels } = byDefault ?? {}
  const json = {
    ...{ config: values.config, set: Object.fromEntries(fields), ...rest, rules: branches },
    ...(byDefault && { default: { severity, channels } }),
    channels: Object.fromEntries(toldBy(tree, config)),
  }
  process.stdout.write(`${JSON.stringify(json)}\n`)
  return 0
}
