import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from '../../../shared/config/command-line.ts'
import { CONFIG_FOLDER, isThere, readable } from '../../../shared/config/files.ts'
import { ConfigError, FileError } from '../../../shared/config/problem.ts'
import { readConfig } from '../../../shared/config/read.ts'
import { documentOf, versionOf } from '../../../shared/live-config/version.ts'
import { UsageError } from '../../command.ts'
import type { Stage } from '../stage.ts'
import type { Template } from './names.ts'
import { stageOf } from './template.ts'

const FOLDER = '.serverless'
const TEMPLATE = join(FOLDER, 'cloudformation-template-update-stack.json')
/** A placeholder for the account, which a package does not know. */
const ACCOUNT = '123456789012'

/**
 * The output of `package`, as a stage.
 * @throws {FileError} when there is no package. @throws {UsageError} when it is for another stage.
 */
export function readPackage({ stage, region }: { stage?: string; region?: string }): Stage {
  const how = commandLine(`package --stage ${stage ?? 'prod'}${region === undefined ? '' : ` --region ${region}`}`)
  const found = readJson(TEMPLATE, how)
  if (found === undefined) throw new FileError(`No packaged template in ${FOLDER}/. Build one with "${how}".`)
  const template = templateIn(found, how)
  const packaged = stageIn(template)
  if (packaged === undefined) {
    throw new FileError(`${TEMPLATE} has no function with its stage. Rebuild it with "${how}".`)
  }
  if (stage !== undefined && stage !== packaged) {
    throw new UsageError(`The template in ${FOLDER}/ is for stage ${packaged}, not ${stage}. Build that with "${how}".`)
  }
  const state = readJson(join(FOLDER, 'serverless-state.json'), how) as
    | { service?: { provider?: { region?: string } } }
    | null
    | undefined
  const made = state?.service?.provider?.region
  if (region !== undefined && made !== undefined && region !== made) {
    throw new UsageError(`The template in ${FOLDER}/ was built for ${made}, not ${region}. Build that with "${how}".`)
  }
  const place = { partition: 'aws', region: region ?? made ?? 'us-east-1', account: ACCOUNT }
  return withRulesHere(stageOf(template, { name: packaged, place, now: Date.now() }))
}

/** @throws {FileError} for JSON that is not a template. */
function templateIn(found: unknown, how: string): Template {
  const resources = isObject(found) ? found.Resources : undefined
  if (!isObject(resources) || Object.keys(resources).length === 0) {
    throw new FileError(`${TEMPLATE} is not a CloudFormation template: it has no Resources. Rebuild it with "${how}".`)
  }
  const broken = Object.keys(resources).find((id) => !isObject(resources[id]))
  if (broken !== undefined) {
    throw new FileError(`${TEMPLATE} is broken: the resource "${broken}" has no Type. Rebuild it with "${how}".`)
  }
  return found as Template
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readJson(file: string, how: string): unknown {
  if (!isThere(file)) return undefined
  const text = readable(file, () => readFileSync(file, 'utf8'))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FileError(`${file}: cannot be read: ${(error as Error).message}. Rebuild it with "${how}".`)
  }
}

/** Each function has its stage in its environment. */
function stageIn({ Resources }: Template): string | undefined {
  for (const { Type, Properties } of Object.values(Resources)) {
    const { Variables } = (Properties?.Environment ?? {}) as { Variables?: Record<string, unknown> }
    if (Type === 'AWS::Lambda::Function' && typeof Variables?.STAGE === 'string') return Variables.STAGE
  }
}

/** Adds the version of the rules in this folder; rules with errors are recorded as unread. */
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
