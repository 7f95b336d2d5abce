import {
  deliveryIsRaw,
  functionsAreSet,
  mappingsPassAll,
  queuesKeepMessages,
  schedulesAreOften,
  silenceIsHeard,
  subscriptionsAreSet,
  tableHasKeys,
  topicsAreGuarded,
} from './checks/delivery.ts'
import { partsAreThere } from './checks/missing.ts'
import {
  keysAreUsable,
  keysLetPublishers,
  queuesTakeFromTopics,
  topicsTakeFromPublishers,
} from './checks/publishers.ts'
import { rolesLetFunctions, servicesMayInvoke } from './checks/rights.ts'
import {
  deadLettersAreEmpty,
  functionsRun,
  queuesAreRead,
  queuesFeedFunctions,
  queuesHaveDeadLetters,
  schedulesRun,
  tablesAreActive,
  thereIsConcurrency,
} from './checks/running.ts'
import { filterPoliciesFit, policiesFit, rulesAreCurrent, secretsAreThere } from './checks/settings.ts'
import { emailsAreRead, filtersLetThrough, othersAreSubscribed, queuesAreSubscribed } from './checks/subscriptions.ts'
import {
  alarmsAreHeard,
  allWasRead,
  clockIsRight,
  heartbeatArrives,
  nothingIsGone,
  stackIsWell,
  tickRuns,
} from './checks/watching.ts'
import { type Check, deploy, type Finding, packageAgain } from './finding.ts'
import type { Stage } from './stage.ts'

/** Along an alert's way, so that the first finding is likely the cause of those after it. */
const CHECKS: Check[] = [
  stackIsWell,
  nothingIsGone,
  partsAreThere,
  keysAreUsable,
  keysLetPublishers,
  topicsTakeFromPublishers,
  queuesAreSubscribed,
  subscriptionsAreSet,
  deliveryIsRaw,
  filtersLetThrough,
  queuesTakeFromTopics,
  queuesKeepMessages,
  queuesAreRead,
  queuesFeedFunctions,
  mappingsPassAll,
  functionsRun,
  functionsAreSet,
  rolesLetFunctions,
  servicesMayInvoke,
  tablesAreActive,
  tableHasKeys,
  schedulesRun,
  schedulesAreOften,
  secretsAreThere,
  emailsAreRead,
  othersAreSubscribed,
  rulesAreCurrent,
  heartbeatArrives,
  tickRuns,
  deadLettersAreEmpty,
  queuesHaveDeadLetters,
  alarmsAreHeard,
  silenceIsHeard,
  topicsAreGuarded,
  thereIsConcurrency,
  policiesFit,
  filterPoliciesFit,
  clockIsRight,
  allWasRead,
]

const RANK = { error: 0, warning: 1, unknown: 2 }

/** All that is wrong with a stage, the worst first. */
export function findingsIn(stage: Stage): Finding[] {
  const found = CHECKS.flatMap((check) => check(stage)).map((one) => withFix(stage, one))
  return found.sort((a, b) => RANK[a.severity] - RANK[b.severity])
}

/** What the template itself has wrong is not brought back from it, but changed in it. */
function withFix(stage: Stage, finding: Finding): Finding {
  const { resource, fix } = finding
  const change = `Correct ${resource ? `"${resource}" where serverless.yml or deploy/ defines it` : 'serverless.yml or deploy/'}, then:`
  if (stage.source === 'template') {
    const isAbout = resource || fix[0] === deploy(stage)
    return isAbout ? { ...finding, fix: [change, packageAgain(stage)] } : finding
  }
  const isPlanned = resource && stage.expected !== undefined && isIn(stage.expected, finding)
  return isPlanned ? { ...finding, fix: [change, deploy(stage)] } : finding
}

function isIn(expected: Stage, { id, about }: Finding): boolean {
  return CHECKS.some((check) => check(expected).some((one) => one.id === id && one.about === about))
}
