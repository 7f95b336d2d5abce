import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppConfigClient, type AppConfigClientConfig } from '@aws-sdk/client-appconfig'
import { dashboard } from '../../deploy/dashboard.ts'
import { channelQueues, delivererOf, deliverers } from '../../deploy/deliverers.ts'
import { emailTopics } from '../../deploy/email-topics.ts'
import { heartbeat } from '../../deploy/heartbeat.ts'
import { liveConfig, liveConfigArn, liveConfigPlace } from '../../deploy/live-config.ts'
import { deletePushedRules } from '../../deploy/pushed-rules.ts'
import { savedQuery } from '../../deploy/saved-query.ts'
import { watch } from '../../deploy/watch.ts'
import { CHANNEL_TYPES } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { ConfigError } from '../../shared/config/check.ts'
import { CONFIG_FOLDER } from '../../shared/config/files.ts'
import { readConfig } from '../../shared/config/read.ts'
import { documentOf } from '../../shared/live-config/version.ts'
import { checkRules } from './check-rules.ts'
import { STACK_SETTINGS } from './service.ts'

/** What the functions read (CONFIG_FILE): made before packaging, gone after it. */
const CHECKED_RULES = 'config/alerts.json'
/** The role that serverless-iam-roles-per-function makes each function's own from; nothing uses it afterwards. */
const SHARED_ROLE = 'IamRoleLambdaExecution'

/** The functions of the stack, and the queues that feed them. */
const FUNCTIONS = ['route', ...CHANNEL_TYPES.map(delivererOf), 'tick', 'validate-config']
const QUEUES = ['alarms', ...CHANNEL_TYPES]

/** Whom serverless.yml names until somebody says who is told. */
const NOBODY = 'platform-team@example.com'

interface Resource {
  DependsOn?: string | string[]
  Properties?: { Endpoint?: unknown; Policies?: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[] }
}
type Resources = Record<string, Resource>

/** What we use of serverless. */
interface Serverless {
  serviceDir: string
  classes: { Error: new (message: string, code: string) => Error }
  getProvider(name: 'aws'): { getStage(): string; getAwsSdkV3Config(): Promise<AppConfigClientConfig> }
  service: { service: string; provider: { compiledCloudFormationTemplate: { Resources: Resources } } }
}

/**
 * Ties the rules (config/*.yml) to the stack, for `serverless package` and `serverless deploy` alike: reads them before anything
 * else, refuses those that `push` would refuse before it packages anything, gives what follows from them to serverless.yml as
 * `${alerts:…}`, and puts them into the zips.
 */
export default class AlertsPlugin {
  readonly configurationVariablesSources
  readonly hooks

  constructor(serverless: Serverless) {
    const config = checkedConfig(serverless)
    const stackParts: Record<string, unknown> = {
      emailTopics: emailTopics(config),
      deliverers: deliverers(),
      channelQueues: channelQueues(),
      watch: watch(),
      heartbeat: heartbeat(),
      dashboard: dashboard(config, QUEUES),
      savedQuery: savedQuery(FUNCTIONS),
      liveConfig: liveConfig(config),
      liveConfigPlace,
      liveConfigArn,
    }
    this.configurationVariablesSources = {
      alerts: { resolve: ({ address }: { address: string }) => ({ value: stackParts[address] ?? null }) },
    }

    const json = join(serverless.serviceDir, CHECKED_RULES)
    const write = () => {
      mkdirSync(dirname(json), { recursive: true })
      writeFileSync(json, documentOf(config))
    }
    const remove = () => rmSync(json, { force: true })
    // Once the earlier package is gone: rules that are refused leave none behind.
    const refuse = () => refuseUnsound(serverless, config)
    this.hooks = {
      'after:package:cleanup': refuse,
      'before:deploy:function:initialize': refuse,
      'before:package:createDeploymentArtifacts': write,
      'after:package:createDeploymentArtifacts': remove,
      'before:deploy:function:packageFunction': write,
      'after:deploy:function:packageFunction': remove,
      'before:aws:package:finalize:saveServiceState': () =>
        tidyRoles(serverless.service.provider.compiledCloudFormationTemplate.Resources),
      'before:deploy:deploy': () => refuseNobody(serverless),
      'before:remove:remove': () => forgetPushed(serverless),
    }
  }
}

/** @throws {Error} for rules that `push` would refuse. */
function refuseUnsound(serverless: Serverless, config: Config): void {
  const { refusal } = asMistake(serverless, () => checkRules(config, CONFIG_FOLDER))
  if (refusal !== undefined) throw new serverless.classes.Error(refusal, 'ALERT_RULES')
}

/** Before a stack is removed, with the credentials and the region of the command. */
async function forgetPushed(serverless: Serverless): Promise<void> {
  const provider = serverless.getProvider('aws')
  const client = new AppConfigClient(await provider.getAwsSdkV3Config())
  try {
    await deletePushedRules(client, `${serverless.service.service}-${provider.getStage()}`)
  } finally {
    client.destroy()
  }
}

/** @throws {Error} when a stranger would be told that the router is in trouble. */
function refuseNobody({ service, classes }: Serverless): void {
  const { OperatorSubscription } = service.provider.compiledCloudFormationTemplate.Resources
  if (OperatorSubscription?.Properties?.Endpoint !== NOBODY) return
  const setting = existsSync(STACK_SETTINGS) ? 'default.operator' : 'params.default.operator'
  const file = existsSync(STACK_SETTINGS) ? STACK_SETTINGS : 'serverless.yml'
  throw new classes.Error(
    `${setting} is ${NOBODY}: set it in ${file} to who is told when the router itself is in trouble`,
    'NO_OPERATOR',
  )
}

/**
 * Takes out the shared role, and each function's dependency on its role, which its `Role` implies: the validator warns. No
 * function may make its log group: a line that is late would make it anew after `serverless remove`, and the next deployment
 * would find it there.
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

function checkedConfig(serverless: Serverless): Config {
  return asMistake(serverless, () => readConfig(CONFIG_FOLDER))
}

/** As serverless shows a user's mistakes: the message alone, no stack. */
function asMistake<Of>(serverless: Serverless, read: () => Of): Of {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new serverless.classes.Error(error.message, 'ALERT_RULES')
  }
}
