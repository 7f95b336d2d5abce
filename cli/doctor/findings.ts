import { cloudWatchIsCompared } from './checks/comparing.ts'
import {
  deliveryIsRaw,
  functionsAreSet,
  mappingsPassAll,
  missingDataIsBreaching,
  queuesKeepMessages,
  schedulesAreOften,
  subscriptionsAreSet,
  tableHasKeys,
  topicsAreGuarded,
} from './checks/delivery.ts'
import { emailMayBeSent } from './checks/email.ts'
import { partsAreThere } from './checks/missing.ts'
import { pairIsWell } from './checks/pair.ts'
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
  alarmsNotify,
  allWasRead,
  clockIsRight,
  heartbeatArrives,
  nothingIsGone,
  stackIsWell,
  tickRuns,
} from './checks/watching.ts'
import { type Check, deploy, type Finding, repackage } from './finding.ts'
import type { Stage } from './stage.ts'

/** Along an alert's path, so that the first finding is probably the cause of later ones. */
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
  emailMayBeSent,
  othersAreSubscribed,
  rulesAreCurrent,
  heartbeatArrives,
  tickRuns,
  cloudWatchIsCompared,
  pairIsWell,
  deadLettersAreEmpty,
  queuesHaveDeadLetters,
  alarmsNotify,
  missingDataIsBreaching,
  topicsAreGuarded,
  thereIsConcurrency,
  policiesFit,
  filterPoliciesFit,
  clockIsRight,
  allWasRead,
]

const RANK = { error: 0, warning: 1, unknown: 2 }

/** All findings for a stage, the worst first. */
export function findingsIn(stage: Stage): Finding[] {
  const found = CHECKS.flatMap((check) => check(stage)).map((one) => withFix(stage, one))
  return found.sort((a, b) => RANK[a.severity] - RANK[b.severity])
}

/** An error in the template itself is fixed there, not by restoring from it. */
function withFix(stage: Stage, finding: Finding): Finding {
  const { resource, fix } = finding
  const change = `Correct ${resource ? `"${resource}" where serverless.yml or deploy/ defines it` : 'serverless.yml or deploy/'}, then:`
  if (stage.source === 'template') {
    const isAbout = resource || fix[0] === deploy(stage)
    return isAbout ? { ...finding, fix: [change, repackage(stage)] } : finding
  }
  const isPlanned = resource && stage.expected !== undefined && isIn(stage.expected, finding)
  return isPlanned ? { ...finding, fix: [change, deploy(stage)] } : finding
}

function isIn(expected: Stage, { id, about }: Finding): boolean {
  return CHECKS.some((check) => check(expected).some((one) => one.id === id && one.about === about))
}
