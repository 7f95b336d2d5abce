import type { Fault } from './faults.ts'
import type { Tally } from './tally.ts'

/** A storm's messages name at least so many alerts each on the whole, beside some critical ones by themselves. */
const ALERTS_A_MESSAGE = 30
const ALONE = 50
/** What clocks may miss, and functions that share a pace. */
const TOLD_TO_WAIT = 20

/** What a run's end is judged by, beside what became of its alarms. */
interface End {
  fault: Fault
  /** Processes of deliver-slack that were killed: each may have had an answer, and not have noted it. */
  kills: number
  /** Dead letters; and how many there must be: what is no event at all. */
  letters: number
  poison: number
  /** How often a function gave no answer within its time: a call had no deadline within it. */
  unanswered: number
  /** How long after it was over all was told. */
  recoveryS: number
  /** What was not done in the time that a run has, in words. */
  left: string[]
}

/** The promises that a run broke, in words; none is how it should be. */
export function brokenPromises(
  tally: Tally,
  { fault, kills, letters, poison, unanswered, recoveryS, left }: End,
): string[] {
  // What still waits is not lost, and what it will be told is not known.
  const isDone = left.length === 0
  const always: [isBroken: boolean, words: string][] = [
    [isDone && tally.lost > 0, `${tally.lost} lost`],
    [tally.deadLettered > 0, `${tally.deadLettered} dead letters that could have been delivered`],
    [letters - tally.deadLettered !== poison, `${letters} dead letters, not the ${poison} that a person must act on`],
    [unanswered > 0, `${unanswered} times a function had no answer in its time`],
    [recoveryS > (fault.deliveredWithinS ?? Number.POSITIVE_INFINITY), `told only ${recoveryS.toFixed(0)} s later`],
    [tally.doubledIncidents > 0, `${tally.doubledIncidents} incidents doubled`],
    [isDone && tally.wrongIncidents > 0, `${tally.wrongIncidents} incidents not as their alarms`],
    [
      tally.doubledForNoReason > kills,
      `${tally.doubledForNoReason} messages in Slack doubled though the answer had arrived, by ${kills} kills`,
    ],
  ]
  const inStorm: typeof always = [
    [tally.incidents > tally.namespaces, `${tally.incidents} incidents for ${tally.namespaces} namespaces`],
    [
      tally.slackMessages > tally.changes / ALERTS_A_MESSAGE + ALONE,
      `${tally.slackMessages} messages in Slack for ${tally.changes} alerts`,
    ],
    [tally.refusedCalls > TOLD_TO_WAIT, `${tally.refusedCalls} calls were told to wait`],
  ]
  const broken = [...always, ...(fault.storm ? inStorm : [])].flatMap(([isBroken, words]) => (isBroken ? [words] : []))
  return [...new Set(left), ...broken]
}
