import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { commandLine } from '../shared/config/command-line.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import type { PACKAGE } from './commands/deploy.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { type CheckedRules, checkRules } from './package/check-rules.ts'
import { checkStage, runServerless } from './package/serverless.ts'

const OUTPUT = '.serverless'
const STATE = `${OUTPUT}/serverless-state.json`
const TEMPLATE = `${OUTPUT}/cloudformation-template-update-stack.json`

export async function packageService({ options }: Given<typeof PACKAGE>): Promise<number> {
  checkStage(options.stage)
  // If packaging fails, no older package may be left: it would look like the result.
  rmSync(OUTPUT, { recursive: true, force: true })
  // Serverless checks them too (cli/package/plugin.ts); this prints the errors without its frame.
  const checked = checkRules(readConfig(CONFIG_FOLDER), CONFIG_FOLDER, { withWarnings: true })
  if (checked.refusal !== undefined) return complain(checked.refusal)
  const isPackaged = await runServerless('package', options, { isQuiet: true })
  if (!isPackaged) return complain('serverless failed to package it; see its error above.')
  // Rejected rules do not wait for it.
  const { validate } = await import('./package/validate.ts')
  const findings = validate(TEMPLATE)
  if (findings.length > 0) return complain(`${TEMPLATE} is not valid:\n${findings.join('\n')}`)
  const packaged = { stage: options.stage, region: packagedRegion(), checked, zips: zipsIn(OUTPUT) }
  process.stdout.write(`${options.json ? JSON.stringify(asJson(packaged)) : summary(packaged)}\n`)
  return 0
}

interface Packaged {
  stage: string
  region: string
  checked: CheckedRules
  zips: { zip: string; bytes: number }[]
}

function zipsIn(folder: string): Packaged['zips'] {
  const zips = globSync(`${folder}/*.zip`).sort()
  return zips.map((zip) => ({ zip, bytes: statSync(zip).size }))
}

function asJson({ stage, region, checked, zips }: Packaged) {
  const { warnings, cases, notChecked } = checked
  return { stage, region, template: TEMPLATE, functions: zips, warnings, cases, notChecked }
}

/** The region that serverless used: from the option, the environment, or its default. */
function packagedRegion(): string {
  return JSON.parse(readFileSync(STATE, 'utf8')).service.provider.region
}

function describeRules({ warnings, cases, notChecked }: CheckedRules): string {
  const few = warnings === 0 ? 'no warnings' : count(warnings, 'warning')
  const tried = cases === 0 ? 'no cases' : `${count(cases, 'case')} passed`
  const left = notChecked.map((one) => `\nNot checked: ${one}.`).join('')
  return `Rules checked: no errors, ${few}${warnings > 0 ? ` (${commandLine('rules check')})` : ''}, ${tried}.${left}`
}

function summary({ stage, region, checked, zips }: Packaged): string {
  const sizes = zips.map(({ zip, bytes }) => `  ${basename(zip).padEnd(24)}${Math.round(bytes / 1024)} KB`)
  return [
    `Packaged for stage ${stage} in ${region}, template valid.`,
    describeRules(checked),
    `Functions, in ${OUTPUT}/:`,
    ...sizes,
    `Template: ${TEMPLATE}`,
    `Deploy it with: ${commandLine(`deploy --stage ${stage} --region ${region}`)}`,
  ].join('\n')
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`)
  return 1
}
