import { AWS_HELP, readArguments } from './arguments.ts'
import { commandOf, runCommand, UsageError } from './command.ts'
import { findingsIn } from './doctor/findings.ts'
import { inJson, inWords } from './doctor/print.ts'
import { readDeployed } from './doctor/read/aws.ts'
import { readPackage, withRulesHere } from './doctor/read/package.ts'
import { stageName } from './rules/live/place.ts'

const HELP = `Looks for what would keep an alert from arriving, and says how to fix it. It
changes nothing.

  npm run doctor -- --stage prod [--secrets] [--json]
  npm run doctor -- --offline [--stage prod] [--region eu-west-1] [--json]

  --stage STAGE    what that stage has in AWS
${AWS_HELP}
  --secrets        reads the secrets, too, to see that none is blank. It prints
                   none. Needs secretsmanager:GetSecretValue
  --offline        the template in .serverless/, which "npm run package" makes.
                   Needs no account and no network
  --json           {"stage", "region", "account", "partition", "source",
                   "findings": [{"id", "severity", "about", "resource", "what",
                   "keeps", "fix"}]}
  --help           this text

A finding is an error (alerts do not arrive), a warning (some may not, or nobody
would hear of it), or unknown: what AWS did not let it read, or did not answer,
is never taken for well. README.md lists the rights that it needs; all of them
only read.

Exit code: 0 nothing found, 1 something found or unknown, 2 wrong usage.
`

/** `npm run doctor`. */
export const doctor = commandOf('doctor', main, HELP)

await runCommand(import.meta, doctor)

async function main(argv: string[]): Promise<number> {
  const { json, offline, stage: name, region, secrets } = doctorArguments(argv)
  const stage =
    offline || name === undefined
      ? readPackage({ stage: name, region })
      : withRulesHere(await readDeployed({ stage: name, withSecretValues: secrets }))
  const findings = findingsIn(stage)
  process.stdout.write(`${json ? inJson(stage, findings) : inWords(stage, findings)}\n`)
  return findings.length > 0 ? 1 : 0
}

function doctorArguments(argv: string[]) {
  const { values } = readArguments(
    argv,
    {
      stage: { type: 'string' },
      offline: { type: 'boolean', default: false },
      secrets: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    'none',
  )
  const { stage, region, offline, secrets } = values
  if (stage === undefined && !offline) throw new UsageError('Name a stage, as in --stage prod, or say --offline.')
  if (stage !== undefined) stageName(stage)
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError(`--region ${region}: the name of a region, as in eu-west-1`)
  }
  if (offline && secrets) throw new UsageError('--secrets reads from AWS, and --offline reads nothing there.')
  return values
}
