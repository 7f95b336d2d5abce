import { UsageError } from './command.ts'
import type { DOCTOR } from './commands/operate.ts'
import { findingsIn } from './doctor/findings.ts'
import { describe, inJson } from './doctor/print.ts'
import { readDeployed } from './doctor/read/aws.ts'
import { readPackage, withRulesHere } from './doctor/read/package.ts'
import type { Given } from './frame/spec.ts'
import { stageName } from './rules/live/place.ts'

export async function doctor(given: Given<typeof DOCTOR>): Promise<number> {
  const { json, offline, stage: name, region, secrets } = checked(given)
  const stage =
    offline || name === undefined
      ? readPackage({ stage: name, region })
      : withRulesHere(await readDeployed({ stage: name, withSecretValues: secrets }))
  const findings = findingsIn(stage)
  process.stdout.write(`${json ? inJson(stage, findings) : describe(stage, findings)}\n`)
  return findings.length > 0 ? 1 : 0
}

function checked({ options }: Given<typeof DOCTOR>) {
  const { stage, region, offline } = options
  if (stage === undefined && !offline) throw new UsageError('Give a stage, as in --stage prod, or --offline.')
  if (stage !== undefined) stageName(stage)
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError(`--region ${region}: not a region. Write it as in eu-west-1`)
  }
  return options
}
