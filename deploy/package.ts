import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '../shared/config/check.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { validate } from './validate.ts'

const USAGE = `npm run package -- [--stage dev] [--region us-east-1]

Checks the rules (config/*.yml), makes a zip of each function and the CloudFormation template in .serverless/, and has AWS's
own validator check the template. Needs no AWS account and no network.`

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,19}$/
const OUTPUT = '.serverless'
const TEMPLATE = `${OUTPUT}/cloudformation-template-update-stack.json`

/** 0 packaged and valid, 1 something is wrong with the rules or the template, 2 wrong usage. */
function main(): number {
  const options = readOptions()
  if (options === undefined) return 2
  if (options.help) return say(USAGE)
  try {
    // Serverless checks it too (deploy/plugin.ts); this says it without its frame.
    readConfig(CONFIG_FOLDER)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return complain(error.message)
  }
  if (!runServerless(options)) return complain('serverless could not package it; its reason stands above.')
  const findings = validate(TEMPLATE)
  if (findings.length > 0) return complain(`${TEMPLATE} is not valid:\n${findings.join('\n')}`)
  return say(summary(options.stage))
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        stage: { type: 'string', default: 'dev' },
        region: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (STAGE.test(values.stage)) return values
    complain(`--stage ${values.stage}: a stage's name is up to 20 letters, digits and dashes: it is part of every name`)
  } catch (error) {
    complain(`${(error as Error).message}\n\n${USAGE}`)
  }
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

process.exitCode = main()
