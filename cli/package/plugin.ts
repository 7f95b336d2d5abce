import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppConfigClient, type AppConfigClientConfig } from '@aws-sdk/client-appconfig'
import { dashboard } from '../../deploy/dashboard.ts'
import { channelQueues, delivererOf, deliverers } from '../../deploy/deliverers.ts'
import { emailTopics } from '../../deploy/email-topics.ts'
import { EVIDENCE_ROLE, evidence, evidenceResources } from '../../deploy/evidence.ts'
import { heartbeat } from '../../deploy/heartbeat.ts'
import { inbox, inboxResources } from '../../deploy/inbox.ts'
import { liveConfig, liveConfigArn, liveConfigPlace } from '../../deploy/live-config.ts'
import { organization } from '../../deploy/organization/bus.ts'
import { asPaired, isSecond, type PairedStack, pairIn } from '../../deploy/pair.ts'
import { drills, hasDrills } from '../../deploy/platform/drills.ts'
import { platformStack } from '../../deploy/platform/platform.ts'
import { probe } from '../../deploy/platform/probe.ts'
import { hasReports, reportPolicies, reports } from '../../deploy/platform/reports.ts'
import { deletePushedRules } from '../../deploy/pushed-rules.ts'
import { reconcile } from '../../deploy/reconcile.ts'
import { savedQuery } from '../../deploy/saved-query.ts'
import { sesResources } from '../../deploy/ses.ts'
import { sendersIn } from '../../deploy/ses-rights.ts'
import { reconcileAlarms, watch } from '../../deploy/watch.ts'
import { CHANNEL_TYPES } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Platform } from '../../schemas/platform.ts'
import { ConfigError } from '../../shared/config/check.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf } from '../../shared/live-config/version.ts'
import { readPlatform } from '../../shared/platform/read.ts'
import { checkRules } from './check-rules.ts'
import { STACK_SETTINGS } from './service.ts'

/** The file that the functions read (CONFIG_FILE); only in their zips. */
const CHECKED_RULES = 'config/alerts.json'
/** What is watched, for the functions that ask and report. */
const CHECKED_PLATFORM = 'config/platform.json'
/** As in serverless.yml. */
const DEFAULT_STAGE = 'dev'
/** The role that serverless-iam-roles-per-function copies for each function; unused afterwards. */
const SHARED_ROLE = 'IamRoleLambdaExecution'

/** The stack's functions, and the queues that feed them. */
const FUNCTIONS = ['route', ...CHANNEL_TYPES.map(delivererOf), 'tick', 'validate-config']
const QUEUES = ['alarms', ...CHANNEL_TYPES]

/** The placeholder in serverless.yml until somebody sets the operator. */
const NOBODY = 'platform-team@example.com'

interface Resource {
  DependsOn?: string | string[]
  Properties?: { Endpoint?: unknown; Policies?: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[] }
}
type Resources = Record<string, Resource>

/** `package`: further files for its zip, and the zip once it is made. */
interface LambdaFunction {
  handler: string
  package?: { patterns?: string[]; artifact?: string }
}

/** The parts of serverless that we use. */
interface Serverless {
  serviceDir: string
  classes: { Error: new (message: string, code: string) => Error }
  getProvider(name: 'aws'): { getStage(): string; getAwsSdkV3Config(): Promise<AppConfigClientConfig> }
  service: {
    service: string
    package: { patterns: string[] }
    functions: Record<string, LambdaFunction>
    provider: {
      region?: string
      compiledCloudFormationTemplate: { Resources: Resources; Outputs?: Record<string, object> }
    }
    custom?: { regions?: unknown }
  }
}

/**
 * Connects the rules (config/*.yml) with the stack, for both `serverless package` and `serverless deploy`: reads
 * them first, rejects rules that `push` would reject before packaging anything, provides values derived from them to
 * serverless.yml as `${alerts:…}`, and makes the functions' zips, with the rules in each.
 */
export default class AlertsPlugin {
  readonly configurationVariablesSources
  readonly hooks

  constructor(
    serverless: Serverless,
    { stage = DEFAULT_STAGE, function: only }: { stage?: string; function?: string } = {},
  ) {
    const config = asMistake(serverless, () => readConfig(CONFIG_FOLDER))
    const platform = asMistake(serverless, () => platformOf(stage))
    const stackParts = partsOf(config, platform)
    // What watches the platform, and reports about it, is in the first of two regions alone.
    const partsOfSecond = { ...stackParts, ...partsOfPlatform(config, undefined) }
    this.configurationVariablesSources = {
      alerts: {
        resolve: async ({ address, resolveVariable }: Asked) => {
          const regions = await resolveVariable('param:regions')
          const parts = isSecond(regions, await resolveVariable('self:provider.region')) ? partsOfSecond : stackParts
          const [, id] = /^organization-(.*)$/.exec(address) ?? []
          const part = id === undefined ? parts[address] : asMistake(serverless, () => organization(id))
          return { value: part ?? null }
        },
      },
    }

    const files = { [CHECKED_RULES]: documentOf(config), [CHECKED_PLATFORM]: JSON.stringify(platform ?? {}) }
    // After the earlier package was deleted: rejected rules leave no package behind.
    const refuse = () => {
      refuseUnsound(serverless, config)
      pairOf(serverless)
    }
    this.hooks = {
      'after:package:cleanup': refuse,
      'before:deploy:function:initialize': refuse,
      'before:package:createDeploymentArtifacts': () => zip(serverless, files),
      'before:deploy:function:packageFunction': () => zip(serverless, files, only),
      'before:aws:package:finalize:saveServiceState': () => {
        const { compiledCloudFormationTemplate: template } = serverless.service.provider
        tidyRoles(template.Resources)
        const pair = pairOf(serverless)
        if (pair) asPaired(template, pair)
      },
      'before:deploy:deploy': () => refuseNobody(serverless),
      'before:remove:remove': () => forgetPushed(serverless),
    }
  }
}

/** Makes the zip of each function, or of one, in which serverless finds those of `files` that its patterns name. */
async function zip(serverless: Serverless, files: Record<string, string>, only?: string): Promise<void> {
  const { serviceDir, service } = serverless
  // esbuild is needed for nothing else that serverless does.
  const { writeZip } = await import('./zips.ts')
  mkdirSync(join(serviceDir, '.serverless'), { recursive: true })
  const made = Object.entries(service.functions).filter(([name]) => only === undefined || name === only)
  await Promise.all(
    made.map(async ([name, lambda]) => {
      const patterns = [...service.package.patterns, ...(lambda.package?.patterns ?? [])]
      const named = Object.fromEntries(Object.entries(files).filter(([file]) => patterns.includes(file)))
      const artifact = join('.serverless', `${name}.zip`)
      await writeZip(join(serviceDir, artifact), { folder: serviceDir, handler: lambda.handler, files: named })
      lambda.package = { ...lambda.package, artifact }
    }),
  )
}

/** What a variable of serverless.yml, `${alerts:…}`, asks for. */
interface Asked {
  address: string
  resolveVariable(name: string): Promise<unknown>
}

/** The parts of the stack that follow from the rules and the platform, by their names in serverless.yml. */
function partsOf(config: Config, platform: Platform | undefined): Record<string, unknown> {
  const senders = sendersIn(config)
  return {
    ...switched('deliverers', deliverers({ hasInbox: true, senders }), deliverers({ senders })),
    channelQueues: channelQueues(),
    heartbeat: heartbeat(),
    ...switched('dashboard', dashboard(config, QUEUES, { hasInbox: true }), dashboard(config, QUEUES)),
    ...switched('inbox', inbox(), {}),
    ...switched('inboxResources', inboxResources(), { Resources: {} }),
    liveConfig: liveConfig(config),
    liveConfigPlace,
    liveConfigArn,
    ...switched('reconcile', reconcile(platform), {}),
    ...switched('reconcileAlarms', { Resources: reconcileAlarms() }, { Resources: {} }),
    ...switched('emailTopics', emailTopics(config, [EVIDENCE_ROLE]), emailTopics(config)),
    ses: sesResources(senders),
    ...switched('savedQuery', savedQuery([...FUNCTIONS, 'evidence']), savedQuery(FUNCTIONS)),
    ...switched('evidence', evidence(platform, senders), {}),
    ...switched('evidenceResources', evidenceResources(), { Resources: {} }),
    ...partsOfPlatform(config, platform),
  }
}

/** Those that watch a platform, and report about it. */
function partsOfPlatform(config: Config, platform: Platform | undefined): Record<string, unknown> {
  return {
    watch: watch(config.channels, { hasReports: hasReports(platform), hasDrills: hasDrills(platform) }),
    probe: probe(platform),
    reports: reports(platform, config),
    drills: drills(platform),
    platform: platformStack(platform),
    reportPolicies: { Resources: reportPolicies(platform, config) },
  }
}

/** @throws {Error} for rules that `push` would reject. */
function refuseUnsound(serverless: Serverless, config: Config): void {
  const { refusal } = asMistake(serverless, () => checkRules(config, CONFIG_FOLDER))
  if (refusal !== undefined) throw new serverless.classes.Error(refusal, 'ALERT_RULES')
}

/**
 * The two regions, if there are two.
 * @throws {Error} for a parameter that names none, or not the one that is packaged.
 */
function pairOf(serverless: Serverless): PairedStack | undefined {
  const { service, provider, custom } = serverless.service
  const prefix = `${service}-${serverless.getProvider('aws').getStage()}`
  return asMistake(serverless, () => pairIn(custom?.regions, provider.region ?? '', prefix))
}

/** Runs before a stack is removed, with the credentials and region of the command. */
async function forgetPushed(serverless: Serverless): Promise<void> {
  const provider = serverless.getProvider('aws')
  const client = new AppConfigClient(await provider.getAwsSdkV3Config())
  try {
    await deletePushedRules(client, `${serverless.service.service}-${provider.getStage()}`)
  } finally {
    client.destroy()
  }
}

/** @throws {Error} when the operator is still the placeholder. */
function refuseNobody({ service, classes }: Serverless): void {
  const { OperatorSubscription } = service.provider.compiledCloudFormationTemplate.Resources
  if (OperatorSubscription?.Properties?.Endpoint !== NOBODY) return
  const setting = existsSync(STACK_SETTINGS) ? 'default.operator' : 'params.default.operator'
  const file = existsSync(STACK_SETTINGS) ? STACK_SETTINGS : 'serverless.yml'
  throw new classes.Error(
    `${setting} is ${NOBODY}: set it in ${file} to the address to notify when the router itself fails`,
    'NO_OPERATOR',
  )
}

/**
 * Removes the shared role, and each function's explicit dependency on its role, which `Role` implies: the validator
 * warns about it. No function may create its log group: a late log line would recreate it after `serverless remove`,
 * and the next deployment would fail because it exists.
 */
function tidyRoles(resources: Resources): void {
  delete resources[SHARED_ROLE]
  for (const resource of Object.values(resources)) {
    for (const { PolicyDocument } of resource.Properties?.Policies ?? []) {
      for (const statement of PolicyDocument.Statement) {
        if (Array.isArray(statement.Action)) {
          statement.Action = statement.Action.filter((action) => action !== 'logs:CreateLogGroup')
        }
      }
    }
    if (Array.isArray(resource.DependsOn)) {
      resource.DependsOn = resource.DependsOn.filter((id) => !id.endsWith(SHARED_ROLE))
    }
  }
}

/** A part that a parameter switches on or off, by the part's name and its value. YAML's `false` is off, too. */
function switched(name: string, on: object, off: object): Record<string, object> {
  return { [`${name}-on`]: on, [`${name}-true`]: on, [`${name}-off`]: off, [`${name}-false`]: off }
}

/** What a stage watches: nothing, unless the file names it. */
function platformOf(stage: string): Platform | undefined {
  const platform = readPlatform()
  return platform?.stages.includes(stage) ? platform : undefined
}

/** As serverless shows user errors: the message without a stack trace. */
function asMistake<Of>(serverless: Serverless, read: () => Of): Of {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new serverless.classes.Error(error.message, 'ALERT_RULES')
  }
}
