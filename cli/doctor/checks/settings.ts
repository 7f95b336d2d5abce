import { commandLine } from '../../../shared/config/command-line.ts'
import type { Policy } from '../../../shared/estate/policy.ts'
import { aws, type Check, deploy, type Finding, passing, repackage } from '../finding.ts'
import type { Secret, Stage } from '../stage.ts'

/** Checks the router's inputs: secrets, rules, and AWS quotas. */

export const secretsAreThere: Check = (stage) =>
  (stage.secrets ?? []).flatMap((secret) => (secret.state === 'present' ? [] : [notThere(stage, secret)]))

function notThere(stage: Stage, { name, channels, state }: Secret): Finding {
  // A file keeps the value out of the shell's history.
  const put = `secretsmanager put-secret-value --secret-id ${name} --secret-string file://secret.txt`
  const by = {
    absent: {
      id: 'secret-absent',
      what: 'The secret does not exist.',
      fix: `secretsmanager create-secret --name ${name} --secret-string file://secret.txt`,
    },
    empty: { id: 'secret-empty', what: 'The secret has no value.', fix: put },
    'pending deletion': {
      id: 'secret-deleted',
      what: 'The secret is scheduled for deletion, and can no longer be read.',
      fix: `secretsmanager restore-secret --secret-id ${name}`,
    },
  }
  if (state === 'present') throw new Error('it is there')
  const { id, what, fix } = by[state]
  const keeps = `every alert to ${channels.map((channel) => `"${channel}"`).join(', ')}; they are sent to its fallback, if it has one`
  return { id, severity: 'error', about: name, what, keeps, fix: [aws(stage, fix)] }
}

export const rulesAreCurrent: Check = (stage) => {
  const { rules, name, place } = stage
  if (!rules) return []
  const about = { about: `rules of stage ${name}`, severity: 'warning' as const }
  const push = `AWS_REGION=${place.region} ${commandLine(`rules push --stage ${name}`)}`
  if (rules.deployed === null) {
    const what = 'AppConfig does not have the rules that the stack was deployed with.'
    const keeps = 'pushed rules; the functions use those in their packages'
    return [{ ...about, id: 'rules-absent', severity: 'error', what, keeps, fix: [deploy(stage)] }]
  }
  const found: Finding[] = []
  if (rules.newestRollout === 'rolled back') {
    const what = `The last roll-out of rules was rolled back: version ${rules.live} is active.`
    found.push({
      ...about,
      id: 'rules-rolled-back',
      what,
      keeps: 'what the last pushed rules would send',
      fix: [push],
    })
  } else if (rules.isStoredOnly) {
    const what = `Rules were stored in AppConfig, but never rolled out: version ${rules.live} is active.`
    found.push({
      ...about,
      id: 'rules-not-rolled-out',
      what,
      keeps: 'what the pushed rules would send',
      fix: [push],
    })
  } else if (rules.here !== undefined && rules.live !== rules.here && rules.newestRollout !== 'going on') {
    found.push(outdated(stage, push))
  }
  return found
}

function outdated(stage: Stage, push: string): Finding {
  const { source, name, rules } = stage
  const isPackage = source === 'template'
  const passedOver = rules?.passedOver
    ? ` Version ${rules.passedOver}, pushed before a deployment, is no longer used.`
    : ''
  return {
    id: isPackage ? 'package-outdated' : 'rules-outdated',
    severity: 'warning',
    about: isPackage ? `package of stage ${name}` : `rules of stage ${name}`,
    what: `It has version ${rules?.live} of the rules, but config/ here is version ${rules?.here}.${passedOver}`,
    keeps: 'what only the rules here would send',
    fix: [isPackage ? repackage(stage) : push],
  }
}

interface Quota {
  of: string
  bytes: number
  source: string
}
/** As documented: SNS Developer Guide, "Policy quotas"; SQS Developer Guide, "Policy quotas"; KMS Developer Guide, "Resource quotas". */
const TOPIC: Quota = { of: "a topic's policy", bytes: 30 * 1_024, source: 'SNS' }
const QUEUE: Quota = { of: "a queue's policy", bytes: 8_192, source: 'SQS' }
const KEY: Quota = { of: "a key's policy", bytes: 32 * 1_024, source: 'KMS' }
/** Above this size, the next account or publisher may not fit. */
const NEARLY = 0.9

export const policiesFit: Check = (stage) => {
  const all: [{ id: string; name: string; policy?: Policy | null }, Quota][] = [
    ...stage.topics.map((one) => [one, TOPIC] as [typeof one, Quota]),
    ...stage.queues.map((one) => [one, QUEUE] as [typeof one, Quota]),
    ...stage.keys.map((one) => [one, KEY] as [typeof one, Quota]),
  ]
  return all.flatMap(([one, quota]): Finding[] => {
    const bytes = one.policy ? Buffer.byteLength(JSON.stringify(one.policy)) : 0
    if (bytes < NEARLY * quota.bytes) return []
    return [
      {
        id: 'policy-too-large',
        severity: bytes > quota.bytes ? 'error' : 'warning',
        about: one.name,
        resource: one.id,
        what: `Its policy has ${bytes} bytes; ${quota.source} allows ${quota.bytes} for ${quota.of}.`,
        keeps: `${passing(stage, one.name)} from the next account or service that is added: AWS rejects the deployment`,
        fix: ['List fewer accounts or services in params.default of serverless.yml, then:', deploy(stage)],
      },
    ]
  })
}

/** Per topic, and per account (SNS Developer Guide, "Filter policy constraints"). */
const FILTER_POLICIES = 200

export const filterPoliciesFit: Check = (stage) =>
  stage.topics.flatMap((topic): Finding[] => {
    const count = topic.subscriptions?.filter(({ filterPolicy }) => filterPolicy).length ?? 0
    if (count < NEARLY * FILTER_POLICIES) return []
    return [
      {
        id: 'too-many-filters',
        severity: 'warning',
        about: topic.name,
        resource: topic.id,
        what: `${count} of its subscriptions have a filter policy; SNS allows ${FILTER_POLICIES} per topic.`,
        keeps: 'the messages of the next subscription with a filter: SNS rejects it',
        fix: [aws(stage, `sns list-subscriptions-by-topic --topic-arn ${topic.arn}`)],
      },
    ]
  })
