import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import type { DEPLOY } from './commands/deploy.ts'
import type { Given } from './frame/spec.ts'
import { checkRules } from './package/check-rules.ts'
import { checkStage, runServerless } from './package/serverless.ts'

/** Serverless prints the rest: its progress over minutes, and CloudFormation's errors. */
export async function deploy({ options }: Given<typeof DEPLOY>): Promise<number> {
  checkStage(options.stage)
  // Serverless checks them too (cli/package/plugin.ts); this prints the errors without its frame.
  const { refusal } = checkRules(readConfig(CONFIG_FOLDER), CONFIG_FOLDER)
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`)
    return 1
  }
  return (await runServerless('deploy', options)) ? 0 : 1
}
