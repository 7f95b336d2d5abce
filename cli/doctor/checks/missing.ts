import { snsAddressesIn } from '../../../schemas/channel.ts'
import { type Check, deploy, type Finding, passing, prefixOf, shortName } from '../finding.ts'
import {
  alarmsFor,
  appConfigPartsFor,
  NEEDED_FUNCTIONS,
  NEEDED_QUEUES,
  NEEDED_SCHEDULES,
  topicsFor,
} from '../needed.ts'
import type { Stage } from '../stage.ts'

/**
 * Checks that a stage has everything it needs. For a stage in AWS, its template is checked: a resource in the
 * template that AWS does not find is reported as gone.
 */

export const partsAreThere: Check = (stage) => {
  const planned = stage.expected ?? stage
  const { channels = {} } = stage
  const lacks = (all: { name: string }[], needed: string[]) =>
    needed.filter((short) => !all.some(({ name }) => shortName(stage, name) === short))
  return [
    ...missing(stage, 'topic-missing', 'SNS topic', lacks(planned.topics, topicsFor(channels))),
    ...missing(stage, 'queue-missing', 'SQS queue', lacks(planned.queues, NEEDED_QUEUES)),
    ...missing(stage, 'function-missing', 'Lambda function', lacks(planned.functions, NEEDED_FUNCTIONS)),
    ...missing(stage, 'rule-missing', 'EventBridge rule', lacks(planned.schedules, Object.keys(NEEDED_SCHEDULES))),
    ...addressesAreMissing(stage, planned),
    ...tableIsMissing(stage, planned),
    ...keysAreMissing(stage, planned),
    ...alarmsAreMissing(stage, lacks(planned.alarms, alarmsFor(channels))),
    ...archiveIsMissing(stage, planned),
    ...appConfigIsMissing(stage, planned),
  ]
}

function missing(stage: Stage, id: string, kind: string, shorts: string[]): Finding[] {
  const names = shorts.map((short) => prefixOf(stage) + short)
  const keeps = new Set(names.map((name) => passing(stage, name)))
  return lacking(stage, { id, severity: 'error', kind, names, keeps: [...keeps].join('; ') })
}

/** One finding for all of them. */
function lacking(
  stage: Stage,
  { kind, names, ...found }: Pick<Finding, 'id' | 'severity' | 'keeps'> & { kind: string; names: string[] },
): Finding[] {
  const [first] = names
  if (first === undefined) return []
  const isOne = names.length === 1
  return [
    {
      ...found,
      about: isOne ? first : `${names.length} ${kind}s of stage ${stage.name}`,
      what: isOne
        ? `The stack does not have this ${kind}.`
        : `The stack does not have these ${kind}s: ${names.join(', ')}.`,
      fix: [deploy(stage)],
    },
  ]
}

/**
 * Only if other addresses of the channel are subscribed. If none is, another finding reports that the topic has no
 * subscription.
 */
function addressesAreMissing(stage: Stage, { topics }: Stage): Finding[] {
  return Object.entries(stage.channels ?? {}).flatMap(([channel, one]): Finding[] => {
    const topic = topics.find(({ name }) => shortName(stage, name) === `email-${channel}`)
    const addresses = snsAddressesIn(one)
    if (!addresses || !topic?.subscriptions?.length) return []
    const there = new Set(topic.subscriptions.map(({ endpoint }) => endpoint))
    const lacks = addresses.filter((address) => !there.has(address))
    if (lacks.length === 0) return []
    return [
      {
        id: 'address-missing',
        severity: 'warning',
        about: topic.name,
        resource: topic.id,
        what: `The rules have an address that is not subscribed: ${lacks.join(', ')}.`,
        keeps: `${passing(stage, topic.name)}, at ${lacks.join(', ')}`,
        fix: [deploy(stage)],
      },
    ]
  })
}

function tableIsMissing(stage: Stage, { tables }: Stage): Finding[] {
  if (tables.length > 0) return []
  const names = [`AlertTable of stage ${stage.name}`]
  return lacking(stage, { id: 'table-missing', severity: 'error', kind: 'DynamoDB table', names, keeps: 'every alert' })
}

/** A reference to a missing resource resolves to its id in the template, which has only letters and digits. */
function keysAreMissing(stage: Stage, { topics, keys }: Stage): Finding[] {
  const users = topics.filter(({ key }) => key && /^[A-Za-z0-9]+$/.test(key) && !keys.some(({ name }) => name === key))
  const names = [...new Set(users.map(({ key }) => `${key} of stage ${stage.name}`))]
  const keeps = [...new Set(users.map(({ name }) => passing(stage, name)))].join('; ')
  return lacking(stage, { id: 'key-missing', severity: 'error', kind: 'KMS key', names, keeps })
}

function alarmsAreMissing(stage: Stage, shorts: string[]): Finding[] {
  const names = shorts.map((short) => prefixOf(stage) + short)
  const keeps = 'the email to the operator when the router itself fails; alerts are still delivered'
  return lacking(stage, { id: 'alarm-missing', severity: 'warning', kind: 'CloudWatch alarm', names, keeps })
}

function archiveIsMissing(stage: Stage, { topics }: Stage): Finding[] {
  const topic = topics.find(({ name }) => shortName(stage, name) === 'alarms')
  // A reference to a missing stream resolves to its id, not to an ARN.
  const isKept = topic?.subscriptions?.some(
    ({ protocol, endpoint }) => protocol === 'firehose' && /^arn:/.test(endpoint),
  )
  if (!topic || isKept) return []
  return [
    {
      id: 'archive-missing',
      severity: 'warning',
      about: topic.name,
      resource: topic.id,
      what: 'No Firehose stream is subscribed to the topic.',
      keeps: 'no alert, but events are not archived: "rules plan --stage" has no history',
      fix: [deploy(stage)],
    },
  ]
}

function appConfigIsMissing(stage: Stage, { appConfig }: Stage): Finding[] {
  const about = { about: `rules of stage ${stage.name}`, severity: 'warning' as const, fix: [deploy(stage)] }
  const needed = appConfigPartsFor(prefixOf(stage).slice(0, -1), stage.name)
  const lacks = needed.filter((part) => !appConfig.parts.includes(part))
  if (lacks.length > 0) {
    const what = `The stack does not have these parts of AppConfig: ${lacks.join(', ')}.`
    return [
      {
        ...about,
        id: 'app-config-missing',
        what,
        keeps: 'pushed rules; the functions use those in their packages',
      },
    ]
  }
  if (appConfig.monitors.length > 0) return []
  const what = 'No alarm monitors a roll-out of rules: the environment in AppConfig has no monitors.'
  const keeps = 'nothing now, but pushed rules that make the functions fail are not rolled back'
  return [{ ...about, id: 'rollout-unwatched', what, keeps }]
}
