import { commandLine } from '../../shared/config/command-line.ts'
import { readConfig } from '../../shared/config/read.ts'
import { treeOf } from '../../shared/explain/tree.ts'
import type { TREE } from '../commands/rules.ts'
import type { Given } from '../frame/spec.ts'
import { widthOf } from '../wrap.ts'
import { alertWith, readFields } from './set.ts'
import { channelsByName, describeTree } from './tree/print.ts'

const NO_DURATION = `a tree shows all durations. To try one, explain an alert: ${commandLine('rules explain --firing-since TIME')}`

export async function run({ options }: Given<typeof TREE>): Promise<number> {
  const fields = readFields(options.set, NO_DURATION)
  const config = readConfig(options.config)
  const tree = treeOf(config, alertWith(fields, new Date()), new Set(fields.keys()))
  if (!options.json) {
    process.stdout.write(describeTree(tree, config, { path: options.config, fields, width: widthOf(process.stdout) }))
    return 0
  }
  const { branches, byDefault, ...rest } = tree
  const { severity, channels } = byDefault ?? {}
  const json = {
    ...{ config: options.config, set: Object.fromEntries(fields), ...rest, rules: branches },
    ...(byDefault && { default: { severity, channels } }),
    channels: Object.fromEntries(channelsByName(tree, config)),
  }
  process.stdout.write(`${JSON.stringify(json)}\n`)
  return 0
}
