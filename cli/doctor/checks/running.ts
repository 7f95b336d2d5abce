import { EVIDENCE } from '../../../deploy/evidence-queue.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { judge } from '../../../shared/estate/policy.ts'
import { aws, type Check, deploy, type Finding, passing, prefixOf, revertDrift, shortName } from '../finding.ts'
import { queueOf } from '../needed.ts'
import type { LambdaFunction, Mapping, Queue, Schedule, Stage } from '../stage.ts'
import { isComparison } from './comparing.ts'

/**
 * Checks that the queues are processed: the functions, their event sources and schedules, and the table they need.
 */

export const functionsRun: Check = (stage) =>
  stage.functions.flatMap((one): Finding[] => {
    const about = { about: one.name, resource: one.id, severity: 'error' as const, keeps: passing(stage, one.name) }
    const hasFailed = one.state === 'Failed' || one.lastUpdate === 'Failed'
    const failed: Finding = {
      ...about,
      id: 'function-failed',
      what: `Lambda reports: ${one.state === 'Failed' ? 'state Failed' : 'its last update failed, so it runs older code'}${one.reason ? ` (${one.reason})` : ''}.`,
      fix: [deploy(stage)],
    }
    const stopped: Finding = {
      ...about,
      id: 'function-stopped',
      what: 'Its reserved concurrency is 0: Lambda does not run it.',
      fix: [aws(stage, `lambda delete-function-concurrency --function-name ${one.name}`)],
    }
    return [...(hasFailed ? [failed] : []), ...(one.reservedConcurrency === 0 ? [stopped] : [])]
  })

export const queuesFeedFunctions: Check = (stage) =>
  stage.mappings.flatMap((mapping): Finding[] => {
    if (!/^Disabl/.test(mapping.state)) return []
    return [
      {
        id: 'mapping-disabled',
        severity: 'error',
        about: mapping.function,
        resource: mapping.id,
        what: `Its event source mapping is ${mapping.state.toLowerCase()}: the function receives nothing from ${nameIn(mapping.queue)}.`,
        keeps: passing(stage, mapping.function),
        fix: [aws(stage, `lambda update-event-source-mapping --uuid ${mapping.name} --enabled`)],
      },
    ]
  })

/** For each queue that a topic feeds. */
export const queuesAreRead: Check = (stage) =>
  stage.queues.flatMap((queue): Finding[] => {
    const isFed = stage.topics.some(({ subscriptions = [] }) =>
      subscriptions.some(({ endpoint }) => endpoint === queue.arn),
    )
    const mappings = stage.mappings.filter((mapping) => mapping.queue === queue.arn)
    const isRead = mappings.length > 0
    const reader = mappings.find((mapping) => isOfAnother(stage, queue, mapping))
    if (reader)
      return [notRead(stage, queue, `Function ${reader.function} reads the queue, which belongs to another function.`)]
    // A deleted mapping is a separate finding.
    if (!isFed || isRead || stage.gone.some(({ type }) => type === 'AWS::Lambda::EventSourceMapping')) return []
    return [notRead(stage, queue, 'No function has an event source mapping for the queue.')]
  })

/** Whether it feeds another function than the queue's own, which the stack has. */
function isOfAnother(stage: Stage, queue: Queue, mapping: Mapping): boolean {
  const own = stage.functions.find((one) => queueOf(shortName(stage, one.name)) === shortName(stage, queue.name))
  return own !== undefined && mapping.function !== own.name
}

function notRead(stage: Stage, queue: Queue, what: string): Finding {
  return {
    id: 'queue-not-read',
    severity: 'error',
    about: queue.name,
    resource: queue.id,
    what,
    keeps: passing(stage, queue.name),
    fix: revertDrift(stage),
  }
}

export const queuesHaveDeadLetters: Check = (stage) =>
  stage.queues.flatMap((queue): Finding[] => {
    const isRead = stage.mappings.some((mapping) => mapping.queue === queue.arn)
    const { deadLetters } = queue
    // What follows an alert is dropped, and nobody redrives it.
    if (!isRead || deadLetters === undefined || shortName(stage, queue.name) === EVIDENCE.queue) return []
    if (deadLetters !== null && stage.queues.some(({ arn }) => arn === deadLetters)) return []
    return [
      {
        id: 'no-dead-letters',
        severity: 'warning',
        about: queue.name,
        resource: queue.id,
        what:
          deadLetters === null
            ? 'The queue has no dead-letter queue.'
            : `Its dead-letter queue ${nameIn(deadLetters)} is not part of the stack.`,
        keeps: 'messages that keep failing: they are lost after some days, unnoticed',
        fix: revertDrift(stage),
      },
    ]
  })

export const deadLettersAreEmpty: Check = (stage) =>
  stage.queues
    .filter(({ name, waiting = 0 }) => /-dead-letters$/.test(name) && waiting > 0)
    .map((queue) => ({
      id: 'dead-letters-waiting',
      severity: 'error',
      about: queue.name,
      resource: queue.id,
      what: `${queue.waiting === 1 ? '1 message is a dead letter' : `${queue.waiting} messages are dead letters`}: they are not retried.`,
      keeps: 'the alerts in them',
      fix: [
        `AWS_REGION=${stage.place.region} ${commandLine(`dead-letters list --stage ${stage.name}`)}`,
        `AWS_REGION=${stage.place.region} ${commandLine(`dead-letters redrive --all --stage ${stage.name}`)}`,
      ],
    }))

export const schedulesRun: Check = (stage) =>
  stage.schedules.flatMap((one): Finding[] => {
    const severity = isComparison(stage, one) ? ('warning' as const) : ('error' as const)
    const about = { about: one.name, resource: one.id, severity, keeps: passing(stage, one.name) }
    if (!one.isEnabled) {
      const fix = [aws(stage, `events enable-rule --name ${one.name}`)]
      return [{ ...about, id: 'rule-disabled', what: 'The EventBridge rule is disabled.', fix }]
    }
    if (one.targets?.length === 0) {
      return [
        {
          ...about,
          id: 'rule-without-target',
          what: 'The EventBridge rule has no target.',
          fix: putTargets(stage, one),
        },
      ]
    }
    return stage.functions
      .filter(
        ({ arn, policy }) => one.targets?.includes(arn) && policy !== undefined && !mayInvoke(stage, one, arn, policy),
      )
      .map((target) => ({
        ...about,
        id: 'rule-may-not-invoke',
        what: `The policy of function ${target.name} does not let the rule invoke it.`,
        fix: [addPermission(stage, one, target)],
      }))
  })

function mayInvoke({ place }: Stage, rule: Schedule, resource: string, policy: LambdaFunction['policy']): boolean {
  if (!policy) return false
  const context = { 'aws:SourceArn': rule.arn, 'aws:SourceAccount': place.account, 'aws:PrincipalArn': null }
  const verdict = judge(policy, { who: 'events.amazonaws.com', action: 'lambda:InvokeFunction', resource, context })
  return verdict === 'allowed' || verdict === 'unclear'
}

function putTargets(stage: Stage, rule: Schedule): string[] {
  const targets = stage.expected?.schedules.find(({ name }) => name === rule.name)?.targets ?? []
  // The heartbeat's target also needs its input, which the template has.
  if (targets.length !== 1 || !targets[0]?.includes(':function:')) return revertDrift(stage)
  return [aws(stage, `events put-targets --rule ${rule.name} --targets Id=doctor,Arn=${targets[0]}`)]
}

function addPermission(stage: Stage, rule: Schedule, target: LambdaFunction): string {
  const who = '--action lambda:InvokeFunction --principal events.amazonaws.com'
  return aws(
    stage,
    `lambda add-permission --function-name ${target.name} --statement-id doctor ${who} --source-arn ${rule.arn}`,
  )
}

export const tablesAreActive: Check = (stage) =>
  stage.tables.flatMap((table): Finding[] => {
    const about = { about: table.name, resource: table.id, severity: 'error' as const }
    const look = [
      aws(
        stage,
        `dynamodb describe-table --table-name ${table.name} --query Table.[TableStatus,GlobalSecondaryIndexes]`,
      ),
    ]
    const found: Finding[] = []
    // A table can be used while it is updated.
    if (table.status !== undefined && !['ACTIVE', 'UPDATING'].includes(table.status)) {
      const fix =
        table.status === 'INACCESSIBLE_ENCRYPTION_CREDENTIALS'
          ? look
          : [aws(stage, `dynamodb wait table-exists --table-name ${table.name}`)]
      found.push({
        ...about,
        id: 'table-not-active',
        what: `The table's status is ${table.status}.`,
        keeps: 'every alert',
        fix,
      })
    }
    for (const { name, status } of table.indexes) {
      if (status === undefined || status === 'ACTIVE' || status === 'UPDATING') continue
      const keeps = passing(stage, `${prefixOf(stage)}tick`)
      found.push({
        ...about,
        id: 'index-not-active',
        what: `The status of index ${name} is ${status}.`,
        keeps,
        fix: look,
      })
    }
    if (!table.indexes.some(({ name }) => name === 'due')) {
      const keeps = passing(stage, `${prefixOf(stage)}tick`)
      found.push({
        ...about,
        id: 'index-not-active',
        what: 'The table has no index "due".',
        keeps,
        fix: revertDrift(stage),
      })
    }
    return found
  })

/** The functions of the queues at their maximum, plus one each for the scheduled functions and the validator. */
export const thereIsConcurrency: Check = (stage) => {
  const needed = stage.mappings.reduce((sum, { maximumConcurrency = 10 }) => sum + maximumConcurrency, 2)
  const has = stage.unreservedConcurrency
  const tooFew = has === undefined || has >= needed ? [] : [accountIsShort(stage, has, needed)]
  return [...tooFew, ...stage.functions.flatMap((one) => reserveIsShort(stage, one))]
}

function accountIsShort(stage: Stage, has: number, needed: number): Finding {
  return {
    id: 'concurrency-short',
    severity: 'warning',
    about: `Lambda in account ${stage.place.account}`,
    what: `${has} functions may run at once (unreserved); the router alone uses up to ${needed} in a storm.`,
    keeps: 'nothing permanently, but alerts wait while Lambda throttles the functions',
    // Concurrent executions (AWS Lambda, Service Quotas).
    fix: [
      aws(
        stage,
        'service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
      ),
    ],
  }
}

function reserveIsShort(stage: Stage, one: LambdaFunction): Finding[] {
  const { reservedConcurrency: reserved } = one
  const wanted = mappingOf(stage, one)?.maximumConcurrency
  if (!reserved || wanted === undefined || reserved >= wanted) return []
  return [
    {
      id: 'concurrency-short',
      severity: 'warning',
      about: one.name,
      resource: one.id,
      what: `Its reserved concurrency is ${reserved}; its queue wants ${wanted} at once.`,
      keeps: `${passing(stage, one.name)}, for a while: Lambda throttles it in a storm`,
      fix: [aws(stage, `lambda delete-function-concurrency --function-name ${one.name}`)],
    },
  ]
}

function mappingOf(stage: Stage, one: LambdaFunction): Mapping | undefined {
  return stage.mappings.find((mapping) => mapping.function === one.name)
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}
