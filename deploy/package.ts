import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { readArguments } from '../local/arguments.ts'
import { commandOf, runCommand, UsageError } from '../local/command.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { validate } from './validate.ts'

const HELP = `Checks the rules (config/*.yml), makes a zip of each function and the
CloudFormation template in .serverless/, and has AWS's own validator check the
template. Needs no AWS account and no network.

  npm run package -- [--stage dev] [--region us-east-1]

Exit code: 0 packaged and valid, 1 something is wrong with the rules or the
template, 2 wrong usage.
`

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/
const OUTPUT = '.serverless'
const TEMPLATE = `${OUTPUT}/cloudformation-template-update-stack.json`

await runCommand(import.meta, commandOf('package', main, HELP))

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv)
  // Serverless checks it too (deploy/plugin.ts); this says it without its frame.
  readConfig(CONFIG_FOLDER)
  if (!runServerless(options)) return complain('serverless could not package it; its reason stands above.')
  const findings = validate(TEMPLATE)
  if (findings.length > 0) return complain(`${TEMPLATE} is not valid:\n${findings.join('\n')}`)
  return say(summary(options.stage))
}

function readOptions(argv: string[]) {
  const options = { stage: { type: 'string', default: 'dev' }, region: { type: 'string' } } as const
  const { values } = readArguments(argv, options, 'none')
  if (STAGE.test(values.stage)) return values
  throw new UsageError(
    `--stage ${values.stage}: a stage's name is up to 20 letters, digits and dashes: it is part of every name`,
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

function summary(stage: string): string {
  const zips = globSync(`${OUTPUT}/*.zip`).sort()
  const sizes = zips.map((zip) => `  ${basename(zip).padEnd(24)}${Math.round(statSync(zip).size / 1024)} KB`)
  return [
    `Packaged for stage ${stage}, rules checked, template valid.`,
    `Functions, in ${OUTPUT}/:`,
    ...sizes,
    `Template: ${TEMPLATE}`,
    `Deploy it with: npm run deploy -- --stage ${stage}`,
  ].join('\n')
}

function say(text: string): number {
  console.log(text)
  return 0
}

function complain(text: string): number {
  console.error(text)
  return 1
}
