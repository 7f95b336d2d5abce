import { deadLettersOf, TICK } from '../../../local/topology.ts'
import { judge, type Verdict } from '../../../shared/estate/policy.ts'
import { type Check, deploy, type Finding, passing, prefixOf, revertDrift, shortName } from '../finding.ts'
import { emailTopicsFor, followsLiveRules, queueOf, tableActionsOf } from '../needed.ts'
import type { LambdaFunction, Role, Stage } from '../stage.ts'

/**
 * Checks that each function's role allows what it does, and that AWS services may invoke the functions that they
 * call.
 */

/** Actions on one resource. */
interface Need {
  actions: string[]
  /** An ARN. */
  on: string
}

export const rolesLetFunctions: Check = (stage) => {
  const roleOf = ({ role }: LambdaFunction) => stage.roles.find(({ arn }) => arn === role)
  const without = stage.functions.filter((one) => !roleOf(one))
  return [
    ...withoutRole(stage, without),
    ...stage.functions.flatMap((one) => {
      const role = roleOf(one)
      return role ? [...mayNotAssume(stage, one, role), ...lacksRights(stage, one, role)] : []
    }),
  ]
}

/** In a template, a missing role. In AWS, a role that is not the stack's. */
function withoutRole(stage: Stage, functions: LambdaFunction[]): Finding[] {
  const [first] = functions
  if (first === undefined) return []
  const isOne = functions.length === 1
  const isPlan = stage.source === 'template'
  const names = functions.map(({ name }) => name)
  return [
    {
      id: isPlan ? 'role-missing' : 'role-unknown',
      severity: isPlan ? 'error' : 'unknown',
      about: isOne ? first.name : `${functions.length} functions of stage ${stage.name}`,
      what: isOne
        ? `The function's role ${first.role} is not one of the stack's.`
        : `The roles of these functions are not the stack's: ${names.join(', ')}.`,
      keeps: [...new Set(names.map((name) => passing(stage, name)))].join('; '),
      fix: isPlan ? [deploy(stage)] : revertDrift(stage),
    },
  ]
}

function mayNotAssume(stage: Stage, one: LambdaFunction, role: Role): Finding[] {
  const asked = { who: 'lambda.amazonaws.com', action: 'sts:AssumeRole', resource: role.arn, context: {} }
  const verdict = judge(role.trust, asked)
  if (verdict === 'allowed' || verdict === 'unclear') return []
  return [
    {
      id: 'role-not-for-lambda',
      severity: 'error',
      about: one.name,
      resource: role.id,
      what: 'Lambda may not assume its role (AssumeRolePolicyDocument).',
      keeps: passing(stage, one.name),
      fix: [deploy(stage)],
    },
  ]
}

function lacksRights(stage: Stage, one: LambdaFunction, role: Role): Finding[] {
  const judged = needsOf(stage, shortName(stage, one.name)).flatMap(({ actions, on }) =>
    actions.map((action) => ({ action, on, verdict: verdictOn(stage, role, action, on) })),
  )
  return (['not allowed', 'denied', 'unclear'] as const).flatMap((verdict): Finding[] => {
    const found = judged.filter((each) => each.verdict === verdict)
    if (found.length === 0) return []
    const what = [...Map.groupBy(found, ({ on }) => on)].map(
      ([on, all]) => `${all.map(({ action }) => action).join(', ')} on ${on}`,
    )
    return [
      {
        id: verdict === 'unclear' ? 'policy-unclear' : 'role-lacks-right',
        severity: verdict === 'unclear' ? 'unknown' : 'error',
        about: one.name,
        resource: role.id,
        what: `${SAID[verdict]} ${what.join('; ')}.`,
        keeps: passing(stage, one.name),
        fix: [deploy(stage)],
      },
    ]
  })
}

const SAID: Record<Exclude<Verdict, 'allowed'>, string> = {
  'not allowed': 'Its role does not allow what the function needs:',
  denied: 'A statement of its role denies what the function needs:',
  unclear: 'Whether its role allows this depends on settings outside the template:',
}

function verdictOn({ place }: Stage, { arn, policy, hasMore }: Role, action: string, resource: string): Verdict {
  const context = { 'aws:SecureTransport': 'true', 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': place.account }
  const verdict = judge(policy, { who: arn, action, resource, context })
  return verdict === 'not allowed' && hasMore ? 'unclear' : verdict
}

/** What a function must be allowed to do with the existing resources. Missing resources are separate findings. */
function needsOf(stage: Stage, short: string): Need[] {
  const queue = queueOf(short)
  const queues = (name: string) =>
    stage.queues.filter((one) => shortName(stage, one.name) === name).map(({ arn }) => arn)
  const tables = tablesOf(stage)
  const onTables = tableActionsOf(short).map((action) => `dynamodb:${action}`)
  const needs = need(['logs:CreateLogStream', 'logs:PutLogEvents'], [logOf(stage, short)])
  needs.push(...need(onTables, tables))
  if (short === TICK.functionName) {
    const indexes = tables.map((arn) => `${arn}/index/due`)
    needs.push(...need(['dynamodb:Query'], indexes), ...need(['sqs:SendMessage'], queues('alarms')))
  }
  if (queue !== undefined) {
    needs.push(...need(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queues(queue)))
    needs.push(...need(['sqs:SendMessage'], queues(deadLettersOf(queue))))
  }
  if (queue !== undefined && queue !== 'alarms') {
    needs.push(...need(['sqs:ChangeMessageVisibility'], queues(queue)), ...need(['sqs:SendMessage'], queues('alarms')))
  }
  needs.push(...publishing(stage, short), ...need(['secretsmanager:GetSecretValue'], secretsOf(stage, queue)))
  if (stage.appConfig.live !== undefined && followsLiveRules(short)) {
    const read = ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration']
    needs.push(...need(read, [stage.appConfig.live]))
  }
  return needs
}

function need(actions: string[], arns: string[]): Need[] {
  return arns.map((on) => ({ actions, on }))
}

/** Including the keys of the topics that it publishes to. */
function publishing(stage: Stage, short: string): Need[] {
  const names =
    short === 'route'
      ? ['alarms', 'notifications']
      : short === 'report'
        ? ['alarms']
        : short === 'deliver-email'
          ? emailTopicsFor(stage.channels ?? {})
          : []
  const topics = stage.topics.filter(({ name }) => names.includes(shortName(stage, name)))
  const used = new Set(topics.map(({ key }) => key))
  const keys = stage.keys.filter(({ name, arn }) => used.has(name) || used.has(arn))
  const actions = short === 'deliver-email' ? ['sns:Publish', 'sns:GetTopicAttributes'] : ['sns:Publish']
  const arnsOf = (all: { arn: string }[]) => all.map(({ arn }) => arn)
  return [...need(actions, arnsOf(topics)), ...need(['kms:GenerateDataKey', 'kms:Decrypt'], arnsOf(keys))]
}

function tablesOf({ tables, place: { partition, region, account } }: Stage): string[] {
  return tables.map(({ name }) => `arn:${partition}:dynamodb:${region}:${account}:table/${name}`)
}

function logOf(stage: Stage, short: string): string {
  const { partition, region, account } = stage.place
  return `arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${prefixOf(stage)}${short}:log-stream:any`
}

/** Secrets Manager appends six characters to an ARN. */
function secretsOf({ name, channels = {}, place }: Stage, queue: string | undefined): string[] {
  const { partition, region, account } = place
  const secrets = Object.values(channels).flatMap((one) => (one.type === queue && 'secret' in one ? [one.secret] : []))
  return [...new Set(secrets)].map(
    (secret) => `arn:${partition}:secretsmanager:${region}:${account}:secret:alert-router/${name}/${secret}-XXXXXX`,
  )
}

/** Services that call a function, besides queues and schedules. */
const CALLERS = [
  {
    short: 'route',
    who: 'lambda.alarms.cloudwatch.amazonaws.com',
    id: 'alarms-may-not-invoke',
    keeps: 'alerts of alarms that have the function as their action; those sent to the alarms topic are delivered',
  },
  {
    short: 'validate-config',
    who: 'appconfig.amazonaws.com',
    id: 'rules-not-validated',
    keeps: 'pushed rules: AppConfig can’t validate them, and rejects them',
  },
]

export const servicesMayInvoke: Check = (stage) =>
  stage.functions.flatMap((one) => {
    const caller = CALLERS.find(({ short }) => short === shortName(stage, one.name))
    const { policy, arn: resource } = one
    if (!caller || policy === undefined) return []
    const { who, id, keeps } = caller
    const context = { 'aws:SourceAccount': stage.place.account, 'aws:PrincipalArn': null }
    const verdict = policy && judge(policy, { who, action: 'lambda:InvokeFunction', resource, context })
    if (verdict === 'allowed' || verdict === 'unclear') return []
    const about = { about: one.name, resource: one.id, severity: 'warning' as const }
    const what = `The policy of the function does not let ${who} invoke it.`
    return [{ ...about, id, what, keeps, fix: revertDrift(stage) }]
  })
