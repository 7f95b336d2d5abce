import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { readArguments } from './arguments.ts'
import { commandOf, runCommand, UsageError } from './command.ts'
import { count } from './count.ts'
import { type CheckedRules, checkRules } from './package/check-rules.ts'

const HELP = `Checks the rules (config/*.yml) and runs their cases (config/tests/), as push
does; makes a zip of each function and the CloudFormation template in
.serverless/, and has AWS's own validator check the template. Needs no AWS
account and no network. What an earlier package left there is deleted first.

  npm run package -- [--stage dev] [--region us-east-1]

Exit code: 0 packaged and valid, 1 something is wrong with the rules (an error,
or a case that fails; warnings are counted) or the template, 2 wrong usage.
`

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/
const OUTPUT = '.serverless'
const STATE = `${OUTPUT}/serverless-state.json`
const TEMPLATE = `${OUTPUT}/cloudformation-template-update-stack.json`

export const packageService = commandOf('package', main, HELP)

await runCommand(import.meta, packageService)

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv)
  // A package that fails must leave no older one behind, which would pass for its own.
  rmSync(OUTPUT, { recursive: true, force: true })
  // Serverless checks them too (cli/package/plugin.ts); this says it without its frame.
  const checked = checkRules(readConfig(CONFIG_FOLDER), CONFIG_FOLDER, { withWarnings: true })
  if (checked.refusal !== undefined) return complain(checked.refusal)
  if (!runServerless(options)) return complain('serverless could not package it; its reason stands above.')
  // Rules that are refused, and --help, do not wait for it.
  const { validate } = await import('./package/validate.ts')
  const findings = validate(TEMPLATE)
  if (findings.length > 0) return complain(`${TEMPLATE} is not valid:\n${findings.join('\n')}`)
  return say(summary(options.stage, checked))
}

function readOptions(argv: string[]) {
  const options = { stage: { type: 'string', default: 'dev' }, region: { type: 'string' } } as const
  const { values } = readArguments(argv, options, 'none')
  if (STAGE.test(values.stage)) return values
  throw new UsageError(
    `--stage ${values.stage}: a stage's name begins with a letter, and is up to 20 letters, digits and dashes: it is part of every name`,
  )
}

/** Its output is shown only when it fails. */
function runServerless({ stage, region }: { stage: string; region?: string }): boolean {
  const args = ['package', '--stage', stage, ...(region ? ['--region', region] : [])]
  const cli = resolve('node_modules/serverless/bin/serverless.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' })
  if (status !== 0) process.stderr.write(stdout + stderr)
  return status === 0
}

/** The region that serverless has taken: from the option, the environment, or its default. */
function packagedRegion(): string {
  return JSON.parse(readFileSync(STATE, 'utf8')).service.provider.region
}

function rulesInWords({ warnings, cases, notLookedAt }: CheckedRules): string {
  const few = warnings === 0 ? 'no warnings' : count(warnings, 'warning')
  const tried = cases === 0 ? 'no cases' : `${count(cases, 'case')} as expected`
  const left = notLookedAt.map((one) => `\nNot looked at: ${one}.`).join('')
  return `Rules checked: no errors, ${few}${warnings > 0 ? ' (npm run rules -- check)' : ''}, ${tried}.${left}`
}

function summary(stage: string, checked: CheckedRules): string {
  const region = packagedRegion()
  const zips = globSync(`${OUTPUT}/*.zip`).sort()
  const sizes = zips.map((zip) => `  ${basename(zip).padEnd(24)}${Math.round(statSync(zip).size / 1024)} KB`)
  return [
    `Packaged for stage ${stage} in ${region}, template valid.`,
    rulesInWords(checked),
    `Functions, in ${OUTPUT}/:`,
    ...sizes,
    `Template: ${TEMPLATE}`,
    `Deploy it with: npm run deploy -- --stage ${stage} --region ${region}`,
  ].join('\n')
}

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`)
  return 1
}
