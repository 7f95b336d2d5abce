import type { Case } from '../../schemas/case.ts'
import type { Config } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import { noSuchChannel } from '../config/channel-problems.ts'
import { play } from '../player/player.ts'
import type { Sent, Taken } from '../player/step.ts'
import { SOME_TIME } from './alert-of.ts'
import type { CaseDifference, CaseResult } from './case-result.ts'
import { compare, messageText, type Wanted } from './expected-messages.ts'
import { elapsedText, type Moment, msOf } from './moment.ts'
import { readStory, type Story } from './story.ts'
import type { ExpectLine, Period } from './story-line.ts'
import { alertsOf, stepsOf } from './story-steps.ts'
import { type Quiet, type TimeLine, timeLineOf } from './time-line.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** How long a story is followed after its last line. */
const FOLLOWED_MS = 31 * DAY_MS

/** A story with more messages than this has failed. */
const MOST = 1_000

/** Plays a story by the rules, and compares what each channel was sent. The story has been checked. Pure. */
export function runStory(one: Case, config: Config): CaseResult {
  const { name } = one
  const { story } = readStory(one)
  const alerts = alertsOf(one)
  if (typeof alerts === 'string') {
    return { name, differences: [{ what: 'event', expected: 'one alert', found: alerts }], reached: [], because: [] }
  }
  const zone = config.timezone ?? 'UTC'
  const startsAt = story.starts ? msOf(story.starts, 0, zone) : Date.parse(SOME_TIME)
  const time = { startsAt, zone, endsAt: endOf(story, startsAt, zone) }
  const atOf = (moment: Moment) => msOf(moment, startsAt, zone)
  const steps = stepsOf(story, alerts, atOf)
  const played = play(
    steps.map(({ step }) => step),
    { config, startsAt, most: MOST },
    time.endsAt,
  )
  const keys = new Map([...alerts].map(([alert, first]) => [alert, identityOf(first)]))
  const { wanted, quiet } = expectedIn(story.expected, atOf, time)
  const compared = compare(played.sent, wanted, keys)
  const lines = new Map(steps.map(({ step, line }) => [step, line.text]))
  const textOf = {
    step: ({ step }: Taken) => lines.get(step) ?? '',
    sent: ({ channel, alert, kind, fallbackFor }: Sent) => {
      const named = story.alerts.find((each) => keys.get(each) === alert)
      return messageText({ channel, alert: named, kind, fallbackFor, saying: undefined })
    },
  }
  const about = { startsAt, zone, ...(!story.ends && !played.isAtRest && { goesOn: true as const }) }
  const timeLine = timeLineOf(played, compared, quiet, textOf, about)
  return {
    name,
    reached: played.reached,
    differences: differencesIn(timeLine, played.taken, config),
    because: [],
    timeLine,
  }
}

/** When it ends: as it says, or a month after the last time in it. */
function endOf({ ends, steps, expected }: Story, startsAt: number, zone: string): number {
  if (ends) return msOf(ends, startsAt, zone)
  const moments = [...steps.map(({ at }) => at), ...expected.flatMap(({ period }) => [period.from, period.to])]
  const times = moments.flatMap((moment) => (moment === undefined ? [] : msOf(moment, startsAt, zone)))
  return times.reduce((last, at) => Math.max(last, at), startsAt) + FOLLOWED_MS
}

function expectedIn(
  lines: ExpectLine[],
  atOf: (moment: Moment) => number,
  { startsAt, endsAt }: { startsAt: number; endsAt: number },
): { wanted: Wanted[]; quiet: Quiet[] } {
  const wanted: Wanted[] = []
  const quiet: Quiet[] = []
  const timesOf = ({ from, to, isAt, isBefore }: Period) => {
    const first = from === undefined ? startsAt : atOf(from)
    if (isAt) return { from: first, to: first + MINUTE_MS - 1 }
    return { from: first, to: to === undefined ? endsAt : atOf(to) - (isBefore ? 1 : 0) }
  }
  for (const line of lines) {
    const times = timesOf(line.period)
    // What no line covers is unexpected anyway.
    if (line.what === 'nothing else') continue
    if (line.what === 'nothing') quiet.push({ ...times, when: line.when })
    else for (const what of line.what) wanted.push({ ...times, line, what })
  }
  return { wanted, quiet }
}

/** Each message that is missing, or was not expected; and channels that the rules do not have. */
function differencesIn(
  { rows, startsAt }: TimeLine,
  taken: Taken[],
  { channels }: Pick<Config, 'channels'>,
): CaseDifference[] {
  const hinted = (channel: string) => {
    const hint = noSuchChannel(channel, channels)
    return hint === undefined ? {} : { hint }
  }
  const ofRows = rows.flatMap(({ at, isSent, happened = '', expected = '', when = '', result }): CaseDifference[] => {
    if (result === 'missing') {
      return [{ what: when, expected, found: 'nothing', ...hinted(expected.split(' ')[0] ?? '') }]
    }
    const isUnexpected = isSent && result === 'not expected'
    return isUnexpected ? [{ what: `at ${elapsedText(at - startsAt)}`, expected: 'nothing', found: happened }] : []
  })
  const ofChannels = taken.flatMap(({ step }): CaseDifference[] => {
    if (step.kind !== 'channel') return []
    const what = `at ${elapsedText(step.at - startsAt)}`
    const unknown = { what, expected: 'a channel of the rules', found: step.channel, ...hinted(step.channel) }
    return 'hint' in unknown ? [unknown] : []
  })
  return [...ofChannels, ...ofRows]
}
