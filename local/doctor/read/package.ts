import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FOLDER } from '../../../shared/config/files.ts'
import { ConfigError } from '../../../shared/config/problem.ts'
import { readConfig } from '../../../shared/config/read.ts'
import { documentOf, versionOf } from '../../../shared/config/version.ts'
import { UsageError } from '../../command.ts'
import type { Stage } from '../stage.ts'
import type { Template } from './names.ts'
import { stageOf } from './template.ts'

const FOLDER = '.serverless'
/** Stands for the account of whoever deploys it: a package does not know it. */
const ACCOUNT = '123456789012'

/**
 * What `npm run package` has made, as a stage.
 * @throws {UsageError} when there is no package, or it is of another stage.
 */
export function readPackage({ stage, region }: { stage?: string; region?: string }): Stage {
  const how = `npm run package -- --stage ${stage ?? 'prod'}`
  const template = readJson(join(FOLDER, 'cloudformation-template-update-stack.json')) as Template | undefined
  if (!template) throw new UsageError(`There is no packaged template in ${FOLDER}/. Make one with "${how}".`)
  const state = readJson(join(FOLDER, 'serverless-state.json')) as
    | { service?: { provider?: { region?: string } } }
    | undefined
  const packaged = stageIn(template)
  if (packaged === undefined)
    throw new UsageError(`The template in ${FOLDER}/ names no stage. Make it anew with "${how}".`)
  if (stage !== undefined && stage !== packaged) {
    throw new UsageError(`The template in ${FOLDER}/ is of stage ${packaged}, not ${stage}. Make that with "${how}".`)
  }
  const place = {
    partition: 'aws',
    region: region ?? state?.service?.provider?.region ?? 'us-east-1',
    account: ACCOUNT,
  }
  return withRulesHere(stageOf(template, { name: packaged, place, now: Date.now() }))
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageError(`${file} can't be read: ${(error as Error).message}. Make it anew with "npm run package".`)
  }
}

/** Each function knows its stage. */
function stageIn({ Resources }: Template): string | undefined {
  for (const { Type, Properties } of Object.values(Resources)) {
    const { Variables } = (Properties?.Environment ?? {}) as { Variables?: Record<string, unknown> }
    if (Type === 'AWS::Lambda::Function' && typeof Variables?.STAGE === 'string') return Variables.STAGE
  }
}

/** With the version of the rules in this folder; where they have mistakes, that is what could not be read. */
export function withRulesHere(stage: Stage): Stage {
  try {
    const here = versionOf(documentOf(readConfig(CONFIG_FOLDER)))
    return { ...stage, rules: stage.rules && { ...stage.rules, here } }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const why = error.message.split('\n')[0] ?? ''
    return { ...stage, unread: [...stage.unread, { what: `the rules in ${CONFIG_FOLDER}/`, why }] }
  }
}
