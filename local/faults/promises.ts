import type { Fault } from './faults.ts'
import type { Tally } from './tally.ts'

/**
 * In a storm, each message must have at least this many alerts on average, apart from some critical ones sent alone.
 */
const ALERTS_A_MESSAGE = 30
const ALONE = 50
/** A tolerance for clocks, and for functions that share a rate limit. */
const MAX_RATE_LIMITED = 20

/** What a run is checked for, besides the outcome of its alarms. */
interface End {
  fault: Fault
  /** Processes of deliver-slack that were killed: each may have received a response without recording it. */
  kills: number
  /** Dead letters; and how many there must be, for messages that are not events. */
  letters: number
  poison: number
  /** How often a function timed out: one of its calls had no shorter deadline. */
  unanswered: number
  /** How long after the end of the fault everything was delivered. */
  recoveryS: number
  /** What the course of the run has seen broken, as text. */
  judged: string[]
  /** What was not done within the time of a run. */
  left: string[]
}

/** The promises that a run broke, as text; empty if it kept them all. */
export function brokenPromises(
  tally: Tally,
  { fault, kills, letters, poison, unanswered, recoveryS, judged, left }: End,
): string[] {
  // What still waits is not lost, and its outcome is unknown.
  const isDone = left.length === 0
  const always: [isBroken: boolean, words: string][] = [
    [isDone && tally.lost > 0, `${tally.lost} lost`],
    [tally.deadLettered > 0, `${tally.deadLettered} dead letters that could have been delivered`],
    [
      letters - tally.deadLettered !== poison,
      `${letters} dead letters, not the ${poison} that need action by a person`,
    ],
    [unanswered > 0, `${unanswered} times a function timed out`],
    [
      recoveryS > (fault.deliveredWithinS ?? Number.POSITIVE_INFINITY),
      `delivered only ${recoveryS.toFixed(0)} s later`,
    ],
    [tally.doubledIncidents > 0, `${tally.doubledIncidents} duplicate incidents`],
    [isDone && tally.wrongIncidents > 0, `${tally.wrongIncidents} incidents in a different state than their alarms`],
    [fault.slack === 'slack-app' && tally.doubledSlack > 0, `${tally.doubledSlack} duplicate messages by the app`],
    [
      tally.doubledForNoReason > kills,
      `${tally.doubledForNoReason} duplicate messages in Slack though the response had arrived, with ${kills} kills`,
    ],
  ]
  const inStorm: typeof always = [
    [tally.incidents > tally.namespaces, `${tally.incidents} incidents for ${tally.namespaces} namespaces`],
    [
      tally.slackMessages > tally.changes / ALERTS_A_MESSAGE + ALONE,
      `${tally.slackMessages} messages in Slack for ${tally.changes} alerts`,
    ],
    [tally.refusedCalls > MAX_RATE_LIMITED, `${tally.refusedCalls} calls were rate limited (429)`],
  ]
  const broken = [...always, ...(fault.storm ? inStorm : [])].flatMap(([isBroken, words]) => (isBroken ? [words] : []))
  return [...new Set(left), ...new Set(judged), ...broken]
}
